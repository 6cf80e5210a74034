"""What a kind gives of a file that is to be laid out: newly written HTML, in which the file's words are escaped.

Nothing outside of that HTML is ever loaded: pictures are part of it (``picture``), and links are only shown.
"""

from __future__ import annotations

import base64
import html
import io
import re
from dataclasses import dataclass

from PIL import Image

from app.ingest.attached import AttachedFile
from app.ingest.limits import MAX_IMAGE_PIXELS, MAX_PAGES
from app.ingest.types import WHOLE_FILE
from model.messages import Message, msg, msg_n

MAX_CHARACTERS = 8_000_000
"""Characters of text that are laid out: more than ``MAX_PAGES`` pages hold."""

PAGE_BREAK = '<div style="page-break-after:always"></div>'
SPOT = "\u2063"
"""A sign of no width, which the layout keeps in its place; taken out of every file's own text."""

_BREAK = "\u200b"
"""A blank of no width."""

_STRANGE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_PICTURES = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"GIF8": "image/gif"}
_OTHERS = (b"BM", b"II*\0", b"MM\0*", b"RIFF")
_MAX_PICTURE = 8 << 20


@dataclass(frozen=True, slots=True)
class Note:
    """Something in the file that was left out: where, and why in one sentence."""

    where: Message
    why: Message


CUT = Note(
    msg("where.rest", "the rest of the file"),
    msg(
        "file.long",
        "The file is longer than {limit} pages; only its beginning is read, so split it to read the rest.",
        limit=MAX_PAGES,
    ),
)


def hidden_text(count: int) -> Note:
    """Number of characters that the file's own program does not show."""
    why = msg_n(
        "file.hidden",
        "{n} character that is marked as hidden was left out.",
        "{n} characters that are marked as hidden were left out.",
        count,
    )
    return Note(WHOLE_FILE, why)


def undrawn(count: int) -> Note:
    """Number of pictures in the file that nothing here can draw."""
    why = msg_n(
        "rich.drawings",
        "{n} picture is stored in a form that cannot be shown (WMF, EMF); save the file as PDF to see it.",
        "{n} pictures are stored in a form that cannot be shown (WMF, EMF); save the file as PDF to see them.",
        count,
    )
    return Note(WHOLE_FILE, why)


@dataclass(frozen=True, slots=True)
class Content:
    """What is in a file. ``body`` is HTML without its ``<body>``; ``style`` is CSS beyond what all kinds share.

    ``opens``: MuPDF opens the file itself, as this type of file, and there is no ``body``;
    ``data`` is what it opens where that is a part of the file. ``spots`` are names of
    places in it, in order: where the text of one begins, the body has a ``SPOT``. ``attached``: the files inside of it.
    """

    body: str
    notes: tuple[Note, ...] = ()
    style: str = ""
    landscape: bool = False
    opens: str = ""
    data: bytes = b""
    spots: tuple[str, ...] = ()
    attached: tuple[AttachedFile, ...] = ()


def escaped(text: str, longest: int = 60) -> str:
    """A file's own text as HTML shows it; characters that no page can show become blanks.

    What has no blank for ``longest`` characters gets a place to break, which ``as_written`` takes out again: so it
    stays on its page, and lays out in linear time.
    """
    text = _STRANGE.sub(" ", text).replace(SPOT, "")
    return html.escape(re.sub(rf"(\S{{{longest}}})(?=\S)", rf"\1{_BREAK}", text))


def as_written(text: str) -> str:
    """Text that was laid out, as it was before."""
    return text.replace(_BREAK, "").replace(SPOT, "")


def picture(data: bytes, width: float = 500.0, height: float = 640.0) -> str:
    """A picture of the file's own, at most so large in points; nothing where it cannot be drawn or is too large."""
    mime = next((mime for start, mime in _PICTURES.items() if data.startswith(start)), None)
    other = mime is None and data.startswith(_OTHERS)
    if len(data) > _MAX_PICTURE or not (mime or other):
        return ""
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP"]) as image:
            across, down = image.size
            if not 0 < across * down <= MAX_IMAGE_PIXELS:
                return ""
            if other:
                data, mime = _as_png(image), "image/png"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        return ""
    scale = min(0.75, width / across, height / down)  # 96 pixels are 72 points
    size = f"width:{across * scale:.1f}pt;height:{down * scale:.1f}pt"
    return f'<img style="{size}" src="data:{mime};base64,{base64.b64encode(data).decode("ascii")}"/>'


def _as_png(image: Image.Image) -> bytes:
    """A picture in a form that MuPDF's layout does not know, in one that it does."""
    made = io.BytesIO()
    image.convert("RGB" if image.mode in ("CMYK", "YCbCr", "LAB", "HSV") else "RGBA").save(made, "PNG")
    return made.getvalue()
