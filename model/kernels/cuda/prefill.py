"""Many tokens through all experts on an NVIDIA card: weights to bf16 a few experts at a time, then grouped products.

Letters: T tokens, D hidden, E experts, I an expert's inner size, K experts a token.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional

from model.family.layers import gelu_mul
from model.formats.weights import ExpertLinear
from model.kernels.cuda.kernels import launcher_for
from model.kernels.cuda.launcher import BF16, Launcher, Weights, dequantise, fits
from model.kernels.cuda.weights import UnsuitedError, weights_of

MOST_BYTES = 256 << 20
"""Bytes of bf16 weights in memory at once: all experts of a layer would be 1.5 GB, which a full card has not left."""


FEW = 16
"""With fewer tokens, not even the experts that they choose are many enough to widen all of them."""
_GROUPED = (8, 0)
"""The compute capability from which torch has grouped products."""
_CLOSE = 0.05
_log = logging.getLogger(__name__)


class GroupedExperts:
    """The experts of one layer for many tokens; ``Experts``, one by one, is the plain twin."""

    def __init__(self, launcher: Launcher, gate_up: ExpertLinear, down: ExpertLinear) -> None:
        """Raises ``UnsuitedError`` where the kernels do not read such weights."""
        self._launcher = launcher
        self._first, self._second = weights_of(gate_up), weights_of(down)
        wide = all(size % 8 == 0 for size in (gate_up.in_features, down.in_features))  # 16 bytes of bf16
        if not wide or not fits(self._first) or not fits(self._second):
            raise UnsuitedError("rows of experts do not begin where 16 bytes can be read")

    @classmethod
    def of(cls, gate_up: ExpertLinear, down: ExpertLinear, device: torch.device) -> GroupedExperts | None:
        """On a CUDA ``device`` with kernels; ``None`` where the plain path must do."""
        launcher = launcher_for(device)
        if launcher is None or not _works(device):
            return None
        try:
            return cls(launcher, gate_up, down)
        except UnsuitedError:
            return None

    def takes(self, x: Tensor) -> bool:
        """Whether these tokens [T, D] are better served here."""
        return x.dtype == torch.bfloat16 and x.shape[0] >= FEW

    def __call__(self, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor:
        """``x`` [T, D] in bf16, ``weights`` and ``ids`` [T, K] → the weighted sum of the chosen experts, [T, D]."""
        return mixture(self._launcher, self._first, self._second, x, weights, ids)


@functools.cache
def _works(device: torch.device) -> bool:
    """Whether grouped products give on ``device`` what single ones do."""
    launcher = launcher_for(device)
    if launcher is None or torch.cuda.get_device_capability(device) < _GROUPED:
        return False
    try:
        error = error_of(launcher)
    except RuntimeError as fault:
        _log.warning("experts go one by one on this card: %s", fault)
        return False
    if error > _CLOSE:
        _log.warning("experts go one by one on this card: grouped products are off by %.2g", error)
    return error <= _CLOSE


@torch.inference_mode()
def error_of(launcher: Launcher) -> float:
    """How far grouped experts are from single ones, as a part of these: four in bf16, one chosen by no token."""
    random = torch.Generator().manual_seed(0)
    shapes = ((4, 2 * 64, 128), (4, 128, 64), (40, 128))
    first, second, x = (torch.randn(s, generator=random).to(launcher.device, torch.bfloat16) for s in shapes)
    ids = torch.tensor([[0, 3], [3, 1]], device=launcher.device).repeat(20, 1)
    shares = torch.rand((40, 2), generator=random).to(launcher.device)
    truth = torch.zeros(x.shape, device=launcher.device)
    for slot, chosen in enumerate(ids.unbind(1)):
        gate, up = (first[chosen].float() @ x.float()[..., None])[..., 0].chunk(2, dim=-1)
        truth += (second[chosen].float() @ gelu_mul(gate, up)[..., None])[..., 0] * shares[:, slot, None]
    gate_up, down = (Weights(BF16, w, None, w.shape[0] * w.shape[1], w.shape[2]) for w in (first, second))
    ours = mixture(launcher, gate_up, down, x, shares, ids).float()
    return float((ours - truth).norm() / truth.norm())


def mixture(launcher: Launcher, first: Weights, second: Weights, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor:
    """As ``GroupedExperts``: ``first`` are the rows of gate and up of all experts, ``second`` those of down."""
    tokens, top_k = ids.shape
    experts = first.rows // (2 * second.columns)
    order = torch.argsort(ids.reshape(-1), stable=True)
    counts = torch.zeros(experts, dtype=torch.int64, device=x.device)
    counts.scatter_add_(0, ids.reshape(-1), torch.ones_like(order))
    given = x[order // top_k]
    out = torch.empty((tokens * top_k, x.shape[1]), dtype=x.dtype, device=x.device)
    for rows, some in _some_experts(first, experts, counts.tolist()):
        ends = counts[some].cumsum(0, dtype=torch.int32)
        gate, up = _grouped(given[rows], _wide(launcher, first, some, experts), ends).chunk(2, dim=-1)
        out[rows] = _grouped(gelu_mul(gate, up), _wide(launcher, second, some, experts), ends)
    # Back into the tokens' order and added there: ``index_add_`` adds in another order every time.
    back = torch.empty_like(out)
    back[order] = out
    sums = torch.zeros(x.shape, device=x.device)
    for slot, share in enumerate(weights.float().unbind(1)):
        sums.addcmul_(back.view(tokens, top_k, -1)[:, slot], share[:, None])
    return sums.to(x.dtype)


def _some_experts(first: Weights, experts: int, counts: list[int]) -> Iterator[tuple[slice, slice]]:
    """Rows of the sorted tokens, and their experts, as many as fit into ``MOST_BYTES``."""
    size = max(1, MOST_BYTES // (2 * first.columns * first.rows // experts))
    start = 0
    for expert in range(0, experts, size):
        some = slice(expert, min(expert + size, experts))
        stop = start + sum(counts[some])
        if stop > start:
            yield slice(start, stop), some
        start = stop


def _grouped(x: Tensor, weights: Tensor, ends: Tensor) -> Tensor:
    """[rows, in] through [experts, out, in], expert i taking the rows up to ``ends[i]``."""
    return functional.grouped_mm(x, weights.transpose(-1, -2), offs=ends)


def _wide(launcher: Launcher, weights: Weights, some: slice, experts: int) -> Tensor:
    """The matrices of ``some`` experts in bf16, [n, out, in]."""
    rows, count = weights.rows // experts, some.stop - some.start
    if weights.form == BF16:
        return weights.data.view(experts, rows, weights.columns)[some]
    wide = torch.empty((count, rows, weights.columns), dtype=torch.bfloat16, device=weights.data.device)
    launcher.launch(dequantise(weights, wide, some.start * rows, count * rows))
    return wide
