"""Which tensors of a published folder make up one quantised matrix, for the forms that Lectern reads. No torch.

A matrix W [N, K] called ``X.weight`` is there as several tensors:

``nf4``   bitsandbytes' 4-bit: bytes ``X.weight``, ``….absmax`` for 64 numbers each, itself in 8 bits with a map and
          ``….nested_absmax`` or in float32, and ``….quant_state.bitsandbytes__nf4``, JSON with the shape.
``int4``  compressed-tensors' packed integers: ``X.weight_packed`` [N, K/8] in words of 32 bits, ``X.weight_scale``
          [N, groups], the shape in ``X.weight_shape``; with ``X.weight_zero_point`` [N/8, groups] it is ``int4m``.
``mlx``   MLX's: words ``X.weight`` [N, K · bits / 32], ``X.scales`` and ``X.biases`` [N, groups], w = s q + b.
``int8``  ``X.weight`` in 8 bits with ``X.weight_scale`` [N, groups], or bitsandbytes' ``X.SCB`` [N], 127 scales.
``fp8``   ``X.weight`` in F8_E4M3 with one scale, one a row, or one for each 128 by 128 (``X.weight_scale_inv``).

What does not fit these is left alone, and refused by ``model.checkpoint.layout`` like any other form.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Literal

from model.checkpoint.header import Span
from model.formats.table import INT4, INT4M, NF4, W8

Spans = Mapping[str, tuple[Path, Span]]
Scheme = Literal["nf4", "int4", "int4m", "mlx4", "mlx8", "int8", "fp8"]
PACKED = "packed"
"""In the place of a number type, before the scheme."""
NATURAL: Mapping[str, str] = {
    "nf4": NF4.name,
    "int4": INT4.name,
    "int4m": INT4M.name,
    "mlx4": INT4M.name,
    "mlx8": W8.name,
    "int8": W8.name,
    "fp8": NF4.name,
}
"""The format that a matrix becomes."""
ROUNDED_ANEW = frozenset(("mlx8", "fp8"))
"""Schemes whose numbers no format holds."""
_STATE = ".weight.quant_state.bitsandbytes__nf4"
_MOST_STATE = 10_000
_BLOCK = 128
_GROUPS = (64, 32, 128)
_HALVES = ("BF16", "F16", "F32")
_LONGEST = 500


@dataclass(frozen=True, slots=True)
class PackedSpan(Span):
    """A quantised matrix, with the places of its parts by their role. ``shape`` is that of its numbers."""

    scheme: Scheme
    parts: Spans

    @property
    def nbytes(self) -> int:
        """Bytes of all parts."""
        return sum(span.nbytes for _, span in self.parts.values())


@dataclass(frozen=True, slots=True)
class PackedRows:
    """Rows ``first`` to ``stop`` of a quantised matrix, or of several that are stored as one."""

    span: PackedSpan
    first: int
    stop: int

    @property
    def nbytes(self) -> int:
        """About as many bytes are read for them."""
        return self.span.nbytes * (self.stop - self.first) // prod(self.span.shape[:-1])


def gather(spans: Spans, config: Mapping[str, Any]) -> dict[str, tuple[Path, Span]]:
    """``spans`` with each quantised matrix in the place of its parts. ``config`` is the folder's config.json."""
    found, sizes = dict(spans), _group_sizes(config)
    for name in spans:
        if len(name) > _LONGEST:
            continue
        for ending, read in _READERS.items():
            if name.endswith(ending):
                packed = read(name.removesuffix(ending), spans, sizes)
                if packed is not None and all(part in found for part in _names(packed)):
                    for part in _names(packed):
                        del found[part]
                    found[packed.name] = (spans[name][0], packed)
                    break
    return found


def _group_sizes(config: Mapping[str, Any]) -> tuple[int, ...]:
    """Of MLX's groups. They tell 4 bits from 8; where config.json names none, the usual one is tried first."""
    said = config.get("quantization") or config.get("quantization_config")
    size = said.get("group_size") if isinstance(said, Mapping) else None
    return (size,) if size in _GROUPS else _GROUPS


def _names(packed: PackedSpan) -> list[str]:
    return [span.name for _, span in packed.parts.values()]


Part = tuple[Path, Span]
Sizes = tuple[int, ...]


def _packed(
    base: str, scheme: Scheme, shape: tuple[int, ...], parts: Mapping[str, tuple[Path, Span] | None]
) -> PackedSpan:
    there = {role: part for role, part in parts.items() if part is not None}
    return PackedSpan(f"{base}.weight", f"{PACKED} {scheme}", shape, 0, 0, scheme, there)


def _bytes(place: tuple[Path, Span]) -> bytes:
    path, span = place
    try:
        with path.open("rb") as file:
            file.seek(span.start)
            return file.read(min(span.nbytes, _MOST_STATE))
    except OSError:
        return b""


def _nf4(base: str, spans: Spans, _: Sizes) -> PackedSpan | None:
    numbers, absmax = spans.get(f"{base}.weight"), spans.get(f"{base}.weight.absmax")
    state = spans[f"{base}{_STATE}"]
    try:
        said = json.loads(_bytes(state))
        rows, columns = map(int, said["shape"])
        plain = (said["quant_type"], said["blocksize"], said.get("nested_blocksize", 256)) == ("nf4", NF4.block, 256)
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return None
    if numbers is None or absmax is None or not plain or rows <= 0 or columns <= 0 or columns % NF4.block:
        return None
    blocks = rows * columns // NF4.block
    nested, own_map = spans.get(f"{base}.weight.nested_absmax"), spans.get(f"{base}.weight.nested_quant_map")
    fits = numbers[1].dtype == "U8" and numbers[1].nbytes == rows * columns // 2 and prod(absmax[1].shape) == blocks
    if absmax[1].dtype == "U8":
        fits = fits and _is_float32(nested, -(-blocks // 256)) and _is_float32(own_map, 256)
    elif absmax[1].dtype != "F32":
        return None
    parts = {"numbers": numbers, "absmax": absmax, "nested": nested, "nested_map": own_map, "state": state}
    parts["map"] = spans.get(f"{base}.weight.quant_map")
    return _packed(base, "nf4", (rows, columns), parts) if fits else None


def _is_float32(part: Part | None, count: int) -> bool:
    return part is not None and part[1].dtype == "F32" and prod(part[1].shape) == count


def _int4(base: str, spans: Spans, _: Sizes) -> PackedSpan | None:
    numbers, scales = spans[f"{base}.weight_packed"], spans.get(f"{base}.weight_scale")
    shape, zeros = spans.get(f"{base}.weight_shape"), spans.get(f"{base}.weight_zero_point")
    if scales is None or numbers[1].dtype != "I32" or len(numbers[1].shape) != 2 or f"{base}.weight_g_idx" in spans:
        return None
    rows, words = numbers[1].shape
    if shape is not None and (shape[1].dtype, shape[1].shape) != ("I64", (2,)):
        return None
    told = struct.unpack("<2q", _bytes(shape).ljust(16, b"\0")) if shape is not None else (rows, words * 8)
    if told != (rows, words * 8) or not _in_groups(rows, words * 8, scales[1]):
        return None
    if zeros is not None and (zeros[1].dtype, zeros[1].shape) != ("I32", (-(-rows // 8), scales[1].shape[1])):
        return None
    parts = {"numbers": numbers, "scales": scales, "shape": shape, "zeros": zeros}
    return _packed(base, "int4" if zeros is None else "int4m", (rows, words * 8), parts)


def _in_groups(rows: int, columns: int, scales: Span) -> bool:
    """Whether ``scales`` [rows, groups] are for 32 numbers of a row each, or for a multiple of it."""
    if scales.dtype not in _HALVES or len(scales.shape) != 2 or scales.shape[0] != rows or not scales.shape[1]:
        return False
    return columns % scales.shape[1] == 0 and columns // scales.shape[1] % INT4.block == 0


def _mlx(base: str, spans: Spans, sizes: Sizes) -> PackedSpan | None:
    numbers, scales, biases = (spans.get(f"{base}.{name}") for name in ("weight", "scales", "biases"))
    if numbers is None or scales is None or biases is None or numbers[1].dtype != "U32":
        return None
    *above, words = numbers[1].shape
    if not above or len(above) > 2 or biases[1].shape != scales[1].shape or scales[1].shape[:-1] != tuple(above):
        return None
    groups, rows = scales[1].shape[-1], prod(above)
    flat = Span("", scales[1].dtype, (rows, groups), 0, 0)
    schemes: tuple[tuple[int, Scheme], ...] = ((4, "mlx4"), (8, "mlx8"))
    for bits, scheme in schemes:
        columns = words * 32 // bits
        if groups and columns // groups in sizes and _in_groups(rows, columns, flat):
            parts = {"numbers": numbers, "scales": scales, "biases": biases}
            return _packed(base, scheme, (*above, columns), parts)
    return None


def _int8(base: str, spans: Spans, _: Sizes) -> PackedSpan | None:
    numbers, scales = spans.get(f"{base}.weight"), spans.get(f"{base}.weight_scale")
    if numbers is None or scales is None or len(numbers[1].shape) != 2:
        return None
    rows, columns = numbers[1].shape
    if numbers[1].dtype == "I8":
        fits = f"{base}.weight_zero_point" not in spans and _in_groups(rows, columns, scales[1])
        return _packed(base, "int8", (rows, columns), {"numbers": numbers, "scales": scales}) if fits else None
    one_each = scales[1].dtype in _HALVES and prod(scales[1].shape) in (1, rows)
    if numbers[1].dtype != "F8_E4M3" or not one_each or f"{base}.weight_scale_2" in spans:
        return None
    parts = {"numbers": numbers, "scales": scales, "input": spans.get(f"{base}.input_scale")}
    return _packed(base, "fp8", (rows, columns), parts)


def _blocks(base: str, spans: Spans, _: Sizes) -> PackedSpan | None:
    numbers, scales = spans.get(f"{base}.weight"), spans[f"{base}.weight_scale_inv"]
    if numbers is None or numbers[1].dtype != "F8_E4M3" or len(numbers[1].shape) != 2:
        return None
    blocks = tuple(-(-size // _BLOCK) for size in numbers[1].shape)
    if scales[1].dtype not in _HALVES or scales[1].shape != blocks:
        return None
    return _packed(base, "fp8", numbers[1].shape, {"numbers": numbers, "blocks": scales})


def _scb(base: str, spans: Spans, _: Sizes) -> PackedSpan | None:
    numbers, scales = spans.get(f"{base}.weight"), spans[f"{base}.SCB"]
    if numbers is None or numbers[1].dtype != "I8" or len(numbers[1].shape) != 2:
        return None
    if scales[1].dtype not in _HALVES or prod(scales[1].shape) != numbers[1].shape[0]:
        return None
    parts = {"numbers": numbers, "scb": scales, "format": spans.get(f"{base}.weight_format")}
    return _packed(base, "int8", numbers[1].shape, parts)


_READERS = {
    _STATE: _nf4,
    ".weight_packed": _int4,
    ".scales": _mlx,
    ".weight_scale": _int8,
    ".weight_scale_inv": _blocks,
    ".SCB": _scb,
}
