"""Gemma 4's language model: embeddings, decoder layers, LM head. Batch of one, no padding.

Field names follow the checkpoint. Letters: T positions of a chunk, D hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import cast

import torch
from torch import Tensor

from model.cache.kv_cache import GlobalLayerCache, KVCache
from model.cache.spill import Room
from model.cancel import Cancel
from model.errors import CancelledError
from model.family.attention import GlobalAttention, SlidingAttention
from model.family.config import TextConfig
from model.family.experts import Experts, Router
from model.family.layers import GatedMLP, RMSNorm, Rope
from model.formats.weights import WeightSource
from model.kernels.cuda.decode import CudaLayers
from model.kernels.native.decode import NativeLayers

PREFIX = "model.language_model"


class DecoderLayer:
    """Attention, then the dense MLP with the experts beside it; each between its own norms."""

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        prefix = f"{PREFIX}.layers.{index}"
        attention = f"{prefix}.self_attn"
        self.self_attn: GlobalAttention | SlidingAttention
        if config.layer_types[index] == "full_attention":
            self.self_attn = GlobalAttention(config, source, attention, rope)
        else:
            self.self_attn = SlidingAttention(config, source, attention, rope)

        def norm(name: str) -> RMSNorm:
            return RMSNorm(source.tensor(f"{prefix}.{name}.weight"), config.rms_norm_eps)

        self.input_layernorm = norm("input_layernorm")
        self.post_attention_layernorm = norm("post_attention_layernorm")
        self.pre_feedforward_layernorm = norm("pre_feedforward_layernorm")
        self.post_feedforward_layernorm = norm("post_feedforward_layernorm")
        self.mlp = GatedMLP(source, f"{prefix}.mlp")
        self.layer_scalar = source.tensor(f"{prefix}.layer_scalar")
        self.has_experts = config.has_experts
        if self.has_experts:
            self.router = Router(config, source, f"{prefix}.router")
            self.experts = Experts(source, f"{prefix}.experts")
            self.pre_feedforward_layernorm_2 = norm("pre_feedforward_layernorm_2")
            self.post_feedforward_layernorm_1 = norm("post_feedforward_layernorm_1")
            self.post_feedforward_layernorm_2 = norm("post_feedforward_layernorm_2")

    def __call__(self, x: Tensor, cache: KVCache, index: int, picture_ids: Tensor | None) -> Tensor:
        """``x`` [T, D] → [T, D]; appends T positions to layer ``index`` of ``cache``."""
        layer_cache = cache.layers[index]
        normed = self.input_layernorm(x)
        if isinstance(self.self_attn, GlobalAttention):
            assert isinstance(layer_cache, GlobalLayerCache)
            attended = self.self_attn(normed, layer_cache)
        else:
            assert not isinstance(layer_cache, GlobalLayerCache)
            attended = self.self_attn(normed, layer_cache, picture_ids)
        x = x + self.post_attention_layernorm(attended)
        return (x + self._feed_forward(x)) * self.layer_scalar

    def _feed_forward(self, residual: Tensor) -> Tensor:
        hidden = self.mlp(self.pre_feedforward_layernorm(residual))
        if self.has_experts:
            weights, ids = self.router(residual)
            routed = self.experts(self.pre_feedforward_layernorm_2(residual), weights, ids)
            hidden = self.post_feedforward_layernorm_1(hidden) + self.post_feedforward_layernorm_2(routed)
        return self.post_feedforward_layernorm(hidden)


class Decoder:
    """The whole language model over one checkpoint."""

    def __init__(self, config: TextConfig, source: WeightSource) -> None:
        self.config = config
        self.dtype, self.device = source.dtype, source.device
        self.embed_tokens = source.embedding(f"{PREFIX}.embed_tokens.weight")
        # transformers rounds the scale to the weights' dtype; so do we.
        self.embed_scale = torch.tensor(config.hidden_size**0.5, dtype=self.dtype, device=self.device)
        ropes = {
            "sliding_attention": Rope(config.head_dim, config.head_dim, config.sliding_rope_theta, self.device),
            "full_attention": Rope(
                config.global_head_dim, config.global_rotary_dim, config.global_rope_theta, self.device
            ),
        }
        self.layers = [
            DecoderLayer(config, source, index, ropes[kind]) for index, kind in enumerate(config.layer_types)
        ]
        self.norm = RMSNorm(source.tensor(f"{PREFIX}.norm.weight"), config.rms_norm_eps)
        self.native: NativeLayers | CudaLayers | None
        self.native = NativeLayers.of(config, self.layers, self.dtype, self.device)
        self.native = self.native or CudaLayers.of(config, self.layers, self.dtype, self.device)
        """All layers in one call for a few tokens; ``None`` where the plain path must do."""

    def new_cache(self, int8: bool = False, room: Room | None = None) -> KVCache:
        """An empty cache for one sequence; ``int8`` halves the global layers' bytes at a small loss."""
        return KVCache(self.config, self.dtype, self.device, int8, room)

    @torch.inference_mode()
    def embed(self, ids: Tensor) -> Tensor:
        """Token ids [T] → scaled embeddings [T, D]. Soft tokens of pictures are not scaled and go in as they are."""
        return self.embed_tokens.rows(ids) * self.embed_scale

    @torch.inference_mode()
    def forward(
        self,
        hidden: Tensor,
        cache: KVCache,
        image_spans: Sequence[tuple[int, int]] = (),
        cancel: Cancel | None = None,
    ) -> Tensor:
        """One chunk [T, D] through all layers → [T, D] after the last norm; ``cache`` grows by T positions.

        ``image_spans`` are the [start, stop) of each picture's soft tokens inside this chunk. A picture attends to
        itself both ways on sliding layers, so it must lie in one chunk whole.

        ``cancel`` is looked at before each layer. Raises ``CancelledError``; ``cache`` must then be restored.
        """
        steps = self.forward_steps(hidden, cache, image_spans, cancel)
        while True:
            try:
                next(steps)
            except StopIteration as done:
                return cast(Tensor, done.value)

    @torch.inference_mode()
    def forward_steps(
        self,
        hidden: Tensor,
        cache: KVCache,
        image_spans: Sequence[tuple[int, int]] = (),
        cancel: Cancel | None = None,
    ) -> Generator[float, None, Tensor]:
        """``forward`` layer by layer: yields the share that is done, and returns what ``forward`` does."""
        if self.native is not None and not image_spans and self.native.takes(hidden.shape[0], cache):
            if cancel is not None and cancel.is_set():
                raise CancelledError("Reading was stopped.")
            hidden = self.native(hidden, cache)
            cache.advance(hidden.shape[0])
            return self.norm(hidden).to(self.dtype)
        picture_ids = self._picture_ids(hidden.shape[0], image_spans)
        for index, layer in enumerate(self.layers):
            if cancel is not None and cancel.is_set():
                raise CancelledError("Reading was stopped.")
            hidden = layer(hidden, cache, index, picture_ids)
            yield (index + 1) / len(self.layers)
        cache.advance(hidden.shape[0])
        return self.norm(hidden)

    @torch.inference_mode()
    def logits(self, hidden: Tensor) -> Tensor:
        """Float32 logits [T, V] after the soft cap, from ``forward``'s output [T, D]."""
        return self.embed_tokens.logits(hidden, self.config.final_logit_softcapping)

    def _picture_ids(self, tokens: int, image_spans: Sequence[tuple[int, int]]) -> Tensor | None:
        if not image_spans:
            return None
        ids = torch.full((tokens,), -1, dtype=torch.int64, device=self.device)
        for number, (start, stop) in enumerate(image_spans):
            assert 0 <= start < stop <= tokens
            ids[start:stop] = number
        return ids
