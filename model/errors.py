"""Errors that reach the user, as a tree. Each carries a message of one sentence: what happened and what to do.

LecternError
├── ModelError                 something about the model
│   ├── CheckpointError        a model folder that cannot be used
│   ├── UnsupportedModelError  a model of a kind that this engine does not run
│   └── OutOfMemoryError       the device or the machine ran out of memory
├── ContextLengthError         the request does not fit into the context
├── IngestError                a file that cannot be read (see ``app.ingest``)
└── CancelledError             the user stopped it
"""

from __future__ import annotations

from model.messages import Message


class LecternError(Exception):
    """Base of everything that is shown to the user as one clear sentence. ``str()`` is its English."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


class ModelError(LecternError):
    """An error of the model: it cannot be opened, or fails while it runs."""


class CheckpointError(ModelError):
    """A model folder that is wrong, truncated or damaged. The message names the file."""


class UnsupportedModelError(ModelError):
    """A model that is sound but of a kind that this engine does not run."""


class OutOfMemoryError(ModelError):
    """The device or the machine ran out of memory."""


class ContextLengthError(LecternError):
    """The request has more tokens than the model's context."""


class IngestError(LecternError):
    """A file that cannot be read. The message is a full sentence without the file's name."""


class CancelledError(LecternError):
    """The user stopped the operation."""
