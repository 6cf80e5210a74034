"""Writes pictures of the window's main states: ``python -m tests.bench.window.screenshots [--out out/screenshots]``.

The window and everything in it are real; the bridges are the tests' fakes, so that each state can be held
still. Works offscreen and under a real or virtual X server (``xvfb-run``).
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice, QTimer
from PySide6.QtGui import QColor, QFont, QImage, QImageWriter, QLinearGradient, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from app.ingest.types import ReadProgress, Skipped
from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from app.library.store.records import ExchangeRow, FileRow, Files, Header, Titled
from app.ui.conversation.instructions import InstructionsDialog
from app.ui.models.settings_dialog import SettingsDialog
from app.ui.window.dialogs import ShortcutsDialog
from app.ui.window.main_window import MainWindow
from model.messages import plain
from model.types import EncodeProgress, Failed, LoadProgress, PrefillProgress, TextDelta, ThoughtDelta
from tests.fakes import FakeEngineBridge, FakeReadingBridge, costs, document, model_info

ANSWER = """The contract runs for **24 months** from 1 March 2026 and renews by a year unless one side gives notice.

| Clause | What it says | Page |
| --- | --- | --- |
| 4.2 | Notice of three months, in writing | 3 |
| 7.1 | Liability up to the yearly fee | 5 |
| 9.4 | Data is deleted within 30 days | 8 |

Three things need your attention:

1. The notice for this term has to arrive by **30 November 2027**.
2. Prices may rise by up to 5 % a year ([index](https://example.org/index)).
3. The annex on page 12 is not signed.

```python
notice_by = end - relativedelta(months=3)
```
"""
THOUGHT = "The question asks for the term. Clause 4.1 on page 3 says 24 months; clause 4.2 speaks of notice."


HISTORY = (
    ("Which clauses changed since 2024?", ("Rental contract 2024.pdf", "Rental contract 2026.pdf"), 1.5),
    ("What does error 0x80070057 mean?", ("Error dialog.png",), 3.0),
    ("Scenes of the factory walk", ("Factory walk.mp4",), 27.0),
    ("List every invoice with its due date", ("Invoices March.pdf", "Invoices April.pdf"), 50.0),
    ("Is the figure on page 7 the same as in the annex?", ("Annual report.pdf",), 76.0),
    ("How long is the notice period?", ("Employment contract.pdf",), 200.0),
    ("Summarise the minutes of the meeting", ("Minutes.pdf",), 900.0),
)


class Studio:
    """One window and the fakes behind it."""

    def __init__(self, out: Path, theme: str, size: tuple[int, int], model: str = "real") -> None:
        info = None if model == "none" else model_info(sample=model == "sample", name=NAMES[model])
        self.engine, self.reading = FakeEngineBridge(info), FakeReadingBridge()
        self.folder = Path(tempfile.mkdtemp(prefix="lectern-shots-"))
        self.out, self.theme = out, theme
        settings = Settings(theme=theme)
        self.window = MainWindow(engine=self.engine, reading=self.reading, settings=settings, spool=self.folder)
        self.window.resize(*size)
        self.window.show()
        self.settle()

    def settle(self, ms: int = 160) -> None:
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    def attach(self, *names: str) -> None:
        before = len(self.reading.jobs)
        for name in names:
            (self.folder / name).write_bytes(name.encode())
        self.window.add_paths([self.folder / name for name in names])
        while len(self.reading.jobs) < before + len(names):
            self.settle(20)

    def read(self, number: int, pages: int = 12, skipped: int = 0) -> None:
        from dataclasses import replace

        path = self.reading.jobs[number][0]
        made = document(path, pages=pages)
        remarks = tuple(Skipped(plain(f"Page {page}"), plain("It is blank.")) for page in range(skipped))
        self.reading.done.emit(number, replace(made, thumbnail=_thumbnail(made.kind), skipped=remarks))

    def hash_of(self, number: int) -> str:
        return document(self.reading.jobs[number][0]).content_hash

    def ask(self, question: str) -> None:
        self.window.composer.asked.emit(question)
        self.settle(60)  # a question about files is measured first

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        self.settle()
        path = self.out / f"{name}.png"
        (widget or self.window).grab().save(str(path))
        print(path)

    def close(self) -> None:
        self.window.close()


NAMES = {"real": "Gemma 4 26B-A4B", "sample": "Sample model", "none": ""}


def _thumbnail(kind: str) -> bytes:
    size = {"pdf": (72, 100), "image": (120, 78), "video": (128, 72)}[kind]
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor("#ffffff"))
    painter = QPainter(image)
    if kind == "pdf":
        for line in range(12):
            painter.fillRect(10, 12 + 7 * line, 52 if line % 4 else 34, 3, QColor("#8d97a5"))
    else:
        gradient = QLinearGradient(0, 0, *size)
        gradient.setColorAt(0, QColor("#2c6e9c" if kind == "image" else "#7c4d3a"))
        gradient.setColorAt(1, QColor("#b9d9c8" if kind == "image" else "#f0c987"))
        painter.fillRect(image.rect(), gradient)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def first_run(studio: Studio) -> None:
    studio.shoot("first-run")


def loading(studio: Studio) -> None:
    studio.window.model.load(LocalFolder(Path("/models/gemma")))
    studio.engine.loading.emit(LoadProgress(plain("Quantising layer 11 of 30, once"), 9_300_000_000, 25_200_000_000))
    studio.shoot("loading")


def empty(studio: Studio) -> None:
    studio.shoot("empty")


def ingesting(studio: Studio) -> None:
    studio.attach("Rental contract 2026.pdf", "Error dialog.png", "Factory walk.mp4", "Old scan, damaged.pdf")
    studio.read(1, skipped=2)
    studio.read(2)
    studio.reading.progress.emit(3, ReadProgress(9, 32, "frame"))
    studio.reading.fail(4, "The file is cut off: it ends before its table of contents. Get a whole copy of it.")
    studio.ask("What does the error in the picture say, and which clause of the contract covers it?")
    studio.shoot("ingesting")


def ready(studio: Studio) -> None:
    studio.attach("Rental contract 2026.pdf", "Error dialog.png")
    studio.read(1)
    studio.read(2)
    studio.window.composer.set_text("How long does the contract run?")
    studio.shoot("ready")


def reading(studio: Studio) -> None:
    _with_files(studio)
    studio.ask("How long does the contract run, and what needs my attention?")
    studio.engine.say(EncodeProgress(5, 12))
    studio.settle(260)
    studio.engine.say(PrefillProgress(2048, 18_432, 2048))
    studio.settle(300)
    studio.engine.say(PrefillProgress(7680, 18_432, 2048))
    studio.settle(2500)
    studio.engine.say(PrefillProgress(9216, 18_432, 2048))
    studio.shoot("reading")


def _with_files(studio: Studio) -> None:
    studio.attach("Rental contract 2026.pdf", "Error dialog.png", "Factory walk.mp4")
    for number, state in enumerate(("resident", "disk", "unread"), 1):
        studio.read(number)
        studio.engine.states[studio.hash_of(number)] = state  # type: ignore[assignment]
    studio.engine.price = partial(costs, tokens=4096)
    studio.settle(500)


def _slow(studio: Studio, **price: object) -> None:
    """From now on reading costs much."""
    studio.engine.price = partial(costs, **price)
    studio.engine.residency_changed.emit()
    studio.settle(500)


def resident(studio: Studio) -> None:
    _with_files(studio)
    studio.window.residency.pin(1, True)
    studio.ask("How long does the contract run, and what needs my attention?")
    studio.engine.answer(ANSWER[:420], reused=8192)
    studio.engine.residency_changed.emit()
    studio.settle(500)
    studio.shoot("resident")


def large_read(studio: Studio) -> None:
    _with_files(studio)
    _slow(studio, tokens=31_000, seconds=742.0)
    studio.ask("How long does the contract run, and what needs my attention?")
    studio.shoot("large-read")


def too_long(studio: Studio) -> None:
    _with_files(studio)
    _slow(studio, tokens=100_400, context=262_144)
    studio.ask("Compare the contract with what the film shows.")
    studio.shoot("too-long")


def row_menu(studio: Studio) -> None:
    _with_files(studio)
    row = studio.window.side.rows[1]
    row.menu.popup(row.mapToGlobal(row.rect().topRight()))
    studio.shoot("row-menu", row.menu)
    row.menu.close()


def answering(studio: Studio) -> None:
    _with_files(studio)
    studio.ask("How long does the contract run, and what needs my attention?")
    studio.engine.say(ThoughtDelta(THOUGHT))
    studio.engine.say(TextDelta(ANSWER[:420]))
    studio.settle(300)
    studio.shoot("answering")


def answered(studio: Studio, name: str = "answered") -> None:
    _with_files(studio)
    studio.ask("How long does the contract run, and what needs my attention?")
    studio.engine.say(ThoughtDelta(THOUGHT))
    studio.engine.answer(ANSWER, reused=2048)
    if name:
        studio.shoot(name)


def error(studio: Studio) -> None:
    _with_files(studio)
    studio.ask("Compare this with last year's contract.")
    studio.engine.say(
        Failed(plain("This needs 301,200 tokens, but the model takes 262,144; remove a file or lower its budget."))
    )
    (studio.folder / "notes.docx").write_bytes(b"x")
    studio.window.add_paths([studio.folder / "notes.docx"])
    studio.settle(200)
    studio.shoot("error")


def _with_history(studio: Studio) -> None:
    """Conversations of some weeks."""
    now = time.time()
    for number, (title, files, hours) in enumerate(HISTORY):
        name = f"{number:032x}"
        rows = tuple(FileRow(f"/files/{file}", file) for file in files)
        then = now - hours * 3600
        exchange = ExchangeRow(name, f"{name}-1", 1, "", title, "done", then, answer=ANSWER)
        studio.window.history.put([Header(name, then, then), Titled(name, title), Files(name, rows), exchange])
    studio.settle(200)


def library(studio: Studio) -> None:
    _with_history(studio)
    answered(studio, "library")


def searching(studio: Studio) -> None:
    _with_history(studio)
    studio.window.search()
    studio.window.library.search.setText("notice")
    studio.settle(300)
    studio.shoot("searching")


def removed(studio: Studio) -> None:
    _with_history(studio)
    _with_files(studio)
    studio.window.files.remove(2)
    studio.shoot("removed")


def instructions(studio: Studio) -> None:
    _with_files(studio)
    studio.window.dialogs.edit_instructions()
    dialog = studio.window.findChild(InstructionsDialog)
    dialog.starters[0].click()
    studio.shoot("instructions", dialog)
    dialog.save_button.click()
    studio.shoot("instructed")


def shortcuts(studio: Studio) -> None:
    studio.window.dialogs.show_shortcuts()
    studio.shoot("shortcuts", studio.window.findChild(ShortcutsDialog))


def settings(studio: Studio) -> None:
    studio.window.dialogs.show_settings()
    studio.shoot("settings", studio.window.findChild(SettingsDialog))


def viewing(studio: Studio) -> None:
    answered(studio, "")
    studio.window.viewing.show_item(1)
    studio.shoot("viewing")


def narrow(studio: Studio) -> None:
    studio.window.resize(1000, 640)
    answered(studio, "narrow")
    studio.window.viewing.show_item(1)
    studio.shoot("narrow-viewing")


def asking_differently(studio: Studio) -> None:
    answered(studio, "")
    studio.window.talk.begin_edit(1)
    studio.shoot("asking-differently")


def dragging(studio: Studio) -> None:
    studio.window._veil.cover()
    studio.shoot("dragging")


SCENES: dict[str, tuple[Callable[[Studio], None], str]] = {
    "first-run": (first_run, "none"),
    "loading": (loading, "none"),
    "empty": (empty, "real"),
    "ready": (ready, "real"),
    "ingesting": (ingesting, "real"),
    "reading": (reading, "real"),
    "answering": (answering, "real"),
    "answered": (answered, "sample"),
    "resident": (resident, "real"),
    "large-read": (large_read, "real"),
    "too-long": (too_long, "real"),
    "row-menu": (row_menu, "real"),
    "error": (error, "real"),
    "dragging": (dragging, "real"),
    "library": (library, "real"),
    "searching": (searching, "real"),
    "removed": (removed, "real"),
    "instructions": (instructions, "real"),
    "shortcuts": (shortcuts, "real"),
    "settings": (settings, "real"),
    "viewing": (viewing, "real"),
    "narrow": (narrow, "real"),
    "asking-differently": (asking_differently, "real"),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Write pictures of the window's main states.")
    parser.add_argument("--out", type=Path, default=Path("out/screenshots"))
    parser.add_argument("--size", default="1280x720")
    parser.add_argument("--theme", choices=("light", "dark", "both"), default="both")
    parser.add_argument("--font", default="")
    parser.add_argument("--only", default="")
    options = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen" if not os.environ.get("DISPLAY") else "xcb")
    app = QApplication([])
    if options.font:
        family, _, points = options.font.partition(":")
        app.setFont(QFont(family, int(points or 10)))
    width, height = (int(part) for part in options.size.split("x"))
    for theme in ("light", "dark") if options.theme == "both" else (options.theme,):
        out = options.out / theme
        out.mkdir(parents=True, exist_ok=True)
        for name, (scene, model) in SCENES.items():
            if not options.only or name in options.only.split(","):
                studio = Studio(out, theme, (width, height), model)
                scene(studio)
                studio.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
