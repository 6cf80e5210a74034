"""What pages cost whose text was read from pictures, as they go to the model and as sharp pictures instead. No Qt."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.ingest.types import Document, Page
from model.soft_tokens import SOFT_TOKEN_PX, VISUAL_BUDGETS
from model.types import Picture, Preflight

_AROUND_PICTURE = 2
_SHARP = VISUAL_BUDGETS[-1]


@dataclass(frozen=True, slots=True)
class ScanCosts:
    """Tokens of ``pages`` pages, of which ``with_picture`` also go as small pictures; seconds where a speed is known.

    ``sharp_tokens`` and ``sharp_seconds`` are those of the same pages as pictures in full detail, without their text.
    """

    pages: int
    with_picture: int
    tokens: int
    seconds: float | None
    sharp_tokens: int
    sharp_seconds: float | None


def scan_costs(documents: Sequence[Document], costs: Preflight) -> ScanCosts | None:
    """Both costs of all pages whose text was read from pictures; ``None`` where there are none."""
    tokens = {report.key: report.tokens for report in costs.documents}
    pages = [page for document in documents for page in document.pages if _is_read(page)]
    if not pages:
        return None
    pictures = [page.picture.soft_tokens for page in pages if page.picture is not None]
    text = sum(_text_tokens(document, tokens.get(document.content_hash, 0)) for document in documents)
    whole = text + sum(pictures) + _AROUND_PICTURE * len(pictures)
    sharp = [_sharp(page) for page in pages]
    sharp_whole = sum(sharp) + _AROUND_PICTURE * len(sharp)
    seconds = sharp_seconds = None
    if costs.rates is not None:
        seconds, sharp_seconds = costs.rates.seconds(whole, pictures), costs.rates.seconds(sharp_whole, sharp)
    return ScanCosts(len(pages), len(pictures), whole, seconds, sharp_whole, sharp_seconds)


def _is_read(page: Page) -> bool:
    return page.all_from_picture and page.state in ("text", "both")


def _text_tokens(document: Document, tokens: int) -> int:
    """Of the pages that were read, by their share of the document's characters."""
    words = tokens - sum(picture.soft_tokens + _AROUND_PICTURE for picture in _pictures(document))
    every = sum(len(page.text) for page in document.pages if page.state in ("text", "both"))
    read = sum(len(page.text) for page in document.pages if _is_read(page))
    return round(max(0, words) * read / every) if every else 0


def _pictures(document: Document) -> Iterator[Picture]:
    for page in document.pages:
        if page.picture is not None and page.state != "text":
            yield page.picture
    for frame in document.frames:
        yield frame.picture


def _sharp(page: Page) -> int:
    """Soft tokens of a page's picture in full detail."""
    from app.ingest.sizes import picture_size  # numpy, which the window's start does without

    height, width = picture_size(page.height, page.width, _SHARP)
    return height * width // SOFT_TOKEN_PX**2
