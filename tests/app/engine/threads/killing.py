"""Kill a process that keeps conversations, and hold what it said against what is on the disk."""

from __future__ import annotations

import itertools
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from app.library.store.reading import Reader
from app.library.store.records import ExchangeRow
from app.library.store.writing import Store
from tests.app.engine.threads.keeping_child import words

_numbers = itertools.count(1)
ROOT = Path(__file__).resolve().parents[4]


@dataclass
class Said:
    """What the process said before it was killed."""

    asked: list[str] = field(default_factory=list)
    grown: dict[str, list[tuple[int, float]]] = field(default_factory=dict)
    kept: dict[str, int] = field(default_factory=dict)
    deleted: list[str] = field(default_factory=list)

    def hear(self, line: str) -> None:
        match line.split():
            case ["asked", id]:
                self.asked.append(id)
            case ["grown", id, count, at]:
                self.grown.setdefault(id, []).append((int(count), float(at)))
            case ["kept", id, count]:
                self.kept[id] = int(count)
            case ["deleted", id]:
                self.deleted.append(id)
            case _:
                pass  # a line that was cut, or that says nothing that could be checked


class Victim:
    """A running process."""

    def __init__(self, mode: str, folder: Path, seed: object, partial_s: float | None = None) -> None:
        self.folder = folder
        self.killed_at = 0.0
        more = [] if partial_s is None else [str(partial_s)]
        command = [sys.executable, "-m", "tests.app.engine.threads.keeping_child", mode, str(folder), str(seed), *more]
        self._output = folder.with_name(f"{folder.name}-{next(_numbers)}.said").open("w+")
        self._process = subprocess.Popen(command, cwd=ROOT, stdout=self._output, stderr=subprocess.PIPE, text=True)

    def speaks(self, patience_s: float = 60.0) -> bool:
        """Whether it has begun; waits for it."""
        until = time.monotonic() + patience_s
        name = Path(self._output.name)
        while time.monotonic() < until and self._process.poll() is None:
            if name.stat().st_size:
                return True
            time.sleep(0.005)
        return False

    def kill(self) -> Said:
        """End it as a power cut would end it, as far as a process can tell."""
        self.killed_at = time.monotonic()
        self._process.send_signal(signal.SIGKILL)
        _, errors = self._process.communicate()
        assert self._process.returncode == -signal.SIGKILL, errors
        said = Said()
        self._output.seek(0)
        for line in self._output:
            said.hear(line)
        self._output.close()
        return said


def exchanges(folder: Path) -> dict[str, ExchangeRow]:
    """Everything that can be had after the next start, which must find nothing damaged."""
    store = Store.open(folder)
    with closing(store):
        assert store.notices == ()
        assert store.connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        store.connection.execute("INSERT INTO search (search) VALUES ('integrity-check')")
        ids = [id for (id,) in store.connection.execute("SELECT id FROM conversations WHERE deleted IS NULL")]
        lost = "SELECT count(*) FROM exchanges WHERE conversation NOT IN (SELECT id FROM conversations)"
        assert store.connection.execute(lost).fetchone() == (0,)
    with closing(Reader(folder)) as reader:
        talks = filter(None, map(reader.conversation, ids))
        return {row.id: row for talk in talks for row in talk.exchanges.values()}


def lost_seconds(said: Said, killed_at: float, found: dict[str, ExchangeRow]) -> float:
    """Compare the disk with what was written; how far back the oldest missing change is."""
    for id in said.asked:
        assert id in found, "a question is missing"
    for id, count in said.kept.items():
        assert (found[id].answer, found[id].stage) == (words(count), "done"), "a finished answer is not whole"
    for id in said.deleted:
        assert id not in found, "what was deleted is back"
    lost = 0.0
    for id, pieces in said.grown.items():
        if id in said.kept:
            continue
        answer = found[id].answer
        has = answer.count(" ")
        assert answer == words(has), "an answer is not what was written"
        assert found[id].stage in ("stopped", "done")
        missing = [at for count, at in pieces if count > has]
        if missing:
            lost = max(lost, killed_at - missing[0])
    return lost


def pause(chance: random.Random, longest: float) -> float:
    """Mostly short, sometimes long."""
    return longest * chance.random() ** 2
