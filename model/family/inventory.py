"""Which tensors a checkpoint has: names, shapes and kinds, from its configuration alone.

The one list that both the reader (to find what is missing, unexpected or misshapen) and the writer of
generated checkpoints work from. Names are as published for ``google/gemma-4-26B-A4B-it``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

from model.family.config import (
    AudioConfig,
    ModelConfig,
    TextConfig,
    VisionConfig,
    VisionEmbedderConfig,
)
from model.soft_tokens import SOFT_TOKEN_PX

Kind = Literal[
    "linear",
    "experts",
    "embedding",
    "lookup",
    "mixing",
    "norm",
    "q_norm",
    "scalar",
    "router",
    "scale",
    "vision",
    "sound",
    "position",
    "bias",
    "low",
    "high",
]
"""The purpose of a tensor. ``linear``, ``experts``, ``embedding`` and ``lookup`` are quantised, the rest stays bf16.

``lookup`` is a table of which only rows are read; ``mixing`` a matrix that is small and matters to all layers."""

TEXT = "model.language_model"
VISION = "model.vision_tower"
EMBEDDER = "model.vision_embedder"
PROJECTION = "model.embed_vision.embedding_projection.weight"
AUDIO = "model.audio_tower"
SOUND_PROJECTION = "model.embed_audio.embedding_projection.weight"
EMBEDDING = f"{TEXT}.embed_tokens.weight"
PER_LAYER = f"{TEXT}.embed_tokens_per_layer.weight"
"""The per-layer embeddings of all layers, side by side."""
MEL_BINS = 128
"""Bands of the spectrogram that the audio tower reads."""
HEAD = "lm_head.weight"
"""Some files repeat the tied embedding under this name; it is never read."""

CLIPS: dict[str, Kind] = {"input_min": "low", "input_max": "high", "output_min": "low", "output_max": "high"}
"""The bounds for input and output of a clipped matrix of the vision tower, or of the audio tower."""

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


def expected_tensors(config: ModelConfig) -> dict[str, TensorSpec]:
    """All tensors of a model, in the order of the forward pass."""
    specs = [*_text_tensors(config.text)]
    if isinstance(config.vision, VisionEmbedderConfig):
        specs += _embedder_tensors(config.vision, config.text.hidden_size)
    elif config.vision:
        specs += _vision_tensors(config.vision, config.text.hidden_size)
    if isinstance(config.audio, AudioConfig):
        specs += _audio_tensors(config.audio)
        width = config.audio.output_proj_dims
    elif config.audio:
        width = config.audio.audio_embed_dim
    if config.audio:
        specs.append(TensorSpec(SOUND_PROJECTION, (config.text.hidden_size, width), "sound"))
    return {spec.name: spec for spec in specs}


def is_sound(name: str) -> bool:
    """Whether the tensor called ``name`` is one of those that turn sound into soft tokens."""
    return name.startswith(AUDIO) or name == SOUND_PROJECTION


def with_what_is_there(config: ModelConfig, names: Collection[str]) -> ModelConfig:
    """``config`` for a checkpoint with these tensors: one that was saved without those for sound does not hear."""
    return config if any(map(is_sound, names)) else replace(config, audio=None)


def _text_tensors(text: TextConfig) -> Iterator[TensorSpec]:
    hidden = text.hidden_size
    norms = (*_NORMS, *_EXPERT_NORMS) if text.has_experts else _NORMS
    yield TensorSpec(EMBEDDING, (text.vocab_size, hidden), "embedding")
    small = text.hidden_size_per_layer_input
    if small:
        width = small * text.num_hidden_layers
        yield TensorSpec(PER_LAYER, (text.vocab_size_per_layer_input, width), "lookup")
        yield TensorSpec(f"{TEXT}.per_layer_model_projection.weight", (width, hidden), "mixing")
        yield TensorSpec(f"{TEXT}.per_layer_projection_norm.weight", (small,), "norm")
    for index in range(text.num_hidden_layers):
        prefix = f"{TEXT}.layers.{index}"
        yield TensorSpec(f"{prefix}.layer_scalar", (1,), "scalar")
        for norm in norms:
            yield TensorSpec(f"{prefix}.{norm}.weight", (hidden,), "norm")
        yield from _attention_tensors(text, f"{prefix}.self_attn", index)
        yield from _mlp_tensors(f"{prefix}.mlp", hidden, text.mlp_size(index), "linear", "")
        if small:
            yield TensorSpec(f"{prefix}.per_layer_input_gate.weight", (small, hidden), "linear")
            yield TensorSpec(f"{prefix}.per_layer_projection.weight", (hidden, small), "linear")
            yield TensorSpec(f"{prefix}.post_per_layer_input_norm.weight", (hidden,), "norm")
        if text.has_experts:
            yield from _moe_tensors(text, prefix)
    yield TensorSpec(f"{TEXT}.norm.weight", (hidden,), "norm")


def _attention_tensors(text: TextConfig, prefix: str, index: int) -> Iterator[TensorSpec]:
    hidden, heads = text.hidden_size, text.num_attention_heads
    is_global, stores = text.layer_types[index] == "full_attention", text.kv_layer(index) == index
    dim = text.global_head_dim if is_global else text.head_dim
    kv_heads = text.num_global_key_value_heads if is_global else text.num_key_value_heads
    yield TensorSpec(f"{prefix}.q_proj.weight", (heads * dim, hidden), "linear")
    if stores:
        yield TensorSpec(f"{prefix}.k_proj.weight", (kv_heads * dim, hidden), "linear")
    if stores and not (is_global and text.attention_k_eq_v):  # K = V: the checkpoint holds the matrix once
        yield TensorSpec(f"{prefix}.v_proj.weight", (kv_heads * dim, hidden), "linear")
    yield TensorSpec(f"{prefix}.o_proj.weight", (hidden, heads * dim), "linear")
    yield TensorSpec(f"{prefix}.q_norm.weight", (dim,), "q_norm")
    if stores:
        yield TensorSpec(f"{prefix}.k_norm.weight", (dim,), "norm")


def _mlp_tensors(prefix: str, hidden: int, inner: int, kind: Kind, suffix: str) -> Iterator[TensorSpec]:
    up, down = (inner, hidden), (hidden, inner)
    for name, shape in (("gate_proj", up), ("up_proj", up), ("down_proj", down)):
        yield TensorSpec(f"{prefix}.{name}{suffix}.weight", shape, kind)


def _moe_tensors(text: TextConfig, prefix: str) -> Iterator[TensorSpec]:
    hidden, experts, inner = text.hidden_size, text.num_experts, text.moe_intermediate_size
    yield TensorSpec(f"{prefix}.router.proj.weight", (experts, hidden), "router")
    yield TensorSpec(f"{prefix}.router.scale", (hidden,), "scale")
    yield TensorSpec(f"{prefix}.router.per_expert_scale", (experts,), "scale")
    yield TensorSpec(f"{prefix}.experts.gate_up_proj", (experts, 2 * inner, hidden), "experts")
    yield TensorSpec(f"{prefix}.experts.down_proj", (experts, hidden, inner), "experts")


def _embedder_tensors(vision: VisionEmbedderConfig, text_hidden: int) -> Iterator[TensorSpec]:
    patch, width = 3 * SOFT_TOKEN_PX**2, vision.mm_embed_dim
    for name, size in (("patch_ln1", patch), ("patch_ln2", width), ("pos_norm", width)):
        yield TensorSpec(f"{EMBEDDER}.{name}.weight", (size,), "norm")
        yield TensorSpec(f"{EMBEDDER}.{name}.bias", (size,), "bias")
    yield TensorSpec(f"{EMBEDDER}.patch_dense.weight", (width, patch), "vision")
    yield TensorSpec(f"{EMBEDDER}.patch_dense.bias", (width,), "bias")
    yield TensorSpec(f"{EMBEDDER}.pos_embedding", (vision.mm_posemb_size, 2, width), "position")
    yield TensorSpec(PROJECTION, (text_hidden, width), "vision")


def _vision_tensors(vision: VisionConfig, text_hidden: int) -> Iterator[TensorSpec]:
    hidden = vision.hidden_size
    patch = 3 * vision.patch_size**2
    table = (2, vision.position_embedding_size, hidden)
    yield TensorSpec(f"{VISION}.patch_embedder.input_proj.weight", (hidden, patch), "vision")
    yield TensorSpec(f"{VISION}.patch_embedder.position_embedding_table", table, "position")
    for index in range(vision.num_hidden_layers):
        yield from _vision_layer_tensors(vision, f"{VISION}.encoder.layers.{index}")
    if vision.standardize:
        yield TensorSpec(f"{VISION}.std_bias", (hidden,), "bias")
        yield TensorSpec(f"{VISION}.std_scale", (hidden,), "norm")
    yield TensorSpec(PROJECTION, (text_hidden, hidden), "vision")


def _vision_layer_tensors(vision: VisionConfig, prefix: str) -> Iterator[TensorSpec]:
    hidden, dim, inner = vision.hidden_size, vision.head_dim, vision.intermediate_size
    for norm in _NORMS:
        yield TensorSpec(f"{prefix}.{norm}.weight", (hidden,), "norm")
    yield TensorSpec(f"{prefix}.self_attn.q_norm.weight", (dim,), "q_norm")
    yield TensorSpec(f"{prefix}.self_attn.k_norm.weight", (dim,), "norm")
    queries, keys = vision.num_attention_heads * dim, vision.num_key_value_heads * dim
    for name, shape in (
        ("self_attn.q_proj", (queries, hidden)),
        ("self_attn.k_proj", (keys, hidden)),
        ("self_attn.v_proj", (keys, hidden)),
        ("self_attn.o_proj", (hidden, queries)),
        ("mlp.gate_proj", (inner, hidden)),
        ("mlp.up_proj", (inner, hidden)),
        ("mlp.down_proj", (hidden, inner)),
    ):
        yield TensorSpec(f"{prefix}.{name}.linear.weight", shape, "vision")
        if vision.use_clipped_linears:
            for bound, kind in CLIPS.items():
                yield TensorSpec(f"{prefix}.{name}.{bound}", (), kind)


def _audio_tensors(audio: AudioConfig) -> Iterator[TensorSpec]:
    hidden, (first, second) = audio.hidden_size, audio.subsampling_conv_channels
    prefix = f"{AUDIO}.subsample_conv_projection"
    for layer, (channels, before) in enumerate(((first, 1), (second, first))):
        yield TensorSpec(f"{prefix}.layer{layer}.conv.weight", (channels, before, 3, 3), "sound")
        yield TensorSpec(f"{prefix}.layer{layer}.norm.weight", (channels,), "norm")
    yield TensorSpec(f"{prefix}.input_proj_linear.weight", (hidden, MEL_BINS // 4 * second), "sound")
    for index in range(audio.num_hidden_layers):
        yield from _audio_layer_tensors(audio, f"{AUDIO}.layers.{index}")
    yield TensorSpec(f"{AUDIO}.output_proj.weight", (audio.output_proj_dims, hidden), "sound")
    yield TensorSpec(f"{AUDIO}.output_proj.bias", (audio.output_proj_dims,), "bias")


def _audio_layer_tensors(audio: AudioConfig, prefix: str) -> Iterator[TensorSpec]:
    hidden = audio.hidden_size
    norms = (
        *("feed_forward1.pre_layer_norm", "feed_forward1.post_layer_norm", "norm_pre_attn", "norm_post_attn"),
        *("lconv1d.pre_layer_norm", "lconv1d.conv_norm"),
        *("feed_forward2.pre_layer_norm", "feed_forward2.post_layer_norm", "norm_out"),
    )
    for norm in norms:
        yield TensorSpec(f"{prefix}.{norm}.weight", (hidden,), "norm")
    yield TensorSpec(f"{prefix}.self_attn.relative_k_proj.weight", (hidden, hidden), "sound")
    yield TensorSpec(f"{prefix}.self_attn.per_dim_scale", (audio.head_dim,), "bias")
    yield TensorSpec(f"{prefix}.lconv1d.depthwise_conv1d.weight", (hidden, 1, audio.conv_kernel_size), "sound")
    for name, shape in (
        *((f"self_attn.{part}", (hidden, hidden)) for part in ("q_proj", "k_proj", "v_proj", "post")),
        *((f"feed_forward{n}.ffw_layer_1", (4 * hidden, hidden)) for n in (1, 2)),
        *((f"feed_forward{n}.ffw_layer_2", (hidden, 4 * hidden)) for n in (1, 2)),
        ("lconv1d.linear_start", (2 * hidden, hidden)),
        ("lconv1d.linear_end", (hidden, hidden)),
    ):
        yield TensorSpec(f"{prefix}.{name}.linear.weight", shape, "sound")
        if audio.use_clipped_linears:
            for bound, kind in CLIPS.items():
                yield TensorSpec(f"{prefix}.{name}.{bound}", (), kind)
