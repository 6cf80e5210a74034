"""The log: a small rotating file, never with document text, questions or answers in it.

Three ways an error reaches it: through ``logging``, as an exception that nobody caught (``sys.excepthook``,
``threading.excepthook``), and as a crash in native code, which faulthandler writes to a separate file.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TextIO

from app import paths

LOG_BYTES = 1_000_000
LOG_FILES = 3
_log = logging.getLogger("app")


class _LogFile(RotatingFileHandler):
    """A disk that takes no more lines costs those lines, and nothing else: not a word on standard error, no error."""

    def handleError(self, record: logging.LogRecord) -> None:
        """Let go of the file, with what it did not take; the next line tries anew."""
        stream, self.stream = self.stream, None
        if stream is not None:
            with contextlib.suppress(OSError, ValueError):
                stream.close()

    def close(self) -> None:
        """Close the log file."""
        with contextlib.suppress(OSError, ValueError):
            super().close()


_Hook = Callable[[type[BaseException], BaseException, TracebackType | None], object]
_ThreadHook = Callable[[threading.ExceptHookArgs], object]


@dataclass
class Logs:
    """The running log. ``close()`` gives everything back as it was."""

    folder: Path | None
    _handler: logging.Handler
    _crash_file: TextIO | None
    _hooks: tuple[_Hook, _ThreadHook]

    def close(self) -> None:
        """Stop logging to the file and put the hooks back."""
        sys.excepthook, threading.excepthook = self._hooks
        logging.getLogger().removeHandler(self._handler)
        self._handler.close()
        if self._crash_file is not None:
            faulthandler.disable()
            self._crash_file.close()


def start_logging(folder: Path | None = None, *, level: int = logging.INFO) -> Logs:
    """Log to ``folder`` (default: the user's log folder) and catch what nobody else catches."""
    folder = folder or paths.log_dir()
    before = (sys.excepthook, threading.excepthook)
    crash_file: TextIO | None = None
    handler: logging.Handler
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler = _LogFile(
            folder / "lectern.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES - 1, encoding="utf-8", delay=True
        )
        crash_file = (folder / "crash.log").open("a", encoding="utf-8")
        faulthandler.enable(crash_file)
    except OSError:  # a read-only disk must not keep the window from opening
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(level)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    return Logs(folder if crash_file else None, handler, crash_file, before)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        _log.critical("An error that nobody caught", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_type is SystemExit:
        return
    name = args.thread.name if args.thread else "?"
    error = args.exc_value or args.exc_type()
    _log.critical("The thread %s ended in an error", name, exc_info=(args.exc_type, error, args.exc_traceback))
    threading.__excepthook__(args)
