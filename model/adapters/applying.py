"""Adapters of an open model: read once, switched between requests, any number of them together."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.adapters.reading import CONFIG, Adapter, Pair, read_adapter
from model.checkpoint.tensor_file import MappedFile
from model.errors import CheckpointError
from model.family.config import ModelConfig
from model.formats import low_rank
from model.formats.low_rank import AdaptedSource
from model.messages import msg


@dataclass(frozen=True, slots=True)
class _Loaded:
    """An adapter in memory. ``stamp`` is of its files, ``identity`` of their contents."""

    adapter: Adapter
    stamp: tuple[int, ...]
    identity: str
    pairs: dict[str, low_rank.Pair]


class Adapters:
    """The adapters of one open model. Those that were used before stay in memory, so that switching reads nothing."""

    def __init__(self, config: ModelConfig, source: AdaptedSource) -> None:
        self._config, self._source = config, source
        self._loaded: dict[Path, _Loaded] = {}
        self._used: tuple[_Loaded, ...] = ()

    @property
    def used(self) -> tuple[Adapter, ...]:
        """Those that are applied at present, in order."""
        return tuple(one.adapter for one in self._used)

    def use(self, folders: Sequence[Path]) -> None:
        """Applies the adapters in ``folders`` and no others. Raises ``LecternError``, and then nothing has changed."""
        wanted = tuple(self._load(folder) for folder in dict.fromkeys(folders))
        self._source.changes.put([one.pairs for one in wanted])
        self._used = wanted

    def sign(self, signature: NDArray[np.int64]) -> NDArray[np.int64]:
        """A prompt's signature under the present adapters: what was read under others begins with another number."""
        if not self._used or not len(signature):
            return signature
        together = "\0".join(sorted(one.identity for one in self._used)) + f"\0{int(signature[0])}"
        digest = hashlib.blake2b(together.encode(), digest_size=7).digest()
        signed = signature.copy()
        signed[0] = -1 - int.from_bytes(digest, "big")
        return signed

    def _load(self, folder: Path) -> _Loaded:
        adapter = read_adapter(folder, self._config)
        stamp = tuple(n for path in (folder / CONFIG, adapter.weights) for n in _stamp(path.stat()))
        known = self._loaded.get(folder)
        if known is not None and known.stamp == stamp:
            return known
        file = MappedFile(adapter.weights)
        pairs = {pair.target: self._pair(file, pair) for pair in adapter.pairs}
        missing = pairs.keys() - self._source.changes.places.keys()
        if missing:
            raise CheckpointError(
                msg(
                    "adapter.no-place",
                    "The adapter {name} changes {what}, which this model does not have; choose the model that it was "
                    "trained for.",
                    name=adapter.name,
                    what=min(missing),
                )
            )
        found = self._loaded[folder] = _Loaded(adapter, stamp, adapter.identity(), pairs)
        return found

    def _pair(self, file: MappedFile, pair: Pair) -> low_rank.Pair:
        a, b = (file.tensor(span.name).float() for span in (pair.a, pair.b))
        if not bool(torch.isfinite(a).all() and torch.isfinite(b).all()):
            raise CheckpointError(
                msg(
                    "adapter.numbers",
                    "The adapter in {path} holds numbers that are not finite; train or copy it again.",
                    path=file.path,
                )
            )
        a, b = unpacked(a, b, pair)
        device, dtype = self._source.device_of(pair.target), self._source.dtype
        return a.to(device, dtype).contiguous(), (b * pair.scale).to(device, dtype).contiguous()


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_ino, status.st_size, status.st_mtime_ns


def unpacked(a: Tensor, b: Tensor, pair: Pair) -> tuple[Tensor, Tensor]:
    """A [r, in] and B [out, r] as they are; those of experts as A [E, r, in] and B [E, out, r]."""
    rank = pair.rank
    match pair.layout:
        case "plain":
            return a, b
        case "expert last":
            return a.view(-1, rank, a.shape[1]), b.view(b.shape[0], rank, -1).permute(2, 0, 1)
        case "expert first":
            return a.view(-1, rank, a.shape[1]), b.view(b.shape[0], -1, rank).permute(1, 0, 2)
    # Exchanged: A and B of each expert's transposed matrix.
    return b.view(b.shape[0], rank, -1).permute(2, 1, 0), a.view(-1, rank, a.shape[1]).transpose(1, 2)
