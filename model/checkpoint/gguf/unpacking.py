"""Blocks of ggml's types taken apart: whole numbers, and what they are multiplied with, as Lectern's formats hold them.

As ``gguf.quants`` and ``ggml-quants.c`` define them. Each function takes blocks as uint8 [n, bytes] and returns the
numbers [n, numbers of a block], their scales in fp16 [n, groups], and for types with minimums those, likewise.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from model.checkpoint.gguf.blocks import Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K, Q8_0, Block


def _half(blocks: Tensor, start: int) -> Tensor:
    """The fp16 number at byte ``start`` of each block, [n, 1]."""
    return blocks[:, start : start + 2].contiguous().view(torch.float16)


def _halves(data: Tensor) -> Tensor:
    """Bytes [n, b] → all low halves, then all high ones, [n, 2 b]."""
    return torch.cat([data & 15, data >> 4], dim=-1)


def _q4_0(blocks: Tensor) -> tuple[Tensor, ...]:
    """q + 8 as uint8; w = d q."""
    return _halves(blocks[:, 2:]), _half(blocks, 0)


def _q4_1(blocks: Tensor) -> tuple[Tensor, ...]:
    """q as uint8; w = d q + m."""
    return _halves(blocks[:, 4:]), _half(blocks, 0), _half(blocks, 2)


def _fifth(data: Tensor) -> Tensor:
    """Four bytes [n, 4], whose bit i is the fifth of number i, as 16 or 0 [n, 32]."""
    bits = (data[..., None] >> torch.arange(8, dtype=torch.uint8)) & 1
    return bits.flatten(1) << 4


def _q5_0(blocks: Tensor) -> tuple[Tensor, ...]:
    """q as int8, from -16 to 15; w = d q."""
    return (_halves(blocks[:, 6:]) | _fifth(blocks[:, 2:6])).to(torch.int8) - 16, _half(blocks, 0)


def _q5_1(blocks: Tensor) -> tuple[Tensor, ...]:
    """q as int8, from 0 to 31; w = d q + m."""
    return (_halves(blocks[:, 8:]) | _fifth(blocks[:, 4:8])).to(torch.int8), _half(blocks, 0), _half(blocks, 2)


def _q8_0(blocks: Tensor) -> tuple[Tensor, ...]:
    """q as int8; w = d q."""
    return blocks[:, 2:].contiguous().view(torch.int8), _half(blocks, 0)


def _scales_of_eight(blocks: Tensor) -> tuple[Tensor, Tensor]:
    """Scales d s and minimums -e m of eight groups, with s and m in 6 bits of bytes 4 to 15."""
    first, second, third = blocks[:, 4:8], blocks[:, 8:12], blocks[:, 12:16]
    scales = torch.cat([first & 63, (third & 15) | ((first >> 6) << 4)], dim=1)
    minimums = torch.cat([second & 63, (third >> 4) | ((second >> 6) << 4)], dim=1)
    return (_half(blocks, 0).float() * scales).half(), (-_half(blocks, 2).float() * minimums).half()


def _q4_k(blocks: Tensor) -> tuple[Tensor, ...]:
    """Eight groups of 32: q as uint8; w = (d s) q - (e m)."""
    return _halves(blocks[:, 16:].reshape(-1, 4, 32)).flatten(1), *_scales_of_eight(blocks)


def _q5_k(blocks: Tensor) -> tuple[Tensor, ...]:
    """Eight groups of 32: q as int8, from 0 to 31; w = (d s) q - (e m). Bit g of 32 bytes is the fifth in group g."""
    low = _halves(blocks[:, 48:].reshape(-1, 4, 32)).view(-1, 8, 32)
    high = (blocks[:, 16:48].reshape(-1, 1, 32) >> torch.arange(8, dtype=torch.uint8)[:, None]) & 1
    return (low | (high << 4)).flatten(1).to(torch.int8), *_scales_of_eight(blocks)


def _q6_k(blocks: Tensor) -> tuple[Tensor, ...]:
    """Sixteen groups of 16: q as int8, from -32 to 31; w = (d s) q, with s in 8 bits.

    Each half of a block has 128 numbers: 64 bytes of low halves, and 32 bytes of two bits each.
    """
    low = _halves(blocks[:, :128].reshape(-1, 2, 64)).view(-1, 2, 128)
    high = blocks[:, 128:192].reshape(-1, 2, 1, 32) >> torch.tensor([0, 2, 4, 6], dtype=torch.uint8)[:, None]
    numbers = low | ((high & 3) << 4).flatten(2)
    scales = blocks[:, 192:208].contiguous().view(torch.int8)
    return numbers.flatten(1).to(torch.int8) - 32, (_half(blocks, 208).float() * scales).half()


TYPES: dict[Block, Callable[[Tensor], tuple[Tensor, ...]]] = {
    Q4_0: _q4_0,
    Q4_1: _q4_1,
    Q4_K: _q4_k,
    Q5_0: _q5_0,
    Q5_1: _q5_1,
    Q5_K: _q5_k,
    Q6_K: _q6_k,
    Q8_0: _q8_0,
}
