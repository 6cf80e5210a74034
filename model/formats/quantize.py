"""4-bit NF4 in blocks of 64 with bf16 scales, int4, and 8-bit rows: to bytes, back again, multiplied as they are.

Two layouts of the same NF4 numbers W [N, K], and two of int4:

``rows``    two numbers a byte along K, first one in the high half; scales [N, K/64]. Any device.
``rows32``  32 rows wide, for bitsandbytes' kernel on processors with AVX512-BF16. The byte at
            [n // 32, k // 2, 2 * (n % 16) + k % 2] holds row n in its low half and row n + 16 in its high
            half; scales [K/64, N]. Only where N is a multiple of 32.
``int4``    bytes as in ``rows32``, but the numbers are those of ``model.formats.int4`` plus 8; scales in fp16 [K/32,
N]. How
            they are stored, and for processors; K and N are multiples of 32.
``int4_rows``  the same numbers with bytes as in ``rows`` and scales in float32 [N, K/32], for NVIDIA cards.

bitsandbytes' CPU kernels are called directly in its library: its Python wrapper converts the scales on every
call, which costs more than multiplying with a small expert does, and importing the package takes seconds. The
package itself is imported for quantising and on CUDA.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import sys
from pathlib import Path
from typing import Any, Literal

import torch
from torch import Tensor
from torch.nn import functional

from model.engine import offline
from model.errors import ModelError
from model.formats import int4
from model.formats.forms import BLOCK, LANES
from model.kernels import native
from model.kernels.native import Matrix, gemm

FEW_TOKENS = 4
"""Up to here bitsandbytes' kernel, which reads weights faster, beats our own."""
NATIVE_TOKENS = 128
"""Where our own are missing: up to here bitsandbytes' beats dequantising and a bf16 matmul; measured at 1408 × 2816 on
two Zen cores (µs, kernel against the other): 17 tokens 300/2000, 64 970/2500, 128 1900/3200, 256 3700/4400."""

Layout = Literal["rows", "rows32", "int4", "int4_rows"]


@functools.cache
def _bitsandbytes() -> Any:
    """bitsandbytes, kept from asking a hub for kernels (it would if the package ``kernels`` were installed)."""
    offline.go_offline()
    import bitsandbytes
    import bitsandbytes.cextension
    import bitsandbytes.functional

    return bitsandbytes


def _ops() -> Any:
    _bitsandbytes()  # registers them
    return torch.ops.bitsandbytes


@functools.cache
def _library() -> ctypes.CDLL:
    """bitsandbytes' library for processors, without its package."""
    spec = importlib.util.find_spec("bitsandbytes")
    if spec is None or not spec.submodule_search_locations:
        raise ModelError("The package bitsandbytes is missing; install Lectern again.")
    suffix = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    path = Path(spec.submodule_search_locations[0]) / f"libbitsandbytes_cpu{suffix}"
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise ModelError(f"{path} cannot be loaded ({error}); install Lectern again.") from error


@functools.cache
def has_native_kernel() -> bool:
    """Whether this processor multiplies the ``rows32`` layout as it is."""
    try:
        return bool(_library().has_avx512bf16_cpu())
    except AttributeError:  # a build without that kernel
        return False


def best_layout(device: torch.device, rows: int, stored: Layout = "rows") -> Layout:
    """The layout that ``device`` multiplies fastest, of those that have the same numbers as ``stored``."""
    if stored in ("int4", "int4_rows"):
        return "int4_rows" if device.type == "cuda" else stored
    wide = device.type == "cpu" and rows % LANES == 0 and (gemm.kernels() is not None or has_native_kernel())
    return "rows32" if wide else "rows"


@functools.cache
def _codes(device: torch.device, repeats: int) -> Tensor:
    table: Tensor = _bitsandbytes().functional.get_4bit_type("nf4", device=device)
    return table.float().repeat_interleave(repeats).contiguous()


def _address(tensor: Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(tensor.data_ptr())


def quantise(weight: Tensor, layout: Layout) -> tuple[Tensor, Tensor]:
    """W [N, K] → bytes [N, K/2] and scales in ``layout``. K is a multiple of 64, for int4 of 32."""
    rows, columns = weight.shape
    codes, scales = int4.encode(weight) if layout == "int4" else _encode(weight)
    if layout == "rows":
        pairs = codes.view(rows, columns // 2, 2)
        return (pairs[..., 0] << 4) | pairs[..., 1], scales
    lanes = codes.view(rows // LANES, 2, LANES // 2, columns)
    halves = lanes[:, 0] | (lanes[:, 1] << 4)
    return _swap(halves).view(rows, columns // 2), scales.T.contiguous()


def _encode(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers 0–15 [N, K] and scales [N, K/64].

    bitsandbytes' 8-bit kernel with each of the 16 values standing 16 times in its table gives the same
    numbers as its 4-bit quantiser, which is written in plain torch, at four times its speed.
    """
    rows, columns = weight.shape
    codes, scales = _ops().quantize_blockwise(weight.contiguous(), _codes(weight.device, 16), BLOCK)
    return codes.view(rows, columns) >> 4, scales.view(rows, columns // BLOCK).to(torch.bfloat16)


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


def numbers_of(data: Tensor) -> Tensor:
    """The numbers 0–15 of 32 rows side by side: ``rows32`` or ``int4`` bytes [N, K/2] → uint8 [N, K]."""
    rows, half = data.shape
    pairs = data.view(-1, half, LANES // 2, 2)
    both = torch.stack([pairs & 0x0F, pairs >> 4], dim=1)
    return both.transpose(2, 3).reshape(rows, half * 2)


def to_rows32(data: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """From ``rows`` to ``rows32``, the other way round."""
    *experts, rows, half = data.shape
    lanes = data.view(-1, 2, LANES // 2, half)
    first = (lanes[:, 0] >> 4) | (lanes[:, 1] & 0xF0)
    second = (lanes[:, 0] & 0x0F) | (lanes[:, 1] << 4)
    halves = torch.stack([first, second], -1).view(-1, LANES // 2, half * 2)
    return _swap(halves).view(*experts, rows, half), scales.transpose(-1, -2).contiguous()


def int4_to_rows(data: Tensor, scales: Tensor) -> tuple[Tensor, Tensor]:
    """From ``int4`` to ``int4_rows``; [N, K/2] or, for experts, [E, N, K/2], one expert after the other."""
    out = torch.empty_like(data)
    for given, packed in zip(data.view(-1, *data.shape[-2:]), out.view(-1, *data.shape[-2:]), strict=True):
        pairs = numbers_of(given).view(*given.shape, 2)
        packed.copy_((pairs[..., 0] << 4) | pairs[..., 1])
    return out, scales.transpose(-1, -2).float().contiguous()


def convert(data: Tensor, scales: Tensor, old: Layout, new: Layout) -> tuple[Tensor, Tensor]:
    """The same numbers in another layout; nothing is copied when it is the same."""
    if old == new:
        return data, scales
    if (old, new) == ("int4", "int4_rows"):
        return int4_to_rows(data, scales)
    assert {old, new} == {"rows", "rows32"}
    return to_rows(data, scales) if new == "rows" else to_rows32(data, scales)


def dequantise(data: Tensor, scales: Tensor, layout: Layout, dtype: torch.dtype) -> Tensor:
    """Back to W [N, K] in ``dtype``."""
    if layout == "int4":
        return int4.decode(numbers_of(data), scales.T, dtype)
    if layout == "int4_rows":
        codes = torch.stack([data >> 4, data & 15], dim=-1).view(data.shape[0], -1)
        return int4.decode(codes, scales, dtype)
    data, scales = convert(data, scales, layout, "rows")
    rows, half = data.shape
    shape = (rows, half * 2)
    if not data.is_cuda and dtype in _DEQUANTISERS:
        return _dequantise_here(data, scales, dtype)
    weight: Tensor = _ops().dequantize_4bit(data.reshape(-1, 1), scales.reshape(-1).float(), BLOCK, "nf4", shape, dtype)
    return weight.view(shape)


_DEQUANTISERS = {
    torch.bfloat16: "cdequantize_blockwise_cpu_nf4_bf16",
    torch.float32: "cdequantize_blockwise_cpu_nf4_fp32",
}


def _dequantise_here(data: Tensor, scales: Tensor, dtype: torch.dtype) -> Tensor:
    """``rows`` back to [N, K] with bitsandbytes' kernel for processors."""
    rows, half = data.shape
    data, widened = data.contiguous(), scales.float().contiguous()
    out = torch.empty((rows, half * 2), dtype=dtype)
    size = ctypes.c_longlong
    kernel = getattr(_library(), _DEQUANTISERS[dtype])
    kernel(_address(data), _address(widened), _address(out), size(BLOCK), size(rows), size(half * 2))
    return out


def multiply(x: Tensor, data: Tensor, scales: Tensor, layout: Layout) -> Tensor:
    """[T, K] @ W.T → [T, N] with W as it is stored."""
    if not len(x):  # bitsandbytes' kernel divides by the number of tokens
        return x.new_empty((0, data.shape[0]))
    own = own_kernels(x, layout)
    few = NATIVE_TOKENS if own is None else FEW_TOKENS
    if layout == "rows32" and x.dtype == torch.bfloat16 and x.shape[0] <= few and has_native_kernel():
        return _native(x, data, scales)
    if own is not None:
        return own.multiply(x, matrix(data, scales, layout))
    if x.is_cuda and layout == "rows":
        return _cuda(x, data, scales)
    return functional.linear(x, dequantise(data, scales, layout, x.dtype))


def own_kernels(x: Tensor, layout: Layout) -> gemm.Kernels | None:
    """Our own kernels for activations like ``x``, where there are any."""
    wide = x.device.type == "cpu" and x.dtype == torch.bfloat16 and layout in native.FORMS
    return gemm.kernels() if wide else None


def matrix(data: Tensor, scales: Tensor, layout: Layout) -> Matrix:
    """W as our own kernels see it: of experts, the first one."""
    form = native.INT4 if layout == "int4" else native.NF4
    return native.matrix(form, data, scales, data.shape[-2], data.shape[-1] * 2)


@functools.cache
def _kernel() -> Any:
    return _library().gemv_4bit_inference_cpu_nf4_bf16


def _native(x: Tensor, data: Tensor, scales: Tensor) -> Tensor:
    """bitsandbytes' kernel for AVX512-BF16, straight on the stored bytes."""
    tokens, columns = x.shape
    rows = data.shape[0]
    if x.stride(1) != 1:
        x = x.contiguous()
    out = torch.empty((tokens, rows), dtype=torch.bfloat16)
    size = ctypes.c_int64
    _kernel()(
        size(tokens),
        size(rows),
        size(columns),
        _address(x),
        _address(data),
        _address(scales),
        _address(out),
        size(BLOCK),
        size(x.stride(0)),
        size(rows),
    )
    return out


def _cuda(x: Tensor, data: Tensor, scales: Tensor) -> Tensor:
    """bitsandbytes' fused kernel, which itself dequantises where there are many tokens."""
    rows, half = data.shape
    out: Tensor = _ops().gemm_4bit(x, data.view(-1, 1), [rows, half * 2], scales.view(-1), BLOCK, "nf4")
    return out


def quantise_int8(weight: Tensor) -> tuple[Tensor, Tensor]:
    """W [N, K] → int8 [N, K] and one scale a row [N], for the embedding."""
    scales = (weight.abs().amax(dim=1).float() / 127).clamp_(min=1e-12).to(torch.bfloat16)
    # A scale that bf16 rounds down makes the largest number 127.3 at most, which still rounds to 127.
    return (weight.float() * (1 / scales.float())[:, None]).round_().to(torch.int8), scales


def multiply_int8(x: Tensor, data: Tensor, scales: Tensor) -> Tensor:
    """[T, K] @ W.T → float32 [T, N] with W in 8 bits, in one pass over W."""
    # torch's kernel reads past the end of rows that are no multiple of its vectors.
    if x.dtype == torch.bfloat16 and not x.is_cuda and data.shape[1] % 32 == 0:
        return torch.ops.aten._weight_int8pack_mm(x.contiguous(), data, scales.to(x.dtype)).float()
    out = torch.empty((x.shape[0], data.shape[0]), dtype=torch.float32, device=x.device)
    for start in range(0, data.shape[0], _HEAD_ROWS):
        part = slice(start, start + _HEAD_ROWS)
        out[:, part] = functional.linear(x, data[part].to(x.dtype)) * scales[part].float()
    return out


_HEAD_ROWS = 32_768
"""Rows of the head that are widened at a time where no 8-bit kernel exists."""
