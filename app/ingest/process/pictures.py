"""What the owners of a process that leaves pictures in a folder have in common: the folder, and how all of it ends."""

from __future__ import annotations

import threading

from app.ingest.limits import Timeouts
from app.ingest.process.child import Entry
from app.ingest.process.client import Client, OwnsProcess
from app.ingest.process.spool import SpoolFolder
from model.errors import CancelledError
from model.messages import msg


class OwnsPictures(OwnsProcess):
    """Owns a process and the folder of its pictures. ``close`` may come from any thread."""

    def __init__(self, entry: Entry, timeouts: Timeouts) -> None:
        self._client = Client(entry, timeouts)
        self._lock = threading.Lock()
        """Held while the process is spoken with."""
        self._closed = False
        self._cancel = threading.Event()
        self._spool: SpoolFolder | None = None

    def close(self) -> None:
        """Stop what is being read, end the process and remove the pictures."""
        self._closed = True
        self._cancel.set()
        with self._lock:
            self._client.close(gently=True)
            if self._spool is not None:
                self._spool.remove()
                self._spool = None

    def _folder(self) -> SpoolFolder:
        if self._closed:
            raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
        if self._spool is None:
            self._spool = SpoolFolder.made()
        return self._spool
