"""4-bit numbers in groups of 32, each with a scale and a minimum: w = d q + m with q from 0 to 15, d and m in fp16.

That is llama.cpp's ``Q4_1``. Its ``Q4_K`` has the same numbers, and for 256 of them a scale and a minimum in fp16, of
which each group takes a multiple of 6 bits. The products have up to 17 digits; fp16 rounds them by 1.4e-4 in the mean.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.formats.codec import Codec
from model.formats.packing import pack_lanes, unpack_lanes
from model.formats.table import INT4M

GROUP = INT4M.block
(STORED,) = (layout.name for layout in INT4M.layouts)


class Int4WithMinimums(Codec):
    """int4m, in its one layout."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """Bytes [N, K/2] and scales [K/16, N]: each group's range in 15 equal steps, as ``Q4_1`` does it."""
        groups = weight.float().view(len(weight), -1, GROUP)
        low = groups.amin(dim=2)
        scales = (groups.amax(dim=2) - low) / 15
        inverse = torch.where(scales == 0, 0.0, 1 / scales)
        codes = ((groups - low[..., None]) * inverse[..., None]).round_().clamp_(0, 15).to(torch.uint8)
        return pack(codes.view(weight.shape), scales.to(torch.float16), low.to(torch.float16))

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]; rounded once."""
        rows = len(data)
        numbers = unpack_lanes(data).view(rows, -1, GROUP).float()
        both = scales.float().view(-1, 2, rows)
        wide = numbers.mul_(both[:, 0].T[..., None]).add_(both[:, 1].T[..., None])
        return wide.view(rows, -1).to(dtype)


CODEC = Int4WithMinimums()


def pack(codes: Tensor, scales: Tensor, minimums: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers 0–15 as uint8 [N, K], and fp16 [N, K / 32] twice, in the stored layout. N is a multiple of 32."""
    both = torch.stack([scales.T, minimums.T], dim=1)
    return pack_lanes(codes), both.flatten(0, 1).contiguous()
