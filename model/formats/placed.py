"""Weights over several devices: each layer, and its experts, where a plan places them.

Letters: L layers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import torch
from torch import Tensor

from model.checkpoint.tensor_file import MappedFile
from model.family.inventory import TEXT
from model.formats.weights import Embedding, ExpertLinear, Linear, Lookup, WeightSource

_LAYERS = f"{TEXT}.layers."


class PlacedSource:
    """One checkpoint, opened once for each device. What is in no layer is on the first one."""

    def __init__(
        self,
        opened: Callable[[torch.device], WeightSource],
        devices: Sequence[torch.device],
        layers: Sequence[int],
        experts: Sequence[int],
    ) -> None:
        """``layers`` and ``experts`` [L] are indices into ``devices``; ``opened`` gives the weights for one of them."""
        used = {0, *layers, *experts}
        self._sources = {index: opened(device) for index, device in enumerate(devices) if index in used}
        self._layers, self._experts = tuple(layers), tuple(experts)
        self.device, self.dtype = self._sources[0].device, self._sources[0].dtype

    @property
    def mapped_files(self) -> list[MappedFile]:
        """The files that hold the weights."""
        return [file for source in self._sources.values() for file in getattr(source, "mapped_files", ())]

    @property
    def quantisation(self) -> str:
        """The format of most of its numbers."""
        return str(getattr(self.first, "quantisation", "none"))

    @property
    def weight_bytes(self) -> int:
        """Bytes of the stored model."""
        return int(getattr(self.first, "weight_bytes", 0))

    @property
    def first(self) -> WeightSource:
        """The weights as they are opened for the first device."""
        return self._sources[0]

    def names(self) -> Collection[str]:
        """All names in the checkpoint."""
        return self.first.names()

    def device_of(self, name: str) -> torch.device:
        """The device that the tensor called ``name`` is on."""
        return self._at(name).device

    def tensor(self, name: str) -> Tensor:
        """A dense tensor in the compute dtype, at its place."""
        return self._at(name).tensor(name)

    def linear(self, name: str) -> Linear:
        """The matrix called ``name``, at its place."""
        return self._at(name).linear(name)

    def experts(self, name: str) -> ExpertLinear:
        """The packed experts called ``name``, at their place."""
        return self._at(name).experts(name)

    def embedding(self, name: str) -> Embedding:
        """The tied embedding."""
        return self._at(name).embedding(name)

    def lookup(self, name: str) -> Lookup:
        """The table called ``name``."""
        return self._at(name).lookup(name)

    def _at(self, name: str) -> WeightSource:
        if not name.startswith(_LAYERS):
            return self.first
        number, _, part = name.removeprefix(_LAYERS).partition(".")
        places = self._experts if part.startswith("experts.") else self._layers
        return self._sources[places[int(number)]]
