"""Launches of ``mixture.cu``: the router's choice and the residual stream of one token.

Letters: D hidden, E experts, K experts a token.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

from torch import Tensor

from model.kernels.cuda.launcher import WARP, Launch

MOST_EXPERTS = 4096
_FINISH_THREADS = 512
_Pointer, _Int, _Float = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


class _Route(ctypes.Structure):
    _fields_ = (
        *((name, _Pointer) for name in ("scores", "expert_scale", "ids", "weights")),
        *(("experts", _Int), ("top_k", _Int)),
    )


class _Finish(ctypes.Structure):
    _fields_ = (
        *((name, _Pointer) for name in ("x", "dense", "routed", "dense_norm", "routed_norm", "norm")),
        *(("hidden", _Int), ("count", _Int), ("eps", _Float), ("scalar", _Float)),
    )


def route(scores: Tensor, expert_scale: Tensor, ids: Tensor, weights: Tensor) -> Launch:
    """``scores`` [E] → ``ids`` int32 [K] and ``weights`` [K], as ``model.family.experts.Router`` gives them."""
    experts, top_k = scores.shape[0], ids.shape[0]
    assert top_k <= WARP and experts <= MOST_EXPERTS
    tensors = (scores, expert_scale, ids, weights)
    arguments = _Route(*(one.data_ptr() for one in tensors), experts, top_k)
    return Launch("lectern_route", (1, 1), WARP, 4 * experts, arguments)


@dataclass(frozen=True, slots=True)
class Routed:
    """The experts' outputs [K, D], and the norms [D] of theirs and of the dense MLP's output."""

    outputs: Tensor
    norm: Tensor
    dense_norm: Tensor


def finish(
    x: Tensor, dense: Tensor, norm: Tensor, eps: float, scalar: float = 1.0, routed: Routed | None = None
) -> Launch:
    """``x`` [D] = (``x`` + norm(``dense``)) · ``scalar``, with experts as ``DecoderLayer`` adds them."""
    hidden = x.shape[0]
    count = 0 if routed is None else routed.outputs.shape[0]
    arguments = _Finish(
        x.data_ptr(),
        dense.data_ptr(),
        None if routed is None else routed.outputs.data_ptr(),
        None if routed is None else routed.dense_norm.data_ptr(),
        None if routed is None else routed.norm.data_ptr(),
        norm.data_ptr(),
        *(hidden, count, eps, scalar),
    )
    return Launch("lectern_finish", (1, 1), _FINISH_THREADS, 4 * (WARP + 2 * hidden), arguments)
