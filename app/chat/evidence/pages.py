"""The pages where a quotation was found or that an answer names: which, where on them, and what to say about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.chat.evidence.places import Place
from app.chat.evidence.quotes import Cited
from app.chat.evidence.searching.boxes import boxes
from app.chat.evidence.searching.stream import Match
from app.ingest.types import Document, Page
from model.messages import Message, msg

NOTHING_QUOTED = msg("evidence.nothing-quoted", "The answer cites this place but quotes nothing that could be checked.")


def pages_of(document: Document, cited: Cited) -> list[Page]:
    """The pages that a citation names; a file of one page or a picture needs no number."""
    if not cited.pages:
        return list(document.pages) if len(document.pages) == 1 or document.file_kind.view == "picture" else []
    return [document.pages[number - 1] for number in cited.pages if 1 <= number <= len(document.pages)]


def why_pictured(document: Document, page: Page) -> Message:
    """Why words cannot be looked up there."""
    if page.recognition == "part":
        return msg("evidence.read-in-part", "Only a part of this page's picture was read; please check it yourself.")
    if page.from_picture:
        return msg("evidence.hard-to-read", "Parts of this page were hard to read; please check it yourself.")
    if not document.file_kind.paged:
        return msg(
            "evidence.picture",
            "{name} is a picture, so its text cannot be searched; please check it yourself.",
            name=document.name,
        )
    if page.state == "image":
        return msg(
            "evidence.no-text", "Page {page} has no searchable text; please check it yourself.", page=str(page.number)
        )
    return msg(
        "evidence.maybe-pictured",
        "The quotation may be in a picture on page {page}; please check it yourself.",
        page=str(page.number),
    )


def named_place(document: Document, cited: Cited) -> tuple[Place | None, Message]:
    """The page that a citation names, and the result of checking it."""
    pages = pages_of(document, cited)
    if not pages:
        count = len(document.pages)
        return None, msg("evidence.no-such-page", "{name} has only {count} pages.", name=document.name, count=count)
    page = pages[0]
    place = page_place(document, page)
    if page.state == "skipped":
        return None, msg(
            "evidence.page-not-read", "Page {page} was not read: {why}", page=str(page.number), why=page.reason
        )
    return place, NOTHING_QUOTED


def page_of(document: Document, match: Match, wanted: Sequence[int] = ()) -> Page:
    """The page to show: the one that was cited, else where the words begin."""
    shown = next((page for page in match.pages if page in wanted), match.pages[0])
    return document.pages[shown]


def place_of(document: Document, match: Match, wanted: Sequence[int] = ()) -> Place:
    """Where the words are: the page, their boxes on it, and the spot, where the kind has names for spots."""
    page = page_of(document, match, wanted)
    spans = [span for span in match.spans if document.pages[span.page] is page]
    marked = boxes(page, spans)
    spot = page.spot_at(*marked[0][:2]) if marked and page.spots else ""
    return replace(page_place(document, page), boxes=marked, spot=spot)


def page_place(document: Document, page: Page) -> Place:
    """A page; a picture has none, and is meant as a whole."""
    number = None if not document.file_kind.paged and len(document.pages) == 1 else page.number
    return Place(document.content_hash, number, name=document.name)


def second_place(document: Document, time_s: float) -> Place:
    """A second of a video or a recording."""
    return Place(document.content_hash, time_s=time_s, name=document.name)


def why_found(document: Document, match: Match, wanted: Sequence[int] = ()) -> Message:
    """Where the words were found."""
    page = page_of(document, match, wanted)
    if any(page.lines[span.line].role == "comment" for span in match.spans if document.pages[span.page] is page):
        return msg(
            "evidence.comment",
            "Found in a comment on page {page} of {name}, not in the page's own text.",
            page=str(page.number),
            name=document.name,
        )
    spot = place_of(document, match, wanted).spot
    if spot:
        return msg(
            "evidence.found-at",
            "Found at {spot} in {name}, on page {page}.",
            spot=spot,
            name=document.name,
            page=str(page.number),
        )
    return msg("evidence.found", "Found on page {page} of {name}.", page=str(page.number), name=document.name)
