"""A PDF or a picture with its words laid invisibly over it, written as a PDF. In a confined child process only."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from PIL import Image, ImageCms

from app.ingest.filekind import Form, imported
from app.ingest.formats.image.reader import load_image
from app.ingest.formats.mupdf import mupdf, open_pdf, pymupdf
from app.ingest.kinds import KINDS
from app.ingest.searchable.invisible import (
    SHAPE,
    Fonts,
    InvisibleLine,
    Matrix,
    font_name,
    font_object,
    meanings,
    operators,
)
from model.errors import IngestError
from model.messages import msg

_DPI = 150.0
"""Resolution assumed for a picture that does not give its own."""

_LONGEST = 14_400.0
"""Points of a page's longest side that every viewer can show (ISO 32000-1, annex C)."""


class Making(Protocol):
    """A file in the making: words are added page by page, then it is written."""

    def add(self, page: int, lines: Sequence[InvisibleLine]) -> None:
        """Lay words over a page, counted from 1."""

    def save(self, path: Path) -> dict[str, Any]:
        """Write it; returns a description of the result."""


def begin(path: Path, form: Form, password: str | None) -> Making:
    """A file to which words can be added. Raises ``IngestError``."""
    maker = KINDS[form.kind].searchable
    if not maker:
        raise IngestError(msg("searchable.kind", "Only PDF files and pictures can be saved as a searchable PDF."))
    making: Making = imported(maker)(path, form.format, password)
    return making


def of_pdf(path: Path, _format: str, password: str | None) -> Making:
    """A PDF's ``FileKind.searchable``."""
    return SearchablePdf(open_pdf(path, password))


def of_picture(path: Path, form: str, _password: str | None) -> Making:
    """A picture's ``FileKind.searchable``."""
    return SearchablePicture(path, form)


class SearchablePdf:
    """A PDF that keeps all that it has."""

    def __init__(self, document: pymupdf.Document) -> None:
        self._document = document
        self._fonts = Fonts()
        self._objects: list[int] = []
        """The fonts' own objects, which are filled in when all characters are known."""

    def add(self, page: int, lines: Sequence[InvisibleLine]) -> None:
        """Behind everything that the page draws, in a separate graphics state."""
        document = self._document
        if not 1 <= page <= document.page_count:
            raise IngestError(msg("pdf.no-such-page", "The PDF has no page {number}.", number=page))
        sheet = document.load_page(page - 1)
        drawn = operators(lines, self._fonts, _from_shown(sheet))
        while len(self._objects) < self._fonts.count:
            self._objects.append(self._new("<< >>"))
        sheet.wrap_contents()
        stream = self._new("<< >>")
        document.update_stream(stream, drawn)
        contents = " ".join(f"{xref} 0 R" for xref in (*sheet.get_contents(), stream))
        document.xref_set_key(sheet.xref, "Contents", f"[{contents}]")
        self._name_fonts(sheet.xref)

    def save(self, path: Path) -> dict[str, Any]:
        """Encrypted as it was; a digital signature does not hold any more."""
        self._fill_fonts()
        signed = self._document.get_sigflags() > 0
        _write(self._document, path, encryption=pymupdf.PDF_ENCRYPT_KEEP)
        return {"archival": False, "signed": signed}

    def _new(self, words: str) -> int:
        xref = int(self._document.get_new_xref())
        self._document.update_object(xref, words)
        return xref

    def _name_fonts(self, page: int) -> None:
        """Name the fonts in the page's resources, wherever these are: in the page, shared, or above it."""
        holder, key = page, "Resources"
        while self._document.xref_get_key(holder, key)[0] == "null":
            above = self._document.xref_get_key(holder, "Parent")
            if above[0] != "xref":
                holder = page
                break
            holder = _number(above[1])
        holder, key = self._followed(holder, key)
        holder, key = self._followed(holder, f"{key}/Font" if key else "Font")
        for number, xref in enumerate(self._objects):
            name = font_name(number)
            self._document.xref_set_key(holder, f"{key}/{name}" if key else name, f"{xref} 0 R")

    def _followed(self, holder: int, key: str) -> tuple[int, str]:
        """Where a key's dictionary is to be changed: in its own object, or in place."""
        kind, value = self._document.xref_get_key(holder, key)
        return (_number(value), "") if kind == "xref" else (holder, key)

    def _fill_fonts(self) -> None:
        if not self._objects:
            return
        shape = self._new("<< >>")
        self._document.update_stream(shape, SHAPE)
        for number, xref in enumerate(self._objects):
            characters = self._fonts.characters(number)
            table = self._new("<< >>")
            self._document.update_stream(table, meanings(characters))
            self._document.update_object(xref, font_object(characters, shape, table))


class SearchablePicture(SearchablePdf):
    """A picture as a PDF of one page; PDF/A-2b, since nothing is in it but the picture and the words."""

    def __init__(self, path: Path, form: str) -> None:
        document = pymupdf.open()
        image, _ = load_image(path, form)
        data, (across, down) = _stream(path, image)
        width, height = image.width * 72 / across, image.height * 72 / down
        scale = min(1.0, _LONGEST / max(width, height))
        page = document.new_page(width=width * scale, height=height * scale)
        page.insert_image(page.rect, stream=data)
        self._across, self._down = page.rect.width / image.width, page.rect.height / image.height
        super().__init__(document)

    def add(self, page: int, lines: Sequence[InvisibleLine]) -> None:
        """The words' boxes are pixels of the picture."""
        placed = [(tuple((text, self._scaled(box)) for text, box in line.words), line.lies) for line in lines]
        super().add(page, [InvisibleLine(*one) for one in placed])

    def save(self, path: Path) -> dict[str, Any]:
        """With the colours' meaning and the metadata that PDF/A-2b asks for (ISO 19005-2, 6.2.4 and 6.6)."""
        document = self._document
        profile = self._new("<< /N 3 >>")
        document.update_stream(profile, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
        intent = (
            f"<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /Info (sRGB) "
            f"/DestOutputProfile {profile} 0 R >>"
        )
        document.xref_set_key(document.pdf_catalog(), "OutputIntents", f"[{self._new(intent)} 0 R]")
        for xref in range(1, document.xref_length()):
            if document.xref_is_image(xref):
                document.xref_set_key(xref, "Interpolate", "false")
        document.set_metadata({})
        document.set_xml_metadata(_METADATA.format(now=datetime.now(UTC).isoformat(timespec="seconds")))
        self._fill_fonts()
        _write(document, path)
        return {"archival": True, "signed": False}

    def _scaled(self, box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        return box[0] * self._across, box[1] * self._down, box[2] * self._across, box[3] * self._down


def _from_shown(page: pymupdf.Page) -> Matrix:
    """From a page as it is shown, turned and cropped, to the space in which its contents are written."""
    inner = page.this if isinstance(page.this, mupdf.FzPage) else page.this.super()
    box, shown = mupdf.FzRect(), mupdf.FzMatrix()
    mupdf.pdf_page_transform(mupdf.pdf_page_from_fz_page(inner), box, shown)
    back = mupdf.fz_invert_matrix(shown)
    return back.a, back.b, back.c, back.d, back.e, back.f


def _write(document: pymupdf.Document, path: Path, **options: Any) -> None:
    try:
        document.save(path, deflate=True, **options)
    except MemoryError:
        raise
    except Exception:  # MuPDF's errors share no useful base; what it cannot read it leaves out, so it is the disk
        raise IngestError(
            msg(
                "searchable.not-written",
                "The PDF could not be written; free some disk space or choose another folder.",
            )
        ) from None
    finally:
        document.close()


def _stream(path: Path, image: Image.Image) -> tuple[bytes, tuple[float, float]]:
    """The picture's own bytes where a PDF can hold them, else without loss; and its dots an inch, across and down."""
    with Image.open(path) as original:
        dpi = original.info.get("dpi") or (_DPI, _DPI)
        across, down = (float(value) if 36 <= float(value) <= 2400 else _DPI for value in dpi)
        as_it_is = original.format == "JPEG" and original.mode in ("RGB", "L") and original.size == image.size
        upright = original.getexif().get(0x0112, 1) == 1
    if as_it_is and upright:
        return path.read_bytes(), (across, down)
    out = io.BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue(), (across, down)


def _number(reference: str) -> int:
    """The number in ``12 0 R``."""
    return int(reference.split()[0])


_METADATA = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/">
<xmp:CreatorTool>Lectern</xmp:CreatorTool><xmp:ModifyDate>{now}</xmp:ModifyDate></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
