"""A long day at the desk: hundreds of questions about dozens of documents in one process; does anything pile up?

    python -m tests.bench.window.bench_soak [--questions 500] [--documents 50] [--model FOLDER]

The real window, history, reading process and engine (a tiny model of random weights, or ``--model``), with so little
room for documents, in memory and on disk, that they are evicted all the time. A conversation has five questions and up
to three files; then another one begins. After the warm-up (every document was read, every cache is full) memory and
Python objects must stay where they are (2 %), and threads, processes, open files and temporary files must not grow.
Prints one line every 25 questions, then the figures; exit status 1 where a bar was missed.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from app.engine.threads.machine import prepare_environment
from app.library.model_ref import LocalFolder

DRIFT = 0.02
QUESTIONS_EACH = 5
PATIENCE_S = 300.0


@dataclass(frozen=True)
class Sample:
    """The process's resources at one moment."""

    rss_mib: float
    objects: int
    threads: int
    processes: int
    handles: int
    temporary: int


class Soak:
    """The desk and what happens at it."""

    def __init__(self, home: Path, model: Path | None, documents: int, seed: int) -> None:
        from PySide6.QtWidgets import QApplication

        from app import paths
        from app.engine.media.reading import ReadingBridge
        from app.engine.media.rendering import RenderBridge
        from app.engine.model.bridge import EngineBridge
        from app.engine.threads.garbage import CycleCollector
        from app.library.settings import Settings
        from app.ui.history.history import History
        from app.ui.window.main_window import MainWindow
        from model.synthetic.writing import write_checkpoint

        self.application = QApplication.instance() or QApplication([])
        CycleCollector(self.application)
        self.random = random.Random(seed)
        self.home = home
        self.files = make_files(home / "files", documents)
        settings = Settings.load()
        settings.document_memory, settings.document_disk = 24 << 20, 48 << 20
        settings.save()
        self.history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
        self.window = MainWindow(
            engine=EngineBridge(),
            reading=ReadingBridge(),
            settings=settings,
            history=self.history,
            rendering=RenderBridge(cache_bytes=8 << 20),
        )
        self.window.asking.max_new_tokens = 12
        self.window.show()
        self.until(lambda: self.history.ready)
        self.window.model.load(LocalFolder(model or write_checkpoint(home / "model", "tiny")))
        self.until(lambda: self.window.model.ready)

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError("nothing happened for minutes")
            self.application.processEvents()
            time.sleep(0.001)

    def converse(self, number: int) -> int:
        """A new conversation about the next files; how many of its answers failed."""
        from app.session.items import ItemState

        window, items = self.window, self.window.attachments.items
        window.new_conversation()
        for item in list(items):
            window.attachments.remove(item.key)
        first = number % len(self.files)
        chosen = {self.files[first], *self.random.sample(self.files, self.random.randint(0, 2))}
        window.add_paths(sorted(chosen))
        self.until(lambda: len(items) == len(chosen) and not items.reading)
        assert all(item.state is ItemState.READY for item in items), [item.error for item in items]
        window.viewing.show_item(next(iter(items)).key)
        failed = 0
        for turn in range(QUESTIONS_EACH):
            window.composer.set_text(f"Question {number}.{turn}: what does it say about {self.random.random()}?")
            window.composer.send_button.click()
            last = window.asking.conversation.last
            assert last is not None
            self.until(lambda last=last: last.stage.over)  # type: ignore[misc]
            failed += bool(last.error)
            if last.error:
                print(f"  failed: {last.error}", flush=True)
        return failed

    def sample(self) -> Sample:
        """Once everything has settled."""
        import psutil
        from PySide6.QtCore import QCoreApplication, QEvent

        self.history.flush()
        engine = self.window.common.engine
        self.until(lambda: engine._sign() is None)  # documents are saved, and memory given back
        for _ in range(20):
            self.application.processEvents()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        process = psutil.Process()
        temporary = sum(1 for _ in Path(tempfile.gettempdir()).rglob("*.part*"))
        temporary += sum(1 for _ in Path(tempfile.gettempdir()).iterdir())
        return Sample(
            rss_mib=process.memory_info().rss / (1 << 20),
            objects=len(gc.get_objects()),
            threads=threading.active_count(),
            processes=len(process.children(recursive=True)),
            handles=process.num_fds() if hasattr(process, "num_fds") else process.num_handles(),
            temporary=temporary,
        )


def make_files(folder: Path, count: int) -> list[Path]:
    """PDFs with text, scans and figures, each of its own."""
    import pymupdf

    from tests.files import samples

    folder.mkdir(parents=True)
    files = []
    for number in range(count):
        path = folder / f"{number:03}.pdf"
        with pymupdf.open() as document:
            for page in range(1 + number % 4):
                words = [samples.sentence(1000 * number + 50 * page + row) for row in range(20)]
                document.new_page().insert_text((50, 60), words, fontsize=9)
            if number % 5 == 0:
                picture = samples.png_bytes(samples.page_image(f"Scan {number}", (310, 440)))
                document.new_page().insert_image(document[-1].rect, stream=picture)
            document.save(path, no_new_id=True)
        files.append(path)
    return files


def drift(samples: list[Sample], name: str) -> float:
    """Of the last third against the first third after the warm-up, as a share."""
    values = [getattr(sample, name) for sample in samples]
    third = max(1, len(values) // 3)
    before, after = statistics.median(values[:third]), statistics.median(values[-third:])
    return after / before - 1 if before else float(after)


def most_grown(before: Counter[str]) -> list[str]:
    """The kinds of Python objects of which there are more now."""
    grown = Counter(type(one).__qualname__ for one in gc.get_objects()) - before
    return [f"{count} × {name}" for name, count in grown.most_common(8)]


def run(soak: Soak, questions: int, warm_up: int) -> tuple[list[Sample], int, list[str]]:
    """Every conversation; the samples after the warm-up, failed answers, and what there is more of."""
    samples: list[Sample] = []
    before: Counter[str] = Counter()
    failed = asked = 0
    while asked < questions:
        failed += soak.converse(asked // QUESTIONS_EACH)
        asked += QUESTIONS_EACH
        sample = soak.sample()
        if asked > warm_up:
            before = before or Counter(type(one).__qualname__ for one in gc.get_objects())
            samples.append(sample)
        if asked % 25 == 0:
            words = ", ".join(f"{f.name} {v:,.1f}" for f, v in zip(fields(sample), astuple(sample), strict=True))
            print(f"{asked} questions: {words}", flush=True)
    return samples, failed, most_grown(before)


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--documents", type=int, default=50)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    prepare_environment(window=True)  # before torch, as the app does
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lectern-soak-", ignore_cleanup_errors=True) as folder:
        os.environ["LECTERN_HOME"] = str(Path(folder) / "home")
        (Path(folder) / "tmp").mkdir()
        tempfile.tempdir = str(Path(folder) / "tmp")
        soak = Soak(Path(folder), options.model, options.documents, options.seed)
        warm_up = min(options.questions // 2, max(options.questions // 5, options.documents * QUESTIONS_EACH))
        try:
            samples, failed, grown = run(soak, options.questions, warm_up)
        finally:
            soak.window.close()
            tempfile.tempdir = None
    drifts = {name: round(drift(samples, name), 4) for name in ("rss_mib", "objects")}
    third = max(1, len(samples) // 3)
    most = {
        name: [statistics.median(getattr(one, name) for one in part) for part in (samples[:third], samples[-third:])]
        for name in _COUNTS
    }
    found = {
        "questions": options.questions,
        "failed": failed,
        "warm_up": warm_up,
        "drift": drifts,
        "median of the first and the last third": most,
    }
    print(json.dumps(found | {"seconds": round(time.monotonic() - started), "grown": grown}, indent=1))
    leaks = any(last > first + _SLACK[name] for name, (first, last) in most.items())
    return int(bool(failed) or leaks or any(value > DRIFT for value in drifts.values()))


_COUNTS = ("threads", "processes", "handles", "temporary")
_SLACK = {"threads": 0, "processes": 0, "handles": 4, "temporary": 0}
"""Each document that came back from the disk is an open file, and how many fit into the memory varies by a few."""


if __name__ == "__main__":
    sys.exit(main())
