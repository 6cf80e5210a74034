"""Drafters with seeded random weights, for tests and for measuring: they guess nothing right, and take their time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.checkpoint.tensor_file import Slot, TensorWriter
from model.family.config import LayerType, TextConfig
from model.family.config_json import read_config

KINDS: tuple[LayerType, ...] = ("sliding_attention", "sliding_attention", "sliding_attention", "full_attention")


def drafter_config(
    target: TextConfig, hidden_size: int, intermediate_size: int, heads: int, centroids: int = 0
) -> dict[str, Any]:
    """The ``config.json`` of a drafter for ``target``, as published ones are; ``centroids``: of an ordered table."""
    full = {"rope_type": "proportional", "partial_rotary_factor": target.partial_rotary_factor}
    k_eq_v = target.attention_k_eq_v
    text = {
        "model_type": "gemma4_text",
        "vocab_size": target.vocab_size,
        "hidden_size": hidden_size,
        "intermediate_size": intermediate_size,
        "num_hidden_layers": len(KINDS),
        "layer_types": list(KINDS),
        "num_attention_heads": heads,
        "num_key_value_heads": target.num_key_value_heads,
        "num_global_key_value_heads": target.num_global_key_value_heads if k_eq_v else None,
        "head_dim": target.head_dim,
        "global_head_dim": target.global_head_dim,
        "attention_k_eq_v": k_eq_v,
        "sliding_window": target.sliding_window,
        "rope_parameters": {
            "sliding_attention": {"rope_type": "default", "rope_theta": target.sliding_rope_theta},
            "full_attention": full | {"rope_theta": target.global_rope_theta},
        },
        "rms_norm_eps": target.rms_norm_eps,
        "max_position_embeddings": target.max_position_embeddings,
        "num_kv_shared_layers": len(KINDS),
        "hidden_size_per_layer_input": 0,
        "vocab_size_per_layer_input": 0,
        "enable_moe_block": False,
        "use_double_wide_mlp": False,
        "final_logit_softcapping": None,
        "hidden_activation": "gelu_pytorch_tanh",
        "attention_bias": False,
        "tie_word_embeddings": True,
    }
    return {
        "architectures": ["Gemma4AssistantForCausalLM"],
        "model_type": "gemma4_assistant",
        "backbone_hidden_size": target.hidden_size,
        "use_ordered_embeddings": bool(centroids),
        "num_centroids": centroids or 2048,
        "centroid_intermediate_top_k": max(1, centroids // 8) if centroids else 32,
        "tie_word_embeddings": True,
        "text_config": text,
    }


def drafter_shapes(config: dict[str, Any]) -> dict[str, tuple[int, ...]]:
    """The tensors of a drafter with this ``config.json``, and their shapes."""
    text = config["text_config"]
    wide, target, inner = text["hidden_size"], config["backbone_hidden_size"], text["intermediate_size"]
    shapes: dict[str, tuple[int, ...]] = {
        "model.embed_tokens.weight": (text["vocab_size"], wide),
        "model.norm.weight": (wide,),
        "pre_projection.weight": (wide, 2 * target),
        "post_projection.weight": (target, wide),
    }
    for index, kind in enumerate(text["layer_types"]):
        head = text["global_head_dim"] if kind == "full_attention" else text["head_dim"]
        queries = text["num_attention_heads"] * head
        layer: dict[str, tuple[int, ...]] = {
            "self_attn.q_proj.weight": (queries, wide),
            "self_attn.q_norm.weight": (head,),
            "self_attn.o_proj.weight": (wide, queries),
            "mlp.gate_proj.weight": (inner, wide),
            "mlp.up_proj.weight": (inner, wide),
            "mlp.down_proj.weight": (wide, inner),
            "layer_scalar": (1,),
        }
        norms = (
            "input_layernorm",
            "post_attention_layernorm",
            "pre_feedforward_layernorm",
            "post_feedforward_layernorm",
        )
        layer |= {f"{name}.weight": (wide,) for name in norms}
        shapes |= {f"model.layers.{index}.{name}": shape for name, shape in layer.items()}
    if config["use_ordered_embeddings"]:
        shapes["masked_embedding.centroids.weight"] = (config["num_centroids"], wide)
        shapes["masked_embedding.token_ordering"] = (text["vocab_size"],)
    return shapes


def write_drafter(
    folder: Path,
    target: Path,
    *,
    hidden_size: int = 32,
    intermediate_size: int = 64,
    heads: int = 4,
    centroids: int = 0,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> Path:
    """Write a drafter for the model in ``target`` to ``folder``."""
    config = drafter_config(read_config(target).text, hidden_size, intermediate_size, heads, centroids)
    generator = torch.Generator().manual_seed(seed)
    tensors = {name: _random(name, shape, generator).to(dtype) for name, shape in drafter_shapes(config).items()}
    if centroids:
        tensors["masked_embedding.token_ordering"] = torch.randperm(
            config["text_config"]["vocab_size"], generator=generator
        )
    return save_drafter(folder, config, tensors)


def save_drafter(folder: Path, config: dict[str, Any], tensors: dict[str, Tensor]) -> Path:
    """Write a drafter's two files."""
    folder.mkdir(parents=True, exist_ok=True)
    kind = tensors["model.norm.weight"].dtype
    words = json.dumps(config | {"dtype": str(kind).removeprefix("torch.")}, indent=2)
    (folder / "config.json").write_text(words + "\n", encoding="utf-8")
    slots = [Slot(name, tensor.dtype, tuple(tensor.shape)) for name, tensor in tensors.items()]
    writer = TensorWriter(folder / "model.safetensors", slots)
    for name, tensor in tensors.items():
        writer.write(name, tensor)
    writer.close()
    return folder


def _random(name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    if name.endswith(("norm.weight", "layer_scalar")):
        return 1 + 0.1 * torch.randn(shape, generator=generator)
    scale = 1.0 if "embed" in name else shape[-1] ** -0.5
    return scale * torch.randn(shape, generator=generator)
