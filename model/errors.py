"""Errors that reach a person, as a tree. Each message is one sentence: what happened and what to do.

LecternError
├── ModelError                 something about the model
│   ├── CheckpointError        a model folder that cannot be used
│   ├── UnsupportedModelError  a model of a kind that this engine does not run
│   └── OutOfMemoryError       the device or the machine ran out of memory
├── ContextLengthError         the request does not fit into the context
├── IngestError                a file that cannot be read (see ``app.ingest``)
└── CancelledError             the person stopped it
"""

from __future__ import annotations


class LecternError(Exception):
    """Base of everything that is shown to a person as one clear sentence."""


class ModelError(LecternError):
    """Something about the model."""


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
    """The person stopped it."""
