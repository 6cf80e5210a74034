"""Where an answer names a file, a page or a time. File names are known, so they are looked for as they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from app.ingest.types import Document

_PAGE = re.compile(
    r"(?<![\w.])(?:pages?|pgs?\.?|pp?\.|p(?=\d)|seiten?|s\.|bl\.|blatt)[\s\u00a0*_]*(?:(?:no|nr)\.?\s*)?[*_]*"
    r"(\d{1,5})(?![\d]|[.,]\d)"
    r"((?:\s*(?:[-–—,&/+]|bis|to|and|und|through|or|oder)\s*(?:pp?\.\s*|s\.\s*|page\s+|seite\s+)?\d{1,5}(?![\d:]|[.,]\d))*)"
    r"(?:\s*ff?\b\.?)?",
    re.IGNORECASE,
)
_MORE = re.compile(r"([-–—,&/+]|bis|to|and|und|through|or|oder)\s*(?:pp?\.\s*|s\.\s*|page\s+|seite\s+)?(\d{1,5})", re.I)
_TIME = re.compile(r"(?<![\d:.,/-])(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:[.,]\d{1,3})?(?![\d:])")
_NUMBERED = re.compile(r"\b(?:document|dokument|doc\.?|file|datei)\s+(\d{1,3})\b", re.IGNORECASE)
_KINDS = (
    "pdf|png|jpe?g|gif|webp|bmp|tiff?|mp4|mov|mkv|webm|avi|m4v|heic|docx?|xlsx?|pptx?|txt|md|csv|"
    "srt|vtt|mp3|m4a|wav|ogg|opus|flac"
)
_FOREIGN = re.compile(rf"[^\s()\[\]{{}}<>\"“”„«»|*`,;:]+(?:\.{{3}}|…)?\.(?:{_KINDS})\b", re.IGNORECASE)
_ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Named:
    """A file named in an answer. ``document`` counts from 0; ``None``: a file that is not attached."""

    start: int
    end: int
    document: int | None


@dataclass(frozen=True, slots=True)
class Where:
    """A page (with the others named along with it) or a time, named in an answer."""

    start: int
    end: int
    pages: tuple[int, ...] = ()
    time_s: float | None = None


def named_files(answer: str, documents: Sequence[Document]) -> list[Named]:
    """The files named in ``answer``, in order, longest names first where they overlap."""
    found: list[Named] = []
    for pattern, document in _aliases(documents):
        for match in pattern.finditer(answer):
            found.append(Named(match.start(), match.end(), document))
    for match in _NUMBERED.finditer(answer):
        number = int(match[1])
        if 1 <= number <= len(documents):
            found.append(Named(match.start(), match.end(), number - 1))
    for match in _FOREIGN.finditer(answer):
        found.append(Named(match.start(), match.end(), _most_alike(match[0], documents)))
    return _longest(found)


def _aliases(documents: Sequence[Document]) -> Iterator[tuple[re.Pattern[str], int]]:
    """Each file's name, its name without the ending, and both as a model may shorten them."""
    stems = [_stem(document.name) for document in documents]
    for number, document in enumerate(documents):
        yield _name_pattern(document.name), number
        stem = stems[number]
        if len(stem) >= 4 and stems.count(stem) == 1 and re.search(r"[^\W\d_]", stem):
            yield _name_pattern(stem), number
        start = re.escape(document.name[:8])
        if len(document.name) > 20:  # its beginning, an ellipsis, and perhaps its end
            yield re.compile(rf"{start}[^\n()\[\]\"“”„]{{0,150}}?(?:…|\.\.\.)[^\s()\[\],;:\"“”„]{{0,24}}"), number


def _stem(name: str) -> str:
    return name.rsplit(".", 1)[0] if "." in name[1:] else name


def _name_pattern(name: str) -> re.Pattern[str]:
    """A name with any spaces, with Markdown's backslashes, not as a part of a longer word."""
    letters = [
        r"[\s\u00a0]+" if part.isspace() else r"\\?" + re.escape(part) for part in re.split(r"(\s+|.)", name) if part
    ]
    return re.compile(rf"(?<![\w]){''.join(letters)}(?!\w)", re.IGNORECASE)


def _most_alike(name: str, documents: Sequence[Document]) -> int | None:
    """The attached file that a slightly different name means."""
    wanted = name.casefold()
    short = re.split(r"…|\.\.\.", wanted)[0]
    scores = []
    for number, document in enumerate(documents):
        own = document.name.casefold()
        if len(short) >= 4 and short != wanted and own.startswith(short):
            return number
        if own.endswith(" " + wanted):  # the name's last word only
            return number
        scores.append((SequenceMatcher(None, wanted, own).ratio(), number))
    score, number = max(scores, default=(0.0, 0))
    alone = sum(other >= _ALIKE for other, _ in scores) == 1
    return number if score >= _ALIKE and alone and _digits(wanted) == _digits(documents[number].name) else None


def _digits(name: str) -> str:
    return "".join(character for character in name if character.isdigit())


def _longest(found: list[Named]) -> list[Named]:
    kept: list[Named] = []
    for named in sorted(found, key=lambda one: (one.start - one.end, one.document is None)):
        if all(named.end <= other.start or named.start >= other.end for other in kept):
            kept.append(named)
    return sorted(kept, key=lambda one: one.start)


def places_named(answer: str, names: Sequence[Named], times: bool) -> list[Where]:
    """Pages, and with ``times`` times, outside of file names."""
    blank = list(answer)
    for named in names:
        blank[named.start : named.end] = "\0" * (named.end - named.start)
    text = "".join(blank)
    found = [Where(match.start(), match.end(), _numbers(match)) for match in _PAGE.finditer(text)]
    if times:
        for match in _TIME.finditer(text):
            if all(match.end() <= where.start or match.start() >= where.end for where in found):
                hours, minutes, seconds = (int(part or 0) for part in match.groups())
                found.append(Where(match.start(), match.end(), time_s=3600.0 * hours + 60 * minutes + seconds))
    return sorted(found, key=lambda where: where.start)


def _numbers(match: re.Match[str]) -> tuple[int, ...]:
    """All pages of ``3–5 and 9``; a range of more than 50 is only its ends."""
    pages = [int(match[1])]
    for sign, number in _MORE.findall(match[2]):
        last = int(number)
        if sign.lower() in ("-", "–", "—", "bis", "to", "through") and pages[-1] < last <= pages[-1] + 50:
            pages.extend(range(pages[-1] + 1, last))
        pages.append(last)
    if match[0].rstrip(". ").lower().endswith("f"):
        count = 2 if match[0].rstrip(". ").lower().endswith("ff") else 1
        pages.extend(range(pages[-1] + 1, pages[-1] + 1 + count))
    return tuple(dict.fromkeys(pages))
