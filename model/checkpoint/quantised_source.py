"""The weights of a quantised folder, mapped into memory: opening quantises nothing, and copies the LM head only.

Where the model is larger than the memory that is free, its experts are streamed: what every token needs is copied to
private memory, which the page cache does not evict, and experts are read from the mapped files as they are chosen.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from pathlib import Path

import torch
from torch import Tensor

from model.cancel import Cancel
from model.checkpoint.quantised_folder import NOT_WARMED, read_manifest, slots
from model.checkpoint.tensor_file import MappedFile
from model.errors import CancelledError, CheckpointError
from model.family.config_json import read_config
from model.family.inventory import TEXT, expected_tensors, with_what_is_there
from model.formats import int8, quantize, table
from model.formats.forms import Form
from model.formats.quantized_weights import (
    BlockEmbedding,
    BlockExperts,
    BlockLinear,
    Int8Embedding,
    SplitEmbedding,
    StoredLookup,
    head_library,
)
from model.formats.weights import (
    DenseEmbedding,
    DenseExperts,
    DenseLinear,
    DenseLookup,
    Embedding,
    ExpertLinear,
    Linear,
    Lookup,
)
from model.kernels import native
from model.kernels.native.head import Planes
from model.memory import machine_memory
from model.messages import msg
from model.types import LoadProgress

_WARM_STEP = 64 << 20
_REQUANTISED = 512
"""Rows that are brought from the finer table to the planes at a time; they stay in the processor's cache."""
_SPARE = 1 << 30
"""Memory to leave free when a model is brought into memory ahead of use; with less, its experts are streamed."""


class QuantisedSource:
    """A ``WeightSource`` over a quantised folder."""

    def __init__(self, folder: Path, device: torch.device, dtype: torch.dtype, streams: bool | None = None) -> None:
        """``streams``: whether experts are streamed, by default where the model does not fit in free memory."""
        self.device, self.dtype = device, dtype
        self._manifest = read_manifest(folder)
        self._specs = expected_tensors(with_what_is_there(read_config(folder), self._manifest.forms))
        self._maps = {name: MappedFile(folder / name) for name in self._manifest.files}
        self._where = {name: file for file in self._maps.values() for name in file.entries}
        self._check(folder)
        has_experts = any(spec.kind == "experts" for spec in self._specs.values())
        wanted = not self._fits_in_memory() if streams is None else streams
        self.streams = wanted and has_experts and device.type == "cpu"

    @property
    def mapped_files(self) -> list[MappedFile]:
        """The files that hold the weights."""
        return list(self._maps.values())

    @property
    def quantisation(self) -> str:
        """The format of most of its numbers."""
        return table.model_format(self._manifest.forms.values()).title

    @property
    def weight_bytes(self) -> int:
        """Bytes of the model in its quantised form."""
        return self._manifest.nbytes

    @property
    def parameters(self) -> int:
        """How many numbers the model has."""
        return self._manifest.parameters

    def _check(self, folder: Path) -> None:
        for name, spec in self._specs.items():
            form = self._manifest.forms.get(name)
            stored = slots(spec, form) if form else []
            if not stored or any(not self._fits(slot.name, slot.shape, slot.dtype) for slot in stored):
                raise CheckpointError(
                    msg(
                        "quantised.shape",
                        "{folder} does not hold {name} as it should; delete it and quantise again.",
                        folder=folder,
                        name=name,
                    )
                )

    def _fits(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> bool:
        entry = self._where[name].entries[name] if name in self._where else None
        return entry is not None and (entry.shape, entry.dtype) == (shape, dtype)

    def names(self) -> Collection[str]:
        """All names in the published checkpoint."""
        return self._specs.keys()

    def device_of(self, name: str) -> torch.device:
        """The device that the tensor called ``name`` is on."""
        return self.device

    def tensor(self, name: str) -> Tensor:
        """A tensor that is stored dense; one that is not is widened."""
        form = self._form(name)
        if table.format_of(form) is table.BF16:
            return self._stored(name, self._is_hot(name)).to(device=self.device, dtype=self.dtype)
        data, scales = self._pair(name, form)
        if len(self._specs[name].shape) == 2:
            return quantize.dequantise(data, scales, form, self.dtype).to(self.device)
        experts = zip(data, scales, strict=True)
        return torch.stack([quantize.dequantise(d, s, form, self.dtype) for d, s in experts]).to(self.device)

    def linear(self, name: str) -> Linear:
        """The matrix called ``name``."""
        form = self._form(name)
        if table.format_of(form).block:
            return BlockLinear(*self._pair(name, form, self._is_hot(name)), form, self.device)
        return DenseLinear(self.tensor(name))

    def experts(self, name: str) -> ExpertLinear:
        """The packed experts called ``name``."""
        form = self._form(name)
        if table.format_of(form).block:
            if self.streams and native.library() is not None:
                for slot in slots(self._specs[name], form):
                    self._where[slot.name].expect_any_order(slot.name)
            return BlockExperts(*self._pair(name, form), form, self.device, self.streams)
        return DenseExperts(self.tensor(name))

    def embedding(self, name: str) -> Embedding:
        """The tied embedding."""
        form = self._form(name)
        if table.format_of(form) is table.INT8:
            return self._int8_embedding(name, form)
        if table.format_of(form) is table.Q8X16:
            return self._fine_embedding(name, form)
        if table.format_of(form).block:
            return BlockEmbedding(*self._pair(name, form, self._is_hot(name)), form, self.device, self.dtype)
        return DenseEmbedding(self.tensor(name))

    def lookup(self, name: str) -> Lookup:
        """The table called ``name``, which stays in its file: only the rows that are asked for are read."""
        form = self._form(name)
        if table.format_of(form) is table.BF16:
            return DenseLookup(self._stored(name), self.device, self.dtype)
        return StoredLookup(*self._pair(name, form), form, self.device, self.dtype)

    def _int8_embedding(self, name: str, form: Form) -> Embedding:
        """The table is read piece by piece into its planes, so that it never takes its memory twice."""
        data, scales = self._pair(name, form)
        library = head_library(data.shape[1], self.device, self.dtype)
        if library is None:
            return Int8Embedding(*self._pair(name, form, self._is_hot(name)), self.device, self.dtype)
        stored = slots(self._specs[name], form)[0].name
        return SplitEmbedding(library, Planes(library, self._where[stored].pieces(stored), *data.shape), scales)

    def _fine_embedding(self, name: str, form: Form) -> Embedding:
        """As ``_int8_embedding``, with planes made of a finer table, which stays in its file."""
        data, scales = self._pair(name, form)
        library = head_library(data.shape[1], self.device, self.dtype)
        if library is None:
            return BlockEmbedding(data, scales, form, self.device, self.dtype)
        stored = slots(self._specs[name], form)[0].name
        row_scales: list[Tensor] = []

        def pieces() -> Iterator[Tensor]:
            done = 0
            for piece in self._where[stored].pieces(stored):
                for part in piece.split(_REQUANTISED):
                    wide = quantize.dequantise(part, scales[done : done + len(part)], form, torch.float32)
                    numbers, own = int8.encode(wide)
                    row_scales.append(own)
                    done += len(part)
                    yield numbers

        rows, columns = data.shape
        planes = Planes(library, pieces(), rows, columns, with_low=False)
        return SplitEmbedding(library, planes, torch.cat(row_scales), (data, scales))

    def _form(self, name: str) -> Form:
        if name not in self._specs:
            raise CheckpointError(
                msg("weights.no-such", "The model has no weights called {name}; download the model again.", name=name)
            )
        return self._manifest.forms[name]

    def _pair(self, name: str, form: Form, hot: bool = False) -> tuple[Tensor, Tensor]:
        data, scales = (self._stored(slot.name, hot) for slot in slots(self._specs[name], form))
        return data, scales

    def _is_hot(self, name: str) -> bool:
        """Whether every token needs all of it."""
        return name.startswith(TEXT) and self._specs[name].kind not in ("experts", "lookup")

    def _stored(self, name: str, hot: bool = False) -> Tensor:
        file = self._where[name]
        return file.copied(name) if hot and self.streams else file.tensor(name)

    def _fits_in_memory(self) -> bool:
        total = sum(file.size for name, file in self._maps.items() if name not in NOT_WARMED)
        return machine_memory().available >= total + _SPARE

    def warm(self, on_progress: Callable[[LoadProgress], None] | None, cancel: Cancel | None) -> None:
        """Read the files into memory at the disk's speed, if it is large enough to keep them."""
        if self.streams or not self._fits_in_memory():
            return
        files = [file for name, file in self._maps.items() if name not in NOT_WARMED]
        total, done = sum(file.size for file in files), 0
        for file in files:
            for start in range(0, file.size, _WARM_STEP):
                if cancel is not None and cancel.is_set():
                    raise CancelledError(msg("cancelled.opening", "Opening the model was cancelled."))
                length = min(_WARM_STEP, file.size - start)
                file.warm(start, length)
                done += length
                if on_progress is not None:
                    on_progress(LoadProgress(msg("stage.opening", "Opening the model"), done, total))
