"""The private temporary folder for raw pictures, owned by one ``Reader`` and removed with it.

A folder whose owner is gone (a crash, a power cut) is removed when the next one is made. Where the system has them, a
lock on the owner's note shows that it lives: process numbers are used again, and when a process began is reckoned from
a clock that may be set.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import time
from pathlib import Path

import psutil

from model.messages import msg

try:
    import fcntl
except ImportError:  # Windows, where the open note itself cannot be deleted
    fcntl = None  # type: ignore[assignment]

from app.ingest.limits import MIB, SPOOL_BYTES
from model import atomic
from model.errors import IngestError

PREFIX = "lectern-pictures-"
_OWNER = "owner.json"
_GRACE_S = 3600.0
_KEEP_FREE = 512 * MIB


class SpoolFolder:
    """Only this user may enter the folder (mode 0700, as ``mkdtemp`` makes it)."""

    def __init__(self, parent: Path | None = None) -> None:
        sweep(parent)
        self.path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
        process = psutil.Process()
        owner = {"pid": process.pid, "created": process.create_time()}
        self._note = (self.path / _OWNER).open("w", encoding="utf-8")
        if fcntl is not None:
            with contextlib.suppress(OSError):  # a file system without locks
                fcntl.flock(self._note, fcntl.LOCK_EX)
        self._note.write(json.dumps(owner))
        self._note.flush()

    @classmethod
    def made(cls) -> SpoolFolder:
        """A new one in the system's temporary folder. Raises ``IngestError`` where that cannot be used."""
        try:
            return cls()
        except OSError as error:
            why = error.strerror or "the disk refused"
            raise IngestError(
                msg(
                    "spool.unusable",
                    "The temporary folder cannot be used ({why}); free some disk space or check its permissions.",
                    why=why,
                )
            ) from error

    def remaining(self) -> int:
        """How many bytes may still be written here."""
        used = 0
        for file in self.path.rglob("*"):
            if file.suffix == atomic.SUFFIX:  # left by a process that was stopped while it wrote
                file.unlink(missing_ok=True)
                continue
            used += file.stat().st_size
        free = shutil.disk_usage(self.path).free - _KEEP_FREE
        return max(0, min(SPOOL_BYTES - used, free))

    def remove(self) -> None:
        """Delete the folder and everything in it."""
        self._note.close()
        shutil.rmtree(self.path, ignore_errors=True)


def sweep(parent: Path | None = None) -> None:
    """Remove folders whose owner has ended."""
    root = parent or Path(tempfile.gettempdir())
    for folder in root.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_dir() and not folder.is_symlink() and not _locked(folder) and _abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _locked(folder: Path) -> bool:
    """Whether somebody holds the owner's note."""
    if fcntl is None:
        return False
    try:
        with (folder / _OWNER).open("rb") as note:
            fcntl.flock(note, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _abandoned(folder: Path) -> bool:
    try:
        owner = json.loads((folder / _OWNER).read_text(encoding="utf-8"))
        process = psutil.Process(int(owner["pid"]))
        return abs(process.create_time() - float(owner["created"])) > 1.0
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return True
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return time.time() - folder.stat().st_mtime > _GRACE_S
