"""Attention of a prompt's chunk over its past and itself, by the native kernels for AVX512-BF16.

The plain twin is ``model.family.attention.attend_plain``; where there are no such kernels, torch's own run.

Letters: T positions of the chunk, N query heads, KV heads, G = N / KV, H head size, S positions of a span.
"""

from __future__ import annotations

import ctypes
from collections.abc import Sequence

import torch
from torch import Tensor

from model.kernels import native
from model.kernels.native import gemm

MOST_SIZE, MOST_GROUPS, LANES = 512, 128, 32
"""Limits of the kernels: H, a multiple of LANES, and G."""


class _Span(ctypes.Structure):
    """``lectern_span``."""

    _fields_ = (
        ("keys", ctypes.c_void_p),
        ("values", ctypes.c_void_p),
        ("stride", ctypes.c_int64),
        ("head_stride", ctypes.c_int64),
        ("count", ctypes.c_int64),
    )


class _Job(ctypes.Structure):
    """``lectern_flash_job``."""

    _fields_ = (
        *((name, ctypes.c_void_p) for name in ("queries", "out", "spans", "first", "last")),
        *((name, ctypes.c_int) for name in ("span_count", "tokens", "kv_heads", "groups", "size", "block")),
    )


def takes(q: Tensor, groups: int) -> bool:
    """Whether there are kernels for queries like ``q`` [T, N, H]."""
    if q.device.type != "cpu" or q.dtype != torch.bfloat16:
        return False
    size = q.shape[-1]
    kernels = gemm.kernels()
    fits = size <= MOST_SIZE and size % LANES == 0 and groups <= MOST_GROUPS
    return fits and kernels is not None and kernels.attention


def attend(q: Tensor, spans: Sequence[tuple[Tensor, Tensor]], first: Tensor, last: Tensor) -> Tensor:
    """Softmax attention with scale 1: ``q`` [T, N, H] → the same shape.

    ``spans`` are keys and values [KV, S, H], one after another, with the same strides. Query t sees the positions
    ``first[t]`` … ``last[t]`` - 1 counted through all of them, at least one; both are int32 [T].
    """
    kernels = gemm.kernels()
    assert kernels is not None
    native.use_threads(kernels.functions)
    q = q.contiguous()
    tokens, heads, size = q.shape
    out = torch.empty_like(q)
    kv_heads = spans[0][0].shape[0]
    table = (_Span * len(spans))()
    for to, (keys, values) in zip(table, spans, strict=True):
        assert keys.stride() == values.stride() and keys.stride(2) == 1
        to.keys, to.values = keys.data_ptr(), values.data_ptr()
        to.head_stride, to.stride = keys.stride()[:2]
        to.count = keys.shape[1]
    job = _Job(
        *(q.data_ptr(), out.data_ptr(), ctypes.addressof(table), first.data_ptr(), last.data_ptr()),
        *(len(spans), tokens, kv_heads, heads // kv_heads, size, 0),
    )
    kernels.functions.lectern_flash(ctypes.byref(job))
    return out
