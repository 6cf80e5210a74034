"""Words for a person, in the language that was chosen. No Qt here: the window installs a translator at its start.

Every text that a person may see is written in English in its place, as a literal: ``tr("Add files…")``,
``tr("Page {number}", number=3)``, ``tr_n("{n} page", "{n} pages", n)``. Sentences that come from where nothing is
translated, from the reading process or the engine, are recognised by ``sentence`` when they are shown. A test
reads the literals out of the source and holds them against the translation that ships.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import partial

Translate = Callable[[str], str]
_PLACE = re.compile(r"\{(\w*)\}")
_KEY = 8
"""Letters at a template's start by which it is looked for."""
_DEPTH = 3


class _Catalogue:
    """The translator in use; English needs none."""

    translate: Translate = staticmethod(lambda text: text)
    templates: dict[str, list[tuple[re.Pattern[str], str]]] = {}  # noqa: RUF012 (replaced whole, never changed)
    separators: dict[int, int] = {}  # noqa: RUF012 (replaced whole, never changed)


def install(translate: Translate | None, templates: Iterable[tuple[str, str]] = (), separators: str = ",.") -> None:
    """Use ``translate`` from now on; ``None`` goes back to English.

    ``templates`` are sentences with ``{0}``, ``{1}`` … and their translations, for ``sentence``; ``separators`` stand
    between thousands and before decimals.
    """
    _Catalogue.separators = str.maketrans(",.", separators)
    _Catalogue.translate = staticmethod(translate or (lambda text: text))
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for source, target in templates:
        start = source[: min(_KEY, source.index("{"))]
        found.setdefault(start, []).append((_pattern(source), target))
    _Catalogue.templates = found


def tr(text: str, /, **values: object) -> str:
    """``text`` in the person's language, with ``{name}`` replaced by the values."""
    found = _Catalogue.translate(text)
    return found.format(**values) if values else found


def tr_n(one: str, many: str, n: int, /, **values: object) -> str:
    """The form for ``n`` things; ``{n}`` in it becomes the number with separators."""
    found = _Catalogue.translate(one if n == 1 else many)
    return found.format(n=number(n), **values)


def number(value: float, digits: int = 0) -> str:
    """A number as it is written in the person's language."""
    return f"{value:,.{digits}f}".translate(_Catalogue.separators)


def sentence(text: str, depth: int = _DEPTH) -> str:
    """A finished English sentence in the person's language; unchanged where it is not known."""
    exact = _Catalogue.translate(text)
    if exact != text or not _Catalogue.templates or depth == 0:
        return exact
    for length in range(min(_KEY, len(text)), -1, -1):
        for pattern, target in _Catalogue.templates.get(text[:length], ()):
            match = pattern.fullmatch(text)
            if match:
                values = [sentence(value, depth - 1) for value in match.groups()]
                return _PLACE.sub(partial(_value, values), target)
    return exact


def _value(values: list[str], place: re.Match[str]) -> str:
    return values[int(place[1])]


def _pattern(source: str) -> re.Pattern[str]:
    """A template as a pattern whose groups are its places, in order."""
    parts = _PLACE.split(source)
    return re.compile("".join(re.escape(part) if index % 2 == 0 else "(.*?)" for index, part in enumerate(parts)), re.S)
