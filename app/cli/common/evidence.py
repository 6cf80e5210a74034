"""Evidence on the command line: a short list under an answer."""

from __future__ import annotations

from collections.abc import Sequence

from app.chat.evidence.places import Checked, Evidence, Place
from app.ingest.types import Document
from app.session.export.data import document_name
from app.text.times import mm_ss

_MARKS: dict[Checked, str] = {
    "found": "✓",
    "scanned": "▤",
    "heard": "♪",
    "elsewhere": "→",
    "seen": "○",
    "unverified": "?",
}
_LONGEST = 100


def evidence_lines(found: Sequence[Evidence], documents: Sequence[Document]) -> list[str]:
    """One line for each quotation or citation: a sign, the place, the words."""
    return [_line(evidence, documents) for evidence in found]


def _line(evidence: Evidence, documents: Sequence[Document]) -> str:
    """``✓ page 2: Total EUR 1788.84``, ``? not found: …``, ``→ not where cited, but on page 3: …``."""
    where = _where(evidence.place, documents)
    words = " ".join(evidence.quote.split())
    if len(words) > _LONGEST:
        words = f"{words[: _LONGEST - 1].rstrip()}…"
    match evidence.state:
        case "found":
            head = where
        case "scanned":
            head = f"{where}, in text read from the picture"
        case "heard":
            head = f"{where}, heard by a model"
        case "elsewhere":
            head = f"on {where}, not where the answer cites it"
        case "seen":
            where = where or " / ".join(_where(place, documents) for place in evidence.choices)
            head = f"{where}, to check yourself"
        case _:
            head = "not found"
    said = words or evidence.reason
    return f"{_MARKS[evidence.state]} {head}: {said}"


def _where(place: Place | None, documents: Sequence[Document]) -> str:
    if place is None:
        return ""
    name = document_name(place, documents)
    if place.time_s is not None:
        where = mm_ss(place.time_s)
    elif place.spot:
        where = place.spot
    elif place.page is None:
        return name or ""
    else:
        where = f"page {place.page}"
    return where if len(documents) == 1 else f"{name}, {where}"
