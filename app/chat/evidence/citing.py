"""Which words of an answer a citation takes, so that a sign can take their place. No Qt.

A quotation stays readable: only the source that is named behind it gives way. A source in brackets is replaced as a
whole; one that is part of a sentence keeps its words and gets a sign before them. Where replacing would tear a table or
a paragraph apart, the sign is only put behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.chat.evidence.places import Checked, Evidence, Place
from app.text.times import mm_ss
from model.messages import NOTHING, Message, msg, plain

Names = Callable[[str], str]
"""A file's name from its content hash; empty where nobody knows it."""

SIGNS: dict[Checked, str] = {
    "found": "✓",
    "scanned": "▤",
    "heard": "♪",
    "elsewhere": "↷",
    "seen": "◻",
    "unverified": "?",
}
"""A sign for each state, so that colour is never all that tells them apart."""

_CLOSING_MARKS = "\"”“»«›‹’‘'」』＂"
_OPENING = re.compile(r"[\s*_~`\"“„”«»‹›‘‚'「『＂]*")
_LEAD = re.compile(r"[\s*_~|>,;.:—–-]*")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "（": "）", "【": "】"}
_LINK_TARGET = re.compile(r"\([^()\s]*\)|\[[^\[\]\n]*\]")
_MARKDOWN = re.compile(r"\*\*|__|`+|^#{1,6} +|^ *> ?", re.MULTILINE)
_EMPHASIS = re.compile(r"[*_~`]+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters ``start`` to ``end`` of the answer give way to the sign of evidence number ``index``.

    ``words`` are those of a sentence, which stay behind the sign; ``start == end``: nothing gives way.
    """

    start: int
    end: int
    index: int
    words: str = ""


def marks(answer: str, evidence: Sequence[Evidence]) -> tuple[Mark, ...]:
    """Where the signs are, in order and without overlaps."""
    found: list[Mark] = []
    before = 0
    spans = sorted((span, index) for index, one in enumerate(evidence) for span in ((one.start, one.end), *one.also))
    for (start, end), index in spans:
        if not before <= start < end <= len(answer):
            continue  # evidence of another text, or overlapping
        mark = _mark(answer, replace(evidence[index], start=start, end=end), index)
        if mark is not None and mark.start >= before:
            found.append(mark)
            before = max(mark.end, end)
    return tuple(found)


def where(place: Place | None) -> Message:
    """A place in as few characters as possible: ``p. 3`` or ``01:15``."""
    if place is None:
        return NOTHING
    if place.time_s is not None:
        return plain(mm_ss(place.time_s))
    if place.spot:
        return plain(place.spot)
    return msg("place.page-short", "p. {number}", number=str(place.page)) if place.page is not None else NOTHING


def file_name(place: Place | None, name_of: Names) -> str:
    """The name of a place's file: as it is now, else as it was when the place was recorded."""
    return name_of(place.document) or place.name if place is not None else ""


def where_long(place: Place | None, name: str = "") -> Message:
    """A place with its file: ``contract.pdf, page 3``."""
    at = where(place)
    if place is not None and place.page is not None and place.time_s is None and not place.spot:
        at = msg("where.page", "page {number}", number=str(place.page))
    return _in_file(name, at)


def _in_file(name: str, at: Message) -> Message:
    if name and at:
        return msg("place.in-file", "{name}, {place}", name=name, place=at)
    return at or plain(name)


def state_words(one: Evidence) -> Message:
    """The evidence's state as a label."""
    match one.state:
        case "found":
            return msg("checked.found", "Found")
        case "scanned":
            return msg("checked.scanned", "Found in the picture's text")
        case "heard":
            return msg("checked.heard", "Heard by a model")
        case "elsewhere":
            return msg("checked.elsewhere", "Found elsewhere")
        case "seen":
            return msg("checked.seen", "Cannot be checked automatically")
        case "unverified":
            return msg("checked.unverified", "Not found")


def label(one: Evidence, words: str = "", name: str = "") -> Message:
    """What replaces a citation: a sign, and the words of the sentence or else the place, with a file's name."""
    at = where(one.choices[0] if one.choices else one.place)
    if one.state == "unverified":
        at = msg("checked.not-found", "not found")
        if words:
            at = msg("checked.words-not-found", "{words}: not found", words=words)
    elif words:
        at = plain(words)
    else:
        at = _in_file(name, at) or state_words(one)
    return msg("checked.label", "{sign} {words}", sign=SIGNS[one.state], words=at)


def as_read(answer: str, evidence: Sequence[Evidence], tell: Callable[[Message], str] = str) -> str:
    """An answer as plain text, as it is shown: signs in the place of its citations, and no Markdown."""
    parts: list[str] = []
    at = 0
    for mark in marks(answer, evidence):
        one = evidence[mark.index]
        name = file_name(one.place, lambda _: "") if not where(one.place) else ""
        parts += [_MARKDOWN.sub("", answer[at : mark.start]), tell(label(one, mark.words, name))]
        at = mark.end
    return "".join([*parts, _MARKDOWN.sub("", answer[at:])])


def _mark(answer: str, one: Evidence, index: int) -> Mark | None:
    raw = answer[one.start : one.end]
    source = 0
    if one.quote:
        if _bracketed(raw):
            return _whole(answer, one.start, one.end, index)
        source = _behind_quotation(raw, one.quote)
    elif raw.startswith(">"):
        source = len(raw)
    lead = _LEAD.match(raw, source)
    start = lead.end() if lead is not None else source
    end = source + len(raw[source:].rstrip(" \t\n*_~"))
    if not any(character.isalnum() for character in raw[start:end]) or _tears(raw[start:end]):
        at = one.start + len(raw.rstrip())
        return Mark(at, at, index)
    if _bracketed(raw[start:end]):
        return _whole(answer, one.start + start, one.start + end, index)
    words = "" if one.place is not None and _repeated(raw[start:end]) else _EMPHASIS.sub("", raw[start:end])
    return Mark(one.start + start, one.start + end, index, words)


def _whole(answer: str, start: int, end: int, index: int) -> Mark | None:
    """A source in brackets; in square ones it may be a link, whose address goes with it."""
    if answer[start] == "[":
        if answer[:start].endswith("!"):
            return None  # a picture
        target = _LINK_TARGET.match(answer, end)
        end = target.end() if target is not None else end
    return Mark(start, start, index) if _tears(answer[start:end]) else Mark(start, end, index)


def _bracketed(text: str) -> bool:
    """Whether one pair of brackets is around everything."""
    if len(text) < 3 or _BRACKETS.get(text[0]) != text[-1]:
        return False
    depth = 0
    for at, character in enumerate(text):
        depth += (character == text[0]) - (character == text[-1])
        if depth == 0:
            return at == len(text) - 1
    return False


def _repeated(words: str) -> bool:
    """Whether the words name one place several times and nothing else: ``00:12 [00:12]``."""
    text = "".join(character for character in words if character.isalnum()).casefold()
    return (text + text).find(text, 1) < len(text)


def _behind_quotation(raw: str, quote: str) -> int:
    """Where the source begins, behind the quotation and its marks; the end where that cannot be told."""
    at = raw.find(quote)
    opening = _OPENING.match(raw)
    if at < 0 or (opening is not None and opening.end() < at):
        return len(raw)
    at += len(quote)
    while at < len(raw) and raw[at] in _CLOSING_MARKS:
        at += 1
    return at


def _tears(words: str) -> bool:
    """Whether replacing these characters would change what the Markdown around them means."""
    return "\n" in words or "|" in words or words.count("`") % 2 == 1 or words.count("**") % 2 == 1
