"""Quotations of what is said: looked up in subtitles, chapters and transcripts, and shown at their second.

To the index each cue is a page of one line, so a quotation may run over several cues, and the cues near a cited time
are the pages that it may be on.
"""

from __future__ import annotations

from app.chat.evidence.places import Checked, Place
from app.chat.evidence.searching.fold import spell
from app.chat.evidence.searching.stream import Match
from app.ingest.cues import Cue
from app.ingest.types import Document, Page, TextLine
from app.text.times import mm_ss
from model.messages import NOTHING, Message, msg

REACH = 20
"""Cues that an ellipsis may leave out."""

_NEAR_S = 2.0
"""How far from a cue a time may be that is cited for it: both are cut to whole seconds."""

_ALTERED = 6
"""Letters from which on a quotation whose letters are said, and whose digits are not, is an altered one."""


def searched(document: Document) -> tuple[Page, ...]:
    """What quotations are looked up in: the pages, or the cues, one page each."""
    return document.pages or tuple(_as_page(number, cue) for number, cue in enumerate(document.cues, 1))


def _as_page(number: int, cue: Cue) -> Page:
    line = TextLine(cue.line, (0.0, 480.0, 600.0, 500.0))
    return Page(number, 600.0, 1000.0, line.text, (line,), None, "text", NOTHING)


def near(document: Document, time_s: float) -> list[int]:
    """The numbers of the cues that a cited time may mean, from 0."""
    return [
        number
        for number, cue in enumerate(document.cues)
        if cue.start_s - _NEAR_S <= time_s <= max(cue.end_s, cue.start_s) + _NEAR_S
    ]


def said_in(document: Document, match: Match) -> tuple[Cue, ...]:
    """The cues that a quotation touches."""
    return tuple(document.cues[number] for number in match.pages)


def place_of(document: Document, match: Match) -> Place:
    """The second at which the quoted words begin."""
    return Place(document.content_hash, time_s=said_in(document, match)[0].start_s, name=document.name)


def rank(document: Document, match: Match) -> Checked:
    """``found``, or of a second rank where a model heard the words or a program read them."""
    sources = {cue.source for cue in said_in(document, match)}
    if "transcript" in sources:
        return "heard"
    return "scanned" if "frames" in sources else "found"


def why_said(document: Document, match: Match) -> Message:
    """One sentence on where the words are."""
    cue = said_in(document, match)[0]
    about = {"time": mm_ss(cue.start_s), "name": document.name}
    match cue.source:
        case "transcript":
            return msg(
                "evidence.heard", "A model heard these words at {time} in {name}; listen to that place.", **about
            )
        case "frames":
            return msg(
                "evidence.in-frame", "Found in the text that was read from the frame at {time} in {name}.", **about
            )
        case "chapter":
            return msg("evidence.in-chapters", "Found in the chapters of {name} at {time}.", **about)
        case _:
            return msg("evidence.in-subtitles", "Found in the subtitles of {name} at {time}.", **about)


def why_elsewhere(document: Document, match: Match) -> Message:
    """One sentence where the words are said at another time than cited."""
    time = mm_ss(said_in(document, match)[0].start_s)
    return msg(
        "evidence.said-elsewhere",
        "Said at {time} in {name}, not where the answer cites it.",
        time=time,
        name=document.name,
    )


def is_altered(document: Document, quote: str, time_s: float) -> bool:
    """Whether the same letters are said near that time with other digits or signs."""
    key = spell(quote).key
    letters = _letters(key)
    said = " ".join(document.cues[number].line for number in near(document, time_s))
    return _ALTERED <= len(letters) < len(key) and letters in _letters(spell(said).key)


def _letters(key: str) -> str:
    return "".join(character for character in key if character.isalpha())
