"""kill -9 at random moments: of the real window with the sample model, and of the thread that keeps conversations.

    python -m tests.bench.bench_kill [--kills 200] [--window-share 0.5] [--seed 0] [--longest 20]

The window reads a sample file, asks, and is killed at any moment: while it starts, ingests, loads the model, reads the
prompt, answers or saves. The next start must find nothing damaged, every question, every finished answer whole, and of
a growing answer all but at most the last second. Half of the window's kills come once a question is at the engine. The
same file of conversations goes through all of them.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

QUESTIONS = ("What is the due date?", "What is the total?", "What is the customer number?", "Tell me everything.")
PATIENCE_S = 300.0
SAMPLE = ("invoice.pdf", "settings.png")


def window(seed: str) -> None:
    """The process that is killed."""
    from app.engine.machine import prepare_environment

    prepare_environment(window=True)
    from PySide6.QtWidgets import QApplication

    from app import paths
    from app.engine.bridge import EngineBridge
    from app.engine.reading import ReadingBridge
    from app.library.settings import Settings
    from app.ui.history import History
    from app.ui.main_window import MainWindow

    chance = random.Random(seed)
    application = QApplication([])
    history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    shown = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings(), history=history)
    asking = shown.asking

    def tell(*_: object) -> None:
        for one in asking.conversation.all:
            print(json.dumps([time.monotonic(), one.id, one.stage.value, one.question, one.answer]), flush=True)

    def go_on(*_: object) -> None:
        if not asking.busy and asking.readiness.allowed:
            if len(asking.conversation) >= 4:
                asking.new()
            asking.ask(chance.choice(QUESTIONS))
        if asking.held is not None:
            asking.accept()

    asking.changed.connect(tell)
    asking.added.connect(tell)
    asking.state_changed.connect(go_on)
    shown.model.changed.connect(go_on)
    shown.show()
    shown.model.load(None)
    shown.add_paths([paths.resource("samples", chance.choice(SAMPLE))])
    application.exec()


def kill_window(home: Path, chance: random.Random, longest: float) -> tuple[str, float]:
    """One start and its end: how far it came, and how many seconds of it are missing."""
    said = home / "said.txt"
    environment = {**os.environ, "LECTERN_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.bench.bench_kill", "--window", str(chance.random())]
    with said.open("w", encoding="utf-8") as output, (home / "errors.txt").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(command, stdout=output, stderr=errors, env=environment)
        if chance.random() < 0.5:
            wait_for_question(said, errors.name)
            time.sleep(3 * chance.random())
        else:
            time.sleep(longest * chance.random())
        killed_at = time.monotonic()
        process.kill()
        process.wait()
    return check_window(home, said, killed_at)


def wait_for_question(said: Path, errors: str) -> None:
    """Until the first question has gone to the engine."""
    until = time.monotonic() + PATIENCE_S
    while '"sent"' not in said.read_text(encoding="utf-8"):
        if time.monotonic() > until:
            raise SystemExit(f"The window never asked.\n{said.read_text()[-2000:]}\n{Path(errors).read_text()[-2000:]}")
        time.sleep(0.05)


def check_window(home: Path, said: Path, killed_at: float) -> tuple[str, float]:
    """Hold what was shown against what is kept."""
    from tests.app.engine.killing import exchanges

    found = exchanges(home / "data" / "conversations")
    last: dict[str, tuple[float, str]] = {}
    stage, lost = "starting", 0.0
    for line in said.read_text(encoding="utf-8").splitlines():
        try:
            at, id, stage, question, answer = json.loads(line)
        except ValueError:
            break  # the line at which it was killed
        if last.get(id, (0.0, None))[1] == f"{stage} {answer}":
            continue
        last[id] = (at, f"{stage} {answer}")
        kept = found.get(id)
        if kept is None or not kept.answer.startswith(answer):
            assert kept is None or answer.startswith(kept.answer), "an answer is not what was shown"
            lost = max(lost, killed_at - at)
        else:
            assert kept.question == question
    return stage, lost


def main() -> None:
    """Kill, look, say."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--window-share", type=float, default=0.5)
    parser.add_argument("--longest", type=float, default=20.0)
    parser.add_argument("--seed", default="0")
    parser.add_argument("--window", default="")
    options = parser.parse_args()
    if options.window:
        window(options.window)
        return
    from tests.app.engine.killing import Victim, exchanges, lost_seconds, pause

    chance = random.Random(options.seed)
    stages: Counter[str] = Counter()
    lost: list[float] = []
    with tempfile.TemporaryDirectory() as work:
        home = Path(work) / "home"
        (home / "data").mkdir(parents=True)
        for number in range(options.kills):
            if chance.random() < options.window_share:
                stage, seconds = kill_window(home, chance, options.longest)
            else:
                stage = chance.choice(("stream", "delete", "open"))
                victim = Victim(stage, Path(work) / stage, chance.random())
                victim.speaks()
                time.sleep(pause(chance, 6.0))
                said = victim.kill()
                seconds = lost_seconds(said, victim.killed_at, exchanges(victim.folder))
            stages[stage] += 1
            lost.append(seconds)
            print(f"{number + 1:4} {stage:10} {seconds:6.2f} s lost", flush=True)
    lost.sort()
    print(f"{len(lost)} kills, none damaged: {dict(stages)}")
    print(f"lost, s: median {lost[len(lost) // 2]:.2f}, p95 {lost[int(0.95 * len(lost))]:.2f}, most {lost[-1]:.2f}")


if __name__ == "__main__":
    main()
