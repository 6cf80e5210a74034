"""Matrices to the layouts of ``model.formats.table`` and back again, and multiplied as they are stored."""

from __future__ import annotations

import torch
from torch import Tensor

from model.formats.codec import codec_of, matrix, own_kernels
from model.formats.table import LANES, NF4

Layout = str
"""The name of a layout in the table of formats."""
BLOCK = NF4.block

__all__ = ["BLOCK", "LANES", "Layout", "best_layout", "convert", "dequantise", "matrix", "multiply", "own_kernels"]


def best_layout(device: torch.device, rows: int, stored: Layout = NF4.layouts[0].name) -> Layout:
    """The layout that ``device`` multiplies fastest, of those that have the same numbers as ``stored``."""
    return codec_of(stored).best_layout(device, rows, stored)


def encode(weight: Tensor, layout: Layout) -> tuple[Tensor, ...]:
    """W [N, K] → the tensors that it is stored as. K is a multiple of the format's block."""
    return codec_of(layout).encode(weight, layout)


def quantise(weight: Tensor, layout: Layout) -> tuple[Tensor, Tensor]:
    """``encode`` to a format that has scales: the numbers, and the scales."""
    numbers, scales = encode(weight, layout)
    return numbers, scales


def convert(data: Tensor, scales: Tensor, old: Layout, new: Layout) -> tuple[Tensor, Tensor]:
    """The same numbers in another layout; nothing is copied when it is the same."""
    return codec_of(old).convert(data, scales, old, new)


def dequantise(data: Tensor, scales: Tensor, layout: Layout, dtype: torch.dtype) -> Tensor:
    """Back to W [N, K] in ``dtype``."""
    return codec_of(layout).decode(data, scales, layout, dtype)


def multiply_wide(x: Tensor, data: Tensor, scales: Tensor, layout: Layout) -> Tensor:
    """``multiply`` to float32, for logits."""
    return codec_of(layout).multiply_wide(x, data, scales, layout)


def multiply(x: Tensor, data: Tensor, scales: Tensor, layout: Layout) -> Tensor:
    """[T, K] @ W.T → [T, N] with W as it is stored."""
    if not len(x):  # bitsandbytes' kernel divides by the number of tokens
        return x.new_empty((0, data.shape[0]))
    return codec_of(layout).multiply(x, data, scales, layout)
