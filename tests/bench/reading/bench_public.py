"""Any files, with what is known to be in them, through the real reading process.

    python -m tests.bench.reading.bench_public FOLDER [--json FILE] [--recognise] [--worst N]

Next to ``FILE`` there may be ``FILE.truth``: the words that the file holds, in order. A line ``pages: 3``,
``seconds: 1.5``, ``attached: NAME`` or ``says: WORDS`` (in a note on what was left out) is checked as such; words after
``never:`` must not be read. Printed, kind by kind: files, how many were opened and how many were refused, the share of
the expected words that were found, and that were found in order, checks that failed, seconds, peak memory of the
reading process; then each refusal with its message, and each file that differs from its truth.
"""

from __future__ import annotations

import argparse
import json
import re
import threading
import time
from collections import Counter, defaultdict
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from pathlib import Path

import psutil

from app.ingest.kinds import kind_by_name
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.read.reader import Reader
from app.ingest.types import Document, ReadOptions
from app.session.export.data import model_text
from model.errors import IngestError

TRUTH = ".truth"
_CHECK = re.compile(r"(pages|seconds|attached|says|never): (.+)")
_WORD = re.compile(r"\w+|[^\w\s]")
_MOST_IN_ORDER = 4000
"""Words whose order is looked at; comparing takes the square of it."""


@dataclass
class Result:
    """One file. ``missing``: expected words that were not found; ``failed``: checks that are not as the truth says."""

    file: str
    kind: str
    seconds: float = 0.0
    refused: str = ""
    expected: int = 0
    found: int = 0
    in_order: int = 0
    ordered: int = 0
    missing: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    text: str = ""


class Peak:
    """The largest memory of this process's children while it is looked at, in bytes, as a context manager."""

    def __init__(self) -> None:
        self.bytes = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._end.wait(0.05):
            for child in psutil.Process().children(recursive=True):
                with suppress(psutil.Error):
                    self.bytes = max(self.bytes, child.memory_info().rss)


def words_of(text: str) -> list[str]:
    """Words and signs, without case, as they are compared."""
    return _WORD.findall(text.casefold())


def compare(result: Result, document: Document, truth: str) -> None:
    """Fill in how much of ``truth`` the document holds."""
    lines = []
    for line in truth.splitlines():
        check = _CHECK.fullmatch(line.strip())
        if check is None:
            lines.append(line)
        elif not _holds(document, result.text, check[1], check[2]):
            result.failed.append(line.strip())
    expected, read = words_of("\n".join(lines)), words_of(result.text)
    lost = Counter(expected) - Counter(read)
    result.expected, result.found = len(expected), len(expected) - sum(lost.values())
    result.missing = list(lost)[:40]
    some = expected[:_MOST_IN_ORDER]
    blocks = SequenceMatcher(None, some, read[: 3 * _MOST_IN_ORDER], autojunk=False).get_matching_blocks()
    result.ordered, result.in_order = len(some), sum(block.size for block in blocks)


def _holds(document: Document, text: str, what: str, value: str) -> bool:
    match what:
        case "pages":
            return len(document.pages) == int(value)
        case "seconds":
            return abs((document.duration_s or 0.0) - float(value)) < 0.1
        case "attached":
            return any(one.name == value for one in document.attached)
        case "says":
            return any(value.casefold() in f"{one.where} {one.why}".casefold() for one in document.skipped)
        case _:
            return " ".join(words_of(value)) not in " ".join(words_of(text))


def read_all(files: list[Path], recognise: bool) -> tuple[list[Result], int]:
    """All files of a kind, and the largest memory of the process that reads them."""
    results = []
    with Peak() as peak, Reader() as reader, Recogniser() if recognise else nullcontext() as recogniser:
        for file in files:
            result = Result(str(file), kind_by_name(file))
            started = time.perf_counter()
            try:
                document = reader.read(file, ReadOptions())
                if recogniser is not None:
                    document = recogniser.recognise(document, ReadOptions())
                result.kind, result.text = document.kind, model_text(1, document)
                result.text += "".join(f"\n{one.where}: {one.why}" for one in document.skipped)
                truth = Path(f"{file}{TRUTH}")
                if truth.exists():
                    compare(result, document, truth.read_text("utf-8"))
            except IngestError as error:
                result.refused = str(error)
            result.seconds = round(time.perf_counter() - started, 3)
            results.append(result)
    return results, peak.bytes


def main() -> None:
    """Read, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--json", type=Path, help="write everything that was found to this file")
    parser.add_argument("--recognise", action="store_true", help="read the words on pictures too")
    parser.add_argument("--worst", type=int, default=20, help="how many files of a kind are named")
    options = parser.parse_args()
    by_name = defaultdict(list)
    for file in sorted(options.folder.rglob("*")):
        if file.is_file() and file.suffix != TRUTH:
            by_name[file.suffix.casefold()].append(file)
    everything: list[Result] = []
    print(f"{'ending':8} files opened refused  words found in order  failed  seconds  peak MB")
    for ending, files in sorted(by_name.items()):
        results, peak = read_all(files, options.recognise)
        everything += results
        opened = [one for one in results if not one.refused]
        found, order = _share(opened, "found", "expected"), _share(opened, "in_order", "ordered")
        print(
            f"{ending:8} {len(results):5} {len(opened):6} {len(results) - len(opened):7} {found:>12} {order:>8}"
            f" {sum(len(one.failed) for one in opened):7} {sum(one.seconds for one in results):8.1f}"
            f" {peak / 1e6:8.0f}",
            flush=True,
        )
        wrong = [one for one in opened if one.failed or one.found < one.expected or one.in_order < one.ordered]
        for one in [one for one in results if one.refused][: options.worst]:
            print(f"    {Path(one.file).name}: refused: {one.refused}")
        for one in sorted(wrong, key=lambda one: one.in_order / max(1, one.ordered))[: options.worst]:
            print(
                f"    {Path(one.file).name}: {one.found} of {one.expected} found, {one.in_order} of {one.ordered} in"
                f" order {one.failed or ''} {' '.join(one.missing[:12])}"
            )
    if options.json is not None:
        options.json.write_text(json.dumps([asdict(one) for one in everything], ensure_ascii=False), "utf-8")


def _share(results: list[Result], part: str, whole: str) -> str:
    total = sum(getattr(one, whole) for one in results)
    return f"{sum(getattr(one, part) for one in results) / total:.1%}" if total else "–"


if __name__ == "__main__":
    main()
