"""Which model: a folder on this machine, the sample model that comes with Lectern, or one on a server."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A model folder, published or quantised, and folders of adapters that are applied to it together."""

    path: Path
    adapters: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class SampleModel:
    """The sample model, wherever it is on this machine."""


@dataclass(frozen=True, slots=True)
class RemoteModel:
    """A model on a server that speaks OpenAI's API, at ``address`` (``https://host/v1``), by the server's own name."""

    address: str
    name: str

    @property
    def host(self) -> str:
        """Host and port, as the window shows them."""
        return urlsplit(self.address).netloc.rpartition("@")[2]


ModelRef = LocalFolder | SampleModel | RemoteModel


def as_data(ref: ModelRef | None) -> dict[str, Any] | None:
    """As the settings keep it."""
    match ref:
        case LocalFolder(path, adapters):
            own = {"adapters": [str(folder) for folder in adapters]} if adapters else {}
            return {"kind": "folder", "path": str(path), **own}
        case SampleModel():
            return {"kind": "sample"}
        case RemoteModel(address, name):
            return {"kind": "server", "address": address, "name": name}
        case None:
            return None


def from_data(data: Any) -> ModelRef | None:
    """What ``as_data`` gave; ``None`` where it is nothing that this version knows."""
    match data:
        case {"kind": "folder", "path": str(path)} if path:
            adapters = data.get("adapters")
            named = adapters if isinstance(adapters, list) else []
            return LocalFolder(Path(path), tuple(Path(one) for one in named if isinstance(one, str) and one))
        case {"kind": "sample"}:
            return SampleModel()
        case {"kind": "server", "address": str(address), "name": str(name)} if address and name:
            return RemoteModel(address, name)
    return None
