"""Made-up scans and screenshots whose words and boxes are known: sound pages, drawn as pixels and then distorted.

The truth costs nothing: it is the text of the page that was drawn. Boxes are those of the ink, in pixels.
"""

from __future__ import annotations

import io
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from app.ingest.formats.mupdf import pymupdf

Box = tuple[float, float, float, float]

ENGLISH = (
    "The tenant shall give notice in writing at least three months before the end of the term.",
    "Our offer includes delivery, installation and a short introduction for two of your staff.",
    "Payment is due within thirty days of the invoice date; after that a reminder is sent.",
    "Please check the enclosed list carefully and return the signed copy to the address above.",
    "The committee approved the budget for the coming year with only minor changes.",
    "Water samples were taken every morning from the northern bank of the river.",
    "No part of the deposit may be used for repairs without the written consent of both parties.",
)
GERMAN = (
    "Der Mieter kündigt schriftlich und spätestens drei Monate vor dem Ende der Laufzeit.",
    "Unser Angebot enthält die Lieferung, den Aufbau und eine kurze Einführung für Ihre Beschäftigten.",
    "Die Zahlung ist innerhalb von dreißig Tagen fällig; danach wird eine Mahnung verschickt.",
    "Bitte prüfen Sie die beigefügte Liste sorgfältig und senden Sie das unterschriebene Exemplar zurück.",
    "Der Ausschuss billigte den Haushalt für das kommende Jahr mit geringfügigen Änderungen.",
    "Größere Beträge müssen gemäß § 5 Absatz 2 der Satzung gesondert bestätigt werden.",
    "Über weitere Maßnahmen wird außerhalb der Sitzung entschieden, sobald das Gutachten vorliegt.",
)
LABELS = (
    ("Last update", "14 March 2026"), ("File size", "412.6 GB"), ("Retention", "30 days"), ("Start time", "18:30"),
    ("User name", "Mara Ellison"), ("Free space", "1,284 MB"), ("Version", "4.17.2"), ("Interval", "every 15 minutes"),
    ("Destination", "Backup server"), ("Errors", "None"), ("Next run", "Tuesday 06:45"), ("Encryption", "Enabled"),
)  # fmt: skip


@dataclass(slots=True)
class Scan:
    """A picture and the words on it in reading order, with the boxes of their ink in pixels."""

    image: Image.Image
    words: list[str]
    boxes: list[Box]


def sentences(rng: random.Random, language: str, words: int) -> list[str]:
    """This many words of prose, with numbers in it."""
    found: list[str] = []
    while len(found) < words:
        found += rng.choice(ENGLISH if language == "eng" else GERMAN).split()
        if rng.random() < 0.5:
            number = f"{rng.randrange(100, 99_999):,}.{rng.randrange(100):02}"
            swapped = number.translate(str.maketrans(",.", ".,"))
            found += ["Total:", number, "EUR."] if language == "eng" else ["Summe:", swapped, "EUR."]
    return found[:words]


def text_pdf(
    rng: random.Random,
    language: str = "eng",
    lines: int = 45,
    *,
    columns: int = 1,
    wide: bool = False,
    size: float = 10.0,
) -> pymupdf.Document:
    """A one-page PDF of prose; ``wide``: two pages side by side on a landscape sheet."""
    document = pymupdf.open()
    page = document.new_page(width=842, height=595) if wide else document.new_page(width=595, height=842)
    font = rng.choice(("helv", "tiro"))
    gap = (90 if wide else 22) if columns > 1 else 0
    width = (page.rect.width - 100 - gap * (columns - 1)) / columns
    words = iter(sentences(rng, language, 40 * lines * columns))
    waiting = next(words)
    for column in range(columns):
        for row in range(lines):
            line = ""
            while pymupdf.get_text_length(f"{line} {waiting}", fontname=font, fontsize=size) < width:
                line, waiting = f"{line} {waiting}".strip(), next(words)
            page.insert_text((50 + column * (width + gap), 60 + row * size * 1.6), line, fontname=font, fontsize=size)
    return document


def drawn(document: pymupdf.Document, dpi: int = 150, page: int = 0) -> Scan:
    """A page as pixels, clean, with the truth about it."""
    sheet = document[page]
    pixmap = sheet.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
    image = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    scale = dpi / 72
    found = [(word[4], tuple(side * scale for side in word[:4])) for word in sheet.get_text("words", sort=False)]
    return _trimmed(image, found)


def _trimmed(image: Image.Image, found: Sequence[tuple[str, tuple[float, ...]]]) -> Scan:
    ink = np.asarray(image) < 160
    scan = Scan(image, [], [])
    for word, (x0, y0, x1, y1) in found:
        left, top, right, bottom = int(x0), int(y0), math.ceil(x1), math.ceil(y1)
        rows, columns = np.nonzero(ink[top:bottom, left:right])
        if len(rows):
            scan.words.append(word)
            scan.boxes.append((left + columns.min(), top + rows.min(), left + columns.max() + 1, top + rows.max() + 1))
    return scan


def distorted(scan: Scan, rng: random.Random, *, degrees: float = 0.0, noise: float = 0.0, quality: int = 0) -> Scan:
    """Turned against the clock, with grain, and saved as JPEG; the boxes go with it."""
    width, height = scan.image.size
    image = scan.image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    boxes = [_turned(box, degrees, (width, height), image.size) for box in scan.boxes]
    if noise:
        grain = np.random.default_rng(rng.randrange(1 << 30)).normal(0, noise, (image.height, image.width))
        image = Image.fromarray(np.clip(np.asarray(image).astype(np.float32) + grain, 0, 255).astype(np.uint8))
    if quality:
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality)
        image = Image.open(out).convert("L")
    return Scan(image, scan.words, boxes)


def _turned(box: Box, degrees: float, before: tuple[int, int], after: tuple[int, int]) -> Box:
    angle = math.radians(-degrees)
    x0, y0, x1, y1 = box
    points = []
    for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1)):
        x, y = x - before[0] / 2, y - before[1] / 2
        points.append(
            (
                x * math.cos(angle) - y * math.sin(angle) + after[0] / 2,
                x * math.sin(angle) + y * math.cos(angle) + after[1] / 2,
            )
        )
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def screenshot(rng: random.Random, *, dark: bool = False, rows: int = 9, size: int = 15) -> Scan:
    """A window with labels and values on panels, in the sizes and colours of screens."""
    paper, panel = ((32, 33, 36), (48, 50, 54)) if dark else ((255, 255, 255), (238, 240, 243))
    ink, faint = ((232, 234, 237), (160, 164, 170)) if dark else ((32, 33, 36), (95, 99, 104))
    image = Image.new("RGB", (960, 90 + rows * 44), paper)
    draw, font = ImageDraw.Draw(image), _font(size)
    mask = Image.new("L", image.size, 255)
    found: list[tuple[str, tuple[float, ...]]] = []

    def write(x: float, y: float, text: str, colour: tuple[int, int, int], face: ImageFont.FreeTypeFont) -> None:
        draw.text((x, y), text, fill=colour, font=face)
        ImageDraw.Draw(mask).text((x, y), text, fill=0, font=face)
        at = x
        for word in text.split():
            found.append((word, (at - 1, y - 2, at + face.getlength(word) + 1, y + 1.6 * size)))
            at += face.getlength(f"{word} ")

    write(40, 20, "Settings and status", ink, _font(size + 8))
    draw.rectangle((24, 66, 936, 76 + rows * 44), fill=panel)
    for row, (label, value) in enumerate(rng.sample(LABELS, rows)):
        y = 84 + row * 44
        write(48, y, label, faint, font)
        write(420, y, value, ink, font)
        draw.line((40, y + 32, 920, y + 32), fill=paper)
    scan = _trimmed(mask, found)
    return Scan(image, scan.words, scan.boxes)


def _font(size: int) -> ImageFont.FreeTypeFont:
    """A font that ships with Pillow, so that every machine draws the same."""
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def scanned_pdf(path: Path, scans: Sequence[Scan], dpi: int = 150) -> Path:
    """A PDF whose pages are pictures only."""
    document = pymupdf.open()
    for scan in scans:
        out = io.BytesIO()
        scan.image.convert("L").save(out, "JPEG", quality=80)
        page = document.new_page(width=scan.image.width * 72 / dpi, height=scan.image.height * 72 / dpi)
        page.insert_image(page.rect, stream=out.getvalue())
    document.save(path)
    return path


def matched(truth: Sequence[str], read: Sequence[str]) -> list[tuple[int, int]]:
    """Which word of the truth is which of those read: the same words in the same order."""
    blocks = SequenceMatcher(None, truth, read, autojunk=False).get_matching_blocks()
    return [(one.a + at, one.b + at) for one in blocks for at in range(one.size)]
