"""One Lectern per user: a second start hands its files to the running one and leaves.

Who starts first holds a lock and listens on a local socket (a named pipe on Windows); nothing here opens a network
port. Both are in a folder that only the user may enter, and their name is made from the user's name and from where
Lectern's data is, so two users on one machine, or two ``LECTERN_HOME``s, never meet. What a crash leaves behind
does not count: the lock is given up with its process, and who holds the lock may remove the old socket.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import logging
import os
import stat
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLockFile, QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from app import paths

CONNECT_MS = 1000
ANSWER_MS = 10_000
"""A window that does not answer for so long has stopped: better two than none."""
START_S = 8.0
RETRY_MS = 50
"""How long the one that holds the lock may take until it listens, or until it has ended."""
CLIENT_MS = 5000
MAX_BYTES = 1 << 20
MAX_FILES = 1000
LONGEST_SOCKET = 100
"""Bytes of a socket's path that every Unix takes."""
ANSWER = b"ok\n"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Call:
    """The message of a second start: its files, and the right to come to the front where a compositor gives one."""

    files: tuple[Path, ...] = ()
    token: str = ""

    def encode(self) -> bytes:
        """The call as one line of JSON."""
        files = [str(path) for path in self.files]
        return json.dumps({"files": files, "token": self.token}).encode() + b"\n"


def decode(line: bytes) -> Call | None:
    """The call in a line; ``None`` for anything else. Relative paths would be the other process's, so none count."""
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("files"), list) or len(raw["files"]) > MAX_FILES:
        return None
    names = [name for name in raw["files"] if isinstance(name, str) and "\0" not in name and Path(name).is_absolute()]
    token = raw.get("token")
    return Call(tuple(map(Path, names)), token if isinstance(token, str) and "\0" not in token else "")


class SingleInstance(QObject):
    """``claim`` at the start; ``arrived`` brings what later starts hand over; ``close`` at the end."""

    arrived = Signal(object)
    """Call"""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._server: QLocalServer | None = None
        self._waiting: dict[QLocalSocket, bytearray] = {}
        place = meeting_place()
        self._address = place[0] if place else ""
        self._lock = QLockFile(place[1]) if place else None
        if self._lock is not None:
            self._lock.setStaleLockTime(0)  # only the end of its process gives it up, not its age

    @property
    def listening(self) -> bool:
        """Whether later starts find this one."""
        return self._server is not None and self._server.isListening()

    def claim(self, files: Sequence[Path], wait_s: float = START_S) -> bool:
        """Become the one, or hand ``files`` to it: false when they were handed over and this start can leave."""
        if self._lock is None:
            return True
        call = Call(tuple(path.absolute() for path in files), os.environ.get("XDG_ACTIVATION_TOKEN", ""))
        until = time.monotonic() + wait_s
        while True:
            if self._hand_over(call):
                return False
            if self._lock.tryLock(RETRY_MS):
                self._listen()
                return True
            if time.monotonic() >= until:
                _log.warning("The running Lectern does not answer; this one opens a window of its own.")
                return True

    def close(self) -> None:
        """Listen no longer. The lock is kept until the process ends, or until this object goes."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for socket in list(self._waiting):
            socket.abort()

    def release(self) -> None:
        """Give up the lock too."""
        self.close()
        if self._lock is not None:
            self._lock.unlock()

    def _hand_over(self, call: Call) -> bool:
        """Whether the running one has taken it."""
        socket = QLocalSocket()
        socket.connectToServer(self._address)
        if not socket.waitForConnected(CONNECT_MS):
            return False
        _let_come_to_front()
        socket.write(call.encode())
        socket.waitForBytesWritten(CONNECT_MS)
        until = time.monotonic() + ANSWER_MS / 1000
        while socket.bytesAvailable() < len(ANSWER) and time.monotonic() < until:
            if not socket.waitForReadyRead(200) and socket.state() is not QLocalSocket.LocalSocketState.ConnectedState:
                break
        taken = bytes(socket.readAll().data()) == ANSWER
        socket.abort()
        return taken

    def _listen(self) -> None:
        server = QLocalServer(self)
        server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        QLocalServer.removeServer(self._address)  # left by a crash: the lock shows that nobody listens there
        if not server.listen(self._address):
            _log.warning("Later starts will not find this one: %s", server.errorString())
            server.deleteLater()
            return
        server.newConnection.connect(self._on_connection)
        self._server = server

    def _on_connection(self) -> None:
        while self._server is not None and (socket := self._server.nextPendingConnection()) is not None:
            self._take(socket)

    def _take(self, socket: QLocalSocket) -> None:
        self._waiting[socket] = bytearray()
        socket.readyRead.connect(lambda: self._on_bytes(socket))
        socket.disconnected.connect(lambda: self._drop(socket))
        QTimer.singleShot(CLIENT_MS, socket, socket.abort)
        if socket.bytesAvailable():
            self._on_bytes(socket)

    def _on_bytes(self, socket: QLocalSocket) -> None:
        if socket not in self._waiting:
            return
        data = self._waiting[socket]
        data += socket.readAll().data()
        if len(data) > MAX_BYTES:
            socket.abort()
        elif b"\n" in data:
            call = decode(bytes(data.partition(b"\n")[0]))
            del self._waiting[socket]
            if call is not None:
                socket.write(ANSWER)
                socket.flush()
                self.arrived.emit(call)
            socket.disconnectFromServer()

    def _drop(self, socket: QLocalSocket) -> None:
        self._waiting.pop(socket, None)
        socket.deleteLater()


def meeting_place() -> tuple[str, str] | None:
    """The socket's address and the lock's path; ``None`` where there is no folder of the user's own."""
    name = f"lectern-{_digest()}"
    if sys.platform == "win32":  # pragma: no cover (named pipes live outside the folders)
        return name, str(Path(tempfile.gettempdir()) / f"{name}.lock")
    for folder in _private_folders():
        if len(os.fsencode(folder / name)) <= LONGEST_SOCKET:
            return str(folder / name), str(folder / f"{name}.lock")
    _log.warning("There is no private folder for a socket; every start opens a window of its own.")
    return None


def _digest() -> str:
    user = getpass.getuser() if sys.platform == "win32" else str(os.getuid())
    return hashlib.sha256(f"{user}\0{paths.data_dir().resolve()}".encode(errors="surrogateescape")).hexdigest()[:16]


def _private_folders() -> list[Path]:
    """Folders that belong to the user and that nobody else may enter."""
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    folders = [Path(runtime)] if runtime else []
    for temporary in (Path(tempfile.gettempdir()), Path("/tmp")):
        own = temporary / f"lectern-{os.getuid()}"
        try:
            own.mkdir(mode=0o700, exist_ok=True)
        except OSError:
            continue
        folders.append(own)
    return [folder for folder in folders if is_private(folder)]


def is_private(folder: Path) -> bool:
    """A real folder of the user's, closed to all others: in /tmp somebody else may have made it first."""
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _let_come_to_front() -> None:
    """Windows lets a process come to the front only with the leave of the one that the user has just started."""
    if sys.platform == "win32":  # pragma: no cover
        import ctypes

        ctypes.windll.user32.AllowSetForegroundWindow(-1)
