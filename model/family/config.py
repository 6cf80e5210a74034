"""A Gemma 4's configuration as frozen dataclasses, which decoder, cache, kernels and formats take their sizes from.

Field names are those of transformers' ``Gemma4Config``; ``config_json`` reads a published folder. No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model.family.families import ModelFamily
from model.soft_tokens import IMAGE, SOUND

LayerType = Literal["sliding_attention", "full_attention"]


@dataclass(frozen=True, slots=True)
class TextConfig:
    """The language model. Sizes are counts of numbers; ``head_dim`` and ``global_head_dim`` are per head."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    layer_types: tuple[LayerType, ...]
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    num_global_key_value_heads: int
    global_head_dim: int
    sliding_window: int
    sliding_rope_theta: float
    global_rope_theta: float
    partial_rotary_factor: float
    rms_norm_eps: float
    max_position_embeddings: int
    final_logit_softcapping: float | None
    bidirectional_vision: bool
    num_experts: int
    top_k_experts: int
    moe_intermediate_size: int
    attention_k_eq_v: bool = True
    num_kv_shared_layers: int = 0
    use_double_wide_mlp: bool = False
    hidden_size_per_layer_input: int = 0
    vocab_size_per_layer_input: int = 0
    pad_token_id: int = 0

    @property
    def num_hidden_layers(self) -> int:
        """How many decoder layers."""
        return len(self.layer_types)

    @property
    def has_experts(self) -> bool:
        """Whether there is a mixture of experts beside the dense MLP."""
        return self.num_experts > 0

    @property
    def global_rotary_dim(self) -> int:
        """Dimensions of a global head that ``proportional`` rope rotates (transformers' ``rope_angles`` × 2)."""
        return 2 * int(self.partial_rotary_factor * self.global_head_dim // 2)

    @property
    def global_row(self) -> int:
        """Numbers stored per position and KV head of a global layer: V, and K or, where K = V, its rotated part."""
        return self.global_head_dim + (self.global_rotary_dim if self.attention_k_eq_v else self.global_head_dim)

    @property
    def num_kv_layers(self) -> int:
        """How many layers store keys and values: the first ones."""
        return self.num_hidden_layers - self.num_kv_shared_layers

    def kv_layer(self, index: int) -> int:
        """The layer whose keys and values layer ``index`` reads: its own, or the last of its kind that stores any."""
        if index < self.num_kv_layers:
            return index
        kind = self.layer_types[index]
        return max(i for i in range(self.num_kv_layers) if self.layer_types[i] == kind)

    @property
    def shared_kv_layers(self) -> frozenset[int]:
        """The layers whose keys and values others read too."""
        return frozenset(self.kv_layer(i) for i in range(self.num_kv_layers, self.num_hidden_layers))

    def mlp_size(self, index: int) -> int:
        """The inner size of layer ``index``'s MLP."""
        return self.intermediate_size * (2 if self.use_double_wide_mlp and index >= self.num_kv_layers else 1)


@dataclass(frozen=True, slots=True)
class VisionConfig:
    """The vision tower (transformers' ``Gemma4VisionConfig``, and its defaults). ``head_dim`` is per head."""

    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    patch_size: int
    pooling_kernel_size: int
    position_embedding_size: int
    rms_norm_eps: float
    rope_theta: float
    standardize: bool
    use_clipped_linears: bool


@dataclass(frozen=True, slots=True)
class VisionEmbedderConfig:
    """The 12B's vision embedder in place of a tower (transformers' ``Gemma4UnifiedVisionConfig``, and its defaults)."""

    mm_embed_dim: int
    mm_posemb_size: int
    rms_norm_eps: float


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """The audio tower of E2B and E4B (transformers' ``Gemma4AudioConfig``, and its defaults)."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    subsampling_conv_channels: tuple[int, int]
    conv_kernel_size: int
    residual_weight: float
    attention_chunk_size: int
    """Positions that attend together, and how far each of them sees back, itself included."""
    attention_logit_cap: float
    use_clipped_linears: bool
    rms_norm_eps: float
    gradient_clipping: float
    output_proj_dims: int

    @property
    def head_dim(self) -> int:
        """Numbers per head."""
        return self.hidden_size // self.num_attention_heads

    def soft_tokens(self, samples: int) -> int:
        """How many soft tokens this many samples become: one for every four of their frames."""
        return -(-mel_frames(samples) // 4)


@dataclass(frozen=True, slots=True)
class AudioEmbedderConfig:
    """The 12B's input for sound in place of a tower (transformers' ``Gemma4UnifiedAudioConfig``, and its defaults)."""

    audio_embed_dim: int
    """Samples of one soft token."""
    rms_norm_eps: float

    def soft_tokens(self, samples: int) -> int:
        """How many soft tokens this many samples become."""
        return -(-samples // self.audio_embed_dim)


MEL_HOP = 160
"""Samples from one frame of the spectrogram to the next: 10 ms."""


def mel_frames(samples: int) -> int:
    """Frames of the spectrogram that hold only real samples: each is 321 long, and the first begins 160 before 0."""
    return max(0, (samples - MEL_HOP - 1) // MEL_HOP + 1)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """A whole checkpoint's configuration."""

    family: ModelFamily
    text: TextConfig
    vision: VisionConfig | VisionEmbedderConfig | None
    image_token_id: int
    boi_token_id: int
    eoi_token_id: int
    video_token_id: int
    bos_token_id: int
    pad_token_id: int
    eos_token_ids: tuple[int, ...]
    audio: AudioConfig | AudioEmbedderConfig | None = None
    audio_token_id: int = 258_881
    boa_token_id: int = 256_000
    eoa_token_id: int = 258_883

    @property
    def encodes(self) -> tuple[str, ...]:
        """The kinds of soft tokens that this checkpoint can make, see ``model.prompt.spans``."""
        there = {IMAGE: self.vision, SOUND: self.audio}
        return tuple(kind for kind in self.family.encoders if there[kind] is not None)
