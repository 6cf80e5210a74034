"""8-bit numbers with a scale for 32 of a row, 32 rows side by side: for matrices, which ``q8`` is not laid out for.

llama.cpp's ``Q8_0``, which also holds what it has in 5 and 6 bits. Twice the bytes of 4 bits, and 0.5 % off where those
are 9.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model.formats.codec import Codec, matrix
from model.formats.int8 import BLOCKS
from model.formats.table import LANES, W8
from model.kernels import native

(STORED,) = (layout.name for layout in W8.layouts)
_WIDE_ROWS = 8192
_FEW_TOKENS = 8
"""As many go through the exact kernel at once; for more there are those that multiply in 8 bits on both sides."""


class Grouped8(Codec):
    """w8, in its one layout."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """Bytes [N, K] and scales [K/32, N]."""
        numbers, scales = BLOCKS.encode(weight, layout)
        return pack(numbers, scales)

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]; rounded once."""
        rows, columns = data.shape
        numbers = data.view(-1, columns, LANES).transpose(1, 2).reshape(rows, columns)
        return BLOCKS.decode(numbers, scales.T, layout, dtype)

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


CODEC = Grouped8()


def _library(x: Tensor, layout: str) -> native.Library | None:
    """The kernels, where they multiply few enough tokens such as ``x``."""
    found = native.library() if x.device.type == "cpu" and x.dtype == torch.bfloat16 else None
    return found if found is not None and found.reads(layout) and x.shape[0] <= _FEW_TOKENS else None


def pack(numbers: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers [N, K] and scales [N, K / 32] in the stored layout. N is a multiple of 32."""
    rows, columns = numbers.shape
    data = numbers.view(rows // LANES, LANES, columns).transpose(1, 2).contiguous()
    return data.view(rows, columns), scales.T.contiguous()
