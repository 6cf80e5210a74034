"""Which tensors a checkpoint has: names, shapes and kinds, from its ``config.json`` alone.

The one list that both the reader (to find what is missing, unexpected or misshapen) and the writer of
generated checkpoints work from. Names are as published for ``google/gemma-4-26B-A4B-it``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

Kind = Literal[
    "linear",
    "experts",
    "embedding",
    "norm",
    "q_norm",
    "scalar",
    "router",
    "scale",
    "vision",
    "position",
    "bias",
]
"""What a tensor is for. ``linear``, ``experts`` and ``embedding`` are quantised, the rest stays bf16."""

TEXT = "model.language_model"
VISION = "model.vision_tower"
PROJECTION = "model.embed_vision.embedding_projection.weight"
EMBEDDING = f"{TEXT}.embed_tokens.weight"
HEAD = "lm_head.weight"
"""Some files repeat the tied embedding under this name; it is never read."""

_NORMS = (
    "input_layernorm",
    "post_attention_layernorm",
    "pre_feedforward_layernorm",
    "post_feedforward_layernorm",
)
_EXPERT_NORMS = (
    "post_feedforward_layernorm_1",
    "post_feedforward_layernorm_2",
    "pre_feedforward_layernorm_2",
)


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """One tensor that the configuration asks for."""

    name: str
    shape: tuple[int, ...]
    kind: Kind

    @property
    def numel(self) -> int:
        """How many numbers it has."""
        return prod(self.shape)


def expected_tensors(config: Mapping[str, Any]) -> dict[str, TensorSpec]:
    """All tensors of a model, in the order of the forward pass."""
    specs = [*_text_tensors(config["text_config"])]
    if config.get("vision_config"):
        specs += _vision_tensors(config["vision_config"], config["text_config"]["hidden_size"])
    return {spec.name: spec for spec in specs}


def layer_types(text: Mapping[str, Any]) -> list[str]:
    """Each layer's attention; every sixth is global, and so is the last."""
    given = text.get("layer_types")
    count = text["num_hidden_layers"]
    types = (
        list(given)
        if given
        else ["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(count)]
    )
    types[-1] = "full_attention"
    return types


def _text_tensors(text: Mapping[str, Any]) -> Iterator[TensorSpec]:
    hidden = text["hidden_size"]
    yield TensorSpec(EMBEDDING, (text["vocab_size"], hidden), "embedding")
    for index, attention in enumerate(layer_types(text)):
        prefix = f"{TEXT}.layers.{index}"
        yield TensorSpec(f"{prefix}.layer_scalar", (1,), "scalar")
        for norm in _layer_norms(text):
            yield TensorSpec(f"{prefix}.{norm}.weight", (hidden,), "norm")
        yield from _attention_tensors(text, prefix, attention == "full_attention")
        yield from _mlp_tensors(f"{prefix}.mlp", hidden, text["intermediate_size"], "linear", "")
        if text.get("enable_moe_block"):
            yield from _moe_tensors(text, prefix)
    yield TensorSpec(f"{TEXT}.norm.weight", (hidden,), "norm")


def _layer_norms(text: Mapping[str, Any]) -> tuple[str, ...]:
    return (*_NORMS, *_EXPERT_NORMS) if text.get("enable_moe_block") else _NORMS


def _attention_tensors(text: Mapping[str, Any], prefix: str, is_global: bool) -> Iterator[TensorSpec]:
    hidden, heads = text["hidden_size"], text["num_attention_heads"]
    shared = is_global and bool(text.get("attention_k_eq_v"))
    dim = (text.get("global_head_dim") or 512) if is_global else text["head_dim"]
    kv_heads = (shared and text.get("num_global_key_value_heads")) or text["num_key_value_heads"]
    attention = f"{prefix}.self_attn"
    yield TensorSpec(f"{attention}.q_proj.weight", (heads * dim, hidden), "linear")
    yield TensorSpec(f"{attention}.k_proj.weight", (kv_heads * dim, hidden), "linear")
    if not shared:  # K = V: the checkpoint holds the matrix once
        yield TensorSpec(f"{attention}.v_proj.weight", (kv_heads * dim, hidden), "linear")
    yield TensorSpec(f"{attention}.o_proj.weight", (hidden, heads * dim), "linear")
    yield TensorSpec(f"{attention}.q_norm.weight", (dim,), "q_norm")
    yield TensorSpec(f"{attention}.k_norm.weight", (dim,), "norm")


def _mlp_tensors(prefix: str, hidden: int, inner: int, kind: Kind, suffix: str) -> Iterator[TensorSpec]:
    for name, shape in (
        ("gate_proj", (inner, hidden)),
        ("up_proj", (inner, hidden)),
        ("down_proj", (hidden, inner)),
    ):
        yield TensorSpec(f"{prefix}.{name}{suffix}.weight", shape, kind)


def _moe_tensors(text: Mapping[str, Any], prefix: str) -> Iterator[TensorSpec]:
    hidden, experts, inner = text["hidden_size"], text["num_experts"], text["moe_intermediate_size"]
    yield TensorSpec(f"{prefix}.router.proj.weight", (experts, hidden), "router")
    yield TensorSpec(f"{prefix}.router.scale", (hidden,), "scale")
    yield TensorSpec(f"{prefix}.router.per_expert_scale", (experts,), "scale")
    yield TensorSpec(f"{prefix}.experts.gate_up_proj", (experts, 2 * inner, hidden), "experts")
    yield TensorSpec(f"{prefix}.experts.down_proj", (experts, hidden, inner), "experts")


def _vision_tensors(vision: Mapping[str, Any], text_hidden: int) -> Iterator[TensorSpec]:
    hidden = vision["hidden_size"]
    patch = 3 * vision.get("patch_size", 16) ** 2
    table = (2, vision.get("position_embedding_size", 10240), hidden)
    yield TensorSpec(f"{VISION}.patch_embedder.input_proj.weight", (hidden, patch), "vision")
    yield TensorSpec(f"{VISION}.patch_embedder.position_embedding_table", table, "position")
    for index in range(vision["num_hidden_layers"]):
        yield from _vision_layer_tensors(vision, f"{VISION}.encoder.layers.{index}")
    if vision.get("standardize"):
        yield TensorSpec(f"{VISION}.std_bias", (hidden,), "bias")
        yield TensorSpec(f"{VISION}.std_scale", (hidden,), "norm")
    yield TensorSpec(PROJECTION, (text_hidden, hidden), "vision")


def _vision_layer_tensors(vision: Mapping[str, Any], prefix: str) -> Iterator[TensorSpec]:
    hidden, dim = vision["hidden_size"], vision["head_dim"]
    for norm in _NORMS:
        yield TensorSpec(f"{prefix}.{norm}.weight", (hidden,), "norm")
    yield TensorSpec(f"{prefix}.self_attn.q_norm.weight", (dim,), "q_norm")
    yield TensorSpec(f"{prefix}.self_attn.k_norm.weight", (dim,), "norm")
    queries, keys = vision["num_attention_heads"] * dim, vision["num_key_value_heads"] * dim
    for name, shape in (
        ("q_proj", (queries, hidden)),
        ("k_proj", (keys, hidden)),
        ("v_proj", (keys, hidden)),
        ("o_proj", (hidden, queries)),
    ):
        yield TensorSpec(f"{prefix}.self_attn.{name}.linear.weight", shape, "vision")
    yield from _mlp_tensors(f"{prefix}.mlp", hidden, vision["intermediate_size"], "vision", ".linear")
