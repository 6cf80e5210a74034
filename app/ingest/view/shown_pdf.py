"""A PDF to be looked at: sizes of its pages, parts of them as pixels, their characters' places, words found.

A page's drawing commands are kept for a moment, so that its tiles and its small preview do not parse it again.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from pathlib import Path
from typing import Any

from app.ingest.formats.mupdf import mupdf, open_pdf, pymupdf
from app.ingest.formats.pdf.comments import has_annotations
from app.ingest.formats.pdf.forms.fields import read_fields
from app.ingest.types import Box
from app.ingest.view.searching import Lines, loose, search
from app.ingest.view.shown_remarks import unprinted
from app.ingest.view.shown_text import lines_of, loose_text, structured
from app.ingest.view.types import MAX_ADDRESS, MAX_LINKS, MAX_PICTURE_PIXELS, MAX_SHEETS, Area
from model.errors import IngestError
from model.messages import msg

_MAX_POINTS = 100_000.0
_KEPT_LISTS = 10
_KEPT_LINES = 24
_MOST_DPI = 600 / 72
_FIND_S = 0.15
_SHOW_DAMAGED = msg("view.page-damaged", "The page is damaged.")


class ShownPdf:
    """An open PDF, as the viewer draws it."""

    def __init__(self, path: Path, form: str, password: str | None) -> None:
        self._document = self._opened(path, password)
        self._count = int(self._document.page_count)
        self._settled: set[int] = set()
        self._lists: OrderedDict[int, Any] = OrderedDict()
        self._kept: OrderedDict[int, Lines] = OrderedDict()
        self._loose: dict[int, str] = {}

    def _opened(self, path: Path, password: str | None) -> pymupdf.Document:
        return open_pdf(path, password)

    def _settle(self, page: pymupdf.Page) -> None:
        """Have fields drawn as they are filled in."""
        read_fields(page)

    def _remarked(self, page: pymupdf.Page) -> bool:
        """Whether it holds text that it does not print."""
        return has_annotations(page)

    def _lines(self, page: pymupdf.Page, found: Any) -> Lines:
        printed = lines_of(found)
        return [*printed, *unprinted(page, printed)]

    def sheets(self) -> dict[str, Any]:
        """Sizes in points; a damaged page has none."""
        shown = min(self._count, MAX_SHEETS)
        sizes = [self._size(index) for index in range(shown)]
        return {"view": "pages", "sizes": sizes, "total": self._count}

    def draw(self, page: int, scale: float, area: Area) -> tuple[bytes, bool]:
        """White paper and what is on it."""
        left, top, width, height = area
        pixmap = mupdf.fz_new_pixmap_with_bbox(
            mupdf.fz_device_bgr(), mupdf.FzIrect(left, top, left + width, top + height), mupdf.FzSeparations(), 1
        )
        self._run(page, scale, pixmap)
        drawn = pymupdf.Pixmap(pixmap)  # it holds the samples
        return bytes(drawn.samples_mv), False

    def text(self, page: int) -> Lines:
        """The characters and their places."""
        known = self._kept.get(page)
        if known is None:
            sheet = self._page(page)
            known = self._keep_lines(page, self._lines(sheet, structured(sheet)))
        return known

    def links(self, page: int) -> list[list[Any]]:
        """Where links lead, as far as they lead to a page or to a web address."""
        try:
            found = self._page(page).get_links()
        except (IngestError, MemoryError):
            raise
        except Exception:  # damaged links are no reason not to show the text
            return []
        return [link for link in map(self._link, found[:MAX_LINKS]) if link is not None]

    def _link(self, link: dict[str, Any]) -> list[Any] | None:
        box = [round(float(edge), 2) for edge in link["from"]]
        target, to, address = link.get("page", -1), link.get("to"), str(link.get("uri") or "")
        if isinstance(target, int) and 0 <= target < min(self._count, MAX_SHEETS):
            return [box, target + 1, float(to.y) if to is not None else 0.0, ""]
        if address.lower().startswith(("http://", "https://")) and len(address) <= MAX_ADDRESS:
            return [box, 0, 0.0, address]
        return None

    def find(self, words: str, pages: list[int]) -> list[list[list[Box]]]:
        """Look at one page after the other until a moment has passed; a damaged one has no hits."""
        begun, result = time.monotonic(), []
        for page in pages:
            try:
                result.append(self._find(page, words))
            except MemoryError:
                raise
            except Exception:
                result.append([])
            if time.monotonic() - begun > _FIND_S:
                break
        return result

    def _find(self, page: int, words: str) -> list[list[Box]]:
        """A page is taken apart only where the words may be on it."""
        if page not in self._loose:
            sheet = self._page(page)
            if self._remarked(sheet):
                self._loose[page] = "".join(loose(line[0]) for line in self.text(page))
            else:
                found = structured(sheet)
                self._loose[page] = loose_text(found)
                if loose(words) in self._loose[page]:
                    self._keep_lines(page, self._lines(sheet, found))
        return search(self.text(page), words) if loose(words) in self._loose[page] else []

    def _keep_lines(self, page: int, lines: Lines) -> Lines:
        self._kept[page] = lines
        while len(self._kept) > _KEPT_LINES:
            self._kept.popitem(last=False)
        return lines

    def picture(self, page: int, box: Box | None, pixels: int) -> bytes:
        """A page or a part of it, rendered anew at the resolution that gives about ``pixels``."""
        width, height = self._size(page - 1) if 1 <= page <= self._count else [0.0, 0.0]
        x0, y0, x1, y1 = box or (0.0, 0.0, width, height)
        x0, y0, x1, y1 = max(0.0, x0), max(0.0, y0), min(width, x1), min(height, y1)
        if x0 >= x1 or y0 >= y1:
            raise IngestError(msg("view.outside-page", "The region is outside the page."))
        wanted = (min(pixels, MAX_PICTURE_PIXELS) / ((x1 - x0) * (y1 - y0))) ** 0.5
        scale = min(wanted, _MOST_DPI, 16_000 / max(x1 - x0, y1 - y0))
        left, top = int(x0 * scale), int(y0 * scale)
        corner = mupdf.FzIrect(left, top, max(left + 1, round(x1 * scale)), max(top + 1, round(y1 * scale)))
        pixmap = mupdf.fz_new_pixmap_with_bbox(mupdf.fz_device_rgb(), corner, mupdf.FzSeparations(), 0)
        self._run(page, scale, pixmap)
        return bytes(pymupdf.Pixmap(pixmap).tobytes("png"))

    def shrink(self) -> None:
        """Pages are parsed again when they are needed."""
        self._lists.clear()
        self._kept.clear()
        self._loose.clear()
        pymupdf.TOOLS.store_shrink(100)

    def close(self) -> None:
        """Let go of the file."""
        self.shrink()
        self._document.close()

    def _size(self, index: int) -> list[float]:
        try:
            rect = self._document.load_page(index).rect
        except MemoryError:
            raise
        except Exception:  # MuPDF's errors share no useful base; this page is shown as damaged
            return [0.0, 0.0]
        sound = 0 < rect.width < _MAX_POINTS and 0 < rect.height < _MAX_POINTS
        return [rect.width, rect.height] if sound else [0.0, 0.0]

    def _page(self, page: int) -> pymupdf.Page:
        if not 1 <= page <= self._count:
            raise IngestError(msg("page.no-such", "The file has no page {number}.", number=page))
        try:
            loaded = self._document.load_page(page - 1)
            if page not in self._settled:
                self._settled.add(page)
                self._settle(loaded)
            return loaded
        except MemoryError:
            raise
        except Exception:
            raise IngestError(_SHOW_DAMAGED) from None

    def _run(self, page: int, scale: float, pixmap: Any) -> None:
        mupdf.fz_clear_pixmap_with_value(pixmap, 0xFF)
        device = mupdf.fz_new_draw_device(mupdf.FzMatrix(), pixmap)
        bounds = mupdf.fz_rect_from_irect(mupdf.fz_pixmap_bbox(pixmap))  # what is outside is passed over
        matrix = mupdf.FzMatrix(scale, 0, 0, scale, 0, 0)
        try:
            mupdf.fz_run_display_list(self._list(page), device, matrix, bounds, mupdf.FzCookie())
            mupdf.fz_close_device(device)
        except (IngestError, MemoryError):
            raise
        except Exception:
            raise IngestError(_SHOW_DAMAGED) from None

    def _list(self, page: int) -> Any:
        known = self._lists.pop(page, None)
        if known is None:
            known = self._page(page).get_displaylist().this
        self._lists[page] = known
        while len(self._lists) > _KEPT_LISTS:
            self._lists.popitem(last=False)
        return known
