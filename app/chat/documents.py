"""One file as parts of a prompt: a heading, its pages or frames, and openly what was not read.

What a file holds is data. It is between two lines with a key made from the file's own hash: no
document can hold its own hash, so none can end itself and speak as the user.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.chat.prompt_text import text_parts
from app.chat.timed import about_words, timed_parts
from app.ingest.types import Document, Page
from app.text.times import mm_ss
from model.types import Part, PicturePart, TextPart

MAX_SKIPPED = 40
MAX_NAME = 120
MAX_RUNS = 12
"""Stretches of pages that one sentence names."""


def document_parts(number: int, document: Document, *, hears: bool = False) -> Iterator[Part]:
    """The parts of the ``number``-th file. They depend on nothing else that is attached. ``hears``: the model does."""
    key = document.content_hash[:12]
    notes = _not_read(document) + _from_pictures(document) + about_words(document, hears=hears)
    yield from text_parts(f"[begin document {number}, key {key}]\n{heading(number, document)}\n{notes}")
    match document.file_kind.view:
        case "pages":
            yield from _pages(document.pages)
        case "picture":
            for page in document.pages:
                yield from _image(page)
        case "player" | "sound":
            yield from timed_parts(document, hears=hears)
    yield TextPart(f"\n[end document {number}, key {key}]\n\n")


def heading(number: int, document: Document) -> str:
    """``Document 1: contract.pdf (3 pages)``, on one line whatever the file is called."""
    name = "".join(letter if letter.isprintable() else " " for letter in document.name)
    if len(name) > MAX_NAME:
        name = f"{name[: MAX_NAME - 20]}…{name[-19:]}"
    return f"Document {number}: {name} ({_extent(document)})"


def _extent(document: Document) -> str:
    kind = document.file_kind
    if kind.paged:
        return _count(len(document.pages), "page")
    if not kind.timed:
        return kind.noun
    if not document.frames:
        return f"{kind.noun}, {_length(document.duration_s)}".rstrip(", ") + _tagged(document)
    frames = _count(len(document.frames), "frame")
    whose = "its time" if len(document.frames) == 1 else "their times"
    return f"{kind.noun}, {_length(document.duration_s)}{frames} with {whose}"


def _tagged(document: Document) -> str:
    """Title and artist of a recording, as its tags have them."""
    known = dict(document.tags)
    named = [f"{name} “{_one_line(known[name])}”" for name in ("title", "artist", "album") if name in known]
    return f", {', '.join(named)}" if named else ""


def _length(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{mm_ss(seconds)} long, " if seconds >= 1 else "less than a second long, "


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _not_read(document: Document) -> str:
    """A note for the model on what reading left out. Skipped pages are named in their own places too."""
    lines = [f"Note: {_one_line(str(skipped.where))}: {_one_line(str(skipped.why))}\n" for skipped in document.skipped]
    if len(lines) > MAX_SKIPPED:
        more = len(lines) - MAX_SKIPPED
        lines = [*lines[:MAX_SKIPPED], f"Note: {more:,} more places were not read.\n"]
    return "".join(lines)


def _from_pictures(document: Document) -> str:
    """What of the text was read from pictures: one short sentence, which costs a small model none of its skill."""
    read = [page.number for page in document.pages if page.from_picture]
    if not read:
        return ""
    if not document.file_kind.paged:
        where = "the picture"
    elif len(read) == len(document.pages):
        where = "pictures of the pages"
    else:
        where = f"pictures on {_numbers(read)}"
    what = "The text" if len(read) == len(document.pages) else "Some of the text"
    return f"Note: {what} was read from {where} and may hold misread characters.\n"


def _numbers(pages: list[int]) -> str:
    """``page 3``, ``pages 1 to 4, 7``; after some stretches, only that there are more."""
    runs: list[list[int]] = []
    for page in pages:
        if runs and page == runs[-1][1] + 1:
            runs[-1][1] = page
        else:
            runs.append([page, page])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in runs[:MAX_RUNS]]
    more = " and others" if len(runs) > MAX_RUNS else ""
    return f"page{'' if len(pages) == 1 else 's'} {', '.join(words)}{more}"


def _pages(pages: tuple[Page, ...]) -> Iterator[Part]:
    run: list[Page] = []
    for page in pages:
        if page.state == "skipped" and (not run or page.reason == run[0].reason):
            run.append(page)
            continue
        yield from _skipped(run)
        run = [page] if page.state == "skipped" else []
        if page.state != "skipped":
            yield from _page(page)
    yield from _skipped(run)


def _skipped(run: list[Page]) -> Iterator[Part]:
    """Neighbouring pages that were skipped for one reason take one line, not a thousand."""
    if not run:
        return
    first, last = run[0].number, run[-1].number
    where = f"Page {first} was" if first == last else f"Pages {first} to {last} were"
    yield TextPart(f"\n{where} not read: {_one_line(str(run[0].reason))}\n")


def _page(page: Page) -> Iterator[Part]:
    picture = page.picture if page.state in ("image", "both") else None
    text = page.text.strip() if page.state in ("text", "both") else ""
    if picture is None:
        yield from text_parts(f"\nPage {page.number}\n{text or '(no text on this page)'}\n")
        return
    if text and page.from_picture:  # the words first, as of any page; the picture shows what is not words
        yield from text_parts(f"\nPage {page.number}\n{text}\n")
        text = ""
    yield TextPart(f"\nPage {page.number}, as a picture\n")
    yield PicturePart(picture)
    if text:
        yield from text_parts(f"\nPage {page.number}, its text\n{text}\n")


def _image(page: Page) -> Iterator[Part]:
    text = page.text.strip() if page.from_picture and page.state != "image" else ""
    if text:
        yield from text_parts(f"\nPage {page.number}\n{text}\n\n")
    if page.picture is None and not text:
        yield TextPart(f"The picture was not read: {_one_line(str(page.reason))}\n")
    if page.picture is not None:
        yield PicturePart(page.picture)


def _one_line(text: str) -> str:
    return " ".join(text.split())
