"""Tensors kept on disk under keys, checked when they come back: what snapshots and soft tokens are saved in.

Each record is two files in one folder:

    <key>.safetensors   the tensors
    <key>.json          format, model, the caller's facts, the file's size, a SHA-256 of each tensor

The data file is written first, under a temporary name, flushed and renamed; then the manifest in the same way. So
a record exists once its manifest does. What does not fit on loading raises ``DroppedError``. Data is opened by
memory mapping, copied on write: nothing that is done to a loaded tensor reaches the file.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import mmap
import os
import re
import time
import weakref
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model import atomic
from model.checkpoint.tensor_file import Entry, Slot, TensorWriter, read_header
from model.errors import CheckpointError

FORMAT = 2
KEY = re.compile(r"[0-9a-f]{16,64}")
Form = tuple[torch.dtype, tuple[int, ...]]
"""The expected dtype and shape of a tensor."""

_PIECE = 8 << 20
"""Bytes of a tensor that are hashed at a time."""
_STALE_S = 24 * 3600.0


class DroppedError(Exception):
    """A record that cannot be used; the message gives the reason."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The description beside the data. ``size`` is the data file's bytes; ``digests`` are by tensor."""

    format: int
    model: str
    facts: dict[str, Any]
    size: int
    digests: dict[str, str]


class TensorStore:
    """The records of one model in one folder. Several processes may use it at once: names are by content."""

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.model = folder, model
        self._open: weakref.WeakSet[mmap.mmap] = weakref.WeakSet()
        """The files behind tensors that are still in use."""

    def save(self, key: str, tensors: Mapping[str, Tensor], facts: Mapping[str, Any]) -> None:
        """Writes one record. Raises ``OSError``; then nothing is left behind."""
        assert KEY.fullmatch(key)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with atomic.replacing(self._data_path(key)) as temporary:
            size = self._write_data(temporary, tensors)
        manifest = Manifest(FORMAT, self.model, dict(facts), size, _digests(tensors))
        atomic.write(self._manifest_path(key), json.dumps(asdict(manifest)))
        atomic.flush_folder(self.folder)

    def manifest(self, key: str) -> Manifest | None:
        """The manifest of a record, None where there is no such record. Raises ``DroppedError``."""
        try:
            text = self._manifest_path(key).read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise DroppedError(f"the manifest {key} cannot be read ({error})") from error
        try:
            manifest = _parse(json.loads(text))
        except (ValueError, TypeError, RecursionError) as error:
            raise DroppedError(f"the manifest {key} is damaged") from error
        if (manifest.format, manifest.model) != (FORMAT, self.model):
            raise DroppedError(f"{key} is of another format or another model")
        return manifest

    def tensors(self, key: str, manifest: Manifest, forms: Mapping[str, Form]) -> dict[str, Tensor]:
        """The tensors named in ``forms``, once form, size and contents are checked. Raises ``DroppedError``."""
        path = self._data_path(key)
        try:
            if path.stat().st_size != manifest.size:
                raise DroppedError(f"{path.name} has another size than its manifest says")
            entries = read_header(path)
            for name, form in forms.items():
                entry = entries.get(name)
                if entry is None or (entry.dtype, entry.shape) != form:
                    raise DroppedError(f"{path.name} holds {name} in another form")
            mapped = _map(path, manifest.size)
            self._open.add(mapped)
            tensors = _tensors(mapped, [entries[name] for name in forms])
        except (OSError, ValueError, CheckpointError) as error:
            raise DroppedError(f"{path.name} cannot be read ({error})") from error
        for name, digest in _digests(tensors).items():
            if digest != manifest.digests.get(name):
                raise DroppedError(f"{path.name} is damaged in {name}")
        return tensors

    def whole(self) -> bool:
        """Whether every file whose tensors are in use is as long as it was: touching a page behind its end is fatal."""
        return all(mapped.size() >= len(mapped) for mapped in self._open)

    def naming(self, document: str) -> list[str]:
        """The records, of any model, whose facts name ``document`` under ``documents``."""
        found = []
        for key in self.keys():
            try:
                facts = json.loads(self._manifest_path(key).read_text(encoding="utf-8"))["facts"]
                if document in facts["documents"]:
                    found.append(key)
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
        return found

    def forget_documents(self, document: str) -> None:
        """Deletes every record that names ``document``."""
        for key in self.naming(document):
            self.forget(key)

    def has(self, key: str) -> bool:
        """Whether a record of this name is there; whether it is sound shows on loading."""
        return self._manifest_path(key).is_file()

    def keys(self) -> list[str]:
        """All records, the least recently used first."""
        paths = [path for path in self.folder.glob("*.json") if KEY.fullmatch(path.stem)]
        return [path.stem for path in sorted(paths, key=_modified)]

    def touch(self, key: str) -> None:
        """Marks a record as used just now."""
        with contextlib.suppress(OSError):
            os.utime(self._manifest_path(key))

    def forget(self, key: str) -> int:
        """Deletes a record; how many bytes that freed."""
        freed = 0
        for path in (self._manifest_path(key), self._data_path(key)):
            with contextlib.suppress(OSError):
                size = path.stat().st_size
                path.unlink()
                freed += size
        return freed

    def nbytes(self, key: str | None = None) -> int:
        """Bytes on disk of one record, or of everything in the folder."""
        paths: Iterable[Path] = (self._manifest_path(key), self._data_path(key)) if key else self.folder.glob("*")
        return sum(_size(path) for path in paths)

    def shrink(self, limit: int, keep: frozenset[str] = frozenset()) -> None:
        """Deletes the least recently used records, except ``keep``, until ``limit`` bytes are not exceeded."""
        total = self.nbytes()
        for key in self.keys():
            if total <= limit:
                return
            if key not in keep:
                total -= self.forget(key)

    def sweep(self) -> None:
        """Deletes what killed processes left half written."""
        for path in self.folder.glob("*.tmp"):
            if time.time() - _modified(path) > _STALE_S:
                with contextlib.suppress(OSError):
                    path.unlink()

    @staticmethod
    def _write_data(path: Path, tensors: Mapping[str, Tensor]) -> int:
        slots = [Slot(name, tensor.dtype, tuple(tensor.shape)) for name, tensor in tensors.items()]
        with TensorWriter(path, slots) as writer:
            for name, tensor in tensors.items():
                writer.write(name, tensor)
        return path.stat().st_size

    def _data_path(self, key: str) -> Path:
        return self.folder / f"{key}.safetensors"

    def _manifest_path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _digests(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    """Of each tensor, the SHA-256 of its pieces' SHA-256; on two threads, since hashing lets go of the interpreter."""
    flat = {name: tensor.reshape(-1).view(torch.uint8).numpy().data for name, tensor in tensors.items()}
    pieces = [(name, data[at : at + _PIECE]) for name, data in flat.items() for at in range(0, len(data), _PIECE)]
    whole = {name: hashlib.sha256() for name in flat}
    with ThreadPoolExecutor(2) as pool:
        digests = pool.map(lambda piece: hashlib.sha256(piece[1]).digest(), pieces)
        for (name, _), digest in zip(pieces, digests, strict=True):
            whole[name].update(digest)
    return {name: digest.hexdigest() for name, digest in whole.items()}


def _map(path: Path, size: int) -> mmap.mmap:
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    if len(mapped) != size or mapped.size() != size:
        raise OSError("it became shorter")
    if hasattr(mmap, "MADV_WILLNEED"):  # it will be hashed from end to end: let the system read ahead
        mapped.madvise(mmap.MADV_WILLNEED)
    return mapped


def _tensors(mapped: mmap.mmap, entries: list[Entry]) -> dict[str, Tensor]:
    tensors = {}
    for entry in entries:
        if entry.nbytes:
            flat = torch.frombuffer(mapped, dtype=torch.uint8, offset=entry.start, count=entry.nbytes)
            tensors[entry.name] = flat.view(entry.dtype).view(entry.shape)
        else:
            tensors[entry.name] = torch.empty(entry.shape, dtype=entry.dtype)
    return tensors


def _parse(value: object) -> Manifest:
    """Raises ``ValueError`` or ``TypeError`` on anything that ``save`` would not have written."""
    if not isinstance(value, dict):
        raise TypeError("not an object")
    manifest = Manifest(**value)
    if type(manifest.format) is not int or type(manifest.size) is not int:
        raise TypeError("wrong numbers")
    if not isinstance(manifest.facts, dict) or not isinstance(manifest.digests, dict):
        raise TypeError("no facts or no digests")
    return manifest


def _modified(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _size(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size
    return 0
