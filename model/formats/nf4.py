"""NF4 in blocks of 64 with bf16 scales (Dettmers et al. 2023): made, widened and multiplied.

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
from typing import Any

import torch
from torch import Tensor

from model.engine import offline
from model.errors import ModelError
from model.formats.codec import Codec, own_kernels
from model.formats.packing import pack_lanes, pack_rows, to_rows, to_rows32
from model.formats.table import LANES, NF4
from model.kernels.native import gemm
from model.messages import msg

BLOCK = NF4.block
ROWS, WIDE = (layout.name for layout in NF4.layouts)
FEW_TOKENS = 4
"""Up to here bitsandbytes' kernel, which reads weights faster, beats the native one."""
NATIVE_TOKENS = 128
"""Without native kernels: up to here bitsandbytes' beats dequantising and a bf16 matmul; measured at 1408 × 2816 on
two Zen cores (µs, kernel against the other): 17 tokens 300/2000, 64 970/2500, 128 1900/3200, 256 3700/4400."""


class Nf4(Codec):
    """NF4, in the layouts ``rows`` and ``rows32``."""

    def encode(self, weight: Tensor, layout: str) -> tuple[Tensor, ...]:
        """Bytes [N, K/2] and scales."""
        codes, scales = _encode(weight)
        return (pack_rows(codes), scales) if layout == ROWS else (pack_lanes(codes), scales.T.contiguous())

    def decode(self, data: Tensor, scales: Tensor, layout: str, dtype: torch.dtype) -> Tensor:
        """Back to W [N, K]."""
        data, scales = self.convert(data, scales, layout, ROWS)
        shape = (data.shape[0], data.shape[1] * 2)
        if not data.is_cuda and dtype in _DEQUANTISERS:
            return _dequantise_here(data, scales, dtype)
        weight: Tensor = _ops().dequantize_4bit(
            data.reshape(-1, 1), scales.reshape(-1).float(), BLOCK, NF4.name, shape, dtype
        )
        return weight.view(shape)

    def best_layout(self, device: torch.device, rows: int, stored: str) -> str:
        """``rows32`` on processors that have a kernel for it."""
        wide = device.type == "cpu" and rows % LANES == 0 and (gemm.kernels() is not None or has_native_kernel())
        return WIDE if wide else ROWS

    def convert(self, data: Tensor, scales: Tensor, old: str, new: str) -> tuple[Tensor, Tensor]:
        """Data and scales from one layout to the other, in either direction."""
        if old == new:
            return data, scales
        return to_rows(data, scales) if new == ROWS else to_rows32(data, scales)

    def multiply(self, x: Tensor, data: Tensor, scales: Tensor, layout: str) -> Tensor:
        """[T, K] @ W.T → [T, N], by bitsandbytes' kernels where they are the fastest."""
        few = NATIVE_TOKENS if own_kernels(x, layout) is None else FEW_TOKENS
        if layout == WIDE and x.dtype == torch.bfloat16 and x.shape[0] <= few and has_native_kernel():
            return _native(x, data, scales)
        if x.is_cuda and layout == ROWS:
            return _cuda(x, data, scales)
        return super().multiply(x, data, scales, layout)


CODEC = Nf4()


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
        raise ModelError(msg("bitsandbytes.missing", "The package bitsandbytes is missing; install Lectern again."))
    suffix = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
    path = Path(spec.submodule_search_locations[0]) / f"libbitsandbytes_cpu{suffix}"
    try:
        return ctypes.CDLL(str(path))
    except OSError as error:
        raise ModelError(
            msg("bitsandbytes.broken", "{path} cannot be loaded ({why}); install Lectern again.", path=path, why=error)
        ) from error


@functools.cache
def has_native_kernel() -> bool:
    """Whether this processor multiplies the ``rows32`` layout as it is."""
    try:
        return bool(_library().has_avx512bf16_cpu())
    except AttributeError:  # a build without that kernel
        return False


@functools.cache
def _codes(device: torch.device, repeats: int) -> Tensor:
    table: Tensor = _bitsandbytes().functional.get_4bit_type(NF4.name, device=device)
    return table.float().repeat_interleave(repeats).contiguous()


def _address(tensor: Tensor) -> ctypes.c_void_p:
    return ctypes.c_void_p(tensor.data_ptr())


def _encode(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Numbers 0–15 [N, K] and scales [N, K/64].

    bitsandbytes' 8-bit kernel with each of the 16 values 16 times in its table gives the same
    numbers as its 4-bit quantiser, which is written in plain torch, at four times its speed.
    """
    rows, columns = weight.shape
    codes, scales = _ops().quantize_blockwise(weight.contiguous(), _codes(weight.device, 16), BLOCK)
    return codes.view(rows, columns) >> 4, scales.view(rows, columns // BLOCK).to(torch.bfloat16)


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
    out: Tensor = _ops().gemm_4bit(x, data.view(-1, 1), [rows, half * 2], scales.view(-1), BLOCK, NF4.name)
    return out
