"""The model that learns to hear: transformers' Gemma 4 of E4B's form, small, without a vision tower."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.engine import offline
from model.synthetic.shapes import shape_config
from model.training.config import write_config
from model.training.network import QUERY_SHARPNESS
from model.training.speech.words import WORDS, vocabulary
from model.training.tokenizer import write_tokenizer

LESSON = "lesson."
"""The head that says which word a soft token knows; never exported."""

_TEXT: dict[str, Any] = {
    "hidden_size": 256,
    "intermediate_size": 384,
    "num_hidden_layers": 4,
    "layer_types": ["sliding_attention", "full_attention"] * 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "global_head_dim": 128,
    "sliding_window": 512,
    "num_kv_shared_layers": 2,
    "hidden_size_per_layer_input": 64,
    "max_position_embeddings": 32_768,
}
_AUDIO: dict[str, Any] = {
    "hidden_size": 160,
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "subsampling_conv_channels": [128, 32],
    "output_proj_dims": 256,
    "use_clipped_linears": False,
}


def speech_config(text: dict[str, Any] | None = None, audio: dict[str, Any] | None = None) -> dict[str, Any]:
    """The whole ``config.json``; the arguments change single settings (for tests)."""
    config, ids = shape_config("tiny-e4b"), vocabulary()
    names = {"bos_token_id": "<bos>", "eos_token_id": "<eos>", "pad_token_id": "<pad>"}
    config["text_config"] |= _TEXT | {key: ids[token] for key, token in names.items()} | (text or {})
    config["text_config"] |= {"vocab_size": len(ids), "vocab_size_per_layer_input": len(ids)}
    config["audio_config"] |= _AUDIO | (audio or {})
    marks = {
        "boi_token_id": "<|image>",
        "eoi_token_id": "<image|>",
        "image_token_id": "<|image|>",
        "video_token_id": "<|video|>",
        "audio_token_id": "<|audio|>",
        "boa_token_id": "<|audio>",
        "eoa_token_index": "<audio|>",
    }
    config |= {key: ids[token] for key, token in marks.items()}
    return config | {
        "vision_config": None,
        "eos_token_id": [ids["<eos>"], ids["<turn|>"]],
        "dtype": "bfloat16",
    }


def build_network(config: dict[str, Any], seed: int) -> nn.Module:
    """A fresh ``Gemma4ForConditionalGeneration`` in float32, with the lesson's head beside it."""
    offline.go_offline()
    from transformers import Gemma4Config
    from transformers.models.gemma4.modeling_gemma4 import Gemma4ForConditionalGeneration

    settings = Gemma4Config(**{key: value for key, value in config.items() if key not in ("architectures", "dtype")})
    settings._attn_implementation = "eager"
    torch.manual_seed(seed)
    network: nn.Module = Gemma4ForConditionalGeneration(settings)
    network.lesson = nn.Linear(config["text_config"]["hidden_size"], 1 + len(WORDS))
    network.float()
    with torch.no_grad():
        for name, parameter in network.named_parameters():
            if name.endswith("q_norm.weight"):
                parameter.fill_(QUERY_SHARPNESS / parameter.shape[0] ** 0.5)
            elif name.endswith(("embed_tokens.weight", "embed_tokens_per_layer.weight")):
                parameter.normal_(std=0.05)
            elif ".conv" in name and parameter.ndim >= 3:
                parameter.normal_(std=parameter[0].numel() ** -0.5)
            elif parameter.ndim >= 2:
                parameter.normal_(std=parameter.shape[-1] ** -0.5)
    return network.train()


def soft_tokens(network: Any, features: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Soft tokens [B, T, D] of spectrograms [B, F, 128], and which of them are real [B, T]."""
    out = network.model.audio_tower(features, mask)
    made: Tensor = network.model.embed_audio(inputs_embeds=out.last_hidden_state)
    return made, out.attention_mask


def export(network: Any, config: dict[str, Any], folder: Path) -> None:
    """A Hugging Face folder in bf16, names as published."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    state = {
        name: tensor.detach().to("cpu", torch.bfloat16).contiguous()
        for name, tensor in network.state_dict().items()
        if name != "lm_head.weight" and not name.startswith(LESSON)
    }
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    write_config(folder, config)
    write_tokenizer(folder, vocabulary())
