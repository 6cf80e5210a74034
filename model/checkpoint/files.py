"""The mapped files behind a model and its documents: are they still as long as when they were opened?

Touching a mapped page behind a file's end kills the process, and no handler can turn that into a sentence. Files are
cut short by a copy onto them, a synchronised folder, a stick that was pulled; so their lengths are looked at before
each pass over the weights. That is a system call a file, thousands of times quicker than the pass. What remains is a
file that is cut in the middle of one.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from model.cache.document_store import DocumentStore
from model.checkpoint.tensor_file import MappedFile
from model.errors import ModelError
from model.formats.weights import WeightSource
from model.messages import msg

_log = logging.getLogger(__name__)
_DOCUMENT = msg(
    "cache.shorter",
    "The cached data of a document was cut short on disk while it was in use; ask again to read the document again.",
)


class Files:
    """Of one open model. ``store`` is where its documents are kept."""

    def __init__(self, source: WeightSource | None = None, store: DocumentStore | None = None) -> None:
        self._source, self._store = source, store

    def check_contents(self) -> None:
        """Before a request: were weights written over while they are in use? Raises ``CheckpointError``."""
        for file in self.mapped():
            file.check_unchanged()

    def documents_whole(self) -> bool:
        """Whether what came back from the disk can still be used."""
        whole = self._store is None or self._store.whole()
        if not whole:
            _log.warning("a document's file became shorter while it was in use")
        return whole

    def check_lengths(self) -> None:
        """Before a pass. Raises ``CheckpointError``, or ``ModelError`` where a document's file is meant."""
        for file in self.mapped():
            file.check_length()
        if not self.documents_whole():
            raise ModelError(_DOCUMENT)

    def mapped(self) -> Sequence[MappedFile]:
        """The files that hold the weights; none where the weights are in memory."""
        return getattr(self._source, "mapped_files", ())
