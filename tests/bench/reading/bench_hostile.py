"""Thousands of hostile files through the real reading process, as the window reads them.

    python -m tests.bench.reading.bench_hostile [--count 2000] [--seed 1] [--folder DIR] [--json]

``--folder`` reads the files of a folder instead, whatever they are. A heartbeat of 5 ms runs in the event loop
beside it. Printed: how many were read and refused, valid files that were refused, refusals without a proper
sentence, each sentence and how often it came, the worst stall of the event loop. The exit status is 1 where a bar
is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from tests.hostile.case import Case
from tests.hostile.corpus import corpus, is_a_sentence

BEAT_MS = 5
STALL_MS = 100.0


class Run:
    """One corpus through one reading bridge."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QCoreApplication, Qt, QTimer

        from app.engine.media.reading import ReadingBridge

        self.app = QCoreApplication.instance() or QCoreApplication([])
        self.folder = folder
        self.counts: Counter[str] = Counter()
        self.sentences: Counter[str] = Counter()
        self.wrong: list[dict[str, str]] = []
        self.worst_ms = 0.0
        self.slowest: list[tuple[float, str]] = []
        self.ended: tuple[str, str] | None = None
        self.reading = ReadingBridge()
        self.reading.done.connect(lambda _job, document: self._end("read", "", document))
        self.reading.failed.connect(lambda _job, words: self._end("refused", words, None))
        self._beat = QTimer(timerType=Qt.TimerType.PreciseTimer, interval=BEAT_MS)
        self._beat.timeout.connect(self._on_beat)
        self._last = perf_counter()
        self._beat.start()

    def _on_beat(self) -> None:
        now = perf_counter()
        self.worst_ms = max(self.worst_ms, 1000 * (now - self._last) - BEAT_MS)
        self._last = now

    def _end(self, outcome: str, words: str, document: object) -> None:
        self.ended = (outcome, words)
        if document is not None and getattr(document, "skipped", ()):
            self.counts["read with remarks"] += 1

    def read(self, case: Case) -> None:
        """Read one file and judge what came of it."""
        path = self.folder / case.name
        path.write_bytes(case.data)
        self.read_path(path, case)
        path.unlink()

    def read_path(self, path: Path, case: Case) -> None:
        """Read a file that exists already."""
        self.ended, start = None, perf_counter()
        self._last = perf_counter()
        self.reading.read(path)
        while self.ended is None:
            self.app.processEvents()
            self.app.thread().msleep(1)
        outcome, words = self.ended
        self.slowest = sorted([*self.slowest, (perf_counter() - start, case.name)], reverse=True)[:5]
        self.counts[outcome] += 1
        if case.expected == "read":
            self.counts["valid"] += 1
            self.counts["valid read"] += outcome == "read"
        self.sentences.update([words] if words else [])
        problem = ""
        if case.expected in ("read", "refused") and outcome != case.expected:
            problem = f"should be {case.expected}, was {outcome}"
        elif outcome == "refused" and not is_a_sentence(words):
            problem = "no proper sentence"
        if problem:
            self.wrong.append({"file": case.name, "problem": problem, "words": words})

    def close(self) -> None:
        """End the process."""
        self._beat.stop()
        self.reading.shutdown()


def cases(options: argparse.Namespace) -> Iterator[Case]:
    """The generated corpus."""
    yield from corpus(options.seed, options.count)


def result(run: Run, seconds: float) -> dict[str, object]:
    """The figures."""
    valid = run.counts["valid"]
    return {
        **run.counts,
        "valid_share": round(run.counts["valid read"] / valid, 4) if valid else None,
        "worst_stall_ms": round(run.worst_ms, 1),
        "seconds": round(seconds, 1),
        "slowest": [f"{name}: {took:.1f} s" for took, name in run.slowest],
        "sentences": [f"{count} × {words}" for words, count in run.sentences.most_common()],
        "wrong": run.wrong,
    }


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    start = perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder))
        try:
            if options.folder:
                for path in sorted(one for one in options.folder.rglob("*") if one.is_file()):
                    run.read_path(path, Case(path.name, b""))
            else:
                for case in cases(options):
                    run.read(case)
        finally:
            run.close()
    found = result(run, perf_counter() - start)
    print(json.dumps(found, indent=1) if options.json else "\n".join(f"{key}: {value}" for key, value in found.items()))
    share = found["valid_share"]
    return int(bool(run.wrong) or run.worst_ms > STALL_MS or (share is not None and float(str(share)) < 0.99))


if __name__ == "__main__":
    sys.exit(main())
