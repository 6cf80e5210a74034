"""Launches of ``attention.cu`` for one token, and the KV cache's addresses as the kernels look them up.

The cache's addresses are in tables on the device, so that a recorded step stays right while the cache grows or
another document takes its place. Letters: N query heads, H head size.
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass

import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, KVCache
from model.family.attention_layers import SharedRowAttention, SlidingAttention
from model.family.config import TextConfig
from model.kernels.cuda.launcher import WARP, Launch

_HEAD_THREADS, _ATTEND_WARPS = 128, 8
_MOST_HEADS, _MOST_NUMBERS = 4, 64
"""Query heads of a warp, and their numbers that a lane holds: with as many sums they fill half of its registers."""
_PIECES = {False: 16, True: 128}
"""Pieces of a sliding and of a global layer's context: with the KV heads of 26B-A4B two blocks for each of a large
card's processors. Empty ones cost next to nothing."""
_NOWHERE = 2**31 - 1
_Pointer, _Int, _Float = ctypes.c_void_p, ctypes.c_int, ctypes.c_float


class _Heads(ctypes.Structure):
    _fields_ = (
        *((name, _Pointer) for name in ("q", "k", "v", "q_norm", "k_norm", "frequencies", "queries", "length")),
        *(("ring", _Pointer), ("blocks", _Pointer)),
        *((name, _Int) for name in ("heads", "kv_heads", "angles", "window")),
        ("eps", _Float),
    )


class _Attend(ctypes.Structure):
    _fields_ = (
        *((name, _Pointer) for name in ("queries", "length", "ring", "blocks", "partial", "stats")),
        *((name, _Int) for name in ("kv_heads", "window", "rotary")),
    )


class _Merge(ctypes.Structure):
    _fields_ = (
        *((name, _Pointer) for name in ("partial", "stats", "out")),
        *((name, _Int) for name in ("pieces", "heads", "head", "angles")),
    )


def definitions(config: TextConfig) -> dict[str, int] | None:
    """The definitions for compiling ``attention.cu`` for a model; ``None`` where its layers do not fit the kernels."""
    if config.num_kv_shared_layers or config.hidden_size_per_layer_input or not config.attention_k_eq_v:
        return None
    sizes = {
        "SLIDING": (config.head_dim, config.num_attention_heads // config.num_key_value_heads),
        "GLOBAL": (config.global_head_dim, config.num_attention_heads // config.num_global_key_value_heads),
    }
    if config.global_rotary_dim % 8:
        return None
    found: dict[str, int] = {}
    for kind, (head, groups) in sizes.items():
        numbers = head // WARP
        fitting = [
            wide
            for wide in range(1, _MOST_HEADS + 1)
            if groups % wide == 0 and _ATTEND_WARPS % (groups // wide) == 0 and wide * numbers <= _MOST_NUMBERS
        ]
        if head % (2 * WARP) or (numbers > 8 and numbers % 8) or not fitting:
            return None
        found |= {f"{kind}_HEAD": head, f"{kind}_GROUPS": groups, f"{kind}_WIDE": max(fitting)}
    return found


class CacheTables:
    """The addresses of one KV cache on the device, and how many positions it holds.

    ``rings`` int64 [layers, 2], ``blocks`` int64 [layers, room, 2] with start and capacity in the second number.
    """

    def __init__(self, layers: int, device: torch.device, room: int = 256) -> None:
        self.length = torch.zeros(1, dtype=torch.int32, device=device)
        self.rings = torch.zeros((layers, 2), dtype=torch.int64, device=device)
        self.blocks = torch.zeros((layers, room, 2), dtype=torch.int64, device=device)
        self._rings: list[tuple[int, int]] = []
        self._blocks: dict[int, list[tuple[int, int, int]]] = {}

    def fits(self, cache: KVCache) -> bool:
        """Whether there is room for all of its blocks, one more, and the entry behind them."""
        return all(len(layer.parts) + 2 <= self.blocks.shape[1] for layer in cache.global_layers())

    def describe(self, cache: KVCache) -> None:
        """Have the kernels see ``cache``, which has ``cache.length`` positions and room for one more in each layer."""
        rings = [(0, 0)] * len(cache.layers)
        for index, layer in enumerate(cache.layers):
            if isinstance(layer, GlobalLayerCache):
                self._describe_blocks(index, layer)
            else:
                rings[index] = (layer.keys.data_ptr(), layer.values.data_ptr())
        if rings != self._rings:
            self.rings.copy_(torch.tensor(rings, dtype=torch.int64))
            self._rings = rings
        self.length.fill_(cache.length)

    def _describe_blocks(self, index: int, layer: GlobalLayerCache) -> None:
        entries, start = [], 0
        for block, used in layer.parts:
            entries.append((block.tensors[0].data_ptr(), start, block.capacity))
            start += used
        if entries != self._blocks.get(index):
            rows = [(address, begin | capacity << 32) for address, begin, capacity in (*entries, (0, _NOWHERE, 0))]
            self.blocks[index, : len(rows)] = torch.tensor(rows, dtype=torch.int64, device=self.blocks.device)
            self._blocks[index] = entries


@dataclass(frozen=True, slots=True)
class Heads:
    """One token's heads: what the products gave, the queries made of them, and the output [N · H]. All float32."""

    q: Tensor
    k: Tensor
    v: Tensor
    queries: Tensor
    out: Tensor
    partial: Tensor
    stats: Tensor

    @classmethod
    def for_model(cls, config: TextConfig, device: torch.device) -> Heads:
        """Room for the larger of both kinds of layers."""
        sliding, whole = config.head_dim, config.global_head_dim
        width = config.num_attention_heads * max(sliding, whole)
        kv = max(config.num_key_value_heads * sliding, config.num_global_key_value_heads * whole)
        pieces = max(_PIECES[False] * sliding, _PIECES[True] * whole) * config.num_attention_heads
        stats = 2 * max(_PIECES.values()) * config.num_attention_heads
        return cls(*(torch.zeros(size, device=device) for size in (width, kv, kv, width, width, pieces, stats)))


def attention(
    layer: SharedRowAttention | SlidingAttention,
    norms: tuple[Tensor, Tensor],
    frequencies: Tensor,
    tables: CacheTables,
    index: int,
    heads: Heads,
    window: int,
) -> list[Launch]:
    """From q, k and v to the attended heads. ``norms`` are those of queries and keys in the heads' own order."""
    whole = isinstance(layer, SharedRowAttention)
    kind, count, size = "global" if whole else "sliding", layer.kv_heads * layer.groups, layer.head_dim
    angles = layer.rope.angles
    length, ring = tables.length.data_ptr(), tables.rings[index].data_ptr()
    blocks, pieces = tables.blocks[index].data_ptr(), _PIECES[whole]
    first = _Heads(
        *(one.data_ptr() for one in (heads.q, heads.k, heads.v, *norms, frequencies, heads.queries)),
        *(length, ring, blocks),
        *(count, layer.kv_heads, angles, window, layer.eps),
    )
    partial, stats = heads.partial.data_ptr(), heads.stats.data_ptr()
    second = _Attend(
        *(heads.queries.data_ptr(), length, ring, blocks, partial, stats),
        *(layer.kv_heads, window, 2 * angles),
    )
    third = _Merge(partial, stats, heads.out.data_ptr(), pieces, count, size, angles if whole else 0)
    return [
        Launch(f"lectern_heads_{kind}", (count + layer.kv_heads, 1), _HEAD_THREADS, 4 * (WARP + 2 * size), first),
        Launch(
            f"lectern_attend_{kind}",
            (pieces, layer.kv_heads),
            _ATTEND_WARPS * WARP,
            4 * layer.groups * (size + 2),
            second,
        ),
        Launch("lectern_merge", (count, -(-size // _HEAD_THREADS)), _HEAD_THREADS, 4 * (WARP + pieces), third),
    ]
