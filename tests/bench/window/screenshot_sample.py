"""Pictures of the real window with the real engine, the sample model and the sample files: every main state.

    xvfb-run -a python -m tests.bench.window.screenshot_sample [--out out/screenshots] [--font Inter:10]
        [--only evidence,dark]

Nothing in it is staged: the files are read, the questions are asked, and the window shows the real answers. README's
pictures are taken by the same command.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from app import paths
from app.engine.threads.machine import prepare_environment
from app.library.model_ref import SampleModel

PATIENCE_S = 240
SIZE = (1440, 860)
QUESTIONS = ("What is the due date?", "What is the invoice date?", "What is the customer number?")


def wait(over: Callable[[], bool], what: str = "the window") -> None:
    """Runs the event loop until ``over``, or fails."""
    deadline = time.monotonic() + PATIENCE_S
    while not over():
        if time.monotonic() > deadline:
            raise SystemExit(f"{what} did not come that far in time.")
        QApplication.processEvents()
        time.sleep(0.002)


def pause(seconds: float) -> None:
    """Runs the event loop for a while, so that the latest change is also drawn."""
    until = time.monotonic() + seconds
    wait(lambda: time.monotonic() > until)


class Studio:
    """A window in front of which everything happens, and the folder for its pictures."""

    def __init__(self, out: Path, theme: str = "light", language: str = "en") -> None:
        from app.engine.media.reading import ReadingBridge
        from app.engine.model.bridge import EngineBridge
        from app.library.settings import Settings
        from app.ui.look import translation
        from app.ui.window.main_window import MainWindow

        translation.install(language)
        self.out = out
        self.out.mkdir(parents=True, exist_ok=True)
        settings = Settings(theme=theme, language=language)
        self.window = MainWindow(engine=EngineBridge(), reading=ReadingBridge(), settings=settings)
        self.window.resize(*SIZE)
        self.window.show()
        self.window.asking.max_new_tokens = 60

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """Save a picture of the window."""
        pause(0.6)
        (widget or self.window).grab().save(str(self.out / f"{name}.png"))

    def read(self, *names: str) -> None:
        """Add sample files and wait for them."""
        window = self.window
        if not window.model.ready:
            window.model.load(SampleModel())
        window.add_paths([paths.resource("samples", name) for name in names])
        wait(lambda: len(window.attachments.items.documents()) == len(names) and window.model.ready, "Reading")

    def ask(self, question: str) -> None:
        """Ask and wait for the answer and its evidence."""
        window, talk = self.window, self.window.asking.conversation
        number = len(talk) + 1
        window.composer.set_text(question)
        window.composer.send_button.click()
        wait(lambda: len(talk) == number and talk.last is not None and talk.last.stage.over, "The answer")
        pause(0.5)

    def close(self) -> None:
        """End everything."""
        self.window.close()
        pause(0.2)


def first_start(out: Path) -> None:
    """A fresh machine."""
    studio = Studio(out)
    studio.shoot("empty")
    studio.window.model.load(SampleModel())
    studio.window.add_paths([paths.resource("samples", "lamp.mp4"), paths.resource("samples", "invoice.pdf")])
    pause(0.3)
    studio.shoot("ingesting")
    studio.close()


def answers(out: Path, name: str, theme: str = "light", language: str = "en") -> None:
    """Questions about the invoice, then the viewer at the place of the first answer."""
    studio = Studio(out, theme, language)
    studio.read("invoice.pdf")
    for question in QUESTIONS:
        studio.ask(question)
    if name == "evidence":
        studio.shoot("answer")
    first = next(iter(studio.window.asking.conversation))
    place = next((one.place for one in first.evidence if one.place is not None), None)
    if place is not None:
        studio.window.viewing.show_place(place)
        pause(2.5)
    studio.shoot(name)
    studio.close()


def video(out: Path) -> None:
    """The video in the viewer with its scenes."""
    studio = Studio(out)
    studio.read("lamp.mp4")
    item = next(iter(studio.window.attachments.items))
    studio.window.viewing.show_item(item.key)
    pause(1.0)
    studio.window.viewing.show_scenes()
    pause(15.0)
    studio.shoot("video")
    studio.close()


def dialogs(out: Path) -> None:
    """Settings, models, every page."""
    studio = Studio(out)
    studio.read("invoice.pdf")
    window = studio.window
    for name, do in (("settings", "show_settings"), ("models", "show_models"), ("extract", "check_pages")):
        before = set(window.findChildren(QDialog))
        getattr(window.dialogs, do)()
        pause(2.0)
        new = [dialog for dialog in window.findChildren(QDialog) if dialog not in before and dialog.isVisible()]
        for dialog in new:
            studio.shoot(name, dialog)
            dialog.close()
    studio.close()


def error(out: Path) -> None:
    """A file that cannot be read."""
    studio = Studio(out)
    broken = Path(tempfile.mkdtemp()) / "contract.pdf"
    broken.write_bytes(b"%PDF-1.7\nthis is all that came")
    studio.window.model.load(SampleModel())
    studio.window.add_paths([broken, paths.resource("samples", "invoice.pdf")])
    wait(lambda: studio.window.attachments.items.failed == 1 and studio.window.attachments.items.reading == 0)
    studio.shoot("error")
    studio.close()


WAYS: dict[str, Callable[[Path], None]] = {
    "empty": first_start,
    "evidence": lambda out: answers(out, "evidence"),
    "dark": lambda out: answers(out, "dark", theme="dark"),
    "german": lambda out: answers(out, "german", language="de"),
    "video": video,
    "dialogs": dialogs,
    "error": error,
}


def main() -> None:
    """Takes the pictures in a home of its own, which is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("out/screenshots"))
    parser.add_argument("--font", help="FAMILY:SIZE, where the system's own is not to be had")
    parser.add_argument("--only", default="", help=f"some of {','.join(WAYS)}")
    options = parser.parse_args()
    prepare_environment(window=True)
    wanted = options.only.split(",") if options.only else list(WAYS)
    app = QApplication([])
    if options.font:
        family, size = options.font.rsplit(":", 1)
        app.setFont(QFont(family, int(size)))
    for name in wanted:
        with tempfile.TemporaryDirectory() as home:
            os.environ["LECTERN_HOME"] = home
            WAYS[name](options.out)


if __name__ == "__main__":
    main()
