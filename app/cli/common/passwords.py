"""Passwords of files on the command line: asked for on a terminal, or from a file. Never from an argument: every
user of the machine can list those."""

from __future__ import annotations

import getpass
import signal
import sys
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.cli.common.terminal import one_line, say
from app.ingest.limits import MAX_PASSWORD
from app.ingest.types import Document, ReadOptions
from app.ingest.view.types import LockedError
from model.errors import CancelledError, IngestError, LecternError
from model.messages import msg

TRIES = 3
_LOCKED = msg(
    "password.missing",
    "The file is protected by a password; save a copy without a password, or use --password-file FILE.",
)
Read = Callable[[ReadOptions], Document]


def password_from(file: Path | None) -> str | None:
    """The first line of the file that ``--password-file`` names. Raises ``LecternError``."""
    if file is None:
        return None
    try:
        with file.open(encoding="utf-8-sig") as lines:
            password = lines.readline(MAX_PASSWORD + 2).rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise LecternError(
            msg("password.file-unreadable", "The password file {path} cannot be read.", path=file)
        ) from None  # its contents stay out of the log
    if not 0 < len(password) <= MAX_PASSWORD:
        raise LecternError(
            msg("password.file-empty", "The first line of the password file {path} must be the password.", path=file)
        )
    return password


def read_unlocked(path: Path, options: ReadOptions, read: Read) -> Document:
    """``read`` with what is known; where a password is missing, ask on the terminal. Raises ``IngestError``."""
    for attempt in range(TRIES + 1):
        try:
            return read(options)
        except LockedError as error:
            if not _terminal() or attempt == TRIES:
                raise IngestError(error.message if error.wrong else _LOCKED) from None
            if error.wrong:
                say(f"lectern: {error}")
        options = replace(options, password=_ask(path))
    raise AssertionError("the loop ends by itself")


def _ask(path: Path) -> str:
    """Ctrl-C ends it at once: nothing is under way that would have to end in good order."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)  # a password that can be seen is not asked for
            password = getpass.getpass(f"Password for {one_line(path.name)}: ", sys.stderr)
    except (EOFError, KeyboardInterrupt, getpass.GetPassWarning):
        say("")
        raise CancelledError(msg("cancelled.command", "Stopped.")) from None
    finally:
        signal.signal(signal.SIGINT, before)
    return password[:MAX_PASSWORD]


def _terminal() -> bool:
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
