"""Snapshots of the KV cache on disk, so that a document that was read once comes back after a restart.

A node holds the positions from its parent's end to its own, and the rings at its own end; a chain of nodes is a
prompt's beginning. Each node is a safetensors file and a manifest beside it:

    <key>.safetensors   rows of the global layers, rings of the sliding ones
    <key>.json          format, model, parent, positions, the file's size, a SHA-256 of each tensor

The data file is written first, under a temporary name, flushed and renamed; then the manifest in the same way. So
a node exists once its manifest does. On loading everything is checked; what does not fit is dropped with a line in
the log, and the caller reads the document again. Files are opened by memory mapping: a document larger than the
memory still works, page by page.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import mmap
import os
import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from model.errors import CheckpointError
from model.kv_cache import Block, KVCache, Snapshot
from model.tensor_file import Entry, Slot, TensorWriter, read_header

FORMAT = 1
_KEY = re.compile(r"[0-9a-f]{16,64}")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a node's manifest says. ``start`` and ``length`` are positions, ``size`` the data file's bytes."""

    format: int
    model: str
    parent: str | None
    start: int
    length: int
    size: int
    digests: dict[str, str]


class _DroppedError(Exception):
    """A node that cannot be used, and why."""


class SnapshotStore:
    """The nodes of one model in one folder.

    ``model`` identifies weights, template and the cache's number format: a node of another model is never used.
    Errors of the disk are logged and swallowed: the app goes on without saving.
    """

    def __init__(self, folder: Path, model: str) -> None:
        self.folder, self.model = folder, model

    def save(self, key: str, snapshot: Snapshot, parent: str | None = None, start: int = 0) -> bool:
        """Writes ``snapshot`` from position ``start`` on, where ``parent`` ends. False when the disk would not."""
        assert _KEY.fullmatch(key) and 0 <= start <= snapshot.length
        token = uuid.uuid4().hex
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            tensors = dict(_tensors(snapshot, start))
            size = self._write_data(key, token, tensors)
            digests = _digests(tensors)
            manifest = Manifest(FORMAT, self.model, parent, start, snapshot.length, size, digests)
            self._write_manifest(key, token, manifest)
            _sync_folder(self.folder)
        except OSError as error:
            _log.warning("a snapshot was not saved (%s); the document stays in memory only", error.strerror)
            self._remove_temporary(token)
            return False
        return True

    def load(self, key: str, into: KVCache) -> Snapshot | None:
        """The snapshot called ``key`` for caches like ``into``, or None when it is not there or not sound."""
        try:
            return self._load(key, into)
        except _DroppedError as error:
            _log.warning("a saved snapshot was dropped: %s", error)
            self.forget(key)
            return None

    def has(self, key: str) -> bool:
        """Whether a node of this name is there; whether it is sound shows on loading."""
        return self._manifest_path(key).is_file()

    def keys(self) -> list[str]:
        """All nodes, the least recently used first."""
        paths = [path for path in self.folder.glob("*.json") if _KEY.fullmatch(path.stem)]
        return [path.stem for path in sorted(paths, key=_modified)]

    def touch(self, key: str) -> None:
        """Marks a node as used just now."""
        with contextlib.suppress(OSError):
            os.utime(self._manifest_path(key))

    def forget(self, key: str) -> None:
        """Deletes a node; those behind it are dropped when they are asked for."""
        for path in (self._manifest_path(key), self._data_path(key)):
            with contextlib.suppress(OSError):
                path.unlink()

    def nbytes(self) -> int:
        """Bytes of all files in the folder."""
        with contextlib.suppress(OSError):
            return sum(path.stat().st_size for path in self.folder.iterdir() if path.is_file())
        return 0

    def shrink(self, limit: int, keep: frozenset[str] = frozenset()) -> None:
        """Deletes the least recently used nodes, except ``keep``, until ``limit`` bytes are not exceeded."""
        total = self.nbytes()
        for key in self.keys():
            if total <= limit:
                return
            if key not in keep:
                for path in (self._data_path(key), self._manifest_path(key)):
                    with contextlib.suppress(OSError):
                        total -= path.stat().st_size
                self.forget(key)

    def _load(self, key: str, into: KVCache) -> Snapshot | None:
        chain: list[tuple[str, Manifest]] = []
        next_key: str | None = key
        while next_key is not None:
            manifest = self._read_manifest(next_key)
            if manifest is None:
                if not chain:
                    return None
                raise _DroppedError(f"{key} goes on from {next_key}, which is gone")
            if chain and manifest.length != chain[-1][1].start:
                raise _DroppedError(f"{key} does not begin where {next_key} ends")
            chain.append((next_key, manifest))
            next_key = manifest.parent
        parts: list[list[tuple[Block, int]]] = [[] for _ in into.global_layers()]
        for node, manifest in reversed(chain):
            self._add_rows(node, manifest, into, parts)
        rings = self._rings(key, chain[0][1], into)
        return Snapshot(chain[0][1].length, rings, tuple(tuple(layer) for layer in parts))

    def _add_rows(self, key: str, manifest: Manifest, into: KVCache, parts: list[list[tuple[Block, int]]]) -> None:
        count = manifest.length - manifest.start
        layers = into.global_layers()
        shapes: dict[str, tuple[torch.dtype, tuple[int, ...]]] = {}
        for index, layer in enumerate(layers):
            for number, (dtype, width) in enumerate(layer.stored_form()):
                shapes[f"global.{index}.{number}"] = (dtype, (layer.kv_heads, count, width))
        tensors = self._read_data(key, manifest, shapes)
        for index, layer in enumerate(layers):
            names = [name for name in shapes if name.startswith(f"global.{index}.")]
            block = Block(tuple(tensors[name].to(layer.device) for name in names), count)
            block.filled = count
            parts[index].append((block, count))

    def _rings(self, key: str, manifest: Manifest, into: KVCache) -> tuple[tuple[Tensor, Tensor], ...]:
        shapes: dict[str, tuple[torch.dtype, tuple[int, ...]]] = {}
        for index, ring in enumerate(into.sliding_layers()):
            heads, window, head_dim = ring.keys.shape
            for name in ("keys", "values"):
                shape = (heads, min(manifest.length, window), head_dim)
                shapes[f"sliding.{index}.{name}"] = (ring.keys.dtype, shape)
        tensors = self._read_data(key, manifest, shapes)
        rings = enumerate(into.sliding_layers())
        return tuple(
            (
                tensors[f"sliding.{i}.keys"].to(ring.keys.device),
                tensors[f"sliding.{i}.values"].to(ring.keys.device),
            )
            for i, ring in rings
        )

    def _read_data(
        self, key: str, manifest: Manifest, shapes: dict[str, tuple[torch.dtype, tuple[int, ...]]]
    ) -> dict[str, Tensor]:
        """The tensors named in ``shapes``, mapped, once their sizes, kinds and contents are checked."""
        path = self._data_path(key)
        try:
            if path.stat().st_size != manifest.size:
                raise _DroppedError(f"{path.name} has another size than its manifest says")
            entries = read_header(path)
            for name, (dtype, shape) in shapes.items():
                entry = entries.get(name)
                if entry is None or (entry.dtype, entry.shape) != (dtype, shape):
                    raise _DroppedError(f"{path.name} holds {name} in another form")
            tensors = _map(path, [entries[name] for name in shapes])
        except (OSError, ValueError, CheckpointError) as error:
            raise _DroppedError(f"{path.name} cannot be read ({error})") from error
        for name, digest in _digests(tensors).items():
            if digest != manifest.digests.get(name):
                raise _DroppedError(f"{path.name} is damaged in {name}")
        return tensors

    def _read_manifest(self, key: str) -> Manifest | None:
        try:
            text = self._manifest_path(key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _DroppedError(f"the manifest {key} cannot be read ({error})") from error
        try:
            manifest = _parse_manifest(json.loads(text))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise _DroppedError(f"the manifest {key} is damaged") from error
        if (manifest.format, manifest.model) != (FORMAT, self.model):
            raise _DroppedError(f"{key} is of another format or another model")
        return manifest

    def _write_data(self, key: str, token: str, tensors: dict[str, Tensor]) -> int:
        temporary = self.folder / f"{token}.tmp"
        slots = [Slot(name, tensor.dtype, tuple(tensor.shape)) for name, tensor in tensors.items()]
        with TensorWriter(temporary, slots) as writer:
            for name, tensor in tensors.items():
                writer.write(name, tensor)
        size = temporary.stat().st_size
        temporary.replace(self._data_path(key))
        return size

    def _write_manifest(self, key: str, token: str, manifest: Manifest) -> None:
        temporary = self.folder / f"{token}.tmp"
        with temporary.open("w", encoding="utf-8") as file:
            json.dump(asdict(manifest), file)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._manifest_path(key))

    def _remove_temporary(self, token: str) -> None:
        with contextlib.suppress(OSError):
            (self.folder / f"{token}.tmp").unlink()

    def _data_path(self, key: str) -> Path:
        return self.folder / f"{key}.safetensors"

    def _manifest_path(self, key: str) -> Path:
        return self.folder / f"{key}.json"


def _tensors(snapshot: Snapshot, start: int) -> Iterator[tuple[str, Tensor]]:
    """What a node holds, by name: each layer's rows from ``start`` on in one piece, and the rings."""
    for index, parts in enumerate(snapshot.parts):
        for number in range(len(parts[0][0].tensors)):
            pieces, begin = [], 0
            for block, used in parts:
                pieces.append(block.tensors[number][:, max(0, start - begin) : used])
                begin += used
            yield f"global.{index}.{number}", torch.cat(pieces, dim=1).cpu()
    for index, (keys, values) in enumerate(snapshot.rings):
        yield f"sliding.{index}.keys", keys.cpu().contiguous()
        yield f"sliding.{index}.values", values.cpu().contiguous()


def _digests(tensors: dict[str, Tensor]) -> dict[str, str]:
    """SHA-256 of each tensor's bytes, on two threads: hashing lets go of the interpreter."""

    def digest(tensor: Tensor) -> str:
        return hashlib.sha256(tensor.reshape(-1).view(torch.uint8).numpy().data).hexdigest()

    with ThreadPoolExecutor(2) as pool:
        return dict(zip(tensors, pool.map(digest, tensors.values()), strict=True))


def _map(path: Path, entries: list[Entry]) -> dict[str, Tensor]:
    """Tensors over the file's pages, copied on write: nothing that is done to them reaches the file."""
    with path.open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    return {
        entry.name: torch.frombuffer(mapped, dtype=torch.uint8, offset=entry.start, count=entry.nbytes)
        .view(entry.dtype)
        .view(entry.shape)
        if entry.nbytes
        else torch.empty(entry.shape, dtype=entry.dtype)
        for entry in entries
    }


def _parse_manifest(value: object) -> Manifest:
    if not isinstance(value, dict):
        raise TypeError("not an object")
    manifest = Manifest(**value)
    numbers = (manifest.format, manifest.start, manifest.length, manifest.size)
    if not all(type(number) is int and number >= 0 for number in numbers) or manifest.start > manifest.length:
        raise ValueError("wrong numbers")
    if manifest.parent is not None and (not _KEY.fullmatch(manifest.parent) or manifest.start == 0):
        raise ValueError("wrong parent")
    if manifest.parent is None and manifest.start:
        raise ValueError("no parent")
    if not isinstance(manifest.digests, dict):
        raise TypeError("no digests")
    return manifest


def _modified(path: Path) -> float:
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def _sync_folder(folder: Path) -> None:
    """Makes the renames durable where the system has that notion."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
