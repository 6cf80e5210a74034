"""llama.cpp's names for the tensors of a Gemma 4, and its layout of those that it changes. No torch.

From ``conversion/gemma.py`` and ``gguf/tensor_mapping.py`` of llama.cpp, and ``convert_gemma4.go`` of Ollama, which
writes the vision tower into the same file and the bounds of its matrices into one tensor. Norms, matrices and experts
hold the published numbers in the published order. Changed are: the patches' matrix, whose columns go by channel, row
and column of the patch instead of row, column and channel; and numbers without an axis, which get one.
"""

from __future__ import annotations

import re
from typing import Literal

from model.family import inventory
from model.family.inventory import CLIPS, PROJECTION, TEXT, VISION, TensorSpec

Layout = Literal["same", "patches", "clamps"]
"""How a tensor's numbers are arranged in the file: as published, by channels, or packed with others of their kind."""

EMBEDDING = "token_embd.weight"
HEAD = "output.weight"
ROPE = "rope_freqs.weight"
"""Divisors of the global layers' rope frequencies: what follows from the configuration."""
CLAMPS = "v.clamp_data"
"""Ollama's: for each vision layer and each of its matrices, and last for the projection, the four bounds."""
_CLAMPED = ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")

_LAYER = {
    "input_layernorm.weight": "attn_norm.weight",
    "post_attention_layernorm.weight": "post_attention_norm.weight",
    "pre_feedforward_layernorm.weight": "ffn_norm.weight",
    "post_feedforward_layernorm.weight": "post_ffw_norm.weight",
    "pre_feedforward_layernorm_2.weight": "pre_ffw_norm_2.weight",
    "post_feedforward_layernorm_1.weight": "post_ffw_norm_1.weight",
    "post_feedforward_layernorm_2.weight": "post_ffw_norm_2.weight",
    "layer_scalar": "layer_output_scale.weight",
    "self_attn.q_proj.weight": "attn_q.weight",
    "self_attn.k_proj.weight": "attn_k.weight",
    "self_attn.v_proj.weight": "attn_v.weight",
    "self_attn.o_proj.weight": "attn_output.weight",
    "self_attn.q_norm.weight": "attn_q_norm.weight",
    "self_attn.k_norm.weight": "attn_k_norm.weight",
    "mlp.gate_proj.weight": "ffn_gate.weight",
    "mlp.up_proj.weight": "ffn_up.weight",
    "mlp.down_proj.weight": "ffn_down.weight",
    "router.proj.weight": "ffn_gate_inp.weight",
    "router.scale": "ffn_gate_inp.scale",
    "router.per_expert_scale": "ffn_down_exps.scale",
    "experts.gate_up_proj": "ffn_gate_up_exps.weight",
    "experts.down_proj": "ffn_down_exps.weight",
    "per_layer_input_gate.weight": "inp_gate.weight",
    "per_layer_projection.weight": "proj.weight",
    "post_per_layer_input_norm.weight": "post_norm.weight",
}
_TEXT = {
    inventory.EMBEDDING: EMBEDDING,
    f"{TEXT}.norm.weight": "output_norm.weight",
    f"{TEXT}.embed_tokens_per_layer.weight": "per_layer_token_embd.weight",
    f"{TEXT}.per_layer_model_projection.weight": "per_layer_model_proj.weight",
    f"{TEXT}.per_layer_projection_norm.weight": "per_layer_proj_norm.weight",
}
_VISION = {
    PROJECTION: "mm.input_projection.weight",
    f"{VISION}.patch_embedder.input_proj.weight": "v.patch_embd.weight",
    f"{VISION}.patch_embedder.position_embedding_table": "v.position_embd.weight",
    f"{VISION}.std_bias": "v.std_bias",
    f"{VISION}.std_scale": "v.std_scale",
}
_VISION_LAYER = {
    "input_layernorm.weight": "ln1.weight",
    "post_attention_layernorm.weight": "attn_post_norm.weight",
    "pre_feedforward_layernorm.weight": "ln2.weight",
    "post_feedforward_layernorm.weight": "ffn_post_norm.weight",
    "self_attn.q_norm.weight": "attn_q_norm.weight",
    "self_attn.k_norm.weight": "attn_k_norm.weight",
}
_VISION_MATRIX = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_out",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}
_SOUND = re.compile(r"a\.|mm\.a\.")
_KEYS = re.compile(r"blk\.(\d{1,5})\.attn_(?:k|v|k_norm)\.weight")
_SCALES = re.compile(r"blk\.\d+\..+\.input_scale")


def name_of(spec: TensorSpec) -> str:
    """llama.cpp's name of a tensor; empty where it has none."""
    name = spec.name
    if name.startswith(f"{TEXT}.layers."):
        layer, _, rest = name.removeprefix(f"{TEXT}.layers.").partition(".")
        return f"blk.{layer}.{_LAYER[rest]}" if rest in _LAYER else ""
    if name.startswith(f"{VISION}.encoder.layers."):
        layer, _, rest = name.removeprefix(f"{VISION}.encoder.layers.").partition(".")
        rest = _VISION_LAYER.get(rest) or _vision_matrix(rest)
        return f"v.blk.{layer}.{rest}" if rest else ""
    return _TEXT.get(name) or _VISION.get(name, "")


def _vision_matrix(rest: str) -> str:
    matrix, _, end = rest.removesuffix(".linear.weight").rpartition(".")
    if rest.endswith(".linear.weight"):
        known = _VISION_MATRIX.get(f"{matrix}.{end}")
        return f"{known}.weight" if known else ""
    return f"{_VISION_MATRIX[matrix]}.{end}" if end in CLIPS and matrix in _VISION_MATRIX else ""


def halves_of(name: str) -> tuple[str, str] | None:
    """The two tensors that some programs write instead of the experts' gate and up in one: gate first."""
    if not name.endswith(".ffn_gate_up_exps.weight"):
        return None
    return name.replace("gate_up", "gate"), name.replace("gate_up", "up")


def layout_of(spec: TensorSpec) -> Layout:
    """How the file holds a tensor's numbers."""
    return "patches" if spec.name.endswith("patch_embedder.input_proj.weight") else "same"


def clamp_place(name: str) -> int:
    """The index in ``CLAMPS`` of a bound of the vision tower; -1 for all other tensors."""
    match = re.fullmatch(rf"{re.escape(VISION)}\.encoder\.layers\.(\d+)\.\w+\.(\w+)\.(\w+)", name)
    if match is None or match[2] not in _CLAMPED or match[3] not in CLIPS:
        return -1
    return (int(match[1]) * len(_CLAMPED) + _CLAMPED.index(match[2])) * len(CLIPS) + list(CLIPS).index(match[3])


def is_sound(name: str) -> bool:
    """Whether a tensor belongs to the audio tower."""
    return _SOUND.match(name) is not None


def is_left_out(name: str, first_shared: int) -> bool:
    """Tensors that are not needed: those that follow from the configuration, and scales for 8-bit activations.

    From layer ``first_shared`` on, keys and values are those of earlier layers, and some files have unused ones there.
    """
    keys = _KEYS.fullmatch(name)
    unused = keys is not None and int(keys[1]) >= first_shared
    return unused or name == ROPE or _SCALES.fullmatch(name) is not None
