"""8-bit numbers with a scale for 32 of a row, 32 rows side by side: for matrices, which ``q8`` is not laid out for.

llama.cpp's ``Q8_0``, which also holds its ``Q5_0``. Twice the bytes of 4 bits, and 0.5 % off where those are 9. With
minimums, or with a scale for 16, it holds ``Q5_1``, ``Q5_K`` and ``Q6_K``.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model.formats.codec import Codec, matrix
from model.formats.int8 import BLOCKS, Blocks
from model.formats.int8 import SIXTEENS as BLOCKS_OF_16
from model.formats.table import LANES, W8, W8M, W8X16
from model.kernels import native

STORED, STORED_M, STORED_X16 = (one.layouts[0].name for one in (W8, W8M, W8X16))
_WIDE_ROWS = 8192
_FEW_TOKENS = 8
"""As many go through the exact kernel at once; for more there are those that multiply in 8 bits on both sides."""


class Grouped8(Codec):
    """w8, or with a scale for 16 w8x16, each in its one layout."""

    def __init__(self, blocks: Blocks = BLOCKS) -> None:
        self._blocks = blocks

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """Bytes [N, K] and scales [K / block, N]."""
        numbers, scales = self._blocks.encode(weight, layout)
        return pack(numbers, scales)

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]; rounded once."""
        return self._blocks.decode(unpack(data), scales.T, layout, dtype)

    def multiply(self, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
        """[T, K] @ W.T → [T, N]."""
        library = _library(x, layout)
        if library is not None:
            return library.multiply(x, matrix(data, scales, layout))
        return super().multiply(x, data, scales, layout)

    def multiply_wide(self, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
        """[T, K] @ W.T → float32 [T, N]; an LM head is not widened all at once."""
        library = _library(x, layout)
        if library is not None:
            return library.multiply(x, matrix(data, scales, layout), torch.float32)
        parts = [slice(start, start + _WIDE_ROWS) for start in range(0, data.shape[0], _WIDE_ROWS)]
        wide = (self.decode(data[part], scales[:, part], layout, torch.float32) for part in parts)
        return torch.cat([functional.linear(x.float(), weight) for weight in wide], dim=1)


class WithMinimums(Grouped8):
    """w8m: w = d q + m with q from -128 to 127."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """Bytes [N, K] and scales [K / 16, N]: each group's range in 255 equal steps."""
        groups = weight.float().view(len(weight), -1, W8M.block)
        low = groups.amin(dim=2)
        scales = (groups.amax(dim=2) - low) / 255
        inverse = torch.where(scales == 0, 0.0, 1 / scales)
        numbers = ((groups - low[..., None]) * inverse[..., None]).round_().sub_(128).clamp_(-128, 127).to(torch.int8)
        return pack(numbers.view(weight.shape), scales.half(), (low + 128 * scales).half())

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]; rounded once."""
        both = scales.float().view(-1, 2, len(data))
        groups = unpack(data).view(len(data), -1, W8M.block).float()
        wide = groups * both[:, 0].T[..., None] + both[:, 1].T[..., None]
        return wide.view(len(data), -1).to(dtype)


CODEC, SIXTEENS, WITH_MINIMUMS = Grouped8(), Grouped8(BLOCKS_OF_16), WithMinimums()


def _library(x: Tensor, layout: str) -> native.Library | None:
    """The kernels, where they multiply few enough tokens such as ``x``."""
    found = native.library() if x.device.type == "cpu" and x.dtype == torch.bfloat16 else None
    return found if found is not None and found.reads(layout) and x.shape[0] <= _FEW_TOKENS else None


def pack(numbers: Tensor, scales: Tensor, minimums: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Numbers [N, K], scales [N, K / block] and minimums, likewise, in the stored layout. N is a multiple of 32."""
    rows, columns = numbers.shape
    data = numbers.view(rows // LANES, LANES, columns).transpose(1, 2).contiguous()
    both = scales.T if minimums is None else torch.stack([scales.T, minimums.T], dim=1).flatten(0, 1)
    return data.view(rows, columns), both.contiguous()


def unpack(data: Tensor) -> Tensor:
    """The numbers [N, K] of ``pack``."""
    rows, columns = data.shape
    return data.view(-1, columns, LANES).transpose(1, 2).reshape(rows, columns)
