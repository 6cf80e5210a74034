"""Snapshots of the KV cache on disk, so that a document that was read once comes back after a restart.

A node holds the positions from its parent's end to its own, and the rings at its own end; a chain of nodes is a
prompt's beginning, and each position is on disk once. Loading checks everything; what does not fit is dropped with
a line in the log, and the caller reads the document again. Data stays mapped: a document larger than the memory
still works, page by page.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from model.cache.kv_cache import Block, KVCache, Snapshot
from model.cache.tensor_store import KEY, DroppedError, Form, Manifest, TensorStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Node:
    """Positions ``start`` to ``length``; ``parent`` holds those before. ``documents`` are all up to ``length``."""

    parent: str | None
    start: int
    length: int
    documents: list[str]


class SnapshotStore:
    """The nodes of one model in one folder.

    ``model`` identifies weights, template and the cache's number format: a node of another model is never used.
    Disk errors are logged and swallowed: the app continues without saving.
    """

    def __init__(self, files: TensorStore) -> None:
        self.files = files

    def save(
        self, key: str, snapshot: Snapshot, parent: str | None = None, start: int = 0, documents: Sequence[str] = ()
    ) -> bool:
        """Writes ``snapshot`` from position ``start`` on, where ``parent`` ends. False when the disk would not."""
        assert 0 <= start <= snapshot.length
        node = Node(parent, start, snapshot.length, list(documents))
        try:
            self.files.save(key, dict(_tensors(snapshot, start)), asdict(node))
        except OSError as error:
            _log.warning("a snapshot was not saved (%s); the document stays in memory only", error.strerror)
            return False
        return True

    def load(self, key: str, into: KVCache) -> Snapshot | None:
        """The snapshot called ``key`` for caches like ``into``, or None when it is not there or not sound."""
        try:
            return self._load(key, into)
        except DroppedError as error:
            _log.warning("a saved snapshot was dropped: %s", error)
            self.files.forget(key)
            return None

    def _load(self, key: str, into: KVCache) -> Snapshot | None:
        chain: list[tuple[str, Node, Manifest]] = []
        next_key: str | None = key
        while next_key is not None:
            manifest = self.files.manifest(next_key)
            if manifest is None:
                if not chain:
                    return None
                raise DroppedError(f"{key} goes on from {next_key}, which is gone")
            node = _node(next_key, manifest.facts)
            if chain and node.length != chain[-1][1].start:
                raise DroppedError(f"{key} does not begin where {next_key} ends")
            chain.append((next_key, node, manifest))
            next_key = node.parent
        parts: list[list[tuple[Block, int]]] = [[] for _ in into.global_layers()]
        for name, node, manifest in reversed(chain):
            self._add_rows(name, node, manifest, into, parts)
        rings = self._rings(key, chain[0][1], chain[0][2], into)
        return Snapshot(chain[0][1].length, rings, tuple(tuple(layer) for layer in parts))

    def _add_rows(
        self, key: str, node: Node, manifest: Manifest, into: KVCache, parts: list[list[tuple[Block, int]]]
    ) -> None:
        count = node.length - node.start
        layers = into.global_layers()
        names = [[f"global.{i}.{n}" for n, _ in enumerate(layer.stored_form())] for i, layer in enumerate(layers)]
        forms: dict[str, Form] = {}
        for layer, own in zip(layers, names, strict=True):
            for name, (dtype, width) in zip(own, layer.stored_form(), strict=True):
                forms[name] = (dtype, (layer.kv_heads, count, width))
        tensors = self.files.tensors(key, manifest, forms)
        for layer, own, gathered in zip(layers, names, parts, strict=True):
            block = Block(tuple(tensors[name].to(layer.device) for name in own), count)
            block.filled = count
            gathered.append((block, count))

    def _rings(self, key: str, node: Node, manifest: Manifest, into: KVCache) -> tuple[tuple[Tensor, Tensor], ...]:
        rings = into.sliding_layers()
        forms: dict[str, Form] = {}
        for index, ring in enumerate(rings):
            heads, window, head_dim = ring.keys.shape
            for name in ("keys", "values"):
                forms[f"sliding.{index}.{name}"] = (ring.keys.dtype, (heads, min(node.length, window), head_dim))
        tensors = self.files.tensors(key, manifest, forms)
        return tuple(
            (tensors[f"sliding.{i}.keys"].to(ring.keys.device), tensors[f"sliding.{i}.values"].to(ring.keys.device))
            for i, ring in enumerate(rings)
        )


def _node(key: str, facts: Mapping[str, Any]) -> Node:
    """Raises ``DroppedError`` on facts that ``save`` would not have written."""
    try:
        node = Node(**facts)
    except TypeError as error:
        raise DroppedError(f"the manifest {key} is damaged") from error
    numbers_are_sound = type(node.start) is int and type(node.length) is int and 0 <= node.start <= node.length
    parent_is_sound = node.parent is None or (isinstance(node.parent, str) and KEY.fullmatch(node.parent))
    if not numbers_are_sound or not parent_is_sound or (node.parent is None) != (node.start == 0):
        raise DroppedError(f"the manifest {key} is damaged")
    return node


def _tensors(snapshot: Snapshot, start: int) -> Iterator[tuple[str, Tensor]]:
    """A node's contents, by name: each layer's rows from ``start`` on in one piece, and the rings."""
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
