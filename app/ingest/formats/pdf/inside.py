"""What a PDF holds that is on none of its pages: attached files, and forms that only Adobe's programs draw.

It is named, so that nobody takes the pages for all there is. ``attached`` takes a file out where somebody wants it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from app.ingest.attached import MAX_ATTACHED
from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.formats.pdf import objects
from app.ingest.limits import MAX_PAGES
from model.messages import Message, msg, msg_n

_MAX_FILES = MAX_ATTACHED
_MAX_NODES = 2000
_MAX_ANNOTATIONS = 5000
_NAMED = 10
_MAX_NAME = 80
_NAMES = ("UF", "F", "Unix", "Mac", "DOS", "Desc")
_WAIT = ("please wait", "requires adobe", "adobe reader 8", "proper contents", "not be able to display")

_ATTACHED = msg("where.attached-files", "attached files")
_FORM = msg("where.form", "form")

ONLY_ADOBE = msg(
    "pdf.xfa-page-empty", "It is a form that only Adobe Reader shows (XFA), so there is nothing to read on this page."
)
STANDS_IN = msg(
    "pdf.xfa-page-stand-in",
    "It is a form that only Adobe Reader shows (XFA); this page is only a placeholder for it.",
)


@dataclass(frozen=True, slots=True)
class Embedded:
    """An attached file: its name, the stream that it is, its size in bytes where the PDF tells it."""

    name: str
    stream: Any
    size: int | None


@dataclass(slots=True)
class Inside:
    """What was found beside the pages."""

    files: list[Embedded] = field(default_factory=list)
    portfolio: bool = False
    xfa: bool = False
    dynamic: bool = False
    """The pages are not in the file: Adobe Reader makes them when it opens it."""


def inside_of(document: pymupdf.Document) -> Inside:
    """Look through the catalogue and the pages' lists of annotations. A damaged part is passed over."""
    found = Inside()
    for look in (_form, _tree, _associated, _attached_to_pages):
        try:
            look(document, found)
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base; the other places may be sound
            continue
    return found


def notes_on(found: Inside) -> Iterator[tuple[Message, Message]]:
    """Where, and one sentence, for each thing that is not read."""
    if found.files:
        yield _ATTACHED, _files(found)
    elif found.portfolio:
        yield (
            _ATTACHED,
            msg("pdf.portfolio", "The PDF is a portfolio; the files in it are not read, only its cover."),
        )
    if found.dynamic:
        why = msg(
            "pdf.xfa", "The PDF is a form that only Adobe Reader shows (XFA); print it to a PDF there and read that."
        )
        yield _FORM, why
    elif found.xfa:
        why = msg(
            "pdf.xfa-part",
            "The form also has a part that only Adobe Reader shows (XFA); that part is not read, but the form's "
            "fields are.",
        )
        yield _FORM, why


def _files(found: Inside) -> Message:
    named = ", ".join(f"“{file.name}”" for file in found.files[:_NAMED])
    count = len(found.files)
    if count > _NAMED:
        named += ", …"
    if found.portfolio:
        return msg_n(
            "pdf.portfolio-files",
            "The PDF is a portfolio and this is its cover; open the file in it from the list of attached files: "
            "{names}.",
            "The PDF is a portfolio and this is its cover; open the {n} files in it from the list of attached files: "
            "{names}.",
            count,
            names=named,
        )
    return msg_n(
        "pdf.attached-files",
        "The PDF holds an attached file; open it from the list of attached files to read it: {names}.",
        "The PDF holds {n} attached files; open them from the list of attached files to read them: {names}.",
        count,
        names=named,
    )


def only_adobe(document: pymupdf.Document) -> bool:
    """Whether the pages are made by Adobe Reader alone."""
    found = Inside()
    try:
        _form(document, found)
    except MemoryError:
        raise
    except Exception:  # MuPDF's errors share no useful base
        return False
    return found.dynamic


def names_adobe(text: str) -> bool:
    """Whether a text speaks of Adobe's programs, as a page does that another program cannot show."""
    return "adobe" in text.lower() or "acrobat" in text.lower()


def _form(document: pymupdf.Document, found: Inside) -> None:
    catalog = objects.catalog_of(document)
    found.portfolio = mupdf.pdf_is_dict(objects.get(catalog, "Collection")) == 1
    form = objects.get(catalog, "AcroForm")
    found.xfa = objects.there(objects.get(form, "XFA"))
    rendered = bool(mupdf.pdf_to_bool(objects.get(catalog, "NeedsRendering")))
    fields = objects.get(form, "Fields")
    empty = not mupdf.pdf_is_array(fields) or mupdf.pdf_array_len(fields) == 0
    found.dynamic = rendered or (found.xfa and (empty or _first_page_waits(document)))


def _first_page_waits(document: pymupdf.Document) -> bool:
    text = " ".join(document[0].get_text()[:5000].lower().split()) if document.page_count == 1 else ""
    return names_adobe(text) and any(words in text for words in _WAIT)


def _tree(document: pymupdf.Document, found: Inside) -> None:
    """The tree of names under which files are attached; it may be damaged, endless or a circle."""
    waiting = [objects.get(objects.get(objects.catalog_of(document), "Names"), "EmbeddedFiles")]
    seen: set[int] = set()
    for _ in range(_MAX_NODES):
        if not waiting or len(found.files) >= _MAX_FILES:
            return
        node = waiting.pop()
        number = objects.identity(node)
        if number in seen or not mupdf.pdf_is_dict(node):
            continue
        if number:
            seen.add(number)
        names = list(objects.items(objects.get(node, "Names"), 2 * _MAX_FILES))
        for key, file in zip(names[::2], names[1::2], strict=False):
            _add(found, file, objects.text_of(key, _MAX_NAME))
        waiting += list(objects.items(objects.get(node, "Kids"), _MAX_NODES))[::-1]


def _associated(document: pymupdf.Document, found: Inside) -> None:
    for file in objects.items(objects.get(objects.catalog_of(document), "AF"), _MAX_FILES):
        _add(found, file, "")


def _attached_to_pages(document: pymupdf.Document, found: Inside) -> None:
    pdf = objects.pdf_of(document)
    for index in range(min(document.page_count, MAX_PAGES)):
        page = mupdf.pdf_lookup_page_obj(pdf, index)
        for file in objects.items(objects.get(page, "AF"), _MAX_FILES):
            _add(found, file, "")
        for item in objects.items(objects.get(page, "Annots"), _MAX_ANNOTATIONS):
            if objects.name_of(objects.get(item, "Subtype")) == "FileAttachment":
                _add(found, objects.get(item, "FS"), objects.text_of(objects.get(item, "Contents"), _MAX_NAME))
        if len(found.files) >= _MAX_FILES:
            return


def _add(found: Inside, file: Any, otherwise: str) -> None:
    """A file's name, where it has contents in this PDF."""
    held = objects.get(file, "EF")
    if mupdf.pdf_is_dict(file) and not mupdf.pdf_is_dict(held):
        return
    names = (objects.text_of(objects.get(file, key), 4 * _MAX_NAME) for key in _NAMES)
    name = next((one for one in (*(_tidy(name) for name in names), _tidy(otherwise)) if one), "unnamed")
    stream = next((one for one in (objects.get(held, key) for key in _NAMES) if mupdf.pdf_is_stream(one)), None)
    known = {(one.name, objects.identity(one.stream) if one.stream is not None else 0) for one in found.files}
    number = objects.identity(stream) if stream is not None else 0
    if (name, number) in known or (stream is None and any(name == one.name for one in found.files)):
        return
    if len(found.files) < _MAX_FILES:
        size = objects.get(objects.get(stream, "Params"), "Size") if stream is not None else None
        told = mupdf.pdf_to_int(size) if size is not None and mupdf.pdf_is_int(size) else None
        found.files.append(Embedded(name, stream, told if told is not None and told >= 0 else None))


def _tidy(name: str) -> str:
    name = " ".join("".join(letter if letter.isprintable() else " " for letter in name).split())
    return name if len(name) <= _MAX_NAME else f"{name[: _MAX_NAME - 20]}…{name[-19:]}"
