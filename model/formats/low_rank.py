"""Low-rank changes beside weights of any format: ``y = x @ W.T + (x @ A.T) @ B.T``, with W exactly as it is stored.

``AdaptedSource`` stands before a ``WeightSource`` and hands out its matrices, each with a place for a change. The
kernels that read whole layers take the matrices without (``plain``), and are not used while there is any change.

Letters: T tokens, r the rank of all changes together, E experts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from model.formats.weights import Embedding, ExpertLinear, Linear, Lookup, WeightSource

Pair = tuple[Tensor, Tensor]
"""A [r, in] and B [out, r], or with a dimension for the experts before; B holds the scale."""
Matrix = TypeVar("Matrix")


@dataclass(slots=True)
class Place:
    """Where one matrix looks for its change."""

    pair: Pair | None = None


class AdaptedLinear:
    """A matrix with a place for a change."""

    def __init__(self, base: Linear, place: Place) -> None:
        self.base, self.place = base, place
        self.in_features, self.out_features = base.in_features, base.out_features

    def __call__(self, x: Tensor) -> Tensor:
        """[T, in] → [T, out]."""
        y = self.base(x)
        if self.place.pair is not None:
            a, b = self.place.pair
            y = y + functional.linear(functional.linear(x, a), b)
        return y


class AdaptedExperts:
    """Packed experts with a place for a change."""

    def __init__(self, base: ExpertLinear, place: Place) -> None:
        self.base, self.place = base, place
        self.num_experts = base.num_experts
        self.in_features, self.out_features = base.in_features, base.out_features

    def expert(self, x: Tensor, index: int) -> Tensor:
        """[T, in] → [T, out] through expert ``index``."""
        y = self.base.expert(x, index)
        if self.place.pair is not None:
            a, b = self.place.pair
            y = y + functional.linear(functional.linear(x, a[index]), b[index])
        return y


def plain(matrix: Matrix) -> Matrix:
    """The matrix without its place, for kernels that read it as it is stored."""
    return matrix.base if isinstance(matrix, AdaptedLinear | AdaptedExperts) else matrix  # type: ignore[return-value]


def is_changed(*matrices: object) -> bool:
    """Whether any of them has a change at present."""
    return any(isinstance(one, AdaptedLinear | AdaptedExperts) and one.place.pair is not None for one in matrices)


@dataclass
class Changes:
    """The places of one model's matrices, by name, and the changes in them."""

    places: dict[str, Place] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything is changed at present."""
        return any(place.pair is not None for place in self.places.values())

    def put(self, sets: Sequence[Mapping[str, Pair]]) -> None:
        """Changes the matrices by all of ``sets`` together, and by nothing else."""
        wanted = {name: [pairs[name] for pairs in sets if name in pairs] for name in self.places}
        for name, place in self.places.items():
            place.pair = _together(wanted[name])


def _together(pairs: Sequence[Pair]) -> Pair | None:
    """One pair that does what all of them do: their ranks one behind the other."""
    if len(pairs) < 2:
        return pairs[0] if pairs else None
    return torch.cat([a for a, _ in pairs], -2), torch.cat([b for _, b in pairs], -1)


class AdaptedSource:
    """The matrices of ``source``, each with its place in ``changes``; everything else as it is."""

    def __init__(self, source: WeightSource) -> None:
        self._source = source
        self.device, self.dtype = source.device, source.dtype
        self.changes = Changes()

    def names(self) -> Collection[str]:
        """All names in the checkpoint."""
        return self._source.names()

    def device_of(self, name: str) -> torch.device:
        """The device that the tensor called ``name`` is on."""
        return self._source.device_of(name)

    def tensor(self, name: str) -> Tensor:
        """A dense tensor."""
        return self._source.tensor(name)

    def linear(self, name: str) -> Linear:
        """The matrix called ``name``."""
        return AdaptedLinear(self._source.linear(name), self._place(name))

    def experts(self, name: str) -> ExpertLinear:
        """The packed experts called ``name``."""
        return AdaptedExperts(self._source.experts(name), self._place(name))

    def embedding(self, name: str) -> Embedding:
        """The tied embedding."""
        return self._source.embedding(name)

    def lookup(self, name: str) -> Lookup:
        """The table called ``name``."""
        return self._source.lookup(name)

    def _place(self, name: str) -> Place:
        return self.changes.places.setdefault(name, Place())
