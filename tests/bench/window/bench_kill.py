"""kill -9 at random moments of every phase: ingest, prefill, decode, saving, migration; of the real window.

    python -m tests.bench.window.bench_kill [--kills 200] [--minutes M] [--seed 0]
        [--phases ingest,prefill,saving,migration]

The window reads a file, asks, and is killed a random time after the phase has begun that is aimed at; a moment later it
may already be in the next one. ``saving`` is what the engine keeps of documents, ``writer`` the thread that keeps
conversations, with answers that grow and conversations that are deleted, ``migration`` the first start with a large
file of conversations of an earlier version.

The next start must find nothing damaged: the file of conversations and its index whole, every question, every finished
answer whole, of a growing answer all but at most the last second; every document that the engine's cache lists,
with the right sums; settings that parse; and no process may be left. The same home is used for all kills of a window.
A window that does not come to its phase is reported with the stacks of its threads, and counts as a failure.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

PATIENCE_S = 300.0
ORPHAN_S = 20.0
LOST_S = 1.0
SLACK_S = 0.5
"""For the writing itself on a machine that is busy with other things."""
PHASES = ("ingest", "prefill", "decode", "saving", "writer", "migration")
SPAN_S = {"ingest": 2.0, "prefill": 3.0, "decode": 6.0, "saving": 0.03, "writer": 6.0, "migration": 2.5}
"""A phase is killed within this many seconds of its beginning."""
ROWS = 30_000


class Stalled(Exception):
    """A window that never came to its phase."""


@dataclass(frozen=True)
class Kill:
    """How one went: where it was by its own last word, and how many seconds of words are missing."""

    stage: str
    lost_s: float


class Bench:
    """Everything that stays from one kill to the next."""

    def __init__(self, work: Path, chance: random.Random) -> None:
        from app import paths
        from model.synthetic.writing import write_checkpoint
        from tests.files.samples import scan_pdf, text_pdf

        self.work, self.chance = work, chance
        self.home, self.temporary = work / "home", work / "tmp"
        self.temporary.mkdir()
        (self.home / "data").mkdir(parents=True)
        self.endless = write_checkpoint(work / "endless", "tiny")
        self.files = [paths.resource("samples", name) for name in ("invoice.pdf", "settings.png", "lamp.mp4")]
        self.long = [text_pdf(work / f"long-{number}.pdf", pages=12 + number) for number in range(8)]
        self.slow = [scan_pdf(work / f"scans-{number}.pdf", pages=12) for number in range(3)] + self.long
        self.documents = self.home / "cache" / "engine" / "documents"
        self.number = 0

    def kill(self, phase: str) -> Kill:
        """One start and its end."""
        self.number += 1
        match phase:
            case "writer":
                return self.kill_writer()
            case "migration":
                return self.kill_migration()
        file, model = self.chance.choice(self.files + self.long), None
        if phase == "ingest":
            file = self.chance.choice(self.files + self.slow)
        elif phase in ("prefill", "saving"):
            file = self.chance.choice(self.long)
        elif phase == "decode" and self.chance.random() < 0.7:
            model = self.endless
        if phase in ("prefill", "saving"):  # else it would come from the disk, and there is nothing to do
            for path in self.documents.glob("*"):
                path.unlink()
        return self.kill_window(phase, file, model)

    def kill_window(self, phase: str, file: Path, model: Path | None) -> Kill:
        said, errors = self.work / "said.txt", self.work / "errors.txt"
        command = [sys.executable, "-m", "tests.bench.window.killed_window", str(self.chance.random()), str(file)]
        about = {"LECTERN_HOME": str(self.home), "QT_QPA_PLATFORM": "offscreen", "TMPDIR": str(self.temporary)}
        with said.open("w") as output, errors.open("w") as trouble:
            process = subprocess.Popen(
                [*command, *([str(model)] if model else [])], stdout=output, stderr=trouble, env={**os.environ, **about}
            )
            try:
                self.wait_for(_beginning(phase, said, self.documents), process, errors)
                time.sleep(SPAN_S[phase] * self.chance.random())
                children = psutil.Process(process.pid).children(recursive=True)
                killed_at = time.monotonic()
            finally:
                process.kill()
                process.wait()
        assert process.returncode == -signal.SIGKILL, errors.read_text()
        _, left = psutil.wait_procs(children, timeout=ORPHAN_S)
        assert not left, f"processes outlive their app: {left}"
        kill = check_window(self.home, said, killed_at)
        check_settings(self.home / "config")
        half_written = check_documents(self.documents)
        return replace(kill, stage=f"{kill.stage}, {half_written} files half written") if half_written else kill

    def wait_for(self, begun: Callable[[], bool], process: subprocess.Popen[bytes], errors: Path) -> None:
        until = time.monotonic() + PATIENCE_S
        while not begun():
            if process.poll() is not None:
                raise Stalled(f"It ended by itself ({process.returncode}).\n{errors.read_text()[-3000:]}")
            if time.monotonic() > until:
                raise Stalled(f"It did not come so far.\n{errors.read_text()[-3000:]}\n{stacks(process.pid)}")
            time.sleep(0.001)

    def kill_writer(self) -> Kill:
        from tests.app.engine.threads.killing import Victim, exchanges, lost_seconds, pause

        mode = self.chance.choice(("stream", "stream", "delete", "open"))
        victim = Victim(mode, self.work / mode, self.chance.random())
        assert victim.speaks(PATIENCE_S)
        time.sleep(pause(self.chance, SPAN_S["writer"]))
        said = victim.kill()
        return Kill(f"writer: {mode}", lost_seconds(said, victim.killed_at, exchanges(victim.folder)))

    def kill_migration(self) -> Kill:
        """The version that the file records when it was killed, before it is opened again."""
        from app.library.store.opening import FILE
        from tests.app.engine.threads.killing import Victim, exchanges

        folder = self.work / f"old-{self.number}"
        rows = old_file(folder / FILE)
        victim = Victim("open", folder, self.number)
        with contextlib.suppress(TimeoutError):
            _until(lambda: any(folder.glob("copying-*")) or (folder / f"{FILE}-wal").exists(), PATIENCE_S)
        time.sleep(SPAN_S["migration"] * self.chance.random())
        victim.kill()
        with contextlib.closing(sqlite3.connect(f"file:{folder / FILE}?mode=ro", uri=True)) as raw:
            version = raw.execute("PRAGMA user_version").fetchone()[0]
        assert len(exchanges(folder)) == rows
        return Kill(f"migration: version {version}", 0.0)


def _until(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.002)


def _beginning(phase: str, said: Path, documents: Path) -> Callable[[], bool]:
    """Whether the phase has begun: by what the window reports, or by what it writes."""
    if phase == "saving":
        return lambda: any(documents.glob("*.tmp")) or any(documents.glob("*.safetensors"))
    word = {"ingest": '"ingest"', "prefill": '"reading"', "decode": '"answering"'}[phase]
    return lambda: word in said.read_text(encoding="utf-8")


def stacks(pid: int) -> str:
    """The stack of every thread, where a debugger is at hand."""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        command = ["gdb", "-p", str(pid), "-batch", "-ex", "thread apply all bt 30"]
        return subprocess.run(command, capture_output=True, text=True, timeout=120).stdout
    return "(gdb is not here to show its stacks)"


def old_file(path: Path) -> int:
    """A file of conversations as version 1 wrote it, large enough that moving it takes a while; how many exchanges."""
    path.parent.mkdir()
    script = Path(__file__).parents[2] / "app" / "library" / "schemas" / "version_1.sql"
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(script.read_text(encoding="utf-8"))
        rows = ((f"row{one}", one, f"words of {one} " * 40) for one in range(10, ROWS))
        old.executemany(
            "INSERT INTO exchanges (id, conversation, number, answer, parent, question, stage, created, thinking,"
            " error, model, sources, finished, tool_uses)"
            " VALUES (?, 'talk', ?, ?, '', 'Why?', 'done', 1, '', '', '', '[]', '', '[]')",
            rows,
        )
        old.commit()
        return int(old.execute("SELECT count(*) FROM exchanges").fetchone()[0])


def check_window(home: Path, said: Path, killed_at: float) -> Kill:
    """Compare the shown text with the saved text."""
    from tests.app.engine.threads.killing import exchanges

    found = exchanges(home / "data" / "conversations")
    last: dict[str, tuple[float, str]] = {}
    stage, lost = "starting", 0.0
    for line in said.read_text(encoding="utf-8").splitlines():
        try:
            at, *about = json.loads(line)
        except ValueError:
            break  # the line at which it was killed
        if len(about) == 1:
            stage = about[0]
            continue
        id, stage, question, answer = about
        if last.get(id, (0.0, None))[1] == f"{stage} {answer}":
            continue
        last[id] = (at, f"{stage} {answer}")
        kept = found.get(id)
        if kept is None or not kept.answer.startswith(answer):
            assert kept is None or answer.startswith(kept.answer), "an answer is not what was shown"
            lost = max(lost, killed_at - at)
        else:
            assert kept.question == question
    return Kill(stage, lost)


def check_documents(folder: Path) -> int:
    """Checks that every record in the engine's cache is whole, with the right sums; counts files without a name yet."""
    from model.cache.tensor_store import TensorStore
    from model.checkpoint.tensor_file import read_header

    for path in folder.glob("*.json"):
        manifest = json.loads(path.read_text(encoding="utf-8"))
        store = TensorStore(folder, manifest["model"])
        entries = read_header(folder / f"{path.stem}.safetensors")
        found = store.manifest(path.stem)
        assert found is not None and set(found.digests) == set(entries)
        store.tensors(path.stem, found, {name: (entry.dtype, entry.shape) for name, entry in entries.items()})
    half_written = list(folder.glob("*.tmp"))
    for path in half_written:
        path.unlink()  # the app itself leaves them alone for a day: another process may be writing them
    return len(half_written)


def check_settings(folder: Path) -> None:
    """Settings, where there are any."""
    for path in folder.glob("*.json"):
        assert isinstance(json.loads(path.read_text(encoding="utf-8")), dict)


def check_swept(bench: Bench) -> None:
    """The pictures of killed processes are removed once another one makes a folder."""
    from app.ingest.process.spool import PREFIX, sweep

    sweep(bench.temporary)
    left = list(bench.temporary.glob(f"{PREFIX}*"))
    assert not left, f"pictures are left: {left}"


def main() -> int:
    """Kill, look, report; the exit status is 1 where anything was damaged, lost or stalled."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=float("inf"), help="begin no kill later than that")
    parser.add_argument("--phases", default=",".join(PHASES))
    parser.add_argument("--seed", default="0")
    options = parser.parse_args()
    phases = options.phases.split(",")
    kills: dict[str, list[float]] = {phase: [] for phase in phases}
    stages: Counter[str] = Counter()
    troubles = []
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        bench = Bench(Path(work), random.Random(options.seed))
        for number in range(options.kills):
            phase = phases[number % len(phases)]
            if time.monotonic() - started > 60 * options.minutes:
                break
            try:
                kill = bench.kill(phase)
            except (AssertionError, Stalled, sqlite3.Error, OSError, ValueError) as error:
                troubles.append(f"{phase}: {error}")
                print(f"{number + 1:4} {phase:10} FAILED: {error!r}", flush=True)
                continue
            kills[phase].append(kill.lost_s)
            stages[f"{phase} > {kill.stage}"] += 1
            print(f"{number + 1:4} {phase:10} {kill.stage:22} {kill.lost_s:6.2f} s lost", flush=True)
        check_swept(bench)
    for phase, lost in kills.items():
        print(f"{phase:10} {len(lost):4} kills, most lost {max(lost, default=0.0):.2f} s")
    print(f"{sum(map(len, kills.values()))} kills, {len(troubles)} failures; aimed at > where it was: {dict(stages)}")
    most = max((one for lost in kills.values() for one in lost), default=0.0)
    return int(bool(troubles) or most > LOST_S + SLACK_S)


if __name__ == "__main__":
    sys.exit(main())
