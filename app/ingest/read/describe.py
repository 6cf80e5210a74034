"""A read document as plain data for ``lectern read --json``: coverage in the open."""

from __future__ import annotations

from typing import Any

from app.ingest.cues import Cue
from app.ingest.types import Document, Frame, Page, Word
from app.text.times import mm_ss
from model.types import Picture


def describe(document: Document) -> dict[str, Any]:
    """One document as JSON data."""
    return {
        "file": str(document.path),
        "name": document.name,
        "kind": document.kind,
        "hash": document.content_hash,
        "duration_s": document.duration_s,
        "characters": sum(len(page.text) for page in document.pages),
        "hidden_text": sum(page.hidden_text for page in document.pages),
        "pages": [_page(page) for page in document.pages],
        "frames": [_frame(frame, document) for frame in document.frames],
        "attached": [{"number": one.number, "name": one.name, "bytes": one.size} for one in document.attached],
        "sound": [{"start_s": round(one.start_s, 3), "seconds": round(one.seconds, 3)} for one in document.sound],
        "tags": dict(document.tags),
        "hard_to_read": list(document.hard_pages),
        "text_on_frames": document.screen,
        "cues": [_cue(cue) for cue in document.cues],
        "skipped": [
            {"where": str(skipped.where), "why": str(skipped.why), "code": skipped.why.cause}
            for skipped in document.skipped
        ],
    }


def _page(page: Page) -> dict[str, Any]:
    known = page.width > 0 and page.height > 0
    return {
        "number": page.number,
        "width": round(page.width, 2),
        "height": round(page.height, 2),
        "state": page.state,
        "reason": str(page.reason),
        "code": page.reason.cause,
        "characters": len(page.text),
        "text": page.text,
        "lines": len(page.lines),
        "hidden_text": page.hidden_text,
        "text_read_from_picture": page.from_picture,
        "recognition": page.recognition,
        "confidence": None if page.confidence is None else round(page.confidence, 3),
        "words": [_word(word) for line in page.lines for word in line.words],
        "picture": _picture(page.picture),
        "soft_tokens_by_budget": _by_budget(page.height, page.width) if known else {},
    }


def _word(word: Word) -> dict[str, Any]:
    return {
        "text": word.text,
        "box": [round(number, 2) for number in word.box],
        "confidence": None if word.confidence is None else round(word.confidence, 3),
    }


def _frame(frame: Frame, document: Document) -> dict[str, Any]:
    height, width = document.frame_size or (frame.picture.height, frame.picture.width)
    return {
        "time_s": round(frame.time_s, 3),
        "time": mm_ss(frame.time_s),
        "picture": _picture(frame.picture),
        "soft_tokens_by_budget": _by_budget(height, width),
    }


def _cue(cue: Cue) -> dict[str, Any]:
    return {
        "start_s": round(cue.start_s, 3),
        "end_s": round(cue.end_s, 3),
        "text": cue.text,
        "source": cue.source,
        "track": cue.track,
        "confidence": None if cue.confidence is None else round(cue.confidence, 3),
    }


def _picture(picture: Picture | None) -> dict[str, int] | None:
    if picture is None:
        return None
    return {
        "height": picture.height,
        "width": picture.width,
        "budget": picture.budget,
        "soft_tokens": picture.soft_tokens,
    }


def _by_budget(height: float, width: float) -> dict[str, int]:
    from app.ingest.sizes import soft_tokens  # with numpy

    return {str(budget): count for budget, count in soft_tokens(height, width).items()}
