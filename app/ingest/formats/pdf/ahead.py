"""A second core for long PDFs: a fork of the reading process that reads every other page, ahead of it.

The reading process goes from page to page as ever, and never waits: a page that the fork has done it passes on, any
other it reads itself. It reports its page, so that a fork which fell behind skips ahead of it again. Should the fork
crash or hang, nothing is lost but the help, and every rule about pages that fail stays as it is. The fork is confined
as its parent is (the kernel's filter and limits are inherited), may use half of its memory, holds nothing open but its
own file and the pipe, gives way to whatever else wants the processor, and dies with its parent. Linux only; elsewhere
there is none.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import os
import signal
import struct
import sys
from collections.abc import Callable, Iterator
from itertools import chain

from app.ingest.limits import MAX_MESSAGE_BYTES, MEMORY_BYTES, MIB

MIN_PAGES = 24
"""Fewer pages are read before a fork has opened the file."""

_NICENESS = 10
_LEAD = 4
"""How far ahead of the reading process a page must be to be worth reading."""

_HEAD, _PLACE = struct.Struct("<II"), struct.Struct("<Q")
_PIPE_BYTES = 1 << 20
_MOST_HELD = 64 * MIB
"""Bytes of messages that wait here; then the fork waits instead."""

_SET_PDEATHSIG = 1

ReadPage = Callable[[int], bytes | None]
"""A page's finished message; behind the last page, that of the thumbnail; ``None`` where the fork is to do no more."""


def possible(pages: int) -> bool:
    """Whether a fork would help with this many pages."""
    return sys.platform == "linux" and pages >= MIN_PAGES and len(os.sched_getaffinity(0)) > 1


class Ahead:
    """The fork. ``open_file`` is called in it, and gives what reads one page there as a finished message."""

    def __init__(self, open_file: Callable[[], ReadPage], pages: range) -> None:
        self._done: dict[int, bytes] = {}
        self._buffer = bytearray()
        self._held = 0
        self._place = mmap.mmap(-1, _PLACE.size)
        mine, theirs = os.pipe()
        parent = os.getpid()
        self._pid = os.fork()
        if self._pid == 0:
            _work(open_file, pages, self._place, theirs, parent)
        os.close(theirs)
        os.set_blocking(mine, False)
        self._pipe: int | None = mine

    @property
    def running(self) -> bool:
        """Whether the fork may still do pages."""
        return self._pipe is not None

    def page(self, index: int) -> bytes | None:
        """The message of page ``index``, next in turn, where the fork has done it; behind the last: the thumbnail."""
        _PLACE.pack_into(self._place, 0, index)
        if self._pipe is not None:
            self._drain()
        message = self._done.pop(index, None)
        self._held -= len(message or b"")
        return message

    def stop(self) -> None:
        """End the fork; what it has sent stays. Harmless to call again."""
        if self._pipe is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)
        self._drain()
        os.close(self._pipe)
        self._pipe = None

    def _drain(self) -> None:
        """Take what has come, without waiting."""
        assert self._pipe is not None
        while self._held < _MOST_HELD:
            try:
                piece = os.read(self._pipe, _PIPE_BYTES)
            except BlockingIOError:
                return
            self._buffer += piece
            if not piece or not self._sort_in():
                return

    def _sort_in(self) -> bool:
        """Take whole messages out of the buffer; false where there can be no more."""
        while len(self._buffer) >= _HEAD.size:
            index, length = _HEAD.unpack_from(self._buffer)
            if length > MAX_MESSAGE_BYTES:  # a page made it do so; the app believes none of us anyway
                return False
            stop = _HEAD.size + length
            if len(self._buffer) < stop:
                break
            self._done[index] = bytes(self._buffer[_HEAD.size : stop])
            self._held += length
            del self._buffer[:stop]
        return True


def _work(open_file: Callable[[], ReadPage], pages: range, place: mmap.mmap, pipe: int, parent: int) -> None:
    """Main function of the forked process."""
    try:
        _settle(pipe, parent)
        read = open_file()
        with os.fdopen(pipe, "wb", buffering=0) as out:
            for index in chain([pages.stop], _every_other(pages, place)):
                message = read(index)
                if message is None:
                    break
                out.write(_HEAD.pack(index, len(message)) + message)
    finally:
        os._exit(0)


def _every_other(pages: range, place: mmap.mmap) -> Iterator[int]:
    index = pages.start + 1
    while index < pages.stop:
        least = _PLACE.unpack_from(place)[0] + _LEAD
        index += max(0, least - index + 1) // 2 * 2
        if index < pages.stop:
            yield index
        index += 2


def _settle(pipe: int, parent: int) -> None:
    import fcntl
    import resource

    libc = ctypes.CDLL(None)
    libc.prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(0)
    os.closerange(3, pipe)  # the line to the app above all: it tells the app when its process has ended
    os.closerange(pipe + 1, 1024)
    os.nice(_NICENESS)
    half = MEMORY_BYTES // 2
    resource.setrlimit(resource.RLIMIT_DATA, (half, half))
    with contextlib.suppress(OSError):
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
