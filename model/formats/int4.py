"""Symmetric 4-bit numbers in groups of 32 with fp16 scales: the grid of llama.cpp's ``Q4_0``.

For checkpoints that were trained for this grid (``…-qat-q4_0-unquantized``). A group w is stored as a scale d in fp16
and numbers q from -8 to 7, so that w = d q. ``Q4_0`` takes d = m / -8, where m is the number of largest magnitude
with its sign, and q = floor(w / d + 8.5) - 8 with d not yet rounded.

bf16 scales would do for weights that are published in bf16 as they were before rounding: m / -8 has as few digits as m.
But a grid whose d came from fp16 has up to three more, and its numbers, rounded to bf16 by the publisher, are only
met by the same d. So scales are fp16, which holds both kinds.

Where weights are on a grid already, a group need not reach -8, and the rule above misses its grid. There d is found
from the numbers themselves: see ``_by_grid``.
"""

from __future__ import annotations

import torch
from torch import Tensor

from model.formats.codec import Codec
from model.formats.packing import pack_lanes, pack_rows, unpack_lanes, unpack_rows
from model.formats.table import INT4

GROUP = INT4.block
STORED, ON_CARDS = (layout.name for layout in INT4.layouts)

PROBED = 2048
"""Groups that tell whether weights are on a grid."""

_HALF_STEP = 2.0**-9
"""Half the distance between two bf16 numbers, as a part of the next power of two."""


class Int4(Codec):
    """int4, in the layouts ``int4`` and ``int4_rows``."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """Bytes [N, K/2] and scales [K/32, N]."""
        assert layout == STORED
        codes, scales = encode(weight)
        return pack_lanes(codes), scales.T.contiguous()

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]."""
        if layout == STORED:
            return decode(unpack_lanes(data), scales.T, dtype)
        return decode(unpack_rows(data), scales, dtype)

    def best_layout(self, device: torch.device, rows: int, stored: str) -> str:
        """A layout of their own on cards."""
        return ON_CARDS if device.type == "cuda" else stored

    def convert(self, data: Tensor, scales: Tensor, old: str, new: str) -> tuple[Tensor, Tensor]:
        """From the stored layout to the one for cards; [N, K/2] or, for experts, [E, N, K/2], one after the other."""
        if old == new:
            return data, scales
        assert (old, new) == (STORED, ON_CARDS)
        out = torch.empty_like(data)
        for given, packed in zip(data.view(-1, *data.shape[-2:]), out.view(-1, *data.shape[-2:]), strict=True):
            packed.copy_(pack_rows(unpack_lanes(given)))
        return out, scales.transpose(-1, -2).float().contiguous()


CODEC = Int4()


def encode(weight: Tensor) -> tuple[Tensor, Tensor]:
    """W [N, K] → numbers q + 8 as uint8 [N, K], and scales in fp16 [N, K / 32]. K is a multiple of 32."""
    rows, columns = weight.shape
    groups = weight.float().view(-1, GROUP)
    numbers, scales = _by_rule(groups)
    if _lies_on_a_grid(groups):
        numbers, scales = _by_grid(groups, numbers, scales)
    codes = (numbers + 8).to(torch.uint8)
    return codes.view(rows, columns), scales.view(rows, columns // GROUP)


def decode(codes: Tensor, scales: Tensor, dtype: torch.dtype) -> Tensor:
    """Back to W [N, K] in ``dtype``; rounded once."""
    rows, columns = codes.shape
    numbers = codes.view(rows, -1, GROUP).to(torch.float32) - 8
    return (numbers * scales.float()[..., None]).view(rows, columns).to(dtype)


def _by_rule(groups: Tensor) -> tuple[Tensor, Tensor]:
    """``Q4_0`` as llama.cpp makes it: numbers [n, 32] in float32, scales [n] in fp16."""
    largest = groups.gather(1, groups.abs().argmax(dim=1, keepdim=True))
    scales = largest / -8
    inverse = torch.where(scales == 0, 0.0, 1 / scales)
    numbers = (groups * inverse + 8.5).floor_().clamp_(max=15).sub_(8)
    return numbers, scales[:, 0].to(torch.float16)


def _is_exact(groups: Tensor, numbers: Tensor, scales: Tensor) -> Tensor:
    """Which groups come back as they were, once rounded to bf16."""
    return ((numbers * scales.float()[:, None]).to(torch.bfloat16) == groups.to(torch.bfloat16)).all(dim=1)


def _lies_on_a_grid(groups: Tensor) -> bool:
    """Whether the weights are already rounded to some grid: most of the groups, judged by some of them."""
    probed = groups[:: max(1, len(groups) // PROBED)]
    probed = probed[(probed != 0).any(dim=1)]
    numbers, scales = _by_grid(probed, *_by_rule(probed))
    return bool(_is_exact(probed, numbers, scales).float().mean() > 0.5) if len(probed) else False


def _by_grid(groups: Tensor, numbers: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """The grid that each group is on, whichever number its largest is; ``numbers`` and ``scales`` where on none."""
    largest = groups.gather(1, groups.abs().argmax(dim=1, keepdim=True))
    numbers, scales = numbers.clone(), scales.clone()
    left = (~_is_exact(groups, numbers, scales)).nonzero()[:, 0]
    for number in (-8, 7, 6, 5, 4, 3, 2, 1):
        part = groups[left]
        tried = (part / (largest[left] / number)).round_().clamp_(-8, 7)  # a group of zeros is exact by the rule
        middle = _shared(part, tried)
        for step in (0, 1, -1, 2, -2):
            found = (middle.view(torch.int16) + step).view(torch.float16)
            fits = _is_exact(groups[left], tried, found)
            numbers[left[fits]], scales[left[fits]] = tried[fits], found[fits]
            left, tried, middle = left[~fits], tried[~fits], middle[~fits]
    return numbers, scales


def _shared(groups: Tensor, numbers: Tensor) -> Tensor:
    """About the d of w = d q, fp16 [n]: w is rounded to bf16, so each number confines d, and this is the middle of what
    they share. A neighbour of it may be meant: bf16 rounds half to even, and a power of two has a nearer one below.
    """
    _, exponent = torch.frexp(groups)
    half_step = torch.ldexp(torch.full_like(groups, _HALF_STEP), exponent)
    ratios, steps = groups / numbers, half_step / numbers.abs()
    free = numbers == 0
    low = (ratios - steps).masked_fill(free, -torch.inf).amax(dim=1)
    high = (ratios + steps).masked_fill(free, torch.inf).amin(dim=1)
    return ((low + high) / 2).to(torch.float16)
