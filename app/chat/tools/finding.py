"""Words looked up in a document's text, for the model's own search: the pages that hold them, and the text around."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from app.chat.timed import cue_line
from app.ingest.cues import Cue, given
from app.ingest.types import Document, Page
from app.text.times import mm_ss

MAX_SHOWN = 8
MAX_NUMBERS = 60
_AROUND = 60
_LINE_END_HYPHEN = re.compile(r"(?<=\w)[-\u00ad\u2010]\s*\n\s*(?=\w)")
_DASHES = str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-") | {"\u2019": "'", "\u201c": '"', "\u201d": '"'}
)


@dataclass(frozen=True, slots=True)
class Found:
    """Pages that hold the words, with the surrounding text on the first few, and pages that cannot be searched."""

    pages: tuple[int, ...]
    around: tuple[str, ...]
    pictures: tuple[int, ...]

    def said(self, name: str) -> str:
        """For the model, in a few lines."""
        lines = [f"{len(self.pages)} pages of {name} hold these words" + (":" if self.pages else ".")]
        lines += [f'page {page}: "… {text} …"' for page, text in zip(self.pages, self.around, strict=False)]
        if len(self.pages) > len(self.around):
            lines.append(f"and pages {_numbers(self.pages[len(self.around) :])}")
        if self.pictures:
            lines.append(f"Pages {_numbers(self.pictures)} are pictures without text and were not searched.")
        return "\n".join(lines)


def find_words(wanted: str, document: Document) -> Found:
    """The pages of ``document`` that hold ``wanted``, whatever the case, the spacing and the line ends."""
    needle = _plain(wanted)
    pages: list[int] = []
    around: list[str] = []
    pictures: list[int] = []
    for page in document.pages:
        if _is_picture(page):
            pictures.append(page.number)
        text = _plain(page.text)
        at = text.find(needle) if needle else -1
        if at < 0:
            continue
        pages.append(page.number)
        if len(around) < MAX_SHOWN:
            around.append(text[max(0, at - _AROUND) : at + len(needle) + _AROUND].strip())
    return Found(tuple(pages), tuple(around), tuple(pictures))


@dataclass(frozen=True, slots=True)
class FoundSaid:
    """The cues that hold the words, in the order of their times."""

    cues: tuple[Cue, ...]

    def said(self, name: str) -> str:
        """For the model, in a few lines."""
        lines = [f"{len(self.cues)} places of {name} hold these words" + (":" if self.cues else ".")]
        lines += [cue_line(cue) for cue in self.cues[:MAX_SHOWN]]
        if len(self.cues) > MAX_SHOWN:
            more = [mm_ss(cue.start_s) for cue in self.cues[MAX_SHOWN : MAX_SHOWN + MAX_NUMBERS]]
            lines.append(f"and at {', '.join(more)}")
        return "\n".join(lines)


def find_said(wanted: str, document: Document) -> FoundSaid:
    """Where in a video or recording ``wanted`` is said, as far as there are subtitles or a transcript."""
    needle = _plain(wanted)
    return FoundSaid(tuple(cue for cue in given(document.cues) if needle and needle in _plain(cue.line)))


def _is_picture(page: Page) -> bool:
    return not page.text.strip() and page.picture is not None


def _plain(text: str) -> str:
    text = _LINE_END_HYPHEN.sub("", text)
    return " ".join(unicodedata.normalize("NFKC", text).translate(_DASHES).casefold().split())


def _numbers(pages: tuple[int, ...]) -> str:
    shown = ", ".join(map(str, pages[:MAX_NUMBERS]))
    return f"{shown} and {len(pages) - MAX_NUMBERS} more" if len(pages) > MAX_NUMBERS else shown
