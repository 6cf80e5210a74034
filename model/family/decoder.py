"""Gemma 4's language model: embeddings, decoder layers, LM head. Batch of one, no padding.

Field names follow the checkpoint. Letters: T positions of a chunk, D hidden, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from functools import cache, partial
from typing import Any, cast

import torch
from torch import Tensor

from model.cache.kv_cache import KVCache
from model.cache.spill import Room
from model.cancel import Cancel
from model.errors import CancelledError
from model.family.attention_layers import Fresh, attention_of
from model.family.config import TextConfig
from model.family.experts import Experts, Router
from model.family.inventory import TEXT
from model.family.layers import GatedMLP, RMSNorm, Rope
from model.family.per_layer import PerLayerBlock, PerLayerInputs
from model.formats.low_rank import AdaptedSource
from model.formats.weights import WeightSource
from model.kernels.cuda.decode import CudaLayers
from model.kernels.native.decode import NativeLayers
from model.messages import msg


class DecoderLayer:
    """Attention, the dense MLP with the experts beside it, the per-layer input; each between its own norms."""

    def __init__(self, config: TextConfig, source: WeightSource, index: int, rope: Rope) -> None:
        prefix = f"{TEXT}.layers.{index}"
        self.self_attn = attention_of(config, source, index, rope)
        self.kv_layer = config.kv_layer(index)
        self.device = source.device_of(f"{prefix}.input_layernorm.weight")

        def norm(name: str) -> RMSNorm:
            return RMSNorm(source.tensor(f"{prefix}.{name}.weight"), config.rms_norm_eps)

        self.input_layernorm = norm("input_layernorm")
        self.post_attention_layernorm = norm("post_attention_layernorm")
        self.pre_feedforward_layernorm = norm("pre_feedforward_layernorm")
        self.post_feedforward_layernorm = norm("post_feedforward_layernorm")
        self.mlp = GatedMLP(source, f"{prefix}.mlp")
        self.layer_scalar = source.tensor(f"{prefix}.layer_scalar")
        self.per_layer = PerLayerBlock(config, source, prefix) if config.hidden_size_per_layer_input else None
        self.has_experts = config.has_experts
        if self.has_experts:
            self.router = Router(config, source, f"{prefix}.router")
            self.experts = Experts(source, f"{prefix}.experts")
            self.pre_feedforward_layernorm_2 = norm("pre_feedforward_layernorm_2")
            self.post_feedforward_layernorm_1 = norm("post_feedforward_layernorm_1")
            self.post_feedforward_layernorm_2 = norm("post_feedforward_layernorm_2")

    def __call__(
        self,
        x: Tensor,
        cache: KVCache,
        start: int,
        picture_ids: Tensor | None = None,
        fresh: Fresh | None = None,
        per_layer: Tensor | None = None,
    ) -> Tensor:
        """``x`` [T, D] → [T, D] for the positions from ``start`` on; a layer that stores KV appends them to ``cache``.

        ``fresh`` carries the chunk's keys and values to layers that share them; ``per_layer`` [T, P] is the layer's own
        input.
        """
        layer_cache: Any = cache.layers[self.kv_layer]
        attended = self.self_attn(self.input_layernorm(x), layer_cache, start, picture_ids, fresh)
        x = x + self.post_attention_layernorm(attended)
        x = x + self._feed_forward(x)
        if self.per_layer is not None:
            assert per_layer is not None
            x = x + self.per_layer(x, per_layer)
        return x * self.layer_scalar

    def _feed_forward(self, residual: Tensor) -> Tensor:
        hidden = self.mlp(self.pre_feedforward_layernorm(residual))
        if self.has_experts:
            weights, ids = self.router(residual)
            routed = self.experts(self.pre_feedforward_layernorm_2(residual), weights, ids)
            hidden = self.post_feedforward_layernorm_1(hidden) + self.post_feedforward_layernorm_2(routed)
        return self.post_feedforward_layernorm(hidden)


class Decoder:
    """The whole language model over one checkpoint, whose layers may be on several devices."""

    def __init__(self, config: TextConfig, source: WeightSource) -> None:
        self.config, self.source = config, source
        self.dtype, self.device = source.dtype, source.device
        self.embed_tokens = source.embedding(f"{TEXT}.embed_tokens.weight")
        # transformers rounds the scale to the weights' dtype; so does this.
        self.embed_scale = torch.tensor(config.hidden_size**0.5, dtype=self.dtype, device=self.device)
        ropes = cache(partial(_rope, config))
        self.layers: list[DecoderLayer] = []
        for index, kind in enumerate(config.layer_types):
            where = source.device_of(f"{TEXT}.layers.{index}.input_layernorm.weight")
            self.layers.append(DecoderLayer(config, source, index, ropes(kind, where)))
        self.norm = RMSNorm(source.tensor(f"{TEXT}.norm.weight"), config.rms_norm_eps)
        self.per_layer = PerLayerInputs(config, source) if config.hidden_size_per_layer_input else None
        self.native: NativeLayers | CudaLayers | None = None
        """All layers in one call for a few tokens; ``None`` where the plain path must do."""
        if not self.is_split:
            self.native = NativeLayers.of(config, self.layers, self.dtype, self.device)
            self.native = self.native or CudaLayers.of(config, self.layers, self.dtype, self.device)

    @property
    def is_split(self) -> bool:
        """Whether its layers or their experts are on more than one device."""
        experts = [layer.experts.device for layer in self.layers if layer.has_experts]
        return {self.device} != {self.device, *experts, *(layer.device for layer in self.layers)}

    @property
    def _changed(self) -> bool:
        """Whether adapters are applied, of which the kernels for whole layers know nothing."""
        return isinstance(self.source, AdaptedSource) and self.source.changes.any

    def new_cache(self, int8: bool = False, room: Room | None = None) -> KVCache:
        """An empty cache for one sequence; ``int8`` halves the global layers' bytes at a small loss."""
        devices = [layer.device for layer in self.layers[: self.config.num_kv_layers]]
        return KVCache(self.config, self.dtype, self.device, int8, room, devices)

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
        *,
        ids: Tensor | None = None,
        last_only: bool = False,
    ) -> Tensor:
        """One chunk [T, D] through all layers → [T, D] after the last norm; ``cache`` grows by T positions.

        ``ids`` [T] are the tokens that ``hidden`` comes from, which models with per-layer embeddings need too; those of
        soft tokens do not count. With ``last_only`` it is the last position's [1, D], and layers that share their KV do
        nothing for the others.

        ``image_spans`` are the [start, stop) of each picture's soft tokens inside this chunk. A picture attends to
        itself both ways on sliding layers, so it must be whole in one chunk.

        ``cancel`` is looked at before each layer. Raises ``CancelledError``; ``cache`` must then be restored.
        """
        steps = self.forward_steps(hidden, cache, image_spans, cancel, ids=ids, last_only=last_only)
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
        *,
        ids: Tensor | None = None,
        last_only: bool = False,
    ) -> Generator[float, None, Tensor]:
        """``forward`` layer by layer: yields the share that is done, and returns what ``forward`` does."""
        tokens, start = hidden.shape[0], cache.length
        if self.native is not None and not self._changed and not image_spans and self.native.takes(tokens, cache):
            if cancel is not None and cancel.is_set():
                raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
            hidden = self.native(hidden, cache, self._per_layer_inputs(ids, hidden, ()))
            cache.advance(tokens)
            return self.norm(hidden[-1:] if last_only else hidden).to(self.dtype)
        picture_ids, fresh = self._picture_ids(tokens, image_spans), Fresh()
        per_layer = self._per_layer_inputs(ids, hidden, image_spans)
        for index, layer in enumerate(self.layers):
            if cancel is not None and cancel.is_set():
                raise CancelledError(msg("cancelled.reading", "Reading was stopped."))
            if last_only and index == self.config.num_kv_layers:
                fresh.store()
                hidden, picture_ids, start = hidden[-1:], None, start + tokens - 1
                per_layer = per_layer[:, -1:] if per_layer is not None else None
            own = per_layer[index].to(layer.device) if per_layer is not None else None
            hidden = hidden.to(layer.device)
            picture_ids = picture_ids.to(layer.device) if picture_ids is not None else None
            hidden = layer(hidden, cache, start, picture_ids, fresh, own)
            yield (index + 1) / len(self.layers)
        fresh.store()
        cache.advance(tokens)
        hidden = hidden.to(self.device)
        return self.norm(hidden[-1:] if last_only else hidden)

    def _per_layer_inputs(self, ids: Tensor | None, hidden: Tensor, soft: Sequence[tuple[int, int]]) -> Tensor | None:
        """[L, T, P]; ``None`` for models without."""
        if self.per_layer is None:
            return None
        assert ids is not None and len(ids) == len(hidden)
        ids = ids.clone()
        for begin, stop in soft:
            ids[begin:stop] = self.config.pad_token_id
        return self.per_layer(ids, hidden)

    @torch.inference_mode()
    def logits(self, hidden: Tensor, allowed: Tensor | None = None) -> Tensor:
        """Float32 logits [T, V] after the soft cap, from ``forward``'s output [T, D].

        With ``allowed``, bool [T, V], those of all other words are minus infinity.
        """
        logits = self.embed_tokens.logits(hidden, self.config.final_logit_softcapping, allowed)
        return logits if allowed is None else logits.masked_fill_(~allowed, -torch.inf)

    def _picture_ids(self, tokens: int, image_spans: Sequence[tuple[int, int]]) -> Tensor | None:
        if not image_spans:
            return None
        ids = torch.full((tokens,), -1, dtype=torch.int64, device=self.device)
        for number, (start, stop) in enumerate(image_spans):
            assert 0 <= start < stop <= tokens
            ids[start:stop] = number
        return ids


def _rope(config: TextConfig, kind: str, device: torch.device) -> Rope:
    if kind == "full_attention":
        return Rope(config.global_head_dim, config.global_rotary_dim, config.global_rope_theta, device)
    return Rope(config.head_dim, config.head_dim, config.sliding_rope_theta, device)
