"""Pieces of a GGUF file's tensors: as plain numbers, or in the bytes of Lectern's formats.

``Q4_0`` is Lectern's int4: a scale in fp16 and 32 numbers from -8 to 7, in another byte order. So it is copied bit
for bit, and likewise ``Q8_0`` and ``Q5_0`` to 8 bits in groups. All other types are widened by the package ``gguf``,
llama.cpp's own, and stored like published weights.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model.checkpoint.gguf.blocks import BF16, F16, F32, Q4_0, Q5_0, Q8_0, Block
from model.errors import CheckpointError
from model.formats import quantize, table, w8
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

    def q4_0(self) -> tuple[Tensor, Tensor]:
        """Of ``Q4_0``: the numbers q + 8 as uint8 [rows, columns], and scales in fp16 [rows, columns / 32]."""
        rows = len(self.data)
        blocks = self.data.view(rows, -1, Q4_0.nbytes)
        scales = self._scales(blocks)
        halves = blocks[..., 2:]  # number i in the low half of byte i, number i + 16 in its high half
        return torch.cat([halves & 15, halves >> 4], dim=-1).view(rows, self.columns), scales

    def eight(self) -> tuple[Tensor, Tensor]:
        """Of ``Q8_0`` and ``Q5_0``: the numbers as int8 [rows, columns], and scales in fp16 [rows, columns / 32]."""
        rows = len(self.data)
        blocks = self.data.view(rows, -1, self.block.nbytes)
        scales = self._scales(blocks)
        if self.block is Q8_0:
            return blocks[..., 2:].contiguous().view(torch.int8).view(rows, self.columns), scales
        halves = torch.cat([blocks[..., 6:] & 15, blocks[..., 6:] >> 4], dim=-1)
        bits = (blocks[..., 2:6, None] >> torch.arange(8, dtype=torch.uint8)) & 1  # bit i is the fifth of number i
        numbers = (halves | (bits.flatten(-2) << 4)).to(torch.int8) - 16
        return numbers.view(rows, self.columns), scales

    def _scales(self, blocks: Tensor) -> Tensor:
        """The fp16 numbers that blocks [rows, n, bytes] begin with. Raises ``CheckpointError``."""
        scales = blocks[..., :2].contiguous().view(torch.float16)[..., 0]
        if not bool(torch.isfinite(scales).all()):
            raise CheckpointError(
                msg(
                    "gguf.not-finite",
                    "The model's {name} holds numbers that are not finite; download the GGUF file again.",
                    name=self.name,
                )
            )
        return scales


_EIGHT = (Q8_0, Q5_0)
"""Held by 8 bits in groups as they are."""
_HELD = (w8.STORED, table.Q8.layouts[0].name)
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
        if form == STORED and all(part.block is Q4_0 for part in self.parts):
            found = [part.q4_0() for part in self.parts]
            codes, scales = (torch.cat(each) for each in zip(*found, strict=True))
            return pack_lanes(codes), scales.T.contiguous()
        if form in _HELD and all(part.block in _EIGHT for part in self.parts):
            found = [part.eight() for part in self.parts]
            numbers, scales = (torch.cat(each) for each in zip(*found, strict=True))
            return w8.pack(numbers, scales) if form == w8.STORED else (numbers, scales)
        return quantize.encode(self.plain().view(-1, self.shape[-1]), form)


def holds_as_it_is(blocks: Collection[Block]) -> bool:
    """Whether 8 bits in groups hold these types without a loss."""
    return all(block in _EIGHT for block in blocks)


def is_exact(blocks: Collection[Block], form: Form) -> bool:
    """Whether tensors of these types lose nothing in ``form``: F32 and F16 hold bf16 as it was published."""
    if form == STORED:
        return all(block is Q4_0 for block in blocks)
    if form in _HELD:
        return holds_as_it_is(blocks)
    return table.format_of(form) is table.BF16 and all(block in _PLAIN for block in blocks)
