"""Matrices, norms and the rope of the vision tower, in blocks of rows that fit a processor's cache.

On a processor the products go through oneDNN with what follows them fused in (GELU, the gate's product, attention's
exponential), where torch has it; everywhere else, and in the tests beside it, the same is written out plainly.

Letters: T patches, D hidden size, H heads, d numbers per head.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from model.family.inventory import CLIPS
from model.kernels.native.norm import takes

ROWS = 256
"""Rows of one block of small operations: its float32 copies stay in a core's cache, and need no fresh memory."""


def can_fuse(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether oneDNN's products with something fused in run here, in this dtype."""
    if device.type != "cpu" or not torch.backends.mkldnn.is_available():
        return False
    if not hasattr(torch.ops.mkldnn, "_linear_pointwise"):
        return False
    return dtype == torch.float32 or (dtype == torch.bfloat16 and has_bf16())


def has_bf16() -> bool:
    """Whether this processor multiplies bf16 matrices by itself; else float32 is many times as fast."""
    return bool(torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported())


def blocks(count: int, size: int = ROWS) -> Iterator[slice]:
    """[0, count) in slices of at most ``size``, all of nearly the same length."""
    number = max(1, -(-count // size))
    for i in range(number):
        yield slice(count * i // number, count * (i + 1) // number)


class Matrix:
    """``x @ W.T`` [T, in] → [T, out]; with ``clips``, input and output are held between bounds.

    As transformers' ``Gemma4ClippableLinear``. ``clips`` are input_min, input_max, output_min, output_max.
    """

    def __init__(self, weight: Tensor, clips: tuple[float, ...] | None, fused: bool) -> None:
        self.weight, self._clips = weight, clips
        self._fused = fused and clips is None

    @classmethod
    def read(cls, tensors: Mapping[str, Tensor], name: str, fused: bool) -> Matrix:
        """The matrix called ``name`` among a layer's tensors."""
        clips = None
        if f"{name}.input_min" in tensors:
            clips = tuple(float(tensors[f"{name}.{bound}"]) for bound in CLIPS)
        return cls(tensors[f"{name}.linear.weight"], clips, fused)

    def __call__(self, x: Tensor) -> Tensor:
        """Multiply."""
        if self._clips is None:
            return F.linear(x, self.weight.to(x.dtype))
        low, high, least, most = self._clips
        return F.linear(x.clamp(low, high), self.weight.to(x.dtype)).clamp(least, most)

    def gelu(self, x: Tensor) -> Tensor:
        """GELU (tanh form) of the product."""
        if self._fused:
            return torch.ops.mkldnn._linear_pointwise(x, self.weight.to(x.dtype), None, "gelu", [], "tanh")
        return F.gelu(self(x), approximate="tanh")

    def times(self, x: Tensor, factor: Tensor) -> Tensor:
        """The product, each number times its like in ``factor`` [T, out]."""
        if self._fused:
            return torch.ops.mkldnn._linear_pointwise.binary(x, factor, self.weight.to(x.dtype), None, "mul")
        return self(x) * factor

    def reordered(self, order: Tensor, heads: int) -> Matrix:
        """A copy whose outputs come in another order: within each head as ``order`` gives it."""
        rows = self.weight.view(heads, len(order), -1)[:, order.to(self.weight.device)]
        return Matrix(rows.flatten(0, 1), self._clips, self._fused)


def scale_to_norm_(x: Tensor, eps: float) -> Tensor:
    """Divides float32 ``x`` [..., n] by the root of its mean square over the last dimension, in place."""
    size = x.shape[-1]
    norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
    return x.mul_(norm.square_().div_(size).add_(eps).rsqrt_())


def norm(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """RMS norm of [T, D] with scale ``weight`` [D] in float32: the result has ``x``'s dtype."""
    own = takes(x)
    return norm_plain(x, weight, eps) if own is None else own.norm(x, weight, eps)


def norm_plain(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    """The same written out."""
    out = torch.empty_like(x)
    for rows in blocks(len(x)):
        out[rows] = scale_to_norm_(x[rows].to(torch.float32, copy=True), eps).mul_(weight)
    return out


def add_norm_(x: Tensor, y: Tensor, weight: Tensor, eps: float) -> None:
    """``x += norm(y)``, in place."""
    own = takes(y)
    if own is None or not x.is_contiguous():
        add_norm_plain_(x, y, weight, eps)
    else:
        own.norm(y, weight, eps, onto=x)


def add_norm_plain_(x: Tensor, y: Tensor, weight: Tensor, eps: float) -> None:
    """The same written out."""
    for rows in blocks(len(x)):
        normed = scale_to_norm_(y[rows].to(torch.float32, copy=True), eps).mul_(weight)
        x[rows] += normed.to(x.dtype)


def turned_heads(x: Tensor, weight: Tensor, turned: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    """[T, H · d] → [H, T, d]: each head normed with scale ``weight`` [d], then its pairs turned, in float32."""
    own = takes(x)
    if own is None:
        return turned_heads_plain(x, weight, turned, eps, dtype)
    out = torch.empty(x.shape[1] // len(weight), len(x), len(weight), dtype=dtype)
    own.heads(x.contiguous(), weight, turned, eps, out)
    return out


def turned_heads_plain(x: Tensor, weight: Tensor, turned: Tensor, eps: float, dtype: torch.dtype) -> Tensor:
    """The same written out."""
    size = len(weight)
    heads = x.view(len(x), -1, size)
    out = torch.empty(heads.shape[1], len(x), size, dtype=dtype, device=x.device)
    for rows in blocks(len(x)):
        normed = scale_to_norm_(heads[rows].to(torch.float32, copy=True), eps).mul_(weight)
        torch.view_as_complex(normed.view(*normed.shape[:2], size // 2, 2)).mul_(turned[rows])
        out[:, rows] = normed.transpose(0, 1)
    return out


def normed_values(x: Tensor, values: Tensor, size: int, eps: float) -> Tensor:
    """Puts [T, G · d], each head normed without a scale, into the first d columns of ``values`` [G, T, columns]."""
    own = takes(x)
    if own is None or not values.is_contiguous():
        return normed_values_plain(x, values, size, eps)
    own.heads(x.contiguous(), None, None, eps, values)
    return values


def normed_values_plain(x: Tensor, values: Tensor, size: int, eps: float) -> Tensor:
    """The same written out."""
    heads = x.view(len(x), -1, size)
    for rows in blocks(len(x)):
        normed = scale_to_norm_(heads[rows].to(torch.float32, copy=True), eps)
        values[:, rows, :size] = normed.transpose(0, 1)
    return values


def pair_order(head_dim: int) -> Tensor:
    """[d] int64: the order of a head's dimensions in which the two that are turned together are adjacent.

    Axial rope turns dimension i with i + d/4 by the column, and in the second half of the head by the row
    (transformers' ``apply_multidimensional_rope``). Scores do not depend on the order.
    """
    quarter = head_dim // 4
    first = torch.arange(quarter)
    pairs = torch.stack([first, first + quarter], dim=-1).flatten()
    return torch.cat([pairs, pairs + 2 * quarter])


def turns(rows: int, columns: int, head_dim: int, theta: float, device: torch.device) -> Tensor:
    """[T, 1, d/2] complex64: by how much each pair of a patch's dimensions is turned, patches row by row."""
    half = head_dim // 2
    frequencies = 1.0 / (theta ** (torch.arange(0, half, 2, dtype=torch.float) / half))
    across = torch.outer(torch.arange(columns).float(), frequencies)
    down = torch.outer(torch.arange(rows).float(), frequencies)
    angles = torch.cat([across[None].expand(rows, -1, -1), down[:, None].expand(-1, columns, -1)], dim=-1).reshape(
        rows * columns, 1, -1
    )
    return torch.polar(torch.ones_like(angles), angles).to(device)
