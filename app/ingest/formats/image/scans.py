"""An image as recognition sees it: the whole of it, in its own pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.formats.image.reader import load_image
from app.ingest.ocr.sheet import Sheet


def sheet_of_image(path: Path, form: str, request: dict[str, Any]) -> Sheet:
    """The image as an upright RGB picture, as far as its file tells which way is up. Raises ``IngestError``."""
    image, _ = load_image(path, form)

    def drawn(height: int, width: int) -> Image.Image:
        return image if image.size == (width, height) else image.resize((width, height), Image.Resampling.BICUBIC)

    width, height = image.size
    return Sheet(width, height, [(image, (0.0, 0.0, float(width), float(height)))], True, True, drawn)
