"""The trial of quotations on scans of the same documents: pages that are pictures, read by the real engine."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from app.ingest.formats.mupdf import pymupdf
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.store import RecognitionStore
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from tests.evidence.asking import NAMES, Asker, Outcome, answer_for, look_up
from tests.evidence.layout import make_document
from tests.evidence.trial import Figures

LANGUAGES = ("en", "de")
"""What the engine reads as it ships."""

TRUE, FALSE, SHIFTED, DIGITS = 10, 8, 3, 4


def scan_of(path: Path, target: Path, rng: random.Random, dpi: int = 200) -> Path:
    """Each page as a grey JPEG with a little noise, in its own size."""
    with pymupdf.open(str(path)) as source, pymupdf.open() as scan:
        for page in source:
            pixmap = page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)
            grey = np.frombuffer(pixmap.samples, np.uint8).reshape(pixmap.height, pixmap.width).astype(np.float32)
            noise = np.random.default_rng(rng.getrandbits(32)).normal(0, 6, grey.shape)
            picture = Image.fromarray(np.clip(grey * 0.92 + 8 + noise, 0, 255).astype(np.uint8))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=80)
            sheet = scan.new_page(width=page.rect.width, height=page.rect.height)
            sheet.insert_image(sheet.rect, stream=out.getvalue())
        scan.save(str(target))
    return target


@contextmanager
def reading(folder: Path) -> Iterator[Callable[[Path], Document]]:
    """Reads files with the words on their pictures; the text is kept in ``folder`` only."""
    with Reader() as reader, Recogniser(RecognitionStore(folder / "recognised")) as recogniser:
        yield lambda path: recogniser.recognise(reader.read(path))


def run_scans(
    folder: Path, documents: int, seed: int = 0, tell: Callable[[int], None] = lambda done: None, most_pages: int = 99
) -> Figures:
    """Write and scan ``documents`` files in the languages that are read, and quote from each."""
    figures, number, made_so_far = Figures(), 0, 0
    with reading(folder) as read:
        while made_so_far < documents:
            number += 1
            rng = random.Random(f"scans {seed} {number}")
            made = make_document(folder / f"{number}.pdf", seed * 100_003 + number)
            if made.language not in LANGUAGES or made.pages > most_pages:
                continue
            made_so_far += 1
            document = replace(read(scan_of(made.path, folder / f"{number}-scan.pdf", rng)), name=rng.choice(NAMES))
            asker = Asker(made, rng)
            digits = [asked for asked in asker.false(40) if asked.how in ("digit", "numbers", "short")][:DIGITS]
            for asked in (*asker.true(TRUE), *asker.false(FALSE), *digits, *asker.shifted(SHIFTED)):
                outcome = look_up(asked, answer_for(asked, document.name, made, rng), [document], document)
                figures.outcomes.append(replace(outcome, scan=True))
            tell(made_so_far)
    return figures


def excused(figures: Figures) -> list[Outcome]:
    """Invented quotations of which a user is asked to look, since parts of the page could not be read."""
    return [outcome for outcome in figures.of("false") if outcome.state == "seen"]
