"""Fonts that do not define which characters their glyphs are, so that a reader of the file has to guess."""

from __future__ import annotations

from typing import Any

from app.ingest.formats.mupdf import mupdf, pymupdf

_OWN_CODES = 4
"""The flag of a font whose codes are its own."""

_MOST = 200


def guessed(page: pymupdf.Page) -> bool:
    """Whether any font of the page has neither a map to characters nor a known encoding."""
    known: dict[int, bool] = vars(page.parent).setdefault("_lectern_guessed", {})
    fonts = _fonts(page)
    if not fonts:  # they may be those of something that is drawn on the page
        fonts = [mupdf.pdf_load_object(_pdf(page), int(font[0])) for font in page.get_fonts()[:_MOST] if font[0]]
    for font in fonts:
        number = mupdf.pdf_to_num(font)
        if number not in known:
            known[number] = _says_nothing(font)
        if known[number]:
            return True
    return False


def _pdf(page: pymupdf.Page) -> Any:
    return mupdf.pdf_document_from_fz_document(page.parent.this)


def _fonts(page: pymupdf.Page) -> list[Any]:
    """The font dictionaries in the page's resources; PyMuPDF's own list of them takes as long as reading the page."""
    inner = page.this if isinstance(page.this, mupdf.FzPage) else page.this.super()
    own = mupdf.pdf_page_from_fz_page(inner).obj()
    resources = mupdf.pdf_dict_get_inheritable(own, mupdf.PDF_ENUM_NAME_Resources)
    fonts = mupdf.pdf_dict_get(resources, mupdf.PDF_ENUM_NAME_Font)
    return [mupdf.pdf_dict_get_val(fonts, at) for at in range(min(_MOST, mupdf.pdf_dict_len(fonts)))]


def _says_nothing(font: Any) -> bool:
    """An embedded TrueType font with its own codes and no mapping for them."""
    # Of a Type0 font without a map, MuPDF gives the glyphs as unknown by itself.
    kind = mupdf.pdf_to_name(mupdf.pdf_dict_get(font, mupdf.PDF_ENUM_NAME_Subtype))
    if kind != "TrueType" or _has(font, mupdf.PDF_ENUM_NAME_ToUnicode) or _has(font, mupdf.PDF_ENUM_NAME_Encoding):
        return False
    about = mupdf.pdf_dict_get(font, mupdf.PDF_ENUM_NAME_FontDescriptor)
    flags = mupdf.pdf_dict_get(about, mupdf.PDF_ENUM_NAME_Flags)
    return _has(about, mupdf.PDF_ENUM_NAME_FontFile2) and bool(mupdf.pdf_to_int(flags) & _OWN_CODES)


def _has(thing: Any, name: int) -> bool:
    return not mupdf.pdf_is_null(mupdf.pdf_dict_get(thing, name))
