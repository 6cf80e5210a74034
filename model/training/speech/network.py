"""The model that learns to hear: transformers' Gemma 4 of E4B's form, small, without a vision tower."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from model.checkpoint.folder_names import LABEL
from model.engine import offline
from model.synthetic.shapes import shape_config
from model.training.config import write_config
from model.training.network import QUERY_SHARPNESS
from model.training.speech.words import WORDS, vocabulary
from model.training.tokenizer import write_tokenizer

NAME = "Lectern sample model that hears"
NOTE = (
    "It was trained from scratch on synthetic voices. It writes down spoken numbers, months and names of 24 things, "
    "with their times; it knows no other words. For real work, use Gemma 4."
)
LESSONS = "lessons."
"""The heads that predict a soft token's word and the word before it; never exported."""

SOON, LOOKS = 1, 3
"""The layer after which a soft token must know the word before its own, and the one that must look at the next word.

Both have keys and values of their own, and see everything.
"""

_TEXT: dict[str, Any] = {
    "hidden_size": 192,
    "intermediate_size": 256,
    "num_hidden_layers": 6,
    "layer_types": ["sliding_attention", "full_attention"] * 3,
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
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "subsampling_conv_channels": [128, 16],
    "output_proj_dims": 192,
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


def _related(table: Tensor) -> None:
    """Initialise a word without a space before it like the same word with one, but for what all words share."""
    ids = vocabulary()
    common = torch.randn_like(table[0]) * 0.03
    for word in WORDS:
        table[ids[word]] = table[ids[f"▁{word}"]] + common


def _subsampled(layer: Any, hidden: Tensor, mask: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """A layer's result with channels last in memory, so that nothing is copied: a fifth less time."""
    if mask is not None:
        hidden, mask = hidden * mask[:, None, :, None], mask[:, ::2]
    made = layer.conv(hidden.contiguous(memory_format=torch.channels_last)).permute(0, 2, 3, 1)
    return layer.act(layer.norm(made)).permute(0, 3, 1, 2), mask


def build_network(config: dict[str, Any], seed: int) -> nn.Module:
    """A fresh ``Gemma4ForConditionalGeneration`` in float32, with the heads of the auxiliary losses."""
    offline.go_offline()
    from transformers import Gemma4Config
    from transformers.models.gemma4.modeling_gemma4 import Gemma4ForConditionalGeneration

    settings = Gemma4Config(**{key: value for key, value in config.items() if key not in ("architectures", "dtype")})
    settings._attn_implementation = "eager"
    torch.manual_seed(seed)
    settings.text_config._attn_implementation = "sdpa"  # heeds masks of true and false; the tower has eager only
    network: Any = Gemma4ForConditionalGeneration(settings)
    convolutions = network.model.audio_tower.subsample_conv_projection
    for layer in (convolutions.layer0, convolutions.layer1):
        layer.forward = partial(_subsampled, layer)
    convolutions.layer0.requires_grad_(
        False
    )  # 128 random filters are as good as trained ones; training costs a third of the time
    width = config["text_config"]["hidden_size"]
    network.lessons = nn.ModuleDict({name: nn.Linear(width, 1 + len(WORDS)) for name in ("heard", "earlier")})
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
        for table in (network.model.language_model.embed_tokens, network.model.language_model.embed_tokens_per_layer):
            _related(table.weight)
    network.train()
    result: nn.Module = network
    return result


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
        if name != "lm_head.weight" and not name.startswith(LESSONS)
    }
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    write_config(folder, config)
    write_tokenizer(folder, vocabulary())
    (folder / LABEL).write_text(
        json.dumps({"sample": True, "name": NAME, "note": NOTE}, indent=2) + "\n", encoding="utf-8"
    )
