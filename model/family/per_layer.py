"""Per-layer embeddings, which E2B and E4B have: each layer adds a small vector of its own for every token.

It is made of two: a row of a large table, looked up by the token's id, and a projection of the token's embedding. The
table holds nearly half of E2B's numbers, and only the rows of the tokens that are present are read, so it stays where
it is stored. Formulas as in transformers' ``Gemma4TextModel``.

Letters: T positions of a chunk, L layers, P numbers of one layer's vector, D hidden size.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from model.family.config import TextConfig
from model.family.inventory import PER_LAYER, TEXT
from model.family.layers import RMSNorm
from model.formats.weights import Linear, WeightSource


class PerLayerInputs:
    """The vectors of all layers for the tokens of a chunk."""

    def __init__(self, config: TextConfig, source: WeightSource) -> None:
        self.layers, self.size = config.num_hidden_layers, config.hidden_size_per_layer_input
        self.table = source.lookup(PER_LAYER)
        self.projection: Linear = source.linear(f"{TEXT}.per_layer_model_projection.weight")
        self.norm = RMSNorm(source.tensor(f"{TEXT}.per_layer_projection_norm.weight"), config.rms_norm_eps)
        # As everywhere, transformers rounds the scale of an embedding to the weights' dtype.
        self.scale = torch.tensor(self.size**0.5, dtype=source.dtype, device=source.device)
        self.root = config.hidden_size**-0.5

    def __call__(self, ids: Tensor, hidden: Tensor) -> Tensor:
        """Token ids [T], with the padding's in place of soft tokens, and embeddings [T, D] → [L, T, P]."""
        looked_up = (self.table.rows(ids) * self.scale).view(len(ids), self.layers, self.size)
        projected = (self.projection(hidden) * self.root).view(len(ids), self.layers, self.size)
        return ((self.norm(projected) + looked_up) * 2**-0.5).transpose(0, 1)


class PerLayerBlock:
    """A layer's use of its vector, behind its MLP."""

    def __init__(self, config: TextConfig, source: WeightSource, prefix: str) -> None:
        self.gate: Linear = source.linear(f"{prefix}.per_layer_input_gate.weight")
        self.projection: Linear = source.linear(f"{prefix}.per_layer_projection.weight")
        self.norm = RMSNorm(source.tensor(f"{prefix}.post_per_layer_input_norm.weight"), config.rms_norm_eps)

    def __call__(self, x: Tensor, inputs: Tensor) -> Tensor:
        """``x`` [T, D] and the layer's ``inputs`` [T, P] → [T, D], to be added to ``x``."""
        return self.norm(self.projection(F.gelu(self.gate(x), approximate="tanh") * inputs))
