"""Training with the weights that NF4 leaves, so that quantising costs less afterwards.

Forward and backward see the language side's matrices rounded to NF4 in the blocks in which it is quantised; the update
goes to the weights themselves (Bengio et al. 2013, the straight-through estimator). It belongs to the last stretch.
"""

from __future__ import annotations

import re
from itertools import pairwise

import torch
from torch import Tensor, nn

from model.formats import table

_QUANTISED = re.compile(r"language_model\.layers\.\d+\.(self_attn|mlp|experts)\.\w*proj")


def rounded(weight: Tensor) -> Tensor:
    """``weight`` [..., K], K a multiple of 64, as NF4 gives it back."""
    blocks = weight.reshape(-1, table.NF4.block)
    largest = blocks.abs().amax(1, keepdim=True).clamp_min(1e-12)
    middles = torch.tensor([(a + b) / 2 for a, b in pairwise(table.NF4_VALUES)], device=weight.device)
    codes = torch.bucketize(blocks / largest, middles)
    values = torch.tensor(table.NF4_VALUES, device=weight.device)[codes] * largest.bfloat16().float()
    return values.view_as(weight)


class Rounding:
    """Puts rounded matrices into a network, and its own back."""

    def __init__(self, network: nn.Module) -> None:
        self.weights = [p for name, p in network.named_parameters() if _QUANTISED.search(name) and p.ndim >= 2]
        self._own: list[Tensor] = []

    @torch.no_grad()
    def begin(self) -> None:
        """Before a step's forward pass."""
        self._own = [weight.data for weight in self.weights]
        for weight in self.weights:
            weight.data = rounded(weight.data)

    def end(self) -> None:
        """After its backward pass, before the update."""
        for weight, own in zip(self.weights, self._own, strict=False):
            weight.data = own
        self._own = []
