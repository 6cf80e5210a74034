"""How fast reading is against the libraries underneath, as ratios within one run.

Run ``python -m tests.bench.reading.bench_ingest [--rounds N] [--json]``.

- PDF: ``Reader.read`` of a 200-page text PDF, in its own process and through the pipe, against plain MuPDF
  ``page.get_text()`` in this process, and against ``get_text("dict")``, which gives boxes and colours as we need
  them. Below 1 is faster than MuPDF's own call.
- The same in processor time of the reading process alone, pages to messages: other work disturbs it less.
- Video: 32 frames of a 60 s video, at 640 × 360 and at 1920 × 1080, through ``Reader.read`` (resized, stored,
  thumbnail, hash) against plain PyAV seeking to the key frame and decoding to each of the same times.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import av

from app.ingest.formats.mupdf import open_pdf, pymupdf
from app.ingest.formats.pdf.reader import _read_page
from app.ingest.formats.pictures import Spool
from app.ingest.process.protocol import encode
from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from tests.files import samples

PAGES, FRAMES = 200, 32


def plain_mupdf(path: Path) -> None:
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text()


def plain_boxes(path: Path) -> None:
    with pymupdf.open(path) as document:
        for page in document:
            page.get_text("dict", flags=pymupdf.TEXT_PRESERVE_WHITESPACE)


def plain_pyav(path: Path) -> None:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 2
        stream.thread_type = "AUTO"
        for index in range(FRAMES):
            target = index * 60 / FRAMES
            container.seek(int(target / stream.time_base), stream=stream, backward=True)
            for frame in container.decode(stream):
                if frame.time >= target - 1e-6:
                    frame.to_image()
                    break


def our_pages(path: Path) -> None:
    """What the reading process does with each page, in this process."""
    with open_pdf(path) as document:
        for index in range(document.page_count):
            encode(_read_page(document, index, ReadOptions(), Spool(path.parent, 0)))


def processor_time(action: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.process_time()
        action()
        times.append(time.process_time() - started)
    return min(times)


def best(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


def compare(rounds: int, ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """The best of several rounds of each, taken in turns so that both see the same machine."""
    ours()
    theirs()
    pairs = [(best(ours), best(theirs)) for _ in range(rounds)]
    return min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)


def measure(rounds: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder, Reader() as reader:
        pdf = samples.text_pdf(Path(folder) / "a.pdf", pages=PAGES, lines=50)
        clip = samples.clip(Path(folder) / "a.mp4", seconds=60, rate=25, gop=50, size=(640, 360), codec="libx264")
        started = time.perf_counter()
        reader.read(samples.text_pdf(Path(folder) / "first.pdf", pages=1))
        start_s = time.perf_counter() - started
        pdf_s, mupdf_s = compare(rounds, lambda: reader.read(pdf), lambda: plain_mupdf(pdf))
        cpu_ratio = processor_time(lambda: our_pages(pdf), rounds) / processor_time(lambda: plain_mupdf(pdf), rounds)
        boxed_s, boxes_s = compare(rounds, lambda: reader.read(pdf), lambda: plain_boxes(pdf))
        clip_s, pyav_s = compare(rounds, lambda: reader.read(clip), lambda: plain_pyav(clip))
        large = samples.clip(Path(folder) / "b.mp4", seconds=60, rate=10, gop=50, size=(1920, 1080), codec="libx264")
        large_s, large_pyav_s = compare(rounds, lambda: reader.read(large), lambda: plain_pyav(large))
    return {
        "process_start_s": round(start_s, 3),
        "pdf_pages_per_s": round(PAGES / pdf_s, 1),
        "mupdf_pages_per_s": round(PAGES / mupdf_s, 1),
        "pdf_time_over_mupdf": round(pdf_s / mupdf_s, 3),
        "pdf_processor_time_over_mupdf": round(cpu_ratio, 3),
        "pdf_time_over_mupdf_with_boxes": round(boxed_s / boxes_s, 3),
        "clip_s": round(clip_s, 3),
        "pyav_s": round(pyav_s, 3),
        "clip_time_over_pyav": round(clip_s / pyav_s, 3),
        "clip_1080_time_over_pyav": round(large_s / large_pyav_s, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    figures = measure(arguments.rounds)
    if arguments.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
