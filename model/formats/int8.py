"""8-bit numbers: with one scale a row for the embedding, which is also the LM head, and with one for every 32."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model.formats.codec import Codec
from model.formats.table import Q8, Q8X16


class Int8(Codec):
    """One byte a number."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """W [N, K] → int8 [N, K] and one scale a row [N]."""
        return encode(weight)

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]."""
        return (data.float() * scales.float()[:, None]).to(dtype)


class Blocks(Codec):
    """One byte a number, and a scale for ``block`` of a row (for 32 llama.cpp's ``Q8_0``: d = largest / 127)."""

    def __init__(self, block: int) -> None:
        self._block = block

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """W [N, K] → int8 [N, K] and scales in fp16 [N, K / block]."""
        blocks = weight.float().view(len(weight), -1, self._block)
        scales = blocks.abs().amax(dim=2) / 127
        inverse = torch.where(scales == 0, 0.0, 1 / scales)
        numbers = (blocks * inverse[..., None]).round_().to(torch.int8)
        return numbers.view(weight.shape), scales.to(torch.float16)

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]."""
        blocks = data.view(len(data), -1, self._block).float() * scales.float()[..., None]
        return blocks.view(data.shape).to(dtype)

    def multiply_wide(self, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
        """[T, K] @ W.T → float32 [T, N]; an LM head is not widened all at once."""
        return in_parts(self, x, data, scales, layout)


CODEC = Int8()
BLOCKS, SIXTEENS = Blocks(Q8.block), Blocks(Q8X16.block)


def in_parts(codec: Codec, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
    """[T, K] @ W.T → float32 [T, N], with some rows of W widened at a time. ``scales`` are [N, …]."""
    parts = [slice(start, start + _WIDE_ROWS) for start in range(0, len(data), _WIDE_ROWS)]
    wide = (codec.decode(data[part], scales[part], layout, torch.float32) for part in parts)
    return torch.cat([functional.linear(x.float(), weight) for weight in wide], dim=1)


_WIDE_ROWS = 8192


def encode(weight: Tensor) -> tuple[Tensor, Tensor]:
    """W [N, K] → int8 [N, K] and one scale a row [N], for the embedding."""
    scales = (weight.abs().amax(dim=1).float() / 127).clamp_(min=1e-12).to(torch.bfloat16)
    # A scale that bf16 rounds down makes the largest number 127.3 at most, which still rounds to 127.
    return (weight.float() * (1 / scales.float())[:, None]).round_().to(torch.int8), scales


def multiply(x: Tensor, data: Tensor, scales: Tensor) -> Tensor:
    """[T, K] @ W.T → float32 [T, N] with W in 8 bits, in one pass over W."""
    # torch's kernel reads past the end of rows that are no multiple of its vectors.
    if x.dtype == torch.bfloat16 and not x.is_cuda and data.shape[1] % 32 == 0:
        return torch.ops.aten._weight_int8pack_mm(x.contiguous(), data, scales.to(x.dtype)).float()
    out = torch.empty((x.shape[0], data.shape[0]), dtype=torch.float32, device=x.device)
    for start in range(0, data.shape[0], _HEAD_ROWS):
        part = slice(start, start + _HEAD_ROWS)
        out[:, part] = functional.linear(x, data[part].to(x.dtype)) * scales[part].float()
    return out


_HEAD_ROWS = 32_768
"""Rows of the head that are widened at a time where no 8-bit kernel exists."""
