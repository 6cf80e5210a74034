"""Untrusted HTML rewritten as safe HTML: words, tables, lists and pictures that are part of it; nothing else.

What a browser would fetch or run is not taken over: scripts, frames, styles, addresses of pictures. Only links stay, to
be shown.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree, html

from app.ingest.formats.laid_out.content import MAX_CHARACTERS, escaped, picture
from app.ingest.formats.laid_out.equations import linear

_DEEPEST = 120
_MOST_ENTRIES = 2000
_DROPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "noscript",
        "template",
        "iframe",
        "frame",
        "object",
        "embed",
        "applet",
        "svg",
        "canvas",
        "audio",
        "video",
        "source",
        "track",
        "datalist",
        "dialog",
        "link",
        "meta",
        "base",
    ]
)
_BLOCKS = frozenset(
    [
        "p",
        "div",
        "section",
        "article",
        "main",
        "header",
        "footer",
        "nav",
        "aside",
        "figure",
        "figcaption",
        "address",
        "fieldset",
        "form",
        "details",
        "summary",
        "dl",
        "dt",
        "dd",
        "center",
        "body",
        "html",
    ]
)
_KEPT = frozenset(
    [
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "ul",
        "ol",
        "li",
        "table",
        "tr",
        "td",
        "th",
        "thead",
        "tbody",
        "tfoot",
        "caption",
        "b",
        "strong",
        "i",
        "em",
        "u",
        "s",
        "sub",
        "sup",
        "code",
        "pre",
        "blockquote",
        "br",
        "hr",
    ]
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DATA = re.compile(r"\s*data:image/[a-z.+-]+;base64,", re.IGNORECASE)
_SPACES = re.compile(r"[ \t\r\n\f]+")

Pictures = Callable[[str], bytes]
"""A picture by its address in the file, as mails have them; empty where there is none."""


@dataclass(slots=True)
class Cleaned:
    """The rewritten HTML, and what was left out of it."""

    body: str
    hidden: int = 0
    pictures: int = 0
    cut: bool = False


def clean(text: str, pictures: Pictures = lambda _address: b"") -> Cleaned:
    """Take over what can be shown. Never fails."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    try:
        root = html.document_fromstring(text, parser=html.HTMLParser(no_network=True, huge_tree=False))
    except (etree.LxmlError, ValueError, AssertionError):
        return Cleaned(escaped(text))
    cleaning = _Cleaning(pictures)
    body = "".join(cleaning.element(root, 0))
    return Cleaned(body, cleaning.hidden, cleaning.lost, cleaning.length > MAX_CHARACTERS)


class _Cleaning:
    """One page being taken over."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self.hidden = self.lost = self.length = 0
        self._preformatted = 0

    def element(self, node: Any, depth: int) -> Iterator[str]:
        """An element with everything in it."""
        tag = node.tag if isinstance(node.tag, str) else ""
        if not tag or tag in _DROPPED:
            return
        if node.get("hidden") is not None or _HIDDEN.search(node.get("style") or ""):
            self.hidden += len(_SPACES.sub(" ", "".join(node.itertext())).strip())
            return
        if tag == "img":
            yield self._image(node)
            return
        if tag == "math":
            yield self._text(linear(node))
            return
        if tag == "select":
            yield from (self._text(words) for words in _chosen(node))
            return
        if tag in ("input", "textarea", "button"):
            yield self._field(node, tag)
            return
        yield from self._around(node, tag, list(self._inside(node, depth, tag == "pre")))

    def _inside(self, node: Any, depth: int, preformatted: bool) -> Iterator[str]:
        self._preformatted += preformatted
        yield self._text(node.text)
        for child in node:
            if depth < _DEEPEST:
                yield from self.element(child, depth + 1)
            else:
                yield self._text("".join(child.itertext()))
            yield self._text(child.tail)
        self._preformatted -= preformatted

    def _around(self, node: Any, tag: str, inside: list[str]) -> Iterator[str]:
        if tag in _BLOCKS:
            tag = "p" if tag == "p" else "div"
            yield from (f"<{tag}>", *inside, f"</{tag}>")
        elif tag == "a":
            address = (node.get("href") or "").strip()
            linked = address.lower().startswith(("http://", "https://")) and len(address) < 2000
            yield from (f'<a href="{escaped(address, 4000)}">', *inside, "</a>") if linked else inside
        elif tag in _KEPT:
            spans = "".join(f' {name}="{span}"' for name in ("colspan", "rowspan") if (span := _span(node, name)) > 1)
            yield from (f"<{tag}{spans}>", *inside, f"</{tag}>") if tag not in ("br", "hr") else (f"<{tag}/>",)
        else:
            yield from inside

    def _text(self, text: str | None) -> str:
        if not text:
            return ""
        self.length += len(text)
        if self.length > MAX_CHARACTERS:
            return ""
        return escaped(text if self._preformatted else _SPACES.sub(" ", text))

    def _image(self, node: Any) -> str:
        address = node.get("src") or ""
        try:
            data = base64.b64decode(address[match.end() :]) if (match := _DATA.match(address)) else b""
        except (binascii.Error, ValueError):
            data = b""
        drawn = picture(data or self._pictures(address))
        words = (node.get("alt") or "").strip()
        self.lost += not drawn and _is_shown(node)
        return drawn or (f"[picture: {self._text(words)}]" if words else "")

    def _field(self, node: Any, tag: str) -> str:
        if tag == "input" and (node.get("type") or "text").casefold() in ("checkbox", "radio"):
            return "☑" if node.get("checked") is not None else "☐"
        shown = node.get("value") if tag == "input" else "".join(node.itertext())
        secret = (node.get("type") or "").casefold() in ("hidden", "password")
        return "" if secret or not shown else self._text(shown)


def _chosen(node: Any) -> Iterator[str]:
    """The selected options; of a drop-down list without a selection, the first one."""
    entries = [*node.iter("option")][:_MOST_ENTRIES]
    chosen = [one for one in entries if one.get("selected") is not None]
    for one in chosen or (entries[:1] if node.get("multiple") is None else []):
        yield f" {' '.join(''.join(one.itertext()).split())} "


def _is_shown(node: Any) -> bool:
    """Pictures of one pixel only tell the sender that somebody looks."""
    return not all((node.get(side) or "") in ("0", "1") for side in ("width", "height"))


def _span(node: Any, name: str) -> int:
    value = node.get(name) or ""
    return min(100, int(value)) if value.isascii() and value.isdecimal() and len(value) < 5 else 1
