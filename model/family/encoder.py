"""Encoders, which make soft tokens, as the feature cache and the engine know it."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any, Protocol, cast

import torch
from torch import Tensor

from model.cancel import Cancel
from model.family.config import ModelConfig
from model.formats.weights import WeightSource


def encoder_of(config: ModelConfig, kind: str) -> Callable[[ModelConfig, WeightSource], Encoder]:
    """The factory of the encoder of the model's family for soft tokens of ``kind``. Raises ``KeyError``."""
    module, _, name = config.family.encoders[kind].partition(":")
    return cast(Callable[[ModelConfig, WeightSource], Encoder], getattr(importlib.import_module(module), name))


class Encoder(Protocol):
    """Turns sources of one kind into soft tokens. It can be stopped between two layers, and resumed."""

    width: int
    """Numbers of a soft token: the language model's hidden size."""
    dtype: torch.dtype

    def begin(self, source: Any, /) -> Any:
        """Everything before the first layer. Raises ``LecternError`` on a source that cannot be read or used."""
        ...

    def finish(self, encoding: Any, cancel: Cancel | None = None, /) -> Tensor:
        """The layers that are left, and the soft tokens [n, width]. After ``CancelledError`` it may be called again."""
        ...
