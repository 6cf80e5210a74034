"""Starts and stops the API of this process. Shared by all windows; the window's model answers."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.engine.model.bridges import ModelBridge
from app.engine.model.worker import ModelWorker
from app.engine.threads.background import Background
from app.i18n import tr, translated
from model.errors import LecternError
from model.types import ModelInfo

if TYPE_CHECKING:
    from app.server.serving import Server

SHUTDOWN_S = 10.0


class WindowModel:
    """The window's model as the API's ``Source``; read from the API's thread."""

    def __init__(self, engine: ModelBridge) -> None:
        self._engine = engine

    @property
    def worker(self) -> ModelWorker | None:
        """The model's thread."""
        return self._engine.worker

    @property
    def info(self) -> ModelInfo | None:
        """The loaded model."""
        return self._engine.info


class ApiControl(QObject):
    """Off until ``start``: nothing of it is in the settings, so that no file can switch it on."""

    changed = Signal()
    _ended = Signal(object)
    """The server whose thread has ended; emitted there."""

    def __init__(self, engine: ModelBridge, background: Background, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._source, self._background = WindowModel(engine), background
        self._server: Server | None = None
        self._leaving: Server | None = None
        """The one that was switched off; the next one waits for its port."""
        self.starting = False
        self.problem = ""
        """Why it is not on, in a sentence; empty where nothing went wrong."""
        self.token = ""
        self._ended.connect(self._take_end)

    @property
    def running(self) -> bool:
        """Whether programs can ask now."""
        return self._server is not None

    @property
    def address(self) -> str:
        """Where; empty while it is off."""
        return self._server.address if self._server is not None else ""

    @property
    def waiting(self) -> int:
        """How many questions of programs have not ended."""
        service = self._server.service if self._server is not None else None
        return service.queue.waiting if service is not None else 0

    def start(self, port: int | None = None) -> None:
        """Switch it on; ``changed`` tells when it is."""
        if not self.running and not self.starting:
            self.starting, self.problem = True, ""
            self._background.run(partial(self._make, port), self._take, self._failed)
            self.changed.emit()

    def stop(self) -> None:
        """Switch it off: answers of programs are stopped."""
        server, self._server = self._server, None
        if server is not None:
            server.leave()
            self._leaving = server
            self.changed.emit()

    def new_token(self) -> None:
        """Make another token; the old one is no longer valid from now on."""
        self._background.run(_make_token, self._take_token, self._failed)

    def shutdown(self) -> None:
        """Switch it off and wait for its thread. The model is still there."""
        for server in (self._server, self._leaving):
            if server is not None:
                server.end(SHUTDOWN_S)
        self._server = self._leaving = None

    def _make(self, port: int | None) -> Server:
        """On the background thread: importing the server takes a moment."""
        from app.server.allowed import check_allowed
        from app.server.serving import PORT, Server
        from app.server.token import read_token

        check_allowed()
        if self._leaving is not None:
            self._leaving.end(SHUTDOWN_S)
        token, _ = read_token()
        used = PORT if port is None else port
        return Server(self._source, token, port=used, ended=lambda: self._ended.emit(None))

    def _take(self, server: Server) -> None:
        self.starting = False
        self._server, self.token = server, server.token
        server.start()
        self.changed.emit()

    def _failed(self, error: Exception) -> None:
        self.starting = False
        if isinstance(error, LecternError):
            self.problem = translated(error.message)
        else:
            self.problem = tr("Something unexpected went wrong; the log has the details.")
        self.changed.emit()

    def _take_token(self, token: str) -> None:
        self.token = token
        if self._server is not None:
            self._server.use_token(token)
        self.changed.emit()

    def _take_end(self, _nothing: object) -> None:
        if self._server is not None and not self._server.running:
            self._server = None
            self.changed.emit()


def _make_token() -> str:
    from app.server.token import read_token

    return read_token(new=True)[0]
