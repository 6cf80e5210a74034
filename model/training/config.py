"""The sample model's ``config.json``: Gemma 4's architecture, small.

Every matrix's input is a multiple of 64, so that NF4's blocks fit everywhere, experts too.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from model.synthetic.shapes import _ROPE, _TEXT_COMMON, _VISION_COMMON
from model.training.tokenizer import vocabulary

WINDOW = 512
POSITIONS = 32_768

_TEXT: dict[str, Any] = {
    **_TEXT_COMMON,
    "rope_parameters": _ROPE,
    "max_position_embeddings": POSITIONS,
    "hidden_size": 256,
    "intermediate_size": 512,
    "num_hidden_layers": 4,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "num_attention_heads": 8,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "global_head_dim": 128,
    "num_global_key_value_heads": 4,
    "sliding_window": WINDOW,
    "enable_moe_block": True,
    "num_experts": 8,
    "top_k_experts": 2,
    "moe_intermediate_size": 128,
}

_VISION: dict[str, Any] = {
    **_VISION_COMMON,
    "standardize": False,
    "hidden_size": 256,
    "intermediate_size": 768,
    "num_hidden_layers": 8,
    "num_attention_heads": 8,
    "num_key_value_heads": 8,
    "head_dim": 32,
    "position_embedding_size": 1024,
}


def sample_config(text: dict[str, Any] | None = None, vision: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole ``config.json``; the arguments change single settings (for tests)."""
    ids = vocabulary()
    text_part = {**_TEXT, "vocab_size": len(ids), **(text or {})}
    text_part |= {"bos_token_id": ids["<bos>"], "eos_token_id": ids["<eos>"], "pad_token_id": ids["<pad>"]}
    return {
        "architectures": ["Gemma4ForConditionalGeneration"],
        "model_type": "gemma4",
        "audio_config": None,
        "boi_token_id": ids["<|image>"],
        "eoi_token_id": ids["<image|>"],
        "image_token_id": ids["<|image|>"],
        "video_token_id": ids["<|video|>"],
        "audio_token_id": ids["<|audio|>"],
        "boa_token_id": ids["<|audio>"],
        "eoa_token_index": ids["<audio|>"],
        "eos_token_id": [ids["<eos>"], ids["<turn|>"]],
        "initializer_range": 0.02,
        "text_config": text_part,
        "vision_config": {**_VISION, **(vision or {})},
        "vision_soft_tokens_per_image": 280,
        "tie_word_embeddings": True,
        "dtype": "bfloat16",
    }


def write_config(folder: Path, config: dict[str, Any]) -> None:
    """Write ``config`` as the folder's ``config.json``."""
    (folder / "config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
