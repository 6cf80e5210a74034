"""Weights of ``model.weights`` as the kernels read them."""

from __future__ import annotations

from typing import Any

import torch

from model.cuda.launcher import BF16, INT4, NF4, Weights
from model.int4 import GROUP
from model.quantize import BLOCK
from model.quantized_weights import FourBitExperts, FourBitLinear
from model.weights import DenseExperts, DenseLinear


class UnsuitedError(Exception):
    """A weight has a form that the kernels do not read."""


_FORMS = {"rows": (NF4, BLOCK), "int4_rows": (INT4, GROUP)}


def weights_of(linear: Any) -> Weights:
    """A ``Linear``'s matrix, or all rows of an ``ExpertLinear``'s, one expert's behind the other's.

    Raises ``UnsuitedError``.
    """
    if isinstance(linear, FourBitLinear | FourBitExperts) and linear.layout in _FORMS:
        form, block = _FORMS[linear.layout]
        scales = linear.scales.float().contiguous()  # on a card they are float32 as they lie there
        data, columns = linear.data.contiguous(), linear.in_features
        return Weights(form, data, scales, data.numel() * 2 // columns, columns, block)
    if isinstance(linear, DenseLinear | DenseExperts) and linear.weight.dtype == torch.bfloat16:
        weight = linear.weight.contiguous()
        return Weights(BF16, weight, None, weight.numel() // weight.shape[-1], weight.shape[-1])
    raise UnsuitedError(f"{type(linear).__name__} is not read by the kernels")
