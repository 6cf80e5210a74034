"""Words, boxes and seconds of text recognition on generated scans and screenshots, against the bars.

Run ``python -m tests.bench.reading.bench_ocr [--quick] [--only PART] [--engine rapidocr] [--long PAGES] [--kills N]
[--seed N]``.

The truth is the text of the pages that were drawn (``tests/files/scans.py``). Words count as right when they are
read in the right order, letter by letter. ``--long`` makes a scan of N pages: memory after each tenth of it, and
whether it continues where it was killed. ``--engine rapidocr`` reads a few kinds with that package beside ours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import psutil

from app.ingest.formats.video.screen import screen_of
from app.ingest.ocr.engine import FoundWord
from app.ingest.ocr.languages import language_files, language_folders
from app.ingest.ocr.reading import read_picture
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.screen import ScreenText
from app.ingest.ocr.store import RecognitionStore
from app.ingest.ocr.stretches import read_stretch
from app.ingest.ocr.tesseract import Tesseract, use_own_kernel
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page
from model.errors import CancelledError
from model.native_file import SWITCH
from tests.files import screens
from tests.files.scans import Scan, distorted, drawn, matched, scanned_pdf, screenshot, text_pdf

NEAR_PX = 4.0
NEAR_S = 0.7


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
        self._count(scan, found)

    def add_other(self, scan: Scan, read: Callable[[Scan], list[FoundWord]]) -> None:
        """Read one picture with another engine."""
        started = time.process_time()
        found = read(scan)
        self.seconds += time.process_time() - started
        self.pictures += 1
        self._count(scan, found)

    def _count(self, scan: Scan, found: list[FoundWord]) -> None:
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
    parser.add_argument("--only", choices=("words", "speed", "video", "long"), help="only this part")
    parser.add_argument("--engine", choices=("rapidocr",), help="only a few kinds, by this engine beside ours")
    parser.add_argument("--long", type=int, default=0, metavar="PAGES", help="also a scan of so many pages")
    parser.add_argument(
        "--kills", type=int, default=5, metavar="N", help="with --long: how often its process is killed"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    engine = Tesseract(language_files(language_folders()))
    if options.engine:
        beside(engine, options.seed, options.quick, rapidocr())
        return
    if options.only in (None, "words"):
        words(engine, options.seed, options.quick)
    if options.only in (None, "speed"):
        speed(engine, options.seed)
    if options.only in (None, "video"):
        video(engine, options.seed, 1 if options.quick else 3)
    engine.close()
    if options.long:
        long_scan(options.long, options.seed, options.kills)


def words(engine: Tesseract, seed: int, quick: bool) -> None:
    """Words and boxes of each kind of picture."""
    print(f"{'':46} words   boxes   seconds a picture")
    for name, bar, make in kinds(seed, quick):
        score, rng = Score(), random.Random(f"{seed}:{name}")
        for _ in range(1 if quick else 3):
            score.add(make(rng), engine)
        remark = "" if bar is None else f"  bar {bar} %: {'yes' if score.share >= bar else 'NO'}"
        print(
            f"{name:46} {score.share:6.2f}  {score.boxes:6.2f}  {score.seconds / score.pictures:6.2f}{remark}",
            flush=True,
        )


BESIDE = (
    "200 dpi, clean, English",
    "200 dpi, clean, German",
    "150 dpi, JPEG 70, noise, up to 2°, English",
    "150 dpi, JPEG 70, noise, up to 2°, German",
    "screenshots, light",
    "screenshots, dark",
)
"""Kinds of pictures that two engines read side by side."""


def rapidocr() -> Callable[[Scan], list[FoundWord]]:
    """Reads words with RapidOCR (models of PP-OCR), which is no part of the product and has to be installed for it."""
    try:
        from rapidocr import RapidOCR  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise SystemExit(
            "RapidOCR is not installed. Install it beside Lectern's packages: pip install rapidocr onnxruntime"
        ) from None
    threads = {"EngineConfig.onnxruntime.intra_op_num_threads": 1, "EngineConfig.onnxruntime.inter_op_num_threads": 1}
    engine = RapidOCR(params={"Global.log_level": "error", **threads})

    def read(scan: Scan) -> list[FoundWord]:
        result = engine(np.asarray(scan.image.convert("RGB"))[:, :, ::-1], use_cls=False)  # it turns upright lines over
        if result.txts is None:
            return []
        rows: list[list[tuple[str, tuple[float, float, float, float], float]]] = []
        for corners, text, sure in zip(result.boxes, result.txts, result.scores, strict=True):
            box = tuple(float(side) for side in (*corners.min(axis=0), *corners.max(axis=0)))
            middle = (box[1] + box[3]) / 2
            if not rows or middle > rows[-1][0][1][3]:
                rows.append([])
            rows[-1].append((text, box, float(sure)))  # type: ignore[arg-type]
        lines = [piece for row in rows for piece in sorted(row, key=lambda piece: piece[1][0])]
        return [FoundWord(word, box, sure) for text, box, sure in lines for word in text.split()]

    return read


def beside(engine: Tesseract, seed: int, quick: bool, read: Callable[[Scan], list[FoundWord]]) -> None:
    """Words of a few kinds of pictures, by our engine and by another; the same pictures, one after the other."""
    print(f"{'':46} words   seconds a picture: ours; the other")
    for name, _, make in kinds(seed, quick):
        if name in BESIDE:
            ours, other, rng = Score(), Score(), random.Random(f"{seed}:{name}")
            for _ in range(1 if quick else 3):
                scan = make(rng)
                ours.add(scan, engine)
                other.add_other(scan, read)
            told = "; ".join(f"{score.share:6.2f}  {score.seconds / score.pictures:6.2f}" for score in (ours, other))
            print(f"{name:46} {told}", flush=True)


def speed(engine: Tesseract, seed: int) -> None:
    """Seconds of processor time for a page, and the same in a process without Lectern's kernel in Tesseract."""
    remark = " (with Lectern's kernel)" if use_own_kernel() else " (Tesseract by itself)"
    for name, lines in (("sparse page, 6 lines", 6), ("dense page, 45 lines", 45)):
        score, rng = Score(), random.Random(f"{seed}:{name}")
        score.add(drawn(text_pdf(rng, "eng", lines), 150), engine)
        print(f"{name + remark:46} {score.share:6.2f}  {score.boxes:6.2f}  {score.seconds:6.2f}", flush=True)
    if use_own_kernel():
        command = [sys.executable, "-m", "tests.bench.reading.bench_ocr", "--only", "speed", "--seed", str(seed)]
        subprocess.run(command, env=os.environ | {SWITCH: "off"}, check=True)


def video(engine: Tesseract, seed: int, count: int) -> None:
    """Lines of text on generated videos that are read without an error, and those whose times are right."""
    makers: list[tuple[str, Callable[[Path, random.Random], screens.Film]]] = [
        ("video: slides, points one by one, a speaker", screens.slides),
        ("video: a dialog over a window", lambda path, _rng: screens.dialog(path)),
        ("video: captions burnt into a moving scene", screens.captioned),
    ]
    print(f"{'':46} lines   times   seconds for one of the video")
    for name, make in makers:
        rng, all_lines, right, near, spent, length = random.Random(f"{seed}:{name}"), 0, 0, 0, 0.0, 0.0
        for _ in range(count):
            with tempfile.TemporaryDirectory() as folder:
                film = make(Path(folder) / "film.mp4", rng)
                text = ScreenText()
                while not text.over:
                    request = text.request() | {"seconds": 60.0}
                    with screen_of(film.path, "mov", request) as screen:
                        text.take(read_stretch(screen, engine, request))
            cues = text.cues()
            spent, length = spent + text.spent, length + film.seconds
            for line in film.lines:
                wanted = line.text.replace(" ", "")
                found = [cue for cue in cues if wanted in cue.line.replace(" ", "")]
                all_lines, right = all_lines + 1, right + bool(found)
                near += any(
                    abs(cue.start_s - line.start_s) <= NEAR_S and abs(cue.end_s - line.end_s) <= NEAR_S for cue in found
                )
        print(
            f"{name:46} {100 * right / all_lines:6.2f}  {100 * near / all_lines:6.2f}  {spent / length:6.3f}",
            flush=True,
        )


def long_scan(count: int, seed: int, kills: int) -> None:
    """Memory over a long scan whose process is killed at random moments, and continues in a new one."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = scanned_pdf(Path(folder) / "long.pdf", [drawn(text_pdf(rng, "eng", 2), 100) for _ in range(count)], 100)
        store = RecognitionStore(Path(folder) / "recognised")
        with Reader() as reader:
            started = time.monotonic()
            document = reader.read(path)
            print(f"{count} pages read in {time.monotonic() - started:.1f} s; their words come beside everything else")
            ends = [*sorted(rng.sample(range(count // 20, count), kills)), count]
            sizes: list[float] = []
            for number, end in enumerate(ends):
                done = _until(document, store, end, rng.uniform(0.0, 0.2) if number < kills else None, sizes)
                print(
                    f"  {'killed' if number < kills else 'over'} after {done} pages, {time.monotonic() - started:.0f} s"
                )
            with Recogniser(store) as recogniser:
                document = recogniser.recognise(document)
                asked = recogniser.pid is not None
        lines = [json.loads(line) for file in store.folder.glob("*.jsonl") for line in file.open(encoding="utf-8")]
        read = sum(page.recognition == "read" and page.from_picture for page in document.pages)
        again = len(lines) - len({line["number"] for line in lines})
        early, late = median(sizes[: len(sizes) // 4]), median(sizes[-len(sizes) // 4 :])
        print(f"  {read} of {count} pages have their words; {again} were read twice")
        print(
            f"  memory of the process: first quarter {early:.0f} MiB, last quarter {late:.0f} MiB, "
            f"most {max(sizes):.0f} MiB"
        )
        print(f"  opened once more: {'pages were drawn anew' if asked else 'nothing was asked'}", flush=True)


def _until(document: Document, store: RecognitionStore, end: int, delay: float | None, sizes: list[float]) -> int:
    """Recognise until ``end`` pages are done, and so long afterwards kill the process; how many pages were done."""
    stop, done, killer = threading.Event(), 0, None

    def on_page(page: Page) -> None:
        nonlocal done, killer
        if page.recognition == "failed":  # the process was killed at this one
            stop.set()
            return
        done += 1
        pid = recogniser.pid
        if pid is not None and done % 5 == 0:
            sizes.append(psutil.Process(pid).memory_info().rss / 2**20)
        if done == end and delay is not None and pid is not None:
            killer = threading.Timer(delay, psutil.Process(pid).kill)
            killer.start()

    with Recogniser(store) as recogniser:
        try:
            recogniser.recognise(document, on_page=on_page, cancel=stop)
        except CancelledError:
            pass
        finally:
            if killer is not None:
                killer.join()
    return done


if __name__ == "__main__":
    main()
