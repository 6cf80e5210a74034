"""Four-bit numbers packed into bytes: two neighbours of a row, or 32 rows side by side."""

from __future__ import annotations

import torch
from torch import Tensor

from model.formats.table import LANES


def pack_rows(codes: Tensor) -> Tensor:
    """Numbers 0–15 as uint8 [N, K] → bytes [N, K/2], the first of two numbers in the high half."""
    pairs = codes.view(codes.shape[0], -1, 2)
    return (pairs[..., 0] << 4) | pairs[..., 1]


def pack_lanes(codes: Tensor) -> Tensor:
    """Numbers 0–15 as uint8 [N, K] → bytes [N, K/2] with 32 rows side by side (``rows32``). N is a multiple of 32."""
    rows, columns = codes.shape
    lanes = codes.view(rows // LANES, 2, LANES // 2, columns)
    return _swap(lanes[:, 0] | (lanes[:, 1] << 4)).view(rows, columns // 2)


def unpack_rows(data: Tensor) -> Tensor:
    """The numbers 0–15 of ``pack_rows``: [N, K/2] → uint8 [N, K]."""
    return torch.stack([data >> 4, data & 15], dim=-1).view(data.shape[0], -1)


def unpack_lanes(data: Tensor) -> Tensor:
    """The numbers 0–15 of ``pack_lanes``: [N, K/2] → uint8 [N, K]."""
    rows, half = data.shape
    pairs = data.view(-1, half, LANES // 2, 2)
    both = torch.stack([pairs & 0x0F, pairs >> 4], dim=1)
    return both.transpose(2, 3).reshape(rows, half * 2)


def _swap(halves: Tensor) -> Tensor:
    """[n, 16, K] → [n, K/2, 32]: pairs of neighbouring columns move as one 16-bit number."""
    return halves.view(torch.int16).transpose(1, 2).contiguous().view(torch.uint8)


def to_rows(data: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """From ``rows32`` to ``rows``; [N, K/2] or, for experts, [E, N, K/2]."""
    *experts, rows, half = data.shape
    pairs = data.view(torch.int16).view(-1, half, LANES // 2).transpose(1, 2).contiguous()
    low = ((pairs & 0x0F) << 4) | ((pairs >> 8) & 0x0F)
    high = (pairs & 0xF0) | ((pairs >> 12) & 0x0F)
    out = torch.stack([low.to(torch.uint8), high.to(torch.uint8)], 1)
    return out.view(*experts, rows, half), scales.transpose(-1, -2).contiguous()


def to_rows32(data: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """From ``rows`` to ``rows32``, the other way round."""
    *experts, rows, half = data.shape
    lanes = data.view(-1, 2, LANES // 2, half)
    first = (lanes[:, 0] >> 4) | (lanes[:, 1] & 0xF0)
    second = (lanes[:, 0] & 0x0F) | (lanes[:, 1] << 4)
    halves = torch.stack([first, second], -1).view(-1, LANES // 2, half * 2)
    return _swap(halves).view(*experts, rows, half), scales.transpose(-1, -2).contiguous()
