"""A part of a page, of a picture or of a frame, rendered for itself: what a second, closer look sees.

Boxes are (x0, y0, x1, y1) as shares of the whole, from the top left, as the page or frame is shown.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from app.ingest.filekind import Form, imported
from app.ingest.formats.pictures import Spool, SpoolFullError
from app.ingest.kinds import KINDS
from model.errors import IngestError
from model.messages import msg

Shares = tuple[float, float, float, float]
_QUARTERS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
_FULL = msg("spool.full-disk", "The temporary folder has no room for more pictures; free some disk space.")


def render_region(path: Path, form: Form, request: dict[str, Any], spool: Spool) -> dict[str, Any]:
    """The message about one region's picture. Raises ``IngestError``."""
    image, time_s = imported(KINDS[form.kind].closer)(path, form.format, request)
    try:
        return {**spool.store(upright(image, request["turn"]), request["budget"]), "time": time_s}
    except SpoolFullError:
        raise IngestError(_FULL) from None


def upright(image: Image.Image, turn: int) -> Image.Image:
    """A picture that was turned clockwise by a multiple of 90 degrees."""
    return image.transpose(_QUARTERS[turn]) if turn else image


def cut(image: Image.Image, box: Shares) -> Image.Image:
    """A part of an image."""
    if box == (0.0, 0.0, 1.0, 1.0):
        return image
    left, top = int(box[0] * image.width), int(box[1] * image.height)
    right, bottom = max(left + 1, round(box[2] * image.width)), max(top + 1, round(box[3] * image.height))
    return image.crop((left, top, min(right, image.width), min(bottom, image.height)))
