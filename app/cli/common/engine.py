"""The model that a command asks for, open for as long as the command needs it."""

from __future__ import annotations

import argparse
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.cli.common.arguments import UsageError
from app.cli.common.terminal import Status, say
from app.library.model_ref import LocalFolder, ModelRef, RemoteModel, SampleModel
from app.library.models import folder_of, model_to_open, sample_note
from app.library.settings import Settings
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import msg
from model.types import LoadProgress

if TYPE_CHECKING:
    from app.engine.model.protocols import Engine

KEY_VARIABLE = "LECTERN_SERVER_KEY"


class Opening:
    """Opens a model on this machine while files are read. A context manager: a model that was not taken is closed."""

    def __init__(self, options: argparse.Namespace, cancel: Cancel) -> None:
        """Begin. Raises ``UsageError``."""
        self._model = chosen_model(options)
        self._options, self._cancel = options, cancel
        self._status: Status | None = None
        self._engine: Engine | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._open, name="opening")
        self._thread.start()

    def __enter__(self) -> Opening:
        return self

    def __exit__(self, *error: object) -> None:
        self._thread.join()
        if self._engine is not None:
            self._engine.close()

    def take(self, status: Status) -> Engine:
        """The open model, which is the caller's from now on; its progress is shown from now on. Raises what opening
        did."""
        self._status = status
        self._thread.join()
        if self._error is not None:
            raise self._error
        engine, self._engine = self._engine, None
        assert engine is not None
        return engine

    def _open(self) -> None:
        try:
            import torch  # noqa: F401 (no window has to stay responsive here)

            self._engine = _opened_model(self._model, self._options, self._cancel, self._report)
        except BaseException as error:
            self._error = error

    def _report(self, progress: LoadProgress) -> None:
        if self._status is not None:
            self._status.loading(progress)


@contextmanager
def opened(
    options: argparse.Namespace, cancel: Cancel, status: Status, begun: Opening | None = None
) -> Iterator[Engine]:
    """The engine of ``--model`` or ``--server``, else of the model that was last open. Raises ``LecternError``.

    ``begun``: the opening of the same model, where it is under way.
    """
    if options.server and options.adapter:
        raise UsageError("--adapter needs a model on this machine, and --server names another one")
    try:
        if options.server:
            engine = _on_server(options, cancel, status)
        elif begun is not None:
            engine = begun.take(status)
        else:
            engine = _opened_model(chosen_model(options), options, cancel, status.loading)
    finally:
        status.clear()
    try:
        if engine.info.sample:
            say(
                f"lectern: This is the sample model. {sample_note(engine.info.folder)} "
                "Name another one with --model DIR, or download one with `lectern models get`."
            )
        if engine.info.host:
            leaves = "Your questions and the contents of your files are sent there." if engine.info.leaves else ""
            say(f"lectern: {engine.info.name} on the server {engine.info.host} answers. {leaves}")
        for remark in engine.info.remarks:
            say(f"lectern: {remark}")
        yield engine
    finally:
        engine.close()


def chosen_model(options: argparse.Namespace) -> ModelRef:
    """The model of ``--model`` and ``--adapter``, else the one last open, with these adapters where any are named."""
    model = LocalFolder(options.model) if options.model else model_to_open(Settings.load()) or SampleModel()
    adapters = tuple(options.adapter)
    if not adapters:
        return model
    if isinstance(model, RemoteModel):
        raise UsageError("--adapter needs a model on this machine; name one with --model DIR")
    return LocalFolder(folder_of(model), adapters)


def _opened_model(
    model: ModelRef, options: argparse.Namespace, cancel: Cancel, report: Callable[[LoadProgress], None]
) -> Engine:
    from app.engine.model.opening import open_engine

    lookup = getattr(options, "lookup", None)  # only ``ask`` has this option
    return open_engine(model, report, cancel, device=options.device, lookup=lookup)


def _on_server(options: argparse.Namespace, cancel: Cancel, status: Status) -> Engine:
    """The server was named on the command line, which is the user's consent for this once."""
    from app.engine.remote.engine import RemoteEngine
    from app.engine.remote.server import address_of, models_of

    address, key = address_of(options.server), os.environ.get(KEY_VARIABLE, "")
    name = options.server_model
    if not name:
        names = models_of(address, key)
        if len(names) != 1:
            raise LecternError(
                msg(
                    "server.which-model",
                    "The server has {names}; say which one with --server-model NAME.",
                    names=", ".join(names) or "no models",
                )
            )
        name = names[0]
    return RemoteEngine.open(RemoteModel(address, name), status.loading, cancel, key)
