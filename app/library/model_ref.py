"""Which model: a folder on this machine, or the sample model that comes with Lectern."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A model folder, published or quantised."""

    path: Path


@dataclass(frozen=True, slots=True)
class SampleModel:
    """The sample model, wherever it is on this machine."""


ModelRef = LocalFolder | SampleModel


def as_data(ref: ModelRef | None) -> dict[str, str] | None:
    """As the settings keep it."""
    match ref:
        case LocalFolder(path):
            return {"kind": "folder", "path": str(path)}
        case SampleModel():
            return {"kind": "sample"}
        case None:
            return None


def from_data(data: Any) -> ModelRef | None:
    """What ``as_data`` gave; ``None`` where it is nothing that this version knows."""
    match data:
        case {"kind": "folder", "path": str(path)} if path:
            return LocalFolder(Path(path))
        case {"kind": "sample"}:
            return SampleModel()
    return None
