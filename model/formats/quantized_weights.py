"""The weights' protocols (``model.formats.weights``) over numbers in blocks, and the 8-bit table."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from model.formats import int8, quantize, table
from model.formats.quantize import Layout
from model.formats.weights import ExpertLinear, soft_cap
from model.kernels import native
from model.kernels.cuda import kernels as card
from model.kernels.cuda.launcher import INT8, Launcher, Weights, dequantise, fits, job, project
from model.kernels.native.head import Exact, NativeHead, Planes

_WIDE_NUMBERS = 1 << 26
"""Weights in memory in bf16 at once, 128 MB: an embedding would be 1.5 GB."""


class OnCard:
    """Matrices [N, K] in blocks, one or several above each other, as the kernels for cards read them."""

    def __init__(self, launcher: Launcher, weights: Weights) -> None:
        self._launcher, self._weights = launcher, weights

    @classmethod
    def of(cls, data: Tensor, scales: Tensor, layout: Layout) -> OnCard | None:
        """``None`` where these kernels cannot be used: on a processor, for one."""
        launcher = card.launcher_for(data.device)
        weights = weights_for_cards(data, scales, layout) if launcher is not None else None
        return cls(launcher, weights) if launcher is not None and weights is not None and fits(weights) else None

    def multiply(self, x: Tensor, start: int, rows: int) -> Tensor:
        """[T, K] in bf16 → [T, rows] through ``rows`` of them from ``start`` on, for several tokens widened first."""
        if x.shape[0] == 1:
            given, out = x[0].float().contiguous(), torch.empty((1, rows), device=x.device)
            self._launcher.launch(project(job(self._weights.argument(start, rows), given, out)))
            return out.to(x.dtype)
        parts = []
        for begin in range(start, start + rows, _WIDE_NUMBERS // self._weights.columns):
            count = min(_WIDE_NUMBERS // self._weights.columns, start + rows - begin)
            wide = torch.empty((count, self._weights.columns), dtype=torch.bfloat16, device=x.device)
            self._launcher.launch(dequantise(self._weights, wide, begin, count))
            parts.append(functional.linear(x, wide))
        return parts[0] if len(parts) == 1 else torch.cat(parts, dim=1)


def weights_for_cards(data: Tensor, scales: Tensor, layout: Layout) -> Weights | None:
    """Matrices [..., N, K] in blocks as stored on a card; ``None`` where the kernels there do not read the layout."""
    form, block = table.card_form(layout), table.format_of(layout).block
    if form is None:
        return None
    width = data.shape[-1]
    columns = numbers_in(data, layout)
    return Weights(form, data.contiguous(), scales.float().contiguous(), data.numel() // width, columns, block)


def numbers_in(data: Tensor, layout: Layout) -> int:
    """How many numbers a row of ``data`` holds."""
    return data.shape[-1] * 8 * data.itemsize // table.format_of(layout).bits


class BlockLinear:
    """A matrix [out, in] in blocks with a scale each, kept in the layout that its device multiplies fastest."""

    def __init__(self, data: Tensor, scales: Tensor, layout: Layout, device: torch.device) -> None:
        self.out_features, self.in_features = data.shape[0], numbers_in(data, layout)
        self.layout = quantize.best_layout(device, self.out_features, layout)
        self.data, self.scales = _place(data, scales, layout, self.layout, device)
        self._on_card = OnCard.of(self.data, self.scales, self.layout)

    def __call__(self, x: Tensor) -> Tensor:
        """[T, in] → [T, out]."""
        if self._on_card is not None and x.dtype == torch.bfloat16:
            return self._on_card.multiply(x, 0, self.out_features)
        return quantize.multiply(x, self.data, self.scales, self.layout)


class BlockExperts:
    """Packed experts [E, out, in] in blocks with a scale each: one tensor, each expert a contiguous view into it.

    ``streamed`` ones are more than memory holds: they stay where they are mapped, in the layout of their file.
    """

    def __init__(
        self, data: Tensor, scales: Tensor, layout: Layout, device: torch.device, streamed: bool = False
    ) -> None:
        self.num_experts, self.out_features, _ = data.shape
        self.in_features = numbers_in(data, layout)
        self.layout = layout if streamed else quantize.best_layout(device, self.out_features, layout)
        self.streamed = streamed
        self.data, self.scales = _place(data, scales, layout, self.layout, device)
        self._on_card = OnCard.of(self.data, self.scales, self.layout)
        # Indexing a tensor costs a microsecond or two; a token uses hundreds of experts.
        self._views = list(zip(self.data.unbind(0), self.scales.unbind(0), strict=True))

    def expert(self, x: Tensor, index: int) -> Tensor:
        """[T, in] → [T, out] through expert ``index``."""
        if self._on_card is not None and x.dtype == torch.bfloat16:
            return self._on_card.multiply(x, index * self.out_features, self.out_features)
        data, scales = self._views[index]
        return quantize.multiply(x, data, scales, self.layout)

    def stored(self, index: int) -> tuple[Tensor, Tensor]:
        """The stored numbers and scales of expert ``index``."""
        return self._views[index]


def is_streamed(experts: object) -> bool:
    """Whether packed experts are read from their file as they are needed."""
    return isinstance(experts, BlockExperts) and experts.streamed


def read_ahead(ids: Tensor, *matrices: ExpertLinear) -> None:
    """Start reading those of the experts ``ids`` that are streamed, without waiting."""
    streamed = [one for one in matrices if isinstance(one, BlockExperts) and one.streamed]
    library = native.library() if streamed else None
    if library is None:
        return
    for expert in ids.unique().tolist():
        for one in streamed:
            for part in one.stored(expert):
                library.read_ahead(part)


def mixture(gate_up: ExpertLinear, down: ExpertLinear, x: Tensor, weights: Tensor, ids: Tensor) -> Tensor | None:
    """All experts of many tokens by the native kernels, as ``model.family.experts`` does it one by one.

    ``x`` [T, D], ``weights`` and ``ids`` [T, K] → [T, D]; ``None`` where there are no kernels for such weights.
    """
    if not isinstance(gate_up, BlockExperts) or not isinstance(down, BlockExperts):
        return None
    own = quantize.own_kernels(x, gate_up.layout) and quantize.own_kernels(x, down.layout)
    if own is None or down.in_features % table.LANES:
        return None
    first, second = (quantize.matrix(part.data, part.scales, part.layout) for part in (gate_up, down))
    return own.experts(x, weights, ids, first, second, gate_up.num_experts)


def _place(data: Tensor, scales: Tensor, old: Layout, new: Layout, device: torch.device) -> tuple[Tensor, Tensor]:
    data, scales = quantize.convert(data.to(device), scales.to(device), old, new)
    return data, scales.float() if device.type == "cuda" else scales  # as all kernels there read them


class StoredLookup:
    """A table [V, W] of which only rows are read, in a layout with one row behind the other."""

    def __init__(self, data: Tensor, scales: Tensor, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        assert table.layout_named(layout).lanes == 1
        self._data, self._scales, self._layout = data, scales, layout
        self._device, self._dtype = device, dtype

    def rows(self, ids: Tensor) -> Tensor:
        """[T] → [T, W]."""
        ids = ids.to(self._data.device)
        return quantize.dequantise(self._data[ids], self._scales[ids], self._layout, self._dtype).to(self._device)


class Int8Embedding:
    """The tied table [V, D] in 8 bits with a scale for each row."""

    def __init__(self, data: Tensor, scales: Tensor, device: torch.device, dtype: torch.dtype) -> None:
        self.data, self.scales, self.dtype = data.to(device), scales.to(device), dtype
        self._head_scales = self.scales.to(dtype)
        self._launcher = card.launcher_for(device)
        self._table = Weights(INT8, self.data, self.scales.float().contiguous(), *self.data.shape)

    def rows(self, ids: Tensor) -> Tensor:
        """[T] → [T, D]: only these rows are widened."""
        return (self.data[ids].float() * self.scales[ids].float()[:, None]).to(self.dtype)

    def logits(self, x: Tensor, cap: float | None = None, allowed: Tensor | None = None) -> Tensor:
        """[T, D] → [T, V] in float32."""
        if self._launcher is not None and x.shape[0] == 1 and fits(self._table):
            return card.head(self._launcher, x, self._table, cap)
        return soft_cap(int8.multiply(x, self.data, self._head_scales), cap)


class SplitEmbedding:
    """The table for the native kernels, in two planes of 4 bits: logits need one and few rows of the other.

    Instead of the second one there may be a finer table (``q8x16``), mapped from its file: rows are read from it.
    """

    def __init__(self, library: native.Library, planes: Planes, scales: Tensor, exact: Exact | None = None) -> None:
        self._planes, self._scales, self._exact = planes, scales.to(torch.bfloat16).contiguous(), exact
        self._head = NativeHead(library, planes, self._scales, exact=exact)

    @property
    def token_bytes(self) -> int:
        """Bytes that one token's logits read at least."""
        return self._head.token_bytes

    def rows(self, ids: Tensor) -> Tensor:
        """[T] → [T, D] in bf16: only these rows are widened."""
        if self._exact is not None:
            data, scales = (each[ids] for each in self._exact)
            return quantize.dequantise(data, scales, _FINE, torch.bfloat16)
        return (self._planes.numbers(ids).float() * self._scales[ids].float()[:, None]).bfloat16()

    def logits(self, x: Tensor, cap: float | None = None, allowed: Tensor | None = None) -> Tensor:
        """[T, D] → [T, V] in float32."""
        if bool(torch.isfinite(x).all()):
            return self._head(x, cap, allowed)
        if self._exact is not None:
            return soft_cap(quantize.multiply_wide(x, *self._exact, _FINE), cap)
        parts = [slice(start, start + _PLAIN_ROWS) for start in range(0, self._planes.rows, _PLAIN_ROWS)]
        whole = [int8.multiply(x, self._planes.numbers(part), self._scales[part]) for part in parts]
        return soft_cap(torch.cat(whole, 1), cap)


(_FINE,) = (layout.name for layout in table.Q8X16.layouts)
_PLAIN_ROWS = 8192
"""Rows assembled at a time where the native kernel cannot be used, so that the table is never in memory twice."""


def head_library(columns: int, device: torch.device, dtype: torch.dtype) -> native.Library | None:
    """Our kernels, where they have an LM head for such a table."""
    fits = device.type == "cpu" and dtype == torch.bfloat16 and columns % 64 == 0
    return native.library() if fits else None


class BlockEmbedding:
    """The tied table [V, D] in blocks: in 4 bits half the bytes a token, and less exact."""

    def __init__(self, data: Tensor, scales: Tensor, layout: Layout, device: torch.device, dtype: torch.dtype) -> None:
        self._linear = BlockLinear(data, scales, layout, device)
        self.dtype = dtype

    def rows(self, ids: Tensor) -> Tensor:
        """[T] → [T, D]: only these rows, or their groups of 32, are widened."""
        linear = self._linear
        lanes = table.layout_named(linear.layout).lanes
        if lanes == 1:
            return quantize.dequantise(linear.data[ids], linear.scales[ids], linear.layout, self.dtype)
        width, groups = linear.data.shape[1], ids // lanes
        data = linear.data.view(-1, lanes, width)[groups].view(-1, width)
        scales = linear.scales.view(linear.scales.shape[0], -1, lanes)[:, groups].reshape(linear.scales.shape[0], -1)
        wide = quantize.dequantise(data, scales, linear.layout, self.dtype).view(len(ids), lanes, -1)
        return wide[torch.arange(len(ids), device=ids.device), ids % lanes]

    def logits(self, x: Tensor, cap: float | None = None, allowed: Tensor | None = None) -> Tensor:
        """[T, D] → [T, V] in float32."""
        linear = self._linear
        return soft_cap(quantize.multiply_wide(x, linear.data, linear.scales, linear.layout), cap)
