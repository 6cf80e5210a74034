"""Pieces of a GGUF file's tensors: as plain numbers, or in the bytes of Lectern's formats.

``Q4_0`` is Lectern's int4: a scale in fp16 and 32 numbers from -8 to 7, in another byte order. So it is copied bit
for bit, and likewise ``Q4_1`` to int4 with minimums, ``Q8_0``, ``Q5_0`` and ``Q5_1`` to 8 bits in groups. ``Q4_K``,
``Q5_K`` and ``Q6_K`` keep their numbers too, while their scales, products of two, are rounded to fp16. All other types
are widened by the package ``gguf``, llama.cpp's own, and stored like published weights.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model.checkpoint.gguf import unpacking
from model.checkpoint.gguf.blocks import BF16, F16, F32, Q4_0, Q4_1, Q4_K, Q5_0, Q5_1, Q5_K, Q6_K, Q8_0, Block
from model.errors import CheckpointError
from model.formats import int4m, quantize, table, w8
from model.formats.forms import Form
from model.formats.int4 import STORED
from model.formats.packing import pack_lanes
from model.messages import msg


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a tensor as stored in the file: ``data`` are bytes [rows, bytes of a row]."""

    name: str
    block: Block
    data: Tensor
    columns: int

    def plain(self) -> Tensor:
        """The numbers in float32 [rows, columns]. Raises ``CheckpointError`` where one is not finite."""
        if self.block in _PLAIN:
            wide = self.data.view(_PLAIN[self.block]).float()
        else:
            wide = torch.from_numpy(_dequantise(self.block.code)(self.data.numpy()))
        if not bool(torch.isfinite(wide).all()):
            raise CheckpointError(
                msg(
                    "gguf.not-finite",
                    "The model's {name} holds numbers that are not finite; download the GGUF file again.",
                    name=self.name,
                )
            )
        return wide

    def taken_apart(self) -> tuple[Tensor, ...]:
        """The whole numbers [rows, columns] and the fp16 scales of their blocks, see ``unpacking``."""
        found = unpacking.TYPES[self.block](self.data.view(-1, self.block.nbytes))
        for scales in found[1:]:
            if not bool(torch.isfinite(scales).all()):
                raise CheckpointError(
                    msg(
                        "gguf.not-finite",
                        "The model's {name} holds numbers that are not finite; download the GGUF file again.",
                        name=self.name,
                    )
                )
        return tuple(each.view(len(self.data), -1) for each in found)


_SIXTEENS = table.Q8X16.layouts[0].name
_KEPT: dict[Form, tuple[Block, ...]] = {
    STORED: (Q4_0,),
    int4m.STORED: (Q4_1, Q4_K),
    w8.STORED: (Q8_0, Q5_0),
    w8.STORED_M: (Q5_1, Q5_K),
    w8.STORED_X16: (Q6_K, Q8_0, Q5_0),
    table.Q8.layouts[0].name: (Q8_0, Q5_0),
    _SIXTEENS: (Q8_0, Q5_0, Q6_K),
}
"""The types whose whole numbers a layout holds."""
_WIDE = (w8.STORED, w8.STORED_M, w8.STORED_X16)
_SCALES_OF_SCALES = (Q4_K, Q5_K, Q6_K)
"""Their scales are products, which fp16 rounds."""
_PLAIN = {F32: torch.float32, F16: torch.float16, BF16: torch.bfloat16}


@functools.cache
def _dequantise(code: int) -> Callable[[Any], Any]:
    import gguf

    kind = gguf.GGMLQuantizationType(code)

    def widen(data: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):  # scales that a damaged file holds
            return np.ascontiguousarray(gguf.dequantize(data, kind), dtype=np.float32)

    return widen


@dataclass(frozen=True, slots=True)
class GgufPiece:
    """Rows of a tensor that go on one below the other, such as an expert's gate and up."""

    parts: tuple[Rows, ...]
    shape: tuple[int, ...]

    @classmethod
    def of(cls, numbers: Tensor, name: str) -> GgufPiece:
        """A whole tensor in float32, which another order of its numbers has been made of."""
        columns = numbers.shape[-1] if numbers.dim() else 1
        data = numbers.reshape(-1, columns).view(torch.uint8)
        return cls((Rows(name, F32, data, columns),), tuple(numbers.shape))

    def plain(self) -> Tensor:
        """The numbers in float32, in the tensor's shape."""
        return torch.cat([part.plain() for part in self.parts]).view(self.shape)

    def dense(self) -> Tensor:
        """The numbers in bf16."""
        return self.plain().to(torch.bfloat16)

    def encoded(self, form: Form) -> tuple[Tensor, ...]:
        """The tensors that ``form`` stores."""
        if form in _KEPT and all(part.block in _KEPT[form] for part in self.parts):
            found = [_kept(part, form) for part in self.parts]
            return _laid_out(form, *(torch.cat(each) for each in zip(*found, strict=True)))
        return quantize.encode(self.plain().view(-1, self.shape[-1]), form)


def _kept(part: Rows, form: Form) -> tuple[Tensor, ...]:
    """The whole numbers and scales of some rows, with a scale for each block of ``form``."""
    numbers, scales, *more = part.taken_apart()
    if form in (_SIXTEENS, w8.STORED_X16) and part.block is not Q6_K:
        scales = scales.repeat_interleave(2, dim=1)
    return numbers, scales, *more


def _laid_out(form: Form, numbers: Tensor, scales: Tensor, *minimums: Tensor) -> tuple[Tensor, ...]:
    if form == STORED:
        return pack_lanes(numbers), scales.T.contiguous()
    if form == int4m.STORED:
        return int4m.pack(numbers, scales, *minimums)
    return w8.pack(numbers, scales, *minimums) if form in _WIDE else (numbers, scales)


def holds(blocks: Collection[Block], form: Form) -> bool:
    """Whether ``form`` holds the whole numbers of all these types."""
    return form in _KEPT and all(block in _KEPT[form] for block in blocks)


def is_exact(blocks: Collection[Block], form: Form) -> bool:
    """Whether tensors of these types lose nothing in ``form``: F32 and F16 hold bf16 as it was published."""
    if form in _KEPT:
        return all(block in _KEPT[form] and block not in _SCALES_OF_SCALES for block in blocks)
    return table.format_of(form) is table.BF16 and all(block in _PLAIN for block in blocks)
