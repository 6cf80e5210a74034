"""``config.json`` of the generated checkpoints: tiny ones that reach every branch, and the published widths."""

from __future__ import annotations

import copy
from typing import Any

from model.synthetic.tokenizer import special_ids

_ROPE = {
    "sliding_attention": {"rope_type": "default", "rope_theta": 10_000.0},
    "full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25, "rope_theta": 1_000_000.0},
}

_TEXT_COMMON: dict[str, Any] = {
    "model_type": "gemma4_text",
    "attention_bias": False,
    "attention_dropout": 0.0,
    "attention_k_eq_v": True,
    "final_logit_softcapping": 30.0,
    "hidden_activation": "gelu_pytorch_tanh",
    "hidden_size_per_layer_input": 0,
    "initializer_range": 0.02,
    "max_position_embeddings": 262_144,
    "num_kv_shared_layers": 0,
    "rms_norm_eps": 1e-6,
    "rope_parameters": _ROPE,
    "tie_word_embeddings": True,
    "use_bidirectional_attention": "vision",
    "use_double_wide_mlp": False,
    "enable_moe_block": False,
    "num_experts": None,
    "top_k_experts": None,
    "moe_intermediate_size": None,
}

_VISION_COMMON: dict[str, Any] = {
    "model_type": "gemma4_vision",
    "attention_bias": False,
    "attention_dropout": 0.0,
    "hidden_activation": "gelu_pytorch_tanh",
    "max_position_embeddings": 131_072,
    "patch_size": 16,
    "pooling_kernel_size": 3,
    "rms_norm_eps": 1e-6,
    "rope_parameters": {"rope_type": "axial", "rope_theta": 100.0},
    "standardize": True,
    "use_clipped_linears": False,
}

_TINY_TEXT: dict[str, Any] = {
    **_TEXT_COMMON,
    "vocab_size": 512,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 3,
    "layer_types": ["sliding_attention", "sliding_attention", "full_attention"],
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 32,
    "global_head_dim": 64,
    "num_global_key_value_heads": 1,
    "sliding_window": 32,
}

_TINY_EXPERTS: dict[str, Any] = {
    "enable_moe_block": True,
    "num_experts": 8,
    "top_k_experts": 2,
    "moe_intermediate_size": 64,
}

_TINY_VISION: dict[str, Any] = {
    **_VISION_COMMON,
    "hidden_size": 64,
    "intermediate_size": 128,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "head_dim": 16,
    "position_embedding_size": 3584,  # 1120 soft tokens in one row are 3360 patches
}

_26B_TEXT: dict[str, Any] = {
    **_TEXT_COMMON,
    "vocab_size": 262_144,
    "hidden_size": 2816,
    "intermediate_size": 2112,
    "num_hidden_layers": 30,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 256,
    "global_head_dim": 512,
    "num_global_key_value_heads": 2,
    "sliding_window": 1024,
    "enable_moe_block": True,
    "num_experts": 128,
    "top_k_experts": 8,
    "moe_intermediate_size": 704,
}

_31B_TEXT: dict[str, Any] = {
    **_TEXT_COMMON,
    "vocab_size": 262_144,
    "hidden_size": 5376,
    "intermediate_size": 21_504,
    "num_hidden_layers": 60,
    "num_attention_heads": 32,
    "num_key_value_heads": 16,
    "head_dim": 256,
    "global_head_dim": 512,
    "num_global_key_value_heads": 4,
    "sliding_window": 1024,
}

_LARGE_VISION: dict[str, Any] = {
    **_VISION_COMMON,
    "hidden_size": 1152,
    "intermediate_size": 4304,
    "num_hidden_layers": 27,
    "num_attention_heads": 16,
    "num_key_value_heads": 16,
    "head_dim": 72,
    "position_embedding_size": 10_240,
}

_TINY_ODD_TEXT: dict[str, Any] = {
    **_TINY_TEXT,
    **_TINY_EXPERTS,
    "vocab_size": 467,
    "hidden_size": 192,
    "intermediate_size": 100,
    "num_hidden_layers": 4,
    "layer_types": ["full_attention", "sliding_attention", "sliding_attention", "full_attention"],
    "num_attention_heads": 6,
    "num_key_value_heads": 3,
    "head_dim": 24,
    "global_head_dim": 40,
    "num_global_key_value_heads": 2,
    "sliding_window": 7,
    "num_experts": 5,
    "top_k_experts": 3,
    "moe_intermediate_size": 36,
}
"""Sizes that divide badly: no multiple of 32 rows, inner sizes that are no multiple of 64."""

_SMALL_TEXT: dict[str, Any] = {
    **_TEXT_COMMON,
    "attention_k_eq_v": False,
    "max_position_embeddings": 131_072,
    "num_global_key_value_heads": None,
    "use_bidirectional_attention": None,
}
"""The settings that E2B and E4B share."""

_TINY_SMALL_TEXT: dict[str, Any] = {
    **_TINY_TEXT,
    **_SMALL_TEXT,
    "num_hidden_layers": 7,
    "layer_types": [
        *("sliding_attention", "sliding_attention", "full_attention"),
        *("sliding_attention", "full_attention", "sliding_attention", "full_attention"),
    ],
    "vocab_size_per_layer_input": 512,
    "hidden_size_per_layer_input": 32,
    "num_kv_shared_layers": 3,
    "num_key_value_heads": 1,
}

_E2B_TEXT: dict[str, Any] = {
    **_SMALL_TEXT,
    "vocab_size": 262_144,
    "vocab_size_per_layer_input": 262_144,
    "hidden_size": 1536,
    "hidden_size_per_layer_input": 256,
    "intermediate_size": 6144,
    "use_double_wide_mlp": True,
    "num_hidden_layers": 35,
    "layer_types": [*["sliding_attention"] * 4, "full_attention"] * 7,
    "num_kv_shared_layers": 20,
    "num_attention_heads": 8,
    "num_key_value_heads": 1,
    "head_dim": 256,
    "global_head_dim": 512,
    "sliding_window": 512,
}

_E4B_TEXT: dict[str, Any] = {
    **_E2B_TEXT,
    "hidden_size": 2560,
    "intermediate_size": 10_240,
    "use_double_wide_mlp": False,
    "num_hidden_layers": 42,
    "layer_types": [*["sliding_attention"] * 5, "full_attention"] * 7,
    "num_kv_shared_layers": 18,
    "num_key_value_heads": 2,
}

_SMALL_VISION: dict[str, Any] = {
    **_VISION_COMMON,
    "hidden_size": 768,
    "intermediate_size": 3072,
    "num_hidden_layers": 16,
    "num_attention_heads": 12,
    "num_key_value_heads": 12,
    "head_dim": 64,
    "position_embedding_size": 10_240,
    "standardize": False,
    "use_clipped_linears": True,
}

_TINY_SMALL_VISION: dict[str, Any] = {**_TINY_VISION, "standardize": False, "use_clipped_linears": True}

_12B_TEXT: dict[str, Any] = {
    **_TEXT_COMMON,
    "model_type": "gemma4_unified_text",
    "vocab_size": 262_144,
    "hidden_size": 3840,
    "intermediate_size": 15_360,
    "num_hidden_layers": 48,
    "num_attention_heads": 16,
    "num_key_value_heads": 8,
    "head_dim": 256,
    "global_head_dim": 512,
    "num_global_key_value_heads": 1,
    "sliding_window": 1024,
}

_12B_VISION: dict[str, Any] = {
    "model_type": "gemma4_unified_vision",
    "patch_size": 16,
    "pooling_kernel_size": 3,
    "mm_embed_dim": 3840,
    "mm_posemb_size": 1120,
    "output_proj_dims": 3840,
    "rms_norm_eps": 1e-6,
}

_SMALL_AUDIO: dict[str, Any] = {
    "model_type": "gemma4_audio",
    "hidden_act": "silu",
    "hidden_size": 1024,
    "num_hidden_layers": 12,
    "num_attention_heads": 8,
    "subsampling_conv_channels": [128, 32],
    "conv_kernel_size": 5,
    "residual_weight": 0.5,
    "attention_chunk_size": 12,
    "attention_context_left": 13,
    "attention_context_right": 0,
    "attention_logit_cap": 50.0,
    "attention_invalid_logits_value": -1e9,
    "use_clipped_linears": True,
    "rms_norm_eps": 1e-6,
    "gradient_clipping": 1e10,
    "output_proj_dims": 1536,
}

_TINY_SMALL_AUDIO: dict[str, Any] = {
    **_SMALL_AUDIO,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "subsampling_conv_channels": [128, 4],  # as many as the spectrogram has bands: transformers reads it as both
    "output_proj_dims": 48,
}

_12B_AUDIO: dict[str, Any] = {"model_type": "gemma4_unified_audio", "audio_embed_dim": 640, "rms_norm_eps": 1e-6}

SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any] | None]] = {
    "tiny": ({**_TINY_TEXT, **_TINY_EXPERTS}, _TINY_VISION, None),
    "tiny-dense": (_TINY_TEXT, _TINY_VISION, None),
    "tiny-odd": (_TINY_ODD_TEXT, {**_TINY_VISION, "standardize": False}, None),
    "tiny-e2b": ({**_TINY_SMALL_TEXT, "use_double_wide_mlp": True}, _TINY_SMALL_VISION, _TINY_SMALL_AUDIO),
    "tiny-e4b": ({**_TINY_SMALL_TEXT, "num_key_value_heads": 2}, _TINY_SMALL_VISION, _TINY_SMALL_AUDIO),
    "tiny-12b": (
        {**_TINY_TEXT, "model_type": "gemma4_unified_text"},
        {**_12B_VISION, "mm_embed_dim": 64, "output_proj_dims": 64},
        _12B_AUDIO,
    ),
    "e2b": (_E2B_TEXT, _SMALL_VISION, _SMALL_AUDIO),
    "e4b": (_E4B_TEXT, _SMALL_VISION, _SMALL_AUDIO),
    "12b": (_12B_TEXT, _12B_VISION, _12B_AUDIO),
    "26b": (_26B_TEXT, _LARGE_VISION, None),
    "31b": (_31B_TEXT, _LARGE_VISION, None),
}
"""By name, the text, the vision and the audio part; those with one hear."""


def shape_config(shape: str, layers: int | None = None) -> dict[str, Any]:
    """The ``config.json`` of a named shape, with ``layers`` text layers if given (the last is global)."""
    text, vision, audio = copy.deepcopy(SHAPES[shape])
    if layers is not None:
        text["num_hidden_layers"] = layers
        text.pop("layer_types", None)
        text["num_kv_shared_layers"] = min(text["num_kv_shared_layers"], max(0, layers - 6))
    text.setdefault("layer_types", _six_by_six(text["num_hidden_layers"]))
    ids = special_ids(text["vocab_size"])
    text |= {"bos_token_id": ids["<bos>"], "eos_token_id": ids["<eos>"], "pad_token_id": ids["<pad>"]}
    unified = text["model_type"] == "gemma4_unified_text"
    return {
        "architectures": [f"Gemma4{'Unified' if unified else ''}ForConditionalGeneration"],
        "model_type": "gemma4_unified" if unified else "gemma4",
        "audio_config": audio,
        "boi_token_id": ids["<|image>"],
        "eoi_token_id": ids["<image|>"],
        "image_token_id": ids["<|image|>"],
        "video_token_id": ids["<|video|>"],
        "audio_token_id": ids["<|audio|>"],
        "boa_token_id": ids["<|audio>"],
        "eoa_token_index": ids["<audio|>"],
        "eos_token_id": [ids["<eos>"], ids["<turn|>"]],
        "initializer_range": 0.02,
        "text_config": text,
        "vision_config": vision,
        "vision_soft_tokens_per_image": 280,
        "tie_word_embeddings": True,
    }


def _six_by_six(count: int) -> list[str]:
    types = ["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(count)]
    return [*types[:-1], "full_attention"]
