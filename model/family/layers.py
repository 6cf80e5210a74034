"""Small layers shared by the decoder: RMS norm, rope and the gated MLP. Formulas as in transformers' Gemma 4."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from model.formats.weights import Linear, WeightSource
from model.kernels.native import norm


def rms_norm(x: Tensor, weight: Tensor | None, eps: float) -> Tensor:
    """``x / rms(x) * weight`` over the last dimension, computed in float32; the result has ``x``'s dtype."""
    own = norm.takes(x)
    if own is None:
        return rms_norm_plain(x, weight, eps)
    return own.norm(x, None if weight is None else weight.float(), eps)


def rms_norm_plain(x: Tensor, weight: Tensor | None, eps: float) -> Tensor:
    """``rms_norm`` written out: the reference for tests, and the path without kernels."""
    normed = x.float()
    normed = normed * torch.pow(normed.pow(2).mean(-1, keepdim=True) + eps, -0.5)
    if weight is not None:
        normed = normed * weight.float()
    return normed.to(x.dtype)


class RMSNorm:
    """An RMS norm with its own scale ``weight`` of shape [D]."""

    def __init__(self, weight: Tensor, eps: float) -> None:
        self.weight, self.eps = weight, eps

    def __call__(self, x: Tensor) -> Tensor:
        """``x`` [..., D] → the same shape and dtype."""
        return rms_norm(x, self.weight, self.eps)


class Rope:
    """Rotary position embedding of the first ``angles`` pairs; pair ``i`` of a head is (``i``, ``i + half``).

    ``inv_freq[i] = theta ** (-2 i / head_dim)``, also for global layers, where ``proportional`` rope leaves the
    other pairs as they are (transformers' ``_compute_proportional_rope_parameters``).
    """

    def __init__(self, head_dim: int, rotary_dim: int, theta: float, device: torch.device) -> None:
        self.angles = rotary_dim // 2
        exponents = torch.arange(0, rotary_dim, 2, dtype=torch.float32, device=device) / head_dim
        self.inv_freq = 1.0 / (theta**exponents)

    def cos_sin(self, start: int, count: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        """Two tables [T, 1, angles] for the positions ``start … start + count``."""
        positions = torch.arange(start, start + count, dtype=torch.float32, device=self.inv_freq.device)
        freqs = positions[:, None, None] * self.inv_freq
        return freqs.cos().to(dtype), freqs.sin().to(dtype)


def rotate(first: Tensor, second: Tensor, cos: Tensor, sin: Tensor) -> tuple[Tensor, Tensor]:
    """Rotates the pairs (``first[i]``, ``second[i]``), each [T, heads, angles], by the given angles."""
    return first * cos - second * sin, second * cos + first * sin


def gelu_mul(gate: Tensor, up: Tensor) -> Tensor:
    """GELU (tanh form) of the gate, times ``up``."""
    return F.gelu(gate, approximate="tanh") * up


class GatedMLP:
    """The dense MLP: ``down(gelu(gate(x)) * up(x))``."""

    def __init__(self, source: WeightSource, prefix: str) -> None:
        self.gate_proj: Linear = source.linear(f"{prefix}.gate_proj.weight")
        self.up_proj: Linear = source.linear(f"{prefix}.up_proj.weight")
        self.down_proj: Linear = source.linear(f"{prefix}.down_proj.weight")

    def __call__(self, x: Tensor) -> Tensor:
        """``x`` [T, D] → [T, D]."""
        return self.down_proj(gelu_mul(self.gate_proj(x), self.up_proj(x)))
