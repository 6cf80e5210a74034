"""How long the window waits for its history: the list, searches, opening one conversation. None of it may stall it.

    python -m tests.bench.window.bench_history [--conversations 5000] [--exchanges 4]

Each answer has 300 words out of 20,000. Times are the best of three, and what the keeper's thread takes to open the
file, with its check and its copy.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from app.library.store.opening import FILE
from app.library.store.reading import Reader
from app.library.store.records import Change, ExchangeRow, FileRow, Files, Header, Titled
from app.library.store.writing import Store


def fill(folder: Path, conversations: int, exchanges: int) -> None:
    """A long life of asking."""
    chance = random.Random(0)
    words = [f"w{number:05}" for number in range(20_000)]
    with closing(Store.open(folder)) as store:
        changes: list[Change] = []
        for number in range(conversations):
            id = f"talk{number}"
            title = " ".join(chance.choices(words, k=6))
            files = (FileRow(f"/files/{number % 500}.pdf", f"{number % 500}.pdf"),)
            changes += [Header(id, number, number), Titled(id, title), Files(id, files)]
            for one in range(exchanges):
                answer = "the " + " ".join(chance.choices(words, k=300))
                changes.append(ExchangeRow(id, f"{id}-{one}", one + 1, "", title, "done", number, answer))
            if number % 200 == 199:
                store.apply(changes)
                changes = []
        store.apply(changes)


def best(work: Callable[[], object]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(3):
        started = time.perf_counter()
        work()
        times.append(1000 * (time.perf_counter() - started))
    return min(times)


def main() -> None:
    """Fill, measure, report."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--conversations", type=int, default=5000)
    parser.add_argument("--exchanges", type=int, default=4)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work)
        fill(folder, options.conversations, options.exchanges)
        print(f"{options.conversations:,} conversations, {(folder / FILE).stat().st_size / 1e6:.0f} MB")
        print(f"open, check, copy   {best(lambda: Store.open(folder).close()):8.1f} ms (on the keeper's thread)")
        with closing(Reader(folder)) as reader:
            searches = {
                "a word": "w00042",
                "its beginning": "w000",
                "in every answer": "the",
                "two words": "the w00042",
            }
            print(f"list                {best(reader.summaries):8.1f} ms")
            for name, search in {**searches, "inside words": "0004", "nothing": "zebra"}.items():
                print(f"search {name:16} {best(lambda search=search: reader.summaries(search)):5.1f} ms")
            print(f"open one            {best(lambda: reader.conversation('talk7')):8.1f} ms")
            print(f"recent files        {best(reader.recent_files):8.1f} ms")


if __name__ == "__main__":
    main()
