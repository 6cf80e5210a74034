"""How fast answers come while pages are drawn: the same model, quiet and beside a PDF that scrolls, in turn.

    python -m tests.bench.window.bench_busy --model FOLDER [--rounds 3] [--tokens 64] [--viewed 8]

The real window with the real engine. A quiet answer, one while pages scroll so fast that the viewing process never
rests, a quiet one again, and so on. Printed: tokens a second of each, the medians, their ratio (bar: 0.60), how much
processor time the helper processes had, and how late the event loop's beats came while pages scrolled (see
``bench_ui_latency``). The exit status is 1 where a bar is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter
from typing import Any

import psutil

from app.engine.media.rendering_cache import TileCache
from app.library.model_ref import LocalFolder
from tests.bench.window.bench_ui_latency import LIMIT_MS, Bench, Viewed

ENOUGH = 0.60
CURVES = 800
"""Lines on each page, as on a map: enough that drawing never rests."""
QUESTION = "Tell me about the sea, in many words."


def maps_pdf(path: Path, pages: int) -> Path:
    """Pages full of thin curves, all with the same drawing."""
    import pymupdf

    places = random.Random(7)
    with pymupdf.open() as document:
        first = document.new_page()
        shape = first.new_shape()
        for _ in range(CURVES):
            shape.draw_bezier(*(pymupdf.Point(places.uniform(20, 575), places.uniform(20, 820)) for _ in range(4)))
        shape.finish(width=0.4, color=(0.2, 0.3, 0.4))
        shape.commit()
        for _ in range(pages - 1):
            document.fullcopy_page(0)
        document.save(path, deflate=True)
    return path


class Scrolling(Viewed):
    """The PDF alone, without a video; it turns to another page as soon as one may have been drawn."""

    STEP_MS = 250

    def __init__(self, bench: Bench, pages: int) -> None:
        from PySide6.QtCore import QTimer

        self.bench, self.reader, self.player = bench, bench.window, bench.window.new_window()
        self.pdf = maps_pdf(bench.folder / "viewed.pdf", pages)
        self._step = QTimer(bench.window, interval=self.STEP_MS)
        self._step.timeout.connect(self._scroll)
        self._ticks = 0
        self.seen: set[int] = set()

    def open(self) -> None:
        """The file is read and on the screen."""
        self.reader.add_paths([self.pdf])
        self.bench.until(lambda: not self.reader.attachments.busy)
        self.reader.viewing.show_item(next(iter(self.reader.attachments.items)).key)
        self.bench.until(lambda: self.reader.viewer.pdf.pages > 0, 30)

    def _scroll(self) -> None:
        self._ticks += 1
        bar = self.reader.viewer.pdf.verticalScrollBar()
        bar.setValue(bar.maximum() * (self._ticks * 3 % 8) // 7)

    def move(self, on: bool) -> None:
        """Whether the pages move."""
        if on:
            self._step.start()
        else:
            self._step.stop()
            self.bench.until(lambda: False, 1.0)


class Answers:
    """Answers in the second window, whose speed the engine tells."""

    def __init__(self, bench: Bench, window: Any, tokens: int) -> None:
        self.bench, self.asking = bench, window.asking
        self.asking.max_new_tokens = tokens
        self.speeds: list[float] = []
        bench.engine.event.connect(self._on_event)

    def _on_event(self, _request: int, event: object) -> None:
        from model.types import Finished

        if isinstance(event, Finished) and event.usage.answer_tokens > 8:
            self.speeds.append(event.timings.decode_tokens_per_s)

    def one(self) -> float:
        """Tokens a second of one more answer; an answer that ended at once is asked for again."""
        known = len(self.speeds)
        while len(self.speeds) == known:
            self.asking.ask(QUESTION)
            self.bench.until(lambda: self.asking.conversation.running is not None, 10)
            self.bench.until(lambda: self.asking.conversation.running is None, 120)
        return self.speeds[-1]


def measure(model: Path, folder: Path, rounds: int, tokens: int, pages: int) -> bool:
    """All rounds; whether both bars are reached."""
    bench = Bench(folder, 1)
    bench.window.model.load(LocalFolder(model))
    bench.until(lambda: bench.window.model.ready, 300)
    bench.window.common.rendering.cache = TileCache(8 << 20)  # next to nothing is kept: every page is drawn anew
    scrolling = Scrolling(bench, pages)
    scrolling.open()
    answers = Answers(bench, scrolling.player, tokens)
    answers.one()  # the first one warms up
    quiet, busy, late = [answers.one()], [], []
    shares = []
    for _ in range(rounds):
        scrolling.move(True)
        began, used = perf_counter(), helpers_s()
        bench.late.clear()
        busy.append(answers.one())
        late += bench.late
        shares.append((helpers_s() - used) / (perf_counter() - began))
        scrolling.move(False)
        quiet.append(answers.one())
    scrolling.player.close()
    bench.window.close()
    return _tell(quiet, busy, late, shares)


def helpers_s() -> float:
    """Processor time of all helper processes so far; one whose drawing is no longer needed is ended."""
    own = psutil.Process()
    spent = own.cpu_times().children_user + own.cpu_times().children_system
    for child in own.children():
        with contextlib.suppress(psutil.NoSuchProcess):
            spent += sum(child.cpu_times()[:2])
    return spent


def _tell(quiet: list[float], busy: list[float], late: list[float], shares: list[float]) -> bool:
    ratio = statistics.median(busy) / statistics.median(quiet)
    late.sort()
    worst = late[int(0.99 * (len(late) - 1))]
    print(f"quiet  {' '.join(f'{speed:.1f}' for speed in quiet)} tokens/s")
    print(f"busy   {' '.join(f'{speed:.1f}' for speed in busy)} tokens/s")
    print(f"ratio of the medians {ratio:.2f} (bar {ENOUGH:.2f})")
    print(f"helper processes {' '.join(f'{share:.0%}' for share in shares)} of a core")
    print(f"event loop p99 {worst:.1f} ms late, worst {late[-1]:.1f} (bar {LIMIT_MS:g})")
    return ratio >= ENOUGH and worst <= LIMIT_MS


def main(arguments: list[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(description="Decode speed beside a PDF that is being drawn.")
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--viewed", type=int, default=8)
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")
    from app.engine.threads.machine import prepare_environment

    prepare_environment(window=True)
    from PySide6.QtWidgets import QApplication

    app = QApplication([])
    with tempfile.TemporaryDirectory(prefix="lectern-busy-") as name:
        os.environ["LECTERN_HOME"] = str(Path(name) / "home")
        reached = measure(options.model, Path(name), options.rounds, options.tokens, options.viewed)
    app.quit()
    return 0 if reached else 1


if __name__ == "__main__":
    sys.exit(main())
