"""The objects that a PDF is made of, read with care: of any type, missing, endless or in circles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf
from app.ingest.types import Box

MAX_DEPTH = 32
"""How far up a chain of parents, or down a tree, anybody looks."""


def pdf_of(document: pymupdf.Document) -> Any:
    """MuPDF's own view of an open PDF."""
    return pymupdf._as_pdf_document(document)


def page_of(page: pymupdf.Page) -> Any:
    """MuPDF's own view of a page of a PDF."""
    return pymupdf._as_pdf_page(page.this)


def catalog_of(document: pymupdf.Document) -> Any:
    """The root of all objects."""
    return get(mupdf.pdf_trailer(pdf_of(document)), "Root")


def get(item: Any, key: str) -> Any:
    """What a dictionary holds at ``key``; nothing where it is no dictionary or has no such key."""
    return mupdf.pdf_dict_gets(item, key)


def inherited(item: Any, key: str) -> Any:
    """What a field holds at ``key``, or the nearest of its parents that has such a thing."""
    for one in lineage(item):
        found = get(one, key)
        if there(found):
            return found
    return get(item, key)


def lineage(item: Any) -> Iterator[Any]:
    """An object and its parents; a circle ends after ``MAX_DEPTH``."""
    for _ in range(MAX_DEPTH):
        if not mupdf.pdf_is_dict(item):
            return
        yield item
        item = get(item, "Parent")


def there(item: Any) -> bool:
    """Whether there is such an object at all."""
    return bool(item.m_internal) and not mupdf.pdf_is_null(item)


def items(array: Any, most: int) -> Iterator[Any]:
    """The first elements of an array; none of anything else."""
    if mupdf.pdf_is_array(array):
        for index in range(min(most, mupdf.pdf_array_len(array))):
            yield mupdf.pdf_array_get(array, index)


def keys(item: Any, most: int) -> list[str]:
    """The first keys of a dictionary."""
    if not mupdf.pdf_is_dict(item):
        return []
    count = min(most, mupdf.pdf_dict_len(item))
    return [mupdf.pdf_to_name(mupdf.pdf_dict_get_key(item, index)) for index in range(count)]


def text_of(item: Any, most: int) -> str:
    """A string, name, number or stream as text of at most ``most`` characters."""
    if mupdf.pdf_is_name(item):
        text = mupdf.pdf_to_name(item)
    elif mupdf.pdf_is_int(item):
        text = str(mupdf.pdf_to_int(item))
    elif mupdf.pdf_is_real(item):
        text = f"{mupdf.pdf_to_real(item):g}"
    elif mupdf.pdf_is_string(item):
        text = mupdf.pdf_to_text_string(item)
    elif mupdf.pdf_is_stream(item):
        text = mupdf.pdf_load_stream_or_string_as_utf8(item)
    else:
        return ""
    return str(text)[:most].encode("utf-8", errors="replace").decode("utf-8")


def name_of(item: Any) -> str:
    """A name; empty for anything else."""
    return str(mupdf.pdf_to_name(item)) if mupdf.pdf_is_name(item) else ""


def numbers_of(array: Any, most: int) -> list[float]:
    """The numbers of an array."""
    return [float(mupdf.pdf_to_real(item)) for item in items(array, most) if mupdf.pdf_is_number(item)]


def identity(item: Any) -> int:
    """The number of an object that others refer to; 0 for one that is where it is used."""
    return int(mupdf.pdf_to_num(item))


def view_of(page: Any) -> Any:
    """The matrix from a page's own space into its view: turned, cropped, top-left origin."""
    matrix = mupdf.FzMatrix()
    mupdf.pdf_page_transform(page, mupdf.FzRect(), matrix)
    return matrix


def box_of(numbers: list[float], matrix: Any) -> Box | None:
    """The box around points (x, y, x, y, …) in a page's view; ``None`` where there are fewer than two."""
    if len(numbers) < 4:
        return None
    points = [
        (
            numbers[at] * matrix.a + numbers[at + 1] * matrix.c + matrix.e,
            numbers[at] * matrix.b + numbers[at + 1] * matrix.d + matrix.f,
        )
        for at in range(0, len(numbers) - 1, 2)
    ]
    across, down = [x for x, _ in points], [y for _, y in points]
    return min(across), min(down), max(across), max(down)


def hidden_layer(document: Any, item: Any) -> bool:
    """Whether an annotation belongs to a layer that is switched off."""
    layer = get(item, "OC")
    return there(layer) and bool(mupdf.pdf_is_ocg_hidden(document, mupdf.PdfResourceStack(), "View", layer))
