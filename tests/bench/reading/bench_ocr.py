"""Words, boxes and seconds of text recognition on made-up scans and screenshots, against the bars.

Run ``python -m tests.bench.reading.bench_ocr [--quick] [--long PAGES] [--seed N]``.

The truth is the text of the pages that were drawn (``tests/files/scans.py``). Words count as right when they are
read in the right order, letter by letter. ``--long`` makes a scan of N pages: memory after each tenth of it, and
whether it continues where it was killed.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil

from app.ingest.ocr.languages import language_files, language_folders
from app.ingest.ocr.reading import read_picture
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.store import RecognitionStore
from app.ingest.ocr.tesseract import Tesseract
from app.ingest.read.reader import Reader
from app.ingest.types import Page
from model.errors import CancelledError
from tests.files.scans import Scan, distorted, drawn, matched, scanned_pdf, screenshot, text_pdf

NEAR_PX = 4.0


class Score:
    """Words and boxes of several pictures together."""

    def __init__(self) -> None:
        self.words = self.right = self.near = 0
        self.seconds = 0.0
        self.pictures = 0

    def add(self, scan: Scan, engine: Tesseract) -> None:
        """Read one picture."""
        started = time.process_time()
        found = read_picture(scan.image, engine).words
        self.seconds += time.process_time() - started
        self.pictures += 1
        pairs = matched(scan.words, [word.text for word in found])
        self.words += len(scan.words)
        self.right += len(pairs)
        self.near += sum(
            all(abs(a - b) <= NEAR_PX for a, b in zip(scan.boxes[one], found[other].box, strict=True))
            for one, other in pairs
        )

    @property
    def share(self) -> float:
        """Words right, per cent."""
        return 100 * self.right / max(1, self.words)

    @property
    def boxes(self) -> float:
        """Of these, boxes of which each side is near enough, per cent."""
        return 100 * self.near / max(1, self.right)


def kinds(seed: int, quick: bool) -> Iterator[tuple[str, float | None, Callable[[random.Random], Scan]]]:
    """Name, bar, and what makes a picture."""
    lines = 12 if quick else 24

    def noisy(rng: random.Random, language: str = "eng") -> Scan:
        scan = drawn(text_pdf(rng, language, lines), 150)
        return distorted(scan, rng, degrees=rng.uniform(-2, 2), noise=10, quality=70)

    yield "200 dpi, clean, English", 99, lambda rng: drawn(text_pdf(rng, "eng", lines), 200)
    yield "200 dpi, clean, German", 99, lambda rng: drawn(text_pdf(rng, "deu", lines), 200)
    yield "150 dpi, JPEG 70, noise, up to 2°, English", 97, noisy
    yield "150 dpi, JPEG 70, noise, up to 2°, German", 97, lambda rng: noisy(rng, "deu")
    yield "150 dpi, clean", None, lambda rng: drawn(text_pdf(rng, "eng", lines), 150)
    yield "screenshots, light", 98, lambda rng: screenshot(rng)
    yield "screenshots, dark", 98, lambda rng: screenshot(rng, dark=True)
    for turn in (90, 180, 270):
        yield (
            f"turned by {turn}°",
            98,
            lambda rng, turn=turn: distorted(drawn(text_pdf(rng, "eng", lines), 150), rng, degrees=turn),
        )
    for skew in (1, 3, 5):
        yield (
            f"askew by {skew}°",
            98,
            lambda rng, skew=skew: distorted(
                drawn(text_pdf(rng, "eng", lines), 150), rng, degrees=rng.choice((-1, 1)) * skew
            ),
        )
    yield "two columns", 98, lambda rng: drawn(text_pdf(rng, "eng", lines, columns=2), 150)
    yield "two pages side by side", 98, lambda rng: drawn(text_pdf(rng, "eng", 16, columns=2, wide=True), 150)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one small picture of each kind")
    parser.add_argument("--long", type=int, default=0, metavar="PAGES", help="also a scan of so many pages")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    engine = Tesseract(language_files(language_folders()))
    print(f"{'':46} words   boxes   seconds a picture")
    for name, bar, make in kinds(options.seed, options.quick):
        score, rng = Score(), random.Random(f"{options.seed}:{name}")
        for _ in range(1 if options.quick else 3):
            score.add(make(rng), engine)
        told = "" if bar is None else f"  bar {bar} %: {'yes' if score.share >= bar else 'NO'}"
        print(
            f"{name:46} {score.share:6.2f}  {score.boxes:6.2f}  {score.seconds / score.pictures:6.2f}{told}", flush=True
        )
    for name, lines in (("sparse page, 6 lines", 6), ("dense page, 45 lines", 45)):
        score, rng = Score(), random.Random(f"{options.seed}:{name}")
        score.add(drawn(text_pdf(rng, "eng", lines), 150), engine)
        print(f"{name:46} {score.share:6.2f}  {score.boxes:6.2f}  {score.seconds:6.2f}", flush=True)
    engine.close()
    if options.long:
        long_scan(options.long, options.seed)


def long_scan(count: int, seed: int) -> None:
    """Memory over a long scan, killed in the middle and begun again."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = scanned_pdf(Path(folder) / "long.pdf", [drawn(text_pdf(rng, "eng", 2), 100) for _ in range(count)], 100)
        store = RecognitionStore(Path(folder) / "recognised")
        with Reader() as reader:
            started = time.monotonic()
            document = reader.read(path)
            print(f"{count} pages read in {time.monotonic() - started:.1f} s; their words come beside everything else")
            cancel, done = threading.Event(), 0

            def on_page(page: Page) -> None:
                nonlocal done
                done += 1
                if recogniser.pid and done % max(1, count // 10) == 0:
                    size = psutil.Process(recogniser.pid).memory_info().rss / 2**20
                    print(f"  page {page.number:4}: {size:.0f} MiB, {time.monotonic() - started:.0f} s", flush=True)
                if done == count // 2 and not cancel.is_set():
                    psutil.Process(recogniser.pid).kill()
                if done == count // 2 + 3:
                    cancel.set()

            with Recogniser(store) as recogniser:
                try:
                    recogniser.recognise(document, on_page=on_page, cancel=cancel)
                except CancelledError:
                    print(f"  killed and stopped after {done} pages")
            started, before = time.monotonic(), done
            done = -count
            with Recogniser(store) as recogniser:
                document = recogniser.recognise(document, on_page=on_page)
        read = sum(page.recognition == "read" and page.from_picture for page in document.pages)
        print(f"  gone on: {read} of {count} pages have their words; {before} were there already", flush=True)


if __name__ == "__main__":
    main()
