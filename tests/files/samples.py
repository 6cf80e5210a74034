"""Small files for everybody's tests, generated where they are needed: PDFs, pictures and videos.

Each function writes one file and gives its path.
"""

from __future__ import annotations

import io
import random
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.ingest.formats.mupdf import pymupdf

A4 = (595, 842)
_WORDS = ("the", "quick", "fox", "reads", "a", "contract", "with", "payment", "terms", "and", "fees")


def sentence(seed: int, words: int = 12) -> str:
    """Some words, the same for the same seed."""
    chosen = random.Random(seed)
    return " ".join(chosen.choice(_WORDS) for _ in range(words))


def text_pdf(path: Path, pages: int = 2, lines: int = 40, size: float = 10, rotate: int = 0) -> Path:
    """A PDF with a sound text layer; page n starts with ``Page n of N``."""
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=A4[0], height=A4[1])
            written = [f"Page {number} of {pages}"]
            written += [sentence(number * 1000 + line) for line in range(lines)]
            page.insert_text((50, 60), written, fontsize=size)
            page.set_rotation(rotate)
        document.save(path, deflate=True, no_new_id=True)
    return path


def page_image(text: str = "Scanned page", size: tuple[int, int] = (620, 877)) -> Image.Image:
    """A picture of a page with large print."""
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=32)
    for row in range(8):
        draw.text((40, 60 + 60 * row), f"{text} {row}", fill="black", font=font)
    return image


def png_bytes(image: Image.Image) -> bytes:
    """A picture as PNG data."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def scan_pdf(path: Path, pages: int = 1, ocr: bool = False, size: tuple[int, int] = A4) -> Path:
    """Pages that are pictures only; with ``ocr``, an invisible text layer is over them."""
    with pymupdf.open() as document:
        for number in range(1, pages + 1):
            page = document.new_page(width=size[0], height=size[1])
            page.insert_image(page.rect, stream=png_bytes(page_image(f"Scan {number}")))
            if ocr:
                page.insert_text((50, 60), "hidden ocr text", fontsize=12, render_mode=3)
        document.save(path, no_new_id=True)
    return path


def mixed_pdf(path: Path) -> Path:
    """Text; a scan; text with a figure; text with a table; a blank page."""
    with pymupdf.open() as document:
        for _ in range(5):
            document.new_page(width=A4[0], height=A4[1])
        pages = [document[index] for index in range(5)]
        for index in (0, 2, 3):
            pages[index].insert_text((50, 60), [sentence(row) for row in range(20)], fontsize=11)
        pages[1].insert_image(pages[1].rect, stream=png_bytes(page_image()))
        pages[2].insert_image((100, 400, 400, 700), stream=png_bytes(page_image("Figure", (300, 300))))
        for row in range(6):
            pages[3].draw_line((50, 400 + 30 * row), (500, 400 + 30 * row))
        for column in range(4):
            pages[3].draw_line((50 + 150 * column, 400), (50 + 150 * column, 550))
        document.save(path, no_new_id=True)
    return path


ENCRYPTIONS = {
    "RC4-40": pymupdf.PDF_ENCRYPT_RC4_40,
    "RC4-128": pymupdf.PDF_ENCRYPT_RC4_128,
    "AES-128": pymupdf.PDF_ENCRYPT_AES_128,
    "AES-256": pymupdf.PDF_ENCRYPT_AES_256,
}


def encrypted_pdf(path: Path, kind: str = "AES-256", user: str = "user", owner: str = "owner") -> Path:
    """A PDF that needs a password; without ``user`` only to change it."""
    with pymupdf.open() as document:
        document.new_page().insert_text((50, 60), ["The secret number is 4711.", *(sentence(row) for row in range(9))])
        document.save(path, encryption=ENCRYPTIONS[kind], user_pw=user, owner_pw=owner)
    return path


def truncated(path: Path, source: Path, share: float = 0.6) -> Path:
    """The first part of another file."""
    data = source.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    return path


def image_file(path: Path, image: Image.Image | None = None, **options: Any) -> Path:
    """A picture in the format of its file name's suffix."""
    (image or page_image()).save(path, **options)
    return path


def frame_pixels(index: int, size: tuple[int, int] = (160, 96)) -> np.ndarray:
    """A frame whose red channel tells its number: ``index * 4``, with a bright top-left corner."""
    width, height = size
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, :, 0] = min(255, index * 4)
    pixels[: height // 4, : width // 4] = (0, 255, 0)
    return pixels


def clip(
    path: Path,
    times: Sequence[float] | None = None,
    seconds: float = 6,
    rate: int = 10,
    gop: int = 10,
    size: tuple[int, int] = (160, 96),
    codec: str = "mpeg4",
    audio: bool = False,
) -> Path:
    """A video; frame n is shown at ``times[n]``, or every 1 / rate seconds."""
    times = times or [index / rate for index in range(int(seconds * rate))]
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:  # no random numbers in the header
        stream = container.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = gop
        ticks = rate if codec.endswith("video") else 1000  # MPEG-1 and 2 know fixed rates only
        stream.codec_context.time_base = stream.time_base = Fraction(1, ticks)
        stream.bit_rate = 400_000
        sound = container.add_stream("aac", rate=8000) if audio else None
        for index, shown in enumerate(times):
            frame = av.VideoFrame.from_ndarray(frame_pixels(index, size), format="rgb24")
            frame.pts, frame.time_base = round(shown * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            _silence(container, sound, times[-1])
    return path


def audio_only(path: Path, seconds: float = 1) -> Path:
    """An MP4 with sound and no picture."""
    with av.open(str(path), "w") as container:
        _silence(container, container.add_stream("aac", rate=8000), seconds)
    return path


def _silence(container: Any, stream: Any, seconds: float) -> None:
    for block in range(max(1, int(seconds * 8000 / 1024))):
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate, frame.pts = 8000, block * 1024
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


_TURNS = {
    90: (0, 1, 0, -1, 0, 0),
    180: (-1, 0, 0, 0, -1, 0),
    270: (0, -1, 0, 1, 0, 0),
    "absurd": (0x7FFF, 0x7FFF, 0, 0x1234, -0x7000, 0),
}


def rotated_clip(path: Path, turn: int | str, **options: Any) -> Path:
    """A video whose MP4 header asks for a turn clockwise by this many degrees."""
    return turned(clip(path, **options), path, turn)


def still_clip(path: Path, image: Image.Image, seconds: int = 2, rate: int = 10) -> Path:
    """A video that shows one picture."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate)
        stream.width, stream.height, stream.pix_fmt = image.width, image.height, "yuv420p"
        for _ in range(rate * seconds):
            container.mux(stream.encode(av.VideoFrame.from_image(image)))
        container.mux(stream.encode(None))
    return path


def turned(source: Path, path: Path, turn: int | str) -> Path:
    """An MP4 file whose header asks for a turn clockwise by this many degrees."""
    return _with_matrix(source, path, _TURNS[turn])


def placed(source: Path, path: Path, matrix: tuple[int, int, int, int]) -> Path:
    """An MP4 file whose header tells that a stored point (x, y) is shown at (a·x + c·y, b·x + d·y)."""
    a, b, c, d = matrix
    return _with_matrix(source, path, (a, b, 0, c, d, 0))


def _with_matrix(source: Path, path: Path, numbers: tuple[int, ...]) -> Path:
    data = bytearray(source.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    for place, value in enumerate(numbers):
        fixed = value << (30 if place % 3 == 2 else 16)
        data[at + 4 * place : at + 4 * place + 4] = (fixed & 0xFFFFFFFF).to_bytes(4, "big")
    path.write_bytes(bytes(data))
    return path
