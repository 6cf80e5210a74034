"""What one window works with, and a machine that is started anew: real history, fake bridges, no window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.engine.threads.background import Background
from app.ingest.types import TextLine
from app.library.settings import Settings
from app.session.collecting import Spool
from app.ui.asking.controller import Asking
from app.ui.asking.residency import Residency
from app.ui.files.attachments import Attachments
from app.ui.history.history import History
from app.ui.models.control import ModelControl
from model.types import ChatMessage, Request, TextPart
from tests.fakes import FakeEngineBridge, FakeReadingBridge, document, model_info

PATIENCE_MS = 60_000


class ReadingLines(FakeReadingBridge):
    """Its pages have a text layer in which quotations can be looked up."""

    def finish(self, number: int, content_hash: str = "") -> None:
        made = document(self.jobs[number][0], content_hash=content_hash)
        line = (10.0, 10.0, 100.0, 20.0)
        pages = tuple(replace(page, lines=(TextLine(page.text, line),)) for page in made.pages)
        self.done.emit(number, replace(made, pages=pages))


class Desk:
    """What one window works with."""

    def __init__(self, engine: FakeEngineBridge, history: History, folder: Path, qtbot: QtBot) -> None:
        self.engine, self.history, self.folder, self.qtbot = engine, history, folder, qtbot
        self.reading = ReadingLines(auto=True)
        self.background = Background()
        self.attachments = Attachments(self.reading, self.background, Spool(folder / "spool"))
        settings = Settings()
        self.model = ModelControl(engine, settings, self.background)
        self.residency = Residency(engine, self.attachments, settings)
        self.asking = Asking(engine, self.model, self.attachments, self.residency, history)
        self.shown: list[int] = []
        self.notices: list[str] = []
        self.attachments.notice.connect(self.notices.append)
        self.asking.added.connect(self.shown.append)
        self.asking.removed.connect(self.shown.remove)
        self.asking.cleared.connect(self.shown.clear)
        self.is_closed = False

    def attach(self, *names: str) -> None:
        paths = [self.folder / name for name in names]
        for path in paths:
            path.write_bytes(path.name.encode())
        self.attachments.add_paths(paths)
        self.settle()

    def settle(self) -> None:
        """Every file is read or found wanting."""
        self.until(lambda: not self.attachments.busy)

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=PATIENCE_MS)

    def ask(self, question: str) -> int:
        """Ask, and wait until the engine has it. The exchange's key."""
        sent = len(self.engine.requests)
        assert self.asking.ask(question)
        self.until(lambda: len(self.engine.requests) == sent + 1)
        last = self.asking.conversation.last
        assert last is not None
        return last.key

    def say(self, question: str, answer: str) -> int:
        key = self.ask(question)
        self.engine.answer(answer)
        return key

    @property
    def talk(self) -> list[tuple[str, str]]:
        return [(one.question, one.answer) for one in self.asking.conversation]

    def close(self) -> None:
        if not self.is_closed:
            self.is_closed = True
            self.asking.close()
            self.residency.close()
            self.background.shutdown()
            self.attachments.close()


class Desks:
    """A machine: its history is opened anew by ``restart``."""

    def __init__(self, folder: Path, qtbot: QtBot) -> None:
        self.folder, self.qtbot = folder, qtbot
        self.desks: list[Desk] = []
        self._open()

    def _open(self) -> None:
        self.engine = FakeEngineBridge(model_info())
        self.history = History(self.folder / "history", self.folder / "spool")
        self.qtbot.waitUntil(lambda: self.history.ready, timeout=PATIENCE_MS)

    def window(self) -> Desk:
        self.desks.append(Desk(self.engine, self.history, self.folder, self.qtbot))
        return self.desks[-1]

    def stop(self) -> bool:
        for desk in self.desks:
            desk.close()
        return self.history.close()

    def restart(self) -> Desk:
        assert self.stop()
        self._open()
        return self.window()


def words(message: ChatMessage) -> str:
    return "".join(part.text for part in message.parts if isinstance(part, TextPart))


def texts(request: Request) -> str:
    return "".join(words(message) for message in request.messages)


# Kept
