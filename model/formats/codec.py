"""torch's operations on the numbers of a format: encode, decode, lay out, multiply. One for each entry of the table."""

from __future__ import annotations

import functools
import importlib
from typing import cast

import torch
from torch import Tensor
from torch.nn import functional

from model.formats import table
from model.kernels import native
from model.kernels.native import Matrix, gemm


class Codec:
    """One format's arithmetic on matrices W [N, K]. A format overrides only what it does better."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """W [N, K] → the tensors that it is stored as in ``layout``: the numbers, and their scales where there are any.

        K is a multiple of the format's block.
        """
        raise NotImplementedError

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K] in ``dtype``."""
        raise NotImplementedError

    def best_layout(self, device: torch.device, rows: int, stored: str) -> str:
        """The layout that ``device`` multiplies fastest, of those that have the same numbers as ``stored``."""
        return stored

    def convert(self, data: Tensor, scales: Tensor, old: str, new: str) -> tuple[Tensor, Tensor]:
        """The same numbers in another layout; nothing is copied when it is the same."""
        assert old == new
        return data, scales

    def multiply(self, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
        """[T, K] @ W.T → [T, N] with W as it is stored."""
        own = own_kernels(x, layout)
        if own is not None:
            return own.multiply(x, matrix(data, scales, layout))
        return functional.linear(x, self.decode(data, scales, layout, x.dtype))

    def multiply_wide(self, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
        """``multiply`` to float32 [T, N], for logits; where a format does no better it is ``multiply`` widened."""
        return self.multiply(x, data, scales, layout).float()


class Dense(Codec):
    """Matrices in bf16, as published."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """The weight in bf16, without scales."""
        return (weight.to(torch.bfloat16),)


DENSE = Dense()


@functools.cache
def codec_of(layout: str) -> Codec:
    """The codec of the format that ``layout`` belongs to. Raises ``KeyError``."""
    module, _, name = table.format_of(layout).codec.partition(":")
    return cast(Codec, getattr(importlib.import_module(module), name))


def own_kernels(x: Tensor, layout: str) -> gemm.Kernels | None:
    """Our own kernels for activations like ``x`` and weights in ``layout``, where there are any."""
    wide = x.device.type == "cpu" and x.dtype == torch.bfloat16 and table.prompt_form(layout) is not None
    return gemm.kernels() if wide else None


def matrix(data: Tensor, scales: Tensor, layout: str) -> Matrix:
    """W as the native kernels see it: of experts, the first one."""
    form, bits = table.native_form(layout), table.format_of(layout).bits
    assert form is not None
    return native.matrix(form, data, scales, data.shape[-2], data.shape[-1] * 8 * data.itemsize // bits)
