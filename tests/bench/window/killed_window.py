"""The window that ``bench_kill`` kills: it reads a file, keeps asking, and reports on stdout what it shows.

    python -m tests.bench.window.killed_window SEED FILE [MODEL]

A line is a JSON list: the moment, an exchange's id, its stage, its question and its answer; or the moment and the word
``ingest`` once a file is being read. With a MODEL answers grow without end, else it is the sample model.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path

from app.library.model_ref import LocalFolder, SampleModel

QUESTIONS = ("What is the due date?", "What is the total?", "What is the customer number?", "Tell me everything.")
ANSWER_TOKENS = 4000
MOST_QUESTIONS = 4


def main() -> None:
    """Show the window until it is ended."""
    from app.engine.threads.machine import prepare_environment

    prepare_environment(window=True)
    from PySide6.QtWidgets import QApplication

    from app import paths
    from app.engine.media.reading import ReadingBridge
    from app.engine.model.bridge import EngineBridge
    from app.engine.threads.garbage import CycleCollector
    from app.library.settings import Settings
    from app.ui.history.history import History
    from app.ui.window.main_window import MainWindow

    seed, file, *model = sys.argv[1:]
    chance = random.Random(seed)
    application = QApplication([])
    CycleCollector(application)
    history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    shown = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings(), history=history)
    asking = shown.asking
    asking.max_new_tokens = ANSWER_TOKENS

    def tell(*_: object) -> None:
        for one in asking.conversation.all:
            print(json.dumps([time.monotonic(), one.id, one.stage.value, one.question, one.answer]), flush=True)

    def ingest(*_: object) -> None:
        if shown.attachments.items.reading:
            print(json.dumps([time.monotonic(), "ingest"]), flush=True)

    def go_on(*_: object) -> None:
        if not asking.busy and asking.readiness.allowed:
            if len(asking.conversation) >= MOST_QUESTIONS:
                asking.new()
                shown.add_paths([Path(file)])
            asking.ask(chance.choice(QUESTIONS))
        if asking.held is not None:
            asking.accept()

    asking.changed.connect(tell)
    asking.added.connect(tell)
    asking.state_changed.connect(go_on)
    shown.attachments.added.connect(ingest)
    shown.attachments.changed.connect(ingest)
    shown.model.changed.connect(go_on)
    shown.show()
    shown.model.load(LocalFolder(Path(model[0])) if model else SampleModel())
    shown.add_paths([Path(file)])
    application.exec()


if __name__ == "__main__":
    main()
