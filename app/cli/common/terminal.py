"""What the command line writes to: progress on a terminal's standard error, and text that cannot do harm there."""

from __future__ import annotations

import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from model.soft_tokens import SOUND
from model.types import EncodeProgress, Event, LoadProgress, PrefillProgress

_HARMLESS = {ord("\n"), ord("\t")}
_CONTROLS = {code: None for code in [*range(32), *range(127, 160)] if code not in _HARMLESS}


def harmless(text: str) -> str:
    """Without control characters: a document's or a model's words must not steer the terminal."""
    return text.translate(_CONTROLS)


def one_line(text: str) -> str:
    """``text`` on one line, without control characters."""
    return harmless(" ".join(text.split()))


def say(line: str) -> None:
    """A line for the user, on standard error."""
    print(one_line(line), file=sys.stderr, flush=True)


class Status:
    """One line of progress that is written over again and again; nothing where nobody looks at it."""

    def __init__(self) -> None:
        self._on = sys.stderr.isatty()
        self._length = 0

    def show(self, text: str) -> None:
        """Replace the status line by ``text``."""
        if not self._on:
            return
        text = one_line(text)[: max(10, shutil.get_terminal_size().columns - 1)]
        sys.stderr.write("\r" + text + " " * (self._length - len(text)))
        sys.stderr.flush()
        self._length = len(text)

    def clear(self) -> None:
        """Take the line away before something else is written."""
        if self._length:
            sys.stderr.write("\r" + " " * self._length + "\r")
            sys.stderr.flush()
            self._length = 0

    def loading(self, progress: LoadProgress) -> None:
        """A model is being opened."""
        percent = f" {100 * progress.done // progress.total} %" if progress.total > 0 else ""
        self.show(f"{progress.stage}{percent}")

    def event(self, event: Event) -> None:
        """What the engine does before the first word."""
        match event:
            case PrefillProgress(done, total, reused):
                again = f", {reused:,} of them reused" if reused else ""
                self.show(f"Reading {done:,} of {total:,} tokens{again}")
            case EncodeProgress(done, total, kind) if kind == SOUND:
                self.show(f"Processing sound: {done:,} of {total:,}")
            case EncodeProgress(done, total):
                self.show(f"Processing images: {done:,} of {total:,}")
            case _:
                self.clear()


@contextmanager
def stoppable() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets, so that what is under way ends in good order; a second Ctrl-C ends it at once."""
    cancel = threading.Event()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if cancel.is_set():
            raise KeyboardInterrupt
        cancel.set()

    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield cancel
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
