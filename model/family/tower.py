"""Reading the tensors of a tower, and the numbers that it is computed in."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from model.errors import CheckpointError
from model.family.config import ModelConfig
from model.family.inventory import expected_tensors
from model.family.vision_layers import has_bf16
from model.formats.weights import WeightSource


class TowerReader:
    """Reads a tower's tensors, each checked against what the configuration asks for."""

    def __init__(self, config: ModelConfig, source: WeightSource, misfit: Callable[[str], CheckpointError]) -> None:
        """``misfit`` makes the error of a tensor that does not fit, from the reason."""
        self._source, self._misfit = source, misfit
        self._specs = expected_tensors(config)

    def __call__(self, name: str) -> Tensor:
        """The tensor called ``name``. Raises ``CheckpointError``."""
        try:
            tensor = self._source.tensor(name)
        except CheckpointError as error:
            raise self._misfit(f"{name} is missing") from error
        if tuple(tensor.shape) != self._specs[name].shape:
            raise self._misfit(f"{name} has the shape {list(tensor.shape)}")
        return tensor

    def all(self, prefix: str) -> dict[str, Tensor]:
        """All tensors whose names begin with ``prefix``, by the rest of their names."""
        return {name.removeprefix(prefix): self(name) for name in self._specs if name.startswith(prefix)}


def compute_dtype(dtype: torch.dtype, device: torch.device) -> torch.dtype:
    """bf16 only where the processor multiplies it by itself."""
    return torch.float32 if device.type == "cpu" and not has_bf16() else dtype
