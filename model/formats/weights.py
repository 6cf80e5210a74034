"""The decoder's building blocks: weights behind four small protocols, and their plain dense form.

The decoder asks a ``WeightSource`` for its matrices by their published names and only ever multiplies
with them; whether they are plain numbers or 4-bit is the source's affair (``model.formats.quantize``).

Letters: T tokens, D hidden size, V vocabulary, E experts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, runtime_checkable

import torch
from torch import Tensor
from torch.nn import functional

from model.checkpoint.tensor_file import MappedFile
from model.errors import CheckpointError
from model.messages import msg


@runtime_checkable
class Linear(Protocol):
    """``y = x @ W.T``: [T, in] → [T, out], same dtype and device as ``x``."""

    in_features: int
    out_features: int

    def __call__(self, x: Tensor) -> Tensor:
        """``x @ W.T``: [T, in_features] → [T, out_features]."""
        ...


@runtime_checkable
class ExpertLinear(Protocol):
    """The same matrix of every expert, packed as W [E, out, in]."""

    num_experts: int
    in_features: int
    out_features: int

    def expert(self, x: Tensor, index: int) -> Tensor:
        """[T, in] → [T, out] through expert ``index``."""
        ...


@runtime_checkable
class Embedding(Protocol):
    """The embedding table, which is also the LM head."""

    def rows(self, ids: Tensor) -> Tensor:
        """[T] int64 → [T, D] in the compute dtype, unscaled."""
        ...

    def logits(self, x: Tensor, cap: float | None = None, allowed: Tensor | None = None) -> Tensor:
        """[T, D] → [T, V] in float32, between -cap and cap where there is one.

        With ``allowed``, bool [T, V], those of other words may be anything: nobody looks at them.
        """
        ...


@runtime_checkable
class Lookup(Protocol):
    """A table of which only rows are read; it may stay on the disk."""

    def rows(self, ids: Tensor) -> Tensor:
        """[T] int64 → [T, W] in the compute dtype, on the device."""
        ...


def soft_cap(logits: Tensor, cap: float | None) -> Tensor:
    """cap · tanh(logits / cap), as Gemma 4 does it."""
    return logits if cap is None else torch.tanh(logits / cap) * cap


@runtime_checkable
class WeightSource(Protocol):
    """One open checkpoint. Names are exactly those of the published checkpoint."""

    device: torch.device
    dtype: torch.dtype

    def names(self) -> Collection[str]:
        """All names in the checkpoint."""
        ...

    def device_of(self, name: str) -> torch.device:
        """The device that the tensor called ``name`` is on: ``device``, unless the model is over several."""
        ...

    def tensor(self, name: str) -> Tensor:
        """A dense tensor in the compute dtype, on the device."""
        ...

    def linear(self, name: str) -> Linear:
        """The matrix called ``….weight``."""
        ...

    def experts(self, name: str) -> ExpertLinear:
        """The packed experts called ``….experts.gate_up_proj`` or ``….experts.down_proj``."""
        ...

    def embedding(self, name: str) -> Embedding:
        """The tied embedding."""
        ...

    def lookup(self, name: str) -> Lookup:
        """The table called ``name``, of which only rows are read."""
        ...


class DenseLinear:
    """A plain matrix [out, in]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.out_features, self.in_features = weight.shape

    def __call__(self, x: Tensor) -> Tensor:
        """[T, in] → [T, out]."""
        return functional.linear(x, self.weight)


class DenseExperts:
    """Plain packed experts [E, out, in]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight
        self.num_experts, self.out_features, self.in_features = weight.shape

    def expert(self, x: Tensor, index: int) -> Tensor:
        """[T, in] → [T, out] through expert ``index``."""
        return functional.linear(x, self.weight[index])


class DenseEmbedding:
    """A plain table [V, D]."""

    def __init__(self, weight: Tensor) -> None:
        self.weight = weight

    def rows(self, ids: Tensor) -> Tensor:
        """[T] → [T, D]."""
        return functional.embedding(ids, self.weight)

    def logits(self, x: Tensor, cap: float | None = None, allowed: Tensor | None = None) -> Tensor:
        """[T, D] → [T, V] in float32."""
        return soft_cap(functional.linear(x, self.weight).float(), cap)


class DenseLookup:
    """A plain table [V, W], left in place."""

    def __init__(self, weight: Tensor, device: torch.device, dtype: torch.dtype) -> None:
        self._weight, self._device, self._dtype = weight, device, dtype

    def rows(self, ids: Tensor) -> Tensor:
        """[T] → [T, W]."""
        return self._weight[ids.to(self._weight.device)].to(device=self._device, dtype=self._dtype)


class DenseSource:
    """Weights as they are, from a mapping: tests, tiny models, and models small enough to stay whole."""

    quantisation = "none"

    def __init__(
        self,
        tensors: Mapping[str, Tensor],
        device: torch.device | str = "cpu",
        dtype: torch.dtype = torch.bfloat16,
        mapped_files: Sequence[MappedFile] = (),
    ) -> None:
        self._tensors, self.mapped_files = tensors, mapped_files
        self.weight_bytes = sum(tensor.nbytes for tensor in tensors.values())
        self.device = torch.device(device)
        self.dtype = dtype

    def names(self) -> Collection[str]:
        """All names in the checkpoint."""
        return self._tensors.keys()

    def device_of(self, name: str) -> torch.device:
        """The device that the tensor called ``name`` is on."""
        return self.device

    def tensor(self, name: str) -> Tensor:
        """The tensor in the compute dtype, on the device."""
        if name not in self._tensors:
            raise CheckpointError(
                msg("weights.no-such", "The model has no weights called {name}; download the model again.", name=name)
            )
        return self._tensors[name].to(device=self.device, dtype=self.dtype)

    def linear(self, name: str) -> Linear:
        """The matrix called ``name``."""
        return DenseLinear(self.tensor(name))

    def experts(self, name: str) -> ExpertLinear:
        """The packed experts called ``name``."""
        return DenseExperts(self.tensor(name))

    def embedding(self, name: str) -> Embedding:
        """The tied embedding."""
        return DenseEmbedding(self.tensor(name))

    def lookup(self, name: str) -> Lookup:
        """The table called ``name``."""
        return DenseLookup(self._tensors[name], self.device, self.dtype)
