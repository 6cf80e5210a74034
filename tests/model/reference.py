"""Tiny Gemma 4 models in transformers, the reference that the decoder is compared with."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import Gemma4Config, Gemma4ForConditionalGeneration, Gemma4TextConfig, Gemma4VisionConfig
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.gemma4.modeling_gemma4 import Gemma4MultimodalEmbedder, Gemma4VisionModel

from model.family.config import ModelConfig
from model.family.config_json import read_config
from model.formats.weights import DenseSource

IMAGE_ID, VIDEO_ID = 7, 8
VOCAB = 320

MOE: dict[str, Any] = {
    "hidden_size": 64,
    "intermediate_size": 96,
    "num_hidden_layers": 6,
    "layer_types": ["sliding_attention"] * 2 + ["full_attention"] + ["sliding_attention"] * 2 + ["full_attention"],
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 16,
    "global_head_dim": 32,
    "num_global_key_value_heads": 1,
    "sliding_window": 24,
    "enable_moe_block": True,
    "num_experts": 8,
    "top_k_experts": 3,
    "moe_intermediate_size": 40,
}
DENSE: dict[str, Any] = MOE | {"enable_moe_block": False, "num_experts": None, "top_k_experts": None}
ODD: dict[str, Any] = MOE | {
    "hidden_size": 52,
    "intermediate_size": 37,
    "num_hidden_layers": 4,
    "layer_types": ["full_attention", "sliding_attention", "sliding_attention", "full_attention"],
    "num_attention_heads": 6,
    "num_key_value_heads": 3,
    "head_dim": 10,
    "global_head_dim": 24,
    "num_global_key_value_heads": 2,
    "sliding_window": 7,
    "num_experts": 5,
    "top_k_experts": 1,
    "moe_intermediate_size": 33,
    "final_logit_softcapping": None,
}
CAUSAL_VISION: dict[str, Any] = MOE | {"use_bidirectional_attention": None}
PER_LAYER: dict[str, Any] = DENSE | {
    "num_hidden_layers": 9,
    "layer_types": (["sliding_attention"] * 2 + ["full_attention"]) * 3,
    "num_key_value_heads": 1,
    "num_global_key_value_heads": None,
    "attention_k_eq_v": False,
    "hidden_size_per_layer_input": 12,
    "vocab_size_per_layer_input": VOCAB,
    "num_kv_shared_layers": 5,
    "use_double_wide_mlp": True,
    "use_bidirectional_attention": None,
}
"""E2B's: four layers store keys and values, and five read those of layers 2 and 3."""
MORE_HEADS: dict[str, Any] = PER_LAYER | {"num_key_value_heads": 2, "use_double_wide_mlp": False}
"""E4B's."""
SHARED_ROWS: dict[str, Any] = MORE_HEADS | {"attention_k_eq_v": True, "use_bidirectional_attention": "vision"}
"""Of no published model: shared layers over rows of K = V, and pictures that attend both ways."""
SHAPES = {
    "moe": MOE,
    "dense": DENSE,
    "odd": ODD,
    "causal-vision": CAUSAL_VISION,
    "per-layer": PER_LAYER,
    "more-heads": MORE_HEADS,
    "shared-rows": SHARED_ROWS,
}


def config(shape: dict[str, Any]) -> Gemma4Config:
    """A transformers configuration with ``shape``'s sizes and a tiny vision tower."""
    text = {
        "vocab_size": VOCAB,
        "max_position_embeddings": 4096,
        "hidden_size_per_layer_input": 0,
        "attention_k_eq_v": True,
        "use_bidirectional_attention": "vision",
        "final_logit_softcapping": 30.0,
    } | shape
    vision = Gemma4VisionConfig(
        hidden_size=48,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=3,
        num_key_value_heads=3,
        head_dim=16,
        position_embedding_size=300,
        standardize=True,
        use_clipped_linears=True,
    )
    ids = {"image_token_id": IMAGE_ID, "video_token_id": VIDEO_ID, "boi_token_id": 5, "eoi_token_id": 6}
    made = Gemma4Config(text_config=Gemma4TextConfig(**text), vision_config=vision, audio_config=None, **ids)
    made._attn_implementation = "eager"
    made._experts_implementation = "eager"  # the grouped kernel takes only sizes that are multiples of 16 bytes
    return made


def model(shape: dict[str, Any], seed: int = 0) -> Gemma4ForConditionalGeneration:
    """A model in which every weight matters: also the norms, scalars and scales that start at one or zero."""
    torch.manual_seed(seed)
    made = Gemma4ForConditionalGeneration(config(shape)).eval()
    with torch.no_grad():
        for name, tensor in [*made.named_parameters(), *made.named_buffers()]:
            leaf = name.rsplit(".", 1)[-1]
            if "q_norm" in name:
                # Attention has no 1 / sqrt(d): trained models have it in here, and so scores of ordinary size.
                tensor.copy_((torch.rand_like(tensor) + 0.5) * 3 * len(tensor) ** -0.5)
            elif "norm" in name or leaf in ("layer_scalar", "scale", "per_expert_scale", "std_scale"):
                tensor.copy_(torch.rand_like(tensor) + 0.5)
            elif leaf in ("std_bias", "position_embedding_table"):
                tensor.copy_(torch.randn_like(tensor) * 0.3)
            elif leaf.startswith(("input_m", "output_m")):
                tensor.fill_(-1.5 if leaf.endswith("min") else 1.5)
            elif tensor.ndim >= 2:
                tensor.copy_(torch.randn_like(tensor) * tensor.shape[-1] ** -0.5)
    return made


def ours(reference: Gemma4ForConditionalGeneration, tmp_path: Any) -> tuple[ModelConfig, DenseSource]:
    """The same model as the engine sees it: the configuration from its file, the weights by name, in fp32."""
    reference.config.save_pretrained(tmp_path)
    return read_config(tmp_path), DenseSource(reference.state_dict(), "cpu", torch.float32)


def vision_modules(raw: dict[str, Any], source: DenseSource) -> tuple[torch.nn.Module, torch.nn.Module]:
    """transformers' tower and its projection for the configuration ``raw``, with the weights of ``source``."""
    vision = Gemma4VisionConfig(**raw["vision_config"])
    vision._attn_implementation = "sdpa"
    text = Gemma4TextConfig(hidden_size=raw["text_config"]["hidden_size"], num_hidden_layers=6)
    with torch.device("meta"):
        tower, embedder = Gemma4VisionModel(vision), Gemma4MultimodalEmbedder(vision, text)
    tower.encoder.rotary_emb = type(tower.encoder.rotary_emb)(vision)  # its table is in no checkpoint
    for module, prefix in ((tower, "model.vision_tower."), (embedder, "model.embed_vision.")):
        names = [name for name in source.names() if name.startswith(prefix)]
        module.load_state_dict({n.removeprefix(prefix): source.tensor(n) for n in names}, strict=True, assign=True)
    return tower.eval(), embedder.eval()


@torch.no_grad()
def logits(reference: Gemma4ForConditionalGeneration, ids: Tensor, soft_tokens: list[Tensor] | None = None) -> Tensor:
    """One-shot logits [T, V] of transformers; ``soft_tokens`` replace the vision tower's output, in order.

    Image and video placeholders in ``ids`` take them, images first, each kind in its own order.
    """
    image, video = ids == IMAGE_ID, ids == VIDEO_ID
    outputs: dict[str, BaseModelOutputWithPooling] = {}
    if soft_tokens:
        flat = torch.cat(soft_tokens)
        order = (image | video).nonzero().flatten()
        for name, mask in (("image", image), ("video", video)):
            if mask.any():
                features = flat[torch.isin(order, mask.nonzero().flatten())]
                outputs[name] = BaseModelOutputWithPooling(pooler_output=(features,))
    types = image.long() + 2 * video.long()
    result = reference(
        input_ids=ids[None], mm_token_type_ids=types[None] if soft_tokens else None, mm_encoder_outputs=outputs or None
    )
    return result.logits[0]
