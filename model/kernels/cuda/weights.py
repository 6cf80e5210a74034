"""Weights of ``model.formats.weights`` as the kernels read them."""

from __future__ import annotations

from typing import Any

import torch

from model.formats.low_rank import plain
from model.formats.quantized_weights import BlockExperts, BlockLinear, weights_for_cards
from model.formats.weights import DenseExperts, DenseLinear
from model.kernels.cuda.launcher import BF16, Weights


class UnsuitedError(Exception):
    """A weight has a form that the kernels do not read."""


def weights_of(linear: Any) -> Weights:
    """A ``Linear``'s matrix, or all rows of an ``ExpertLinear``'s, one expert's behind the other's.

    Raises ``UnsuitedError``.
    """
    linear = plain(linear)
    if isinstance(linear, BlockLinear | BlockExperts):
        found = weights_for_cards(linear.data, linear.scales, linear.layout)
        if found is not None:
            return found
    if isinstance(linear, DenseLinear | DenseExperts) and linear.weight.dtype == torch.bfloat16:
        weight = linear.weight.contiguous()
        return Weights(BF16, weight, None, weight.numel() // weight.shape[-1], weight.shape[-1])
    raise UnsuitedError(f"{type(linear).__name__} is not read by the kernels")
