"""A folder of hundreds of mixed files in the real window: does it stay responsive, and is every file accounted for?

    python -m tests.bench.window.bench_folder [--files 500] [--seed 0] [--stacks] [--picture FILE]

Files of two dozen kinds are written, some damaged, locked, empty, duplicated, or of a kind that is not read. The folder
is added to the real window with its list open; real processes read it, words on pictures included. A timer that is due
every 5 ms measures how late the event loop is (bar: 33 ms in 99 of 100 cases). ``own``: the processor time that the
window's thread took between two beats; where a beat is late and that is small, other programs had the processor. Memory
of the window and of its reading processes is sampled every second and printed for each tenth of the time: a file adds
its document to the window, and a reading process keeps nothing. The folder is listed once more; the sample model is
loaded and asked; then the folder is removed. The exit status is 1 where the bar is missed while the
folder is read or asked about, or a file is not accounted for.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from app.library.model_ref import SampleModel
from tests.bench.window.heartbeat import LIMIT_MS, Heartbeat
from tests.bench.window.stacks import Stacks

MIB = 1 << 20
PATIENCE_S = 1800.0


@dataclass
class Memory:
    """Resident memory in MiB, and how many files were read by then."""

    window: list[tuple[int, float]] = field(default_factory=list)
    children: list[float] = field(default_factory=list)

    def look(self, read: int) -> None:
        """Now."""
        import psutil

        self.window.append((read, psutil.Process().memory_info().rss / MIB))
        found = 0.0
        for child in multiprocessing.active_children():
            try:
                found = max(found, psutil.Process(child.pid).memory_info().rss / MIB)
            except psutil.Error:
                continue  # it has ended
        self.children.append(found)

    def report(self) -> dict[str, object]:
        """Peaks, and how they grow: of the window with each file, of the largest child between thirds of the time."""
        tenths = [self.window[len(self.window) * at // 10] for at in range(10)] + self.window[-1:]
        read, first, last = self.window[-1][0], self.window[0][1], self.window[-1][1]
        third = max(1, len(self.children) // 3)
        early, late = max(self.children[third : 2 * third]), max(self.children[-third:])
        return {
            "window_peak_mib": round(max(rss for _, rss in self.window)),
            "window_at_start_mib": round(first),
            "window_kib_a_file": round(1024 * (last - first) / max(1, read)),
            "window_mib_by_files_read": [(count, round(rss)) for count, rss in tenths],
            "child_peak_mib": round(max(self.children)),
            "child_peak_mid_and_last_third_mib": (round(early), round(late)),
        }


class Room:
    """The window and its heartbeat."""

    def __init__(self, stacks: Stacks | None) -> None:
        from PySide6.QtCore import QTimer

        from app import paths
        from app.engine.media.reading import ReadingBridge
        from app.engine.model.bridge import EngineBridge
        from app.library.settings import Settings
        from app.ui.history.history import History
        from app.ui.window.main_window import MainWindow

        history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
        self.window = MainWindow(EngineBridge(), ReadingBridge(), Settings(), history=history)
        self.window.resize(1280, 860)
        self.window.show()
        self.heart = Heartbeat(self.window, stacks)
        self.heart.until(lambda: history.ready)
        self.memory = Memory()
        self._looker = QTimer(self.window, interval=1000)
        self._looker.timeout.connect(self._look)

    def _look(self) -> None:
        self.memory.look(len(self.window.attachments.items.documents()))

    def add(self, folder: Path) -> None:
        """As the menu does; the list opens as soon as there is one."""
        self._looker.start()
        self.window.add_paths([folder])
        self.window.attachments.folders.changed.connect(self._open_list)

    def _open_list(self) -> None:
        from app.ui.files.folder_card import FolderCard

        for card in self.window.side.rows.values():
            if isinstance(card, FolderCard) and card.list.isHidden() and card.folder.taken is not None:
                card.toggle()

    def read(self) -> bool:
        """Everything is read, words on pictures too."""
        items = self.window.attachments.items
        if self.window.attachments.busy or not len(items):
            return False
        waiting = any(page.recognition == "waiting" for one in items.documents() for page in one.pages)
        if not waiting:
            self._looker.stop()
        return not waiting

    def looked(self) -> bool:
        """No look through the folder is under way."""
        folders = self.window.attachments.folders
        return all(folders.seen(key) is None for key in self.window.attachments.items.folders)

    def ask(self) -> None:
        """A question; as soon as the most relevant pages are offered, they are taken."""
        asking = self.window.asking
        asking.max_new_tokens = 40
        asking.state_changed.connect(self._choose)
        asking.ask("Which letters mention a notice period?")

    def _choose(self) -> None:
        held = self.window.asking.held
        if held is not None and (plan := next((plan for plan in held.plans if plan.pages), None)):
            self.window.asking.choose(plan)

    def answered(self) -> bool:
        """The answer is there, and looked up."""
        last = self.window.asking.conversation.last
        return last is not None and last.stage.over and (last.checked or not last.answer)


def measure(options: argparse.Namespace, folder: Path) -> tuple[list[dict[str, float | str]], dict[str, object]]:
    """The phases, then the other figures."""
    from app.session.folders import counts
    from tests.files.folders import kinds_of, mixed_folder

    with multiprocessing.get_context("spawn").Pool(1) as maker:  # what writes the files is not to count as memory here
        made = maker.apply(mixed_folder, (folder, options.files, options.seed))
    room = Room(Stacks(LIMIT_MS / 1000) if options.stacks else None)
    heart, window = room.heart, room.window
    results = [heart.measure("idle", lambda: False, 3)]
    results.append(heart.measure("reading", room.read, PATIENCE_S, lambda: room.add(folder)))
    if options.picture:
        window.grab().save(str(options.picture))
    (one,) = window.attachments.items.folders.values()
    found = counts(one.entries(window.attachments.items))
    results.append(heart.measure("looking again", room.looked, 60, window.attachments.look_again))
    window.model.load(SampleModel())
    heart.until(lambda: window.model.ready, 120)
    results.append(heart.measure("asking", room.answered, 300, room.ask))
    last = window.asking.conversation.last
    results.append(heart.measure("removing", lambda: not len(window.attachments.items), 60, window.files.remove_all))
    window.close()
    unread = [(item.name, str(item.error)) for item in window.attachments.items if item.document is None]
    figures = {
        "files": made.all,
        "kinds": dict(kinds_of(made).most_common()),
        "accounted": found.entries,
        "read": (found.read, len(made.read)),
        "could not be read": (found.failed, len(made.broken)),
        "copies": (found.aside, len(made.copies)),
        "left out": (found.refused + found.hidden, len(made.left_out)),
        "pages": found.pages,
        "answer": (last.stage.value, len(last.answer), str(last.error)) if last is not None else "",
        "unread": unread[:20],
    }
    return results, figures | room.memory.report()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A folder of mixed files in the real window.")
    parser.add_argument("--files", type=int, default=500)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stacks", action="store_true", help="where the window was while it let one wait")
    parser.add_argument("--picture", type=Path, help="save a picture of the window once everything is read")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")
    from app.engine.threads.machine import prepare_environment

    prepare_environment(window=True)
    from PySide6.QtWidgets import QApplication

    from app.engine.threads.garbage import CycleCollector

    app = QApplication([])
    CycleCollector(app)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = f"{home}/home"
        results, figures = measure(options, Path(home) / "Letters")
    figures["load"] = (round(load, 1), round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else 0.0)
    if options.json:
        print(json.dumps({"phases": results, **figures}, indent=1))
    else:
        for result in results:
            print("  ".join(f"{name} {value}" for name, value in result.items()))
        for name, value in figures.items():
            print(f"{name}: {value}")
    del app
    late = [one for one in results if one["phase"] in ("reading", "asking") and float(one["p99_ms"]) > LIMIT_MS]
    pairs = [figures[name] for name in ("read", "could not be read", "copies", "left out")]
    whole = (
        all(isinstance(pair, tuple) and pair[0] == pair[1] for pair in pairs)
        and figures["accounted"] == figures["files"]
    )
    if late or not whole:
        print(
            "MISSED", [one["phase"] for one in late], "" if whole else "not everything accounted for", file=sys.stderr
        )
    return 1 if late or not whole else 0


if __name__ == "__main__":
    started = time.monotonic()
    status = main()
    print(f"{time.monotonic() - started:.0f} s in all", file=sys.stderr)
    raise SystemExit(status)
