"""A picture of the real window with the real engine, the sample model and the sample files, for README.

    xvfb-run -a python -m tests.bench.screenshot_sample [--out resources/screenshots] [--font Inter:10]

Nothing in it is staged: the files are read, the question is asked, and what stands there is what came back.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication

from app import paths
from app.engine.machine import prepare_environment

PATIENCE_S = 180
FILES = ("invoice.pdf",)
QUESTIONS = ("What is the due date?", "What is the total?", "What is the customer number?")


def wait(over: Callable[[], bool]) -> None:
    """Runs the event loop until ``over``, or fails."""
    deadline = time.monotonic() + PATIENCE_S
    while not over():
        if time.monotonic() > deadline:
            raise SystemExit("The window did not come that far in time.")
        QApplication.processEvents()


def pause(seconds: float) -> None:
    """Runs the event loop for a while, so that what was just said is also drawn."""
    until = time.monotonic() + seconds
    wait(lambda: time.monotonic() > until)


def shoot(out: Path) -> None:
    """Opens the window, drops the files, asks, and saves the pictures."""
    from app.engine.bridge import EngineBridge
    from app.engine.reading import ReadingBridge
    from app.library.settings import Settings
    from app.ui.main_window import MainWindow

    window = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=Settings())
    window.resize(1280, 720)
    window.show()
    window.asking.max_new_tokens = 60
    window.model.load(None)
    window.add_paths([paths.resource("samples", name) for name in FILES])
    wait(lambda: len(window.attachments.items.documents()) == len(FILES))
    talk = window.asking.conversation
    for number, question in enumerate(QUESTIONS, start=1):
        window.composer.edit.setPlainText(question)
        window.composer.send_button.click()
        wait(lambda: len(talk) == number and talk.last is not None and talk.last.stage.over)  # noqa: B023
    pause(2.0)
    out.mkdir(parents=True, exist_ok=True)
    window.grab().save(str(out / "sample.png"))
    window.close()


def main() -> None:
    """Takes the pictures in a home of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("resources/screenshots"))
    parser.add_argument("--font", help="FAMILY:SIZE, where the system's own is not to be had")
    options = parser.parse_args()
    prepare_environment(window=True)
    with tempfile.TemporaryDirectory() as home:
        os.environ["LECTERN_HOME"] = home
        app = QApplication([])
        if options.font:
            family, size = options.font.rsplit(":", 1)
            app.setFont(QFont(family, int(size)))
        shoot(options.out)


if __name__ == "__main__":
    main()
