"""A file's SHA-256, worked out on its own thread: a video is decoded meanwhile."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from model.errors import IngestError
from model.messages import msg

_BLOCK_BYTES = 1 << 20
_BEAT_S = 1.0


class Hashing:
    """Hashes from the moment it is made until it is done or stopped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._digest = hashlib.sha256()
        self._blocks = 0
        self._failed = False
        self._stopped = False
        self._told = False
        self._thread = threading.Thread(target=self._work, name="hashing", daemon=True)
        self._thread.start()

    def so_far(self) -> Iterator[dict[str, Any]]:
        """The message with the hash, once, where it is ready. Raises ``IngestError`` where the file cannot be read."""
        if self._told or self._thread.is_alive():
            return
        self._told = True
        if self._failed:
            raise IngestError(
                msg("file.unreadable-end", "The file cannot be read to its end; check the disk or the network drive.")
            )
        yield {"kind": "hash", "hash": self._digest.hexdigest()}

    def rest(self) -> Iterator[dict[str, Any]]:
        """The same, waited for: with a sign of life every second in which more of the file came."""
        seen = -1
        while self._thread.is_alive():
            self._thread.join(_BEAT_S)
            if self._thread.is_alive() and self._blocks != seen:
                seen = self._blocks
                yield {"kind": "alive"}
        yield from self.so_far()

    def stop(self) -> None:
        """Leave it unfinished. Harmless when it is done."""
        self._stopped = True

    def _work(self) -> None:
        try:
            with self._path.open("rb", buffering=0) as file:
                while not self._stopped and (block := file.read(_BLOCK_BYTES)):
                    self._digest.update(block)
                    self._blocks += 1
        except OSError:
            self._failed = True
