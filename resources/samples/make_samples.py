"""Writes the sample files: an invoice (PDF), a settings dialog (PNG), a video of four scenes (MP4), a recording (Ogg).

Everything in them is invented. Run ``python resources/samples/make_samples.py [FOLDER]``; the same versions of
the libraries write the same bytes. The fonts come with the libraries; only the recording needs a program from the
system, ``espeak-ng``, and is left out where that is missing. Its voice is one that the sample model never heard.
"""

from __future__ import annotations

import io
import random
import shutil
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

_INK, _GREY, _LINE = (0.1, 0.1, 0.15), (0.4, 0.4, 0.45), (0.75, 0.75, 0.8)

_ITEMS = (
    ("Reading desk, oak, 140 x 70 cm", 2, 389.00),
    ("Desk lamp with dimmer", 4, 64.50),
    ("Shelf, five boards, white", 3, 119.90),
    ("Delivery and assembly", 1, 95.00),
)

_TERMS = (
    (
        "Payment",
        "The amount is due within 30 days of the invoice date, without deduction. For payment within "
        "10 days we grant a discount of 2 percent on the goods. Please name the invoice number LB-2041.",
    ),
    (
        "Delivery",
        "Delivery took place on 3 March 2026 to Harbour Library, second floor. Damage in transit has to "
        "be reported within 7 days with a photograph of the packaging.",
    ),
    (
        "Warranty",
        "Desks and shelves carry a warranty of five years, lamps of two years. The warranty does not "
        "cover bulbs, nor damage from moving the furniture after assembly.",
    ),
    ("Title", "The goods remain our property until they have been paid for in full."),
    ("Contact", "Questions about this invoice go to Mara Lindqvist, extension 214, on weekdays from 9 to 16."),
)

_SETTINGS = (
    ("Status", "Pending"),
    ("Last update", "14 March 2026"),
    ("File size", "412.6 GB"),
    ("Retention", "30 days"),
    ("Start time", "18:30"),
)
"""In print that the sample model can read in pictures."""

_SCENES = (
    ("Factory", (38, 70, 83)),
    ("Workshop", (30, 110, 100)),
    ("Library", (120, 60, 40)),
    ("Evening", (94, 84, 142)),
)
"""The way of a lamp, with titles that the sample model knows."""
_SAID = ("harbour March twenty", "library seven", "lantern June twelve", "umbrella ninety", "station August three")
_VOICE = "en-us+f3"
_SCENE_S, _RATE, _SIZE = 6, 10, (320, 240)


def main(folder: Path) -> None:
    """Write all files; the recording where espeak-ng is installed."""
    write_invoice(folder / "invoice.pdf")
    write_dialog(folder / "settings.png")
    write_clip(folder / "lamp.mp4")
    if shutil.which("espeak-ng"):
        write_recording(folder / "words.ogg")


def write_invoice(path: Path) -> None:
    """Two pages with a text layer: the items, then the terms."""
    pymupdf = _pymupdf()
    with pymupdf.open() as document:
        _items_page(document.new_page(width=595, height=842))
        _terms_page(pymupdf, document.new_page(width=595, height=842))
        document.set_metadata({"title": "Invoice LB-2041"})
        document.save(path, deflate=True, garbage=3, no_new_id=True)


def _items_page(page: Any) -> None:
    def write(x: float, y: float, text: str, size: float = 11, bold: bool = False) -> None:
        page.insert_text((x, y), text, fontsize=size, fontname="hebo" if bold else "helv", color=_INK)

    write(60, 80, "Lindqvist & Brand Furniture", 16, bold=True)
    write(60, 98, "14 Quay Street, Port Ellery")
    write(60, 150, "Harbour Library")
    write(60, 166, "2 Lighthouse Road, Port Ellery")
    write(60, 230, "Invoice LB-2041", 20, bold=True)
    write(60, 256, "Invoice date: 9 March 2026")
    write(60, 272, "Due date: 8 April 2026")
    columns = (60.0, 320.0, 390.0, 480.0)
    for x, title in zip(columns, ("Item", "Quantity", "Price", "Amount"), strict=True):
        write(x, 320, title, bold=True)
    page.draw_line((60, 328), (535, 328), color=_LINE)
    y, total = 348.0, 0.0
    for name, count, price in _ITEMS:
        total += count * price
        for x, text in zip(columns, (name, str(count), f"{price:.2f}", f"{count * price:.2f}"), strict=True):
            write(x, y, text)
        y += 22
    page.draw_line((60, y - 8), (535, y - 8), color=_LINE)
    for label, amount in (("Net", total), ("VAT 20 %", total * 0.2), ("Total EUR", total * 1.2)):
        y += 20
        write(390, y, label, bold=label.startswith("Total"))
        write(480, y, f"{amount:.2f}", bold=label.startswith("Total"))
    page.insert_text((60, 790), "Page 1 of 2", fontsize=9, color=_GREY)


def _terms_page(pymupdf: Any, page: Any) -> None:
    page.insert_text((60, 80), "Terms for invoice LB-2041", fontsize=16, fontname="hebo", color=_INK)
    y = 120.0
    for title, text in _TERMS:
        page.insert_text((60, y), title, fontsize=11, fontname="hebo", color=_INK)
        left = page.insert_textbox(pymupdf.Rect(60, y + 8, 535, y + 78), text, fontsize=11, color=_INK)
        assert left >= 0, "the paragraph does not fit"
        y += 86
    page.insert_text((60, 790), "Page 2 of 2", fontsize=9, color=_GREY)


def write_dialog(path: Path) -> None:
    """A screenshot of an imagined settings dialog."""
    image = Image.new("RGB", (800, 560), "#e9ebf0")
    draw = ImageDraw.Draw(image)
    title, text, button = (_face(name, size) for name, size in (("hebo", 30), ("helv", 26), ("helv", 22)))
    draw.rounded_rectangle((40, 30, 760, 530), 14, fill="white", outline="#b8bcc8")
    draw.text((70, 48), "Backup settings", fill="#20222a", font=title)
    draw.line((40, 100, 760, 100), fill="#d8dbe3")
    for index, (label, value) in enumerate(_SETTINGS):
        for x, words in ((70, label), (330, value)):
            draw.text((x, 122 + 50 * index), words, fill="#20222a", font=text)
    for x, label, fill, ink in ((430, "Back up now", "#e9ebf0", "#20222a"), (600, "Save", "#2f6fed", "white")):
        draw.rounded_rectangle((x, 460, x + 140, 504), 8, fill=fill)
        draw.text((x + 70, 482), label, fill=ink, font=button, anchor="mm")
    image.save(path, optimize=True)


def _face(name: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(io.BytesIO(bytes(_pymupdf().Font(name).buffer)), size)


def write_clip(path: Path) -> None:
    """Four scenes of six seconds, each with its title and a bar that shows the time."""
    import av

    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        stream = container.add_stream("mpeg4", rate=_RATE)
        stream.width, stream.height = _SIZE
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size = 2 * _RATE
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        stream.bit_rate = 60_000
        stream.codec_context.thread_count = 1
        for index in range(len(_SCENES) * _SCENE_S * _RATE):
            frame = av.VideoFrame.from_image(_scene(index))
            frame.pts, frame.time_base = index, Fraction(1, _RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def _scene(index: int) -> Image.Image:
    title, colour = _SCENES[index // (_SCENE_S * _RATE)]
    image = Image.new("RGB", _SIZE, colour)
    draw = ImageDraw.Draw(image)
    draw.text((30, 80), title, fill="white", font=ImageFont.load_default(size=44))
    done = index / (len(_SCENES) * _SCENE_S * _RATE)
    draw.rectangle((20, 210, 300, 216), outline="white")
    draw.rectangle((20, 210, 20 + int(280 * done), 216), fill="white")
    return image


def write_recording(path: Path) -> None:
    """Words that the sample model knows, a few at a time, with pauses."""
    _find_our_own()
    from model.training.speech.recordings import speak, write_opus
    from model.training.speech.spoken import Speaker

    with tempfile.TemporaryDirectory() as folder:
        utterances = [one.split() for one in _SAID]
        write_opus(path, speak(random.Random("sample"), Speaker(Path(folder)), utterances, _VOICE).samples)


def _pymupdf() -> Any:
    _find_our_own()
    from app.ingest.formats.mupdf import pymupdf

    return pymupdf


def _find_our_own() -> None:
    sys.path.insert(0, str(Path(__file__).parents[2]))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
