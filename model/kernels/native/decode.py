"""All layers of the decoder for a few tokens in one call of the native kernels, for decoding on a processor.

The PyTorch path of ``model.family.decoder`` is its reference. ``NativeLayers.of`` tells where it can step
in: bf16 weights or NF4 in the ``rows32`` layout, on a processor that the kernels know, with a KV cache in bf16.

Letters: T tokens, D hidden size.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, KVCache, SlidingLayerCache
from model.family.attention_layers import OwnValuesAttention, SharedRowAttention, SlidingAttention
from model.family.config import TextConfig
from model.formats.low_rank import plain
from model.formats.quantized_weights import BlockExperts, BlockLinear, is_streamed
from model.formats.weights import DenseExperts, DenseLinear
from model.kernels import native
from model.kernels.native import Library, Matrix

MAX_TOKENS = 8
"""The most tokens in one call: drafts that are verified together."""
_MAX_HEAD, _MAX_HIDDEN, _SCRATCH, _PIECE = 1024, 16384, 1 << 20, 256
_Pointer, _Int = ctypes.c_void_p, ctypes.c_int32


_SIZES = (
    *("global_", "heads", "kv_heads", "head_dim", "angles", "window", "experts", "top_k"),
    *("own_values", "shares", "keeps", "per_layer"),
    *("streamed", "reserved"),
)
_MATRICES = (
    *("q", "k", "v", "o", "gate", "up", "down", "router", "gate_up", "expert_down"),
    *("per_layer_gate", "per_layer_projection"),
)


class _Layer(ctypes.Structure):
    _fields_ = (
        *((name, _Int) for name in _SIZES),
        ("scalar", ctypes.c_float),
        ("eps", ctypes.c_float),
        *((name, Matrix) for name in _MATRICES),
        *((name, _Pointer) for name in ("input_norm", "post_attention_norm", "pre_feedforward_norm")),
        *((name, _Pointer) for name in ("post_feedforward_norm", "pre_feedforward_norm_2", "post_feedforward_norm_1")),
        *((name, _Pointer) for name in ("post_feedforward_norm_2", "q_norm", "k_norm", "frequencies")),
        *((name, _Pointer) for name in ("router_scale", "expert_scale", "post_per_layer_norm")),
    )


class _Block(ctypes.Structure):
    _fields_ = (("rows", _Pointer), ("capacity", _Int), ("used", _Int), ("fresh", _Int), ("reserved", _Int))


class _LayerCache(ctypes.Structure):
    _fields_ = (
        ("keys", _Pointer),
        ("values", _Pointer),
        ("blocks", ctypes.POINTER(_Block)),
        ("block_count", _Int),
        ("reserved", _Int),
    )


class _UnsuitedError(Exception):
    """A weight has a form that the kernels do not read."""


class NativeLayers:
    """A decoder's layers for ``lectern_decode``. Keeps alive what the kernels read."""

    def __init__(self, library: Library, config: TextConfig, layers: Sequence[Any]) -> None:
        self._library, self._hidden, self._window = library, config.hidden_size, config.sliding_window
        self._kept: list[Tensor] = []
        self._count = len(layers)
        self._layers = (_Layer * self._count)(*(self._layer(config, layer) for layer in layers))
        self._kv_layers = [layer.kv_layer for layer in layers]
        sizes = ((layer.heads * layer.head_dim, layer.gate.rows, layer.per_layer) for layer in self._layers)
        self._widest = max(map(max, sizes))
        self._widest = max(self._widest, self._hidden)
        self._call: Callable[..., int] = library.functions.lectern_decode
        library.functions.lectern_decode.argtypes = (
            *(_Pointer, _Pointer, ctypes.c_int, _Pointer, _Pointer, ctypes.c_int, ctypes.c_int, ctypes.c_int),
            ctypes.c_int64,
        )

    @classmethod
    def of(
        cls, config: TextConfig, layers: Sequence[Any], dtype: torch.dtype, device: torch.device
    ) -> NativeLayers | None:
        """For ``layers`` of ``model.family.decoder``; ``None`` where the plain path must do."""
        library = native.library()
        if library is None or dtype != torch.bfloat16 or device.type != "cpu" or not _fits(config):
            return None
        try:
            return cls(library, config, layers)
        except _UnsuitedError:
            return None

    def takes(self, tokens: int, cache: KVCache) -> bool:
        """Whether a chunk of ``tokens`` positions without pictures can be run here."""
        return 0 < tokens <= min(MAX_TOKENS, self._window) and all(
            isinstance(layer, SlidingLayerCache) or type(layer) is GlobalLayerCache for layer in cache.layers
        )

    def __call__(self, hidden: Tensor, cache: KVCache, per_layer: Tensor | None = None) -> Tensor:
        """[T, D] → [T, D] in float32, before the last norm; each layer's cache grows by T positions.

        ``per_layer`` [L, T, P] are the inputs of models with per-layer embeddings.
        """
        tokens = hidden.shape[0]
        x = hidden.to(torch.float32, copy=True).contiguous()
        start = cache.length
        inputs = per_layer.float().contiguous() if per_layer is not None else None
        stored = [_layer_cache(layer, tokens) for layer in cache.layers]
        caches = (_LayerCache * self._count)(*(stored[index] for index in self._kv_layers))
        self._library.use_threads()
        own = None if inputs is None else inputs.data_ptr()
        sizes = tokens, self._hidden, self._widest
        if not self._call(self._layers, caches, self._count, x.data_ptr(), own, *sizes, start):
            raise MemoryError("out of memory for one token's layers")
        return x

    def _layer(self, config: TextConfig, layer: Any) -> _Layer:
        attention = layer.self_attn
        made = _Layer(
            global_=not isinstance(attention, SlidingAttention),
            own_values=isinstance(attention, OwnValuesAttention),
            shares=attention.shares,
            keeps=attention.is_shared,
            heads=attention.kv_heads * attention.groups,
            kv_heads=attention.kv_heads,
            head_dim=attention.head_dim,
            angles=attention.rope.angles,
            window=config.sliding_window,
            scalar=float(layer.layer_scalar),
            eps=config.rms_norm_eps,
            q=self._matrix(attention.q_proj),
            o=self._matrix(attention.o_proj),
            gate=self._matrix(layer.mlp.gate_proj),
            up=self._matrix(layer.mlp.up_proj),
            down=self._matrix(layer.mlp.down_proj),
            input_norm=self._vector(layer.input_layernorm.weight),
            post_attention_norm=self._vector(layer.post_attention_layernorm.weight),
            pre_feedforward_norm=self._vector(layer.pre_feedforward_layernorm.weight),
            post_feedforward_norm=self._vector(layer.post_feedforward_layernorm.weight),
            frequencies=self._vector(attention.rope.inv_freq),
        )
        if not attention.shares:
            made.k = self._matrix(attention.k_proj)
        self._norms(made, attention)
        if layer.per_layer is not None:
            made.per_layer = config.hidden_size_per_layer_input
            made.per_layer_gate = self._matrix(layer.per_layer.gate)
            made.per_layer_projection = self._matrix(layer.per_layer.projection)
            made.post_per_layer_norm = self._vector(layer.per_layer.norm.weight)
        if layer.has_experts:
            self._experts(made, config, layer)
        return made

    def _norms(self, made: _Layer, attention: SharedRowAttention | OwnValuesAttention | SlidingAttention) -> None:
        if isinstance(attention, SharedRowAttention):
            rest = attention.half - attention.angles
            plain = attention.q_norm_plain
            q = (attention.q_norm_rot[0], plain[:rest], attention.q_norm_rot[1], plain[rest:])
            unit = torch.ones(rest)
            k = (attention.k_norm_rot[0], unit, attention.k_norm_rot[1], unit)
            made.q_norm, made.k_norm = (self._vector(torch.cat([part.float() for part in parts])) for parts in (q, k))
        else:
            made.q_norm = self._vector(attention.q_norm)
            if not attention.shares:
                made.v, made.k_norm = self._matrix(attention.v_proj), self._vector(attention.k_norm)

    def _experts(self, made: _Layer, config: TextConfig, layer: Any) -> None:
        made.experts, made.top_k = config.num_experts, config.top_k_experts
        made.streamed = any(is_streamed(plain(one)) for one in (layer.experts.gate_up_proj, layer.experts.down_proj))
        made.router = self._matrix(layer.router.proj)
        made.gate_up = self._packed(layer.experts.gate_up_proj)
        made.expert_down = self._packed(layer.experts.down_proj)
        made.pre_feedforward_norm_2 = self._vector(layer.pre_feedforward_layernorm_2.weight)
        made.post_feedforward_norm_1 = self._vector(layer.post_feedforward_layernorm_1.weight)
        made.post_feedforward_norm_2 = self._vector(layer.post_feedforward_layernorm_2.weight)
        made.router_scale = self._vector(layer.router.scale.float() * layer.router.root)
        made.expert_scale = self._vector(layer.router.per_expert_scale)

    def _vector(self, x: Tensor) -> int:
        kept = x.detach().float().contiguous().clone()
        self._kept.append(kept)
        return kept.data_ptr()

    def _matrix(self, linear: Any) -> Matrix:
        linear = plain(linear)
        if isinstance(linear, BlockLinear) and self._library.reads(linear.layout):
            self._kept += (linear.data, linear.scales)
            form = native.FORMS[linear.layout]
            return native.matrix(form, linear.data, linear.scales, linear.out_features, linear.in_features)
        if isinstance(linear, DenseLinear) and linear.weight.dtype == torch.bfloat16 and linear.weight.is_contiguous():
            self._kept.append(linear.weight)
            return native.matrix(native.BF16, linear.weight, None, linear.out_features, linear.in_features)
        raise _UnsuitedError

    def _packed(self, experts: Any) -> Matrix:
        experts = plain(experts)
        if isinstance(experts, BlockExperts) and self._library.reads(experts.layout):
            self._kept += (experts.data, experts.scales)
            form = native.FORMS[experts.layout]
            return native.matrix(form, experts.data, experts.scales, experts.out_features, experts.in_features)
        if isinstance(experts, DenseExperts) and experts.weight.dtype == torch.bfloat16:
            self._kept.append(experts.weight)
            return native.matrix(native.BF16, experts.weight, None, experts.out_features, experts.in_features)
        raise _UnsuitedError


def _fits(config: TextConfig) -> bool:
    """Whether a thread's working memory holds a piece of attention for the largest call."""
    heads = (
        (config.num_attention_heads // config.num_key_value_heads, config.head_dim),
        (config.num_attention_heads // config.num_global_key_value_heads, config.global_head_dim),
    )
    room = all(
        MAX_TOKENS * groups * (8 * (size + 2) + 6 * _PIECE) <= _SCRATCH and size <= _MAX_HEAD and size % 2 == 0
        for groups, size in heads
    )
    return room and config.hidden_size <= _MAX_HIDDEN


def _layer_cache(layer: GlobalLayerCache | SlidingLayerCache, tokens: int) -> _LayerCache:
    if isinstance(layer, SlidingLayerCache):
        layer.length += tokens
        return _LayerCache(layer.keys.data_ptr(), layer.values.data_ptr())
    parts = layer.reserve(tokens)
    blocks = (_Block * len(parts))(
        *(_Block(block.tensors[0].data_ptr(), block.capacity, used, fresh) for block, used, fresh in parts)
    )
    return _LayerCache(None, None, blocks, len(parts))
