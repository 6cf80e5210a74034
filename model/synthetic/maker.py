"""Tensors with random weights, each with its own seed from the checkpoint's seed and its name.

A model is therefore the same however it is sharded. Scales are chosen so that a random model is not degenerate:
attention neither flat nor one-hot, the router undecided enough to use all experts, logits well spread.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator

import torch
from torch import Tensor

from model.family.config import ModelConfig
from model.family.inventory import TensorSpec, expected_tensors
from model.synthetic.tokenizer import quiet_ids, special_ids

_TILE = 4_194_301
"""A prime number of random numbers, repeated to fill large tensors; no row or expert repeats exactly."""


class Maker:
    """Makes any tensor of a model from the seed and the tensor's name."""

    def __init__(self, config: ModelConfig, seed: int) -> None:
        self.config = config
        self.specs = expected_tensors(config)
        self._seed = seed
        # The embedding is also the head. A small embedding lets the layers, not the last token, decide the
        # next one; the final norm then brings the logits back to a standard deviation of about 2.4.
        spread = 1.5 * math.sqrt(2 * config.text.num_hidden_layers / config.text.hidden_size)
        self.embedding_rms = min(1.0, spread)

    def make(self, spec: TensorSpec, dtype: torch.dtype) -> Tensor:
        """The tensor ``spec`` in ``dtype``, whole."""
        return torch.cat([piece.view(-1) for piece in self.pieces(spec, dtype)]).view(spec.shape)

    def pieces(self, spec: TensorSpec, dtype: torch.dtype) -> Iterator[Tensor]:
        """The tensor in pieces of a few million numbers: whole rows of the embedding, flat ones of the rest."""
        tile = self.random(spec.name, min(spec.numel, _TILE))
        if spec.kind == "embedding":
            yield from (rows.to(dtype) for rows in self._embedding(tile, spec))
            return
        tile = self._value(tile, spec).to(dtype)
        for start in range(0, spec.numel, _TILE):
            yield tile[: spec.numel - start]

    def _value(self, random: Tensor, spec: TensorSpec) -> Tensor:
        match spec.kind:
            case "norm" if spec.name.endswith("language_model.norm.weight"):
                return (1 + 0.15 * random) * (2.4 / self.embedding_rms)
            case "norm":
                return (1 + 0.15 * random).clamp_(min=0.3)
            case "q_norm":  # scores are q·k unscaled, so this alone sets how sharp attention is
                return (1 + 0.2 * random).clamp_(min=0.3) * (1.5 / math.sqrt(spec.shape[0]))
            case "scalar":
                return 0.9 + 0.1 * torch.tanh(random)
            case "scale":
                return (1 + 0.25 * random).clamp_(min=0.3)
            case "lookup":  # the decoder multiplies it by the root of one layer's width
                return random * max(1, self.config.text.hidden_size_per_layer_input) ** -0.5
            case "router":
                return random * 1.5
            case "position":
                return random * 0.5
            case "bias":
                return random * 0.1
            case "low" | "high":
                return torch.full_like(random, -2.0 if spec.kind == "low" else 2.0)
            case _:
                return random * spec.shape[-1] ** -0.5

    def _embedding(self, tile: Tensor, spec: TensorSpec) -> Iterator[Tensor]:
        """Control tokens and bytes are seldom drawn; the end of a turn often enough for answers to end."""
        vocabulary, hidden = spec.shape
        loudness = torch.full((vocabulary, 1), self.embedding_rms * hidden**-0.5)
        loudness[quiet_ids(vocabulary)] *= 0.25
        loudness[special_ids(vocabulary)["<turn|>"]] *= 6.0
        twice, step = torch.cat([tile, tile]), max(1, len(tile) // hidden)
        for start in range(0, vocabulary, step):
            stop = min(vocabulary, start + step)
            offset = start * hidden % len(tile)
            rows = twice[offset : offset + (stop - start) * hidden].view(-1, hidden)
            yield rows * loudness[start:stop]

    def random(self, name: str, count: int) -> Tensor:
        """Normal numbers that depend on the tensor's ``name`` only."""
        return torch.randn(count, generator=self.generator(name))

    def generator(self, name: str) -> torch.Generator:
        """The generator for the tensor ``name``."""
        digest = hashlib.sha256(f"{self._seed}:{name}".encode()).digest()
        return torch.Generator().manual_seed(int.from_bytes(digest[:7], "little"))
