"""The fonts that pages and frames are drawn in: MuPDF's built-in ones for training, others held out.

No font file of the system is used, so a picture is the same on every machine.
"""

from __future__ import annotations

import io
import os
import sys
from functools import cache
from typing import Any

from PIL import ImageFont

TRAIN_FONTS: tuple[str, ...] = ("helv", "hebo", "heit", "tiro", "tibo", "tiit", "cour", "cobo")
"""Nimbus Sans, Roman and Mono."""

HELD_OUT_FONTS: tuple[str, ...] = ("pillow", "cjk")
"""Aileron (Pillow's own) and Droid Sans Fallback: families that training never shows."""


def mupdf() -> Any:
    """PyMuPDF without what it starts beside itself (see ``app.ingest.formats.mupdf``)."""
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    for module in ("pymupdf.layout", "pymupdf4llm"):
        sys.modules.setdefault(module, None)  # type: ignore[arg-type]
    import pymupdf

    return pymupdf


@cache
def _buffer(name: str) -> bytes:
    return bytes(mupdf().Font(name).buffer)


@cache
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels."""
    if name == "pillow":
        default = ImageFont.load_default(size)
        assert isinstance(default, ImageFont.FreeTypeFont)
        return default
    return ImageFont.truetype(io.BytesIO(_buffer(name)), size)
