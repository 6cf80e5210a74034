"""Quantised matrices of other programs as pieces: their own numbers in Lectern's layouts, or widened.

Letters: N rows, K columns, G groups of a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

import torch
from torch import Tensor

from model.checkpoint.packed.schemes import NATURAL, PackedRows, PackedSpan
from model.checkpoint.tensor_file import DTYPES, TensorReader
from model.formats import int4m, quantize, table, w8
from model.formats.forms import Form
from model.formats.packing import pack_lanes, pack_rows
from model.formats.table import NF4_VALUES

Readers = Mapping[Path, TensorReader]
_FLOAT8 = torch.float8_e4m3fn
_NESTED = 256
"""bitsandbytes' blocks of scales that share one."""
_ZERO = 8
"""What compressed-tensors adds to 4-bit numbers before it packs them."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Some rows: whole numbers or codes [N, K], scales and minimums [N, G] in float32; of plain numbers, neither."""

    scheme: str
    codes: Tensor
    scales: Tensor | None = None
    minimums: Tensor | None = None

    def plain(self) -> Tensor:
        """The numbers in float32 [N, K]."""
        if self.scales is None:
            return self.codes.float()
        if self.scheme == "nf4":
            wide = torch.tensor(NF4_VALUES)[self.codes.long()]
        else:
            wide = self.codes.float() - (_ZERO if self.scheme == "int4" else 0)
        wide = wide.view(*self.scales.shape, -1) * self.scales[..., None]
        if self.minimums is not None:
            wide += self.minimums[..., None]
        return wide.view(self.codes.shape)

    def encoded(self, form: Form) -> tuple[Tensor, ...]:
        """What ``form`` stores, which must be one of ``NATURAL``'s formats for the scheme."""
        assert self.scales is not None
        block = table.format_of(form).block
        repeats = self.codes.shape[1] // self.scales.shape[1] // block
        scales = self.scales.repeat_interleave(repeats, dim=1)
        if form == w8.STORED:
            return w8.pack(self.codes, scales.half())
        if form == int4m.STORED:
            assert self.minimums is not None
            return int4m.pack(self.codes, scales.half(), self.minimums.repeat_interleave(repeats, dim=1).half())
        if table.format_of(form) is table.INT4:
            return pack_lanes(self.codes), scales.half().T.contiguous()
        wide = table.layout_named(form).lanes > 1
        scales = scales.bfloat16()
        return (pack_lanes(self.codes), scales.T.contiguous()) if wide else (pack_rows(self.codes), scales)


@dataclass(frozen=True, slots=True)
class PackedPiece:
    """Rows that go on one below the other, such as an expert's gate and up."""

    parts: tuple[Callable[[], Numbers], ...]
    """What makes them of bytes that have been read: called on any thread."""
    shape: tuple[int, ...]

    def dense(self) -> Tensor:
        """The numbers in bf16, in the piece's shape."""
        return torch.cat([part().plain() for part in self.parts]).to(torch.bfloat16).view(self.shape)

    def encoded(self, form: Form) -> tuple[Tensor, ...]:
        """The tensors that ``form`` stores for them."""
        found = [part() for part in self.parts]
        kept = all(one.scales is not None and NATURAL[one.scheme] == table.format_of(form).name for one in found)
        if not kept or len({one.scheme for one in found}) > 1:
            plain = torch.cat([one.plain() for one in found])
            return quantize.encode(plain.to(torch.bfloat16), form)
        along = 1 if table.layout_named(form).lanes > 1 else 0
        data, scales = zip(*(one.encoded(form) for one in found), strict=True)
        return torch.cat(data), torch.cat(scales, along)


def read_rows(readers: Readers, rows: PackedRows) -> Callable[[], Numbers]:
    """Read the bytes of some rows; the result makes numbers of them."""
    span, first, stop = rows.span, rows.first, rows.stop
    columns = span.shape[-1]
    if span.scheme == "nf4":
        return _nf4(readers, span, first, stop, columns)
    data = _rows(readers, span, "numbers", first, stop)
    if span.scheme in ("int4", "int4m"):
        scales = _rows(readers, span, "scales", first, stop)
        zeros = _zeros(readers, span, first, stop) if span.scheme == "int4m" else None
        return lambda: _integers(span.scheme, _nibbles(data), scales.float(), zeros)
    if span.scheme in ("mlx4", "mlx8"):
        scales, biases = (_rows(readers, span, role, first, stop).float() for role in ("scales", "biases"))
        if span.scheme == "mlx4":
            return lambda: Numbers("mlx4", _nibbles(data), scales, biases)
        return lambda: Numbers("mlx8", Numbers("", data, scales, biases).plain())
    if span.scheme == "int8":
        own = _rows(readers, span, "scb", first, stop).float() / 127 if "scb" in span.parts else None
        scales = _rows(readers, span, "scales", first, stop).float() if own is None else own.view(-1, 1)
        return lambda: Numbers("int8", data.view(torch.int8), scales)
    by = _eight_bit_scales(readers, span, first, stop, columns)
    return lambda: Numbers("fp8", data.view(_FLOAT8).float() * by)


def _integers(scheme: str, codes: Tensor, scales: Tensor, zeros: Tensor | None) -> Numbers:
    return Numbers(scheme, codes, scales, None if zeros is None else -zeros * scales)


def _rows(readers: Readers, span: PackedSpan, role: str, first: int, stop: int) -> Tensor:
    """Rows of one part: bytes [n, bytes of a row], or numbers [n, …] where torch has their type."""
    path, part = span.parts[role]
    count = prod(span.shape[:-1])
    each = part.nbytes // count
    buffer = _bytes(readers[path], part.start + first * each, (stop - first) * each)
    kind = DTYPES.get(part.dtype, torch.uint8)
    return buffer.view(kind).view(stop - first, -1)


def _bytes(reader: TensorReader, start: int, count: int) -> Tensor:
    buffer = torch.empty(count, dtype=torch.uint8)
    reader.fill(buffer, start)
    return buffer


def _whole(readers: Readers, span: PackedSpan, role: str) -> Tensor:
    path, part = span.parts[role]
    return _bytes(readers[path], part.start, part.nbytes).view(DTYPES[part.dtype])


def _nibbles(data: Tensor) -> Tensor:
    """Bytes [n, b] → numbers 0–15 [n, 2 b], the low half first."""
    return torch.stack([data & 15, data >> 4], dim=-1).flatten(1)


def _zeros(readers: Readers, span: PackedSpan, first: int, stop: int) -> Tensor:
    """The zero points of some rows, float32 [n, G]: eight rows share a word of 32 bits, lowest bits first."""
    path, part = span.parts["zeros"]
    groups = part.shape[1]
    begin, end = first // 8, -(-stop // 8)
    words = _bytes(readers[path], part.start + begin * groups * 4, (end - begin) * groups * 4).view(-1, groups, 4)
    eight = torch.stack([words & 15, words >> 4], dim=-1).flatten(2)  # [words, G, 8]
    every = eight.transpose(1, 2).reshape(-1, groups)
    return every[first - 8 * begin : stop - 8 * begin].float()


def _nf4(readers: Readers, span: PackedSpan, first: int, stop: int, columns: int) -> Callable[[], Numbers]:
    path, part = span.parts["numbers"]
    data = _bytes(readers[path], part.start + first * columns // 2, (stop - first) * columns // 2)
    blocks = columns // table.NF4.block
    path, part = span.parts["absmax"]
    each = 1 if part.dtype == "U8" else 4
    absmax = _bytes(readers[path], part.start + first * blocks * each, (stop - first) * blocks * each)
    if each == 4:
        scales = absmax.view(torch.float32)
    else:
        places = torch.arange(first * blocks, stop * blocks) // _NESTED
        scales = _whole(readers, span, "nested_map")[absmax.long()] * _whole(readers, span, "nested")[places]
        scales = scales + nested_offset(_whole_bytes(readers, span, "state"))

    def numbers() -> Numbers:
        both = data.view(stop - first, -1)
        return Numbers("nf4", torch.stack([both >> 4, both & 15], dim=-1).flatten(1), scales.view(-1, blocks))

    return numbers


def _whole_bytes(readers: Readers, span: PackedSpan, role: str) -> bytes:
    path, part = span.parts[role]
    return bytes(_bytes(readers[path], part.start, part.nbytes).numpy())


def nested_offset(state: bytes) -> float:
    """What bitsandbytes took off all scales before it rounded them."""
    import json

    offset = json.loads(state).get("nested_offset", 0.0)
    return float(offset) if isinstance(offset, (int, float)) else 0.0


def _eight_bit_scales(readers: Readers, span: PackedSpan, first: int, stop: int, columns: int) -> Tensor:
    """What some rows of FP8 are multiplied with: one number, [n, 1], or [n, K] from blocks of 128 by 128."""
    if "blocks" in span.parts:
        _, part = span.parts["blocks"]
        blocks = _whole(readers, span, "blocks").float().view(part.shape)
        return blocks[torch.arange(first, stop) // 128].repeat_interleave(128, dim=1)[:, :columns]
    scales = _whole(readers, span, "scales").float().view(-1)
    return scales if len(scales) == 1 else scales[first:stop, None]
