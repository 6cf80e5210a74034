"""llama.cpp's names for the tensors of a Gemma 4, and its layout of those that it changes. No torch.

From ``conversion/gemma.py`` and ``gguf/tensor_mapping.py`` of llama.cpp, and ``convert_gemma4.go`` of Ollama, which
writes the vision tower into the same file and the bounds of its matrices into one tensor. Norms, matrices and experts
hold the published numbers in the published order. Changed are: the patches' matrix, whose columns go by channel, row
and column of the patch instead of row, column and channel, as do those of the 12B's blocks; the 12B's table of places,
whose first two axes are exchanged; the audio tower's scales of queries, to which softplus is applied; and numbers
without an axis, which get one. Ollama has other names for parts of the audio tower, under which llama.cpp has other
tensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

from model.family import inventory
from model.family.inventory import AUDIO, CLIPS, EMBEDDER, PROJECTION, TEXT, VISION, TensorSpec

Layout = Literal["same", "patches", "blocks", "places", "softplus"]
"""How a tensor's numbers are arranged in the file: as published; by channels, of patches and of the 12B's blocks; by
axis before place; or with softplus applied to them."""

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
_NORMS = ((1, "patch_ln1"), (2, "patch_ln2"), (3, "pos_norm"))
"""The norms of the 12B's vision embedder, by llama.cpp's numbers."""
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
_BLOCKS = ("patch_ln1.weight", "patch_ln1.bias", "patch_dense.weight")
_PLACES = "pos_embedding"
_EMBEDDER = {
    f"{EMBEDDER}.{name}": known
    for name, known in (
        *((f"{norm}.{end}", f"v.patch_norm.{number}.{end}") for end in ("weight", "bias") for number, norm in _NORMS),
        ("patch_dense.weight", "v.patch_embd.weight"),
        ("patch_dense.bias", "v.patch_embd.bias"),
        (_PLACES, "v.position_embd.weight"),
    )
}
_SOUND_NAMES = {
    inventory.SOUND_PROJECTION: "mm.a.input_projection.weight",
    f"{AUDIO}.subsample_conv_projection.layer0.conv.weight": "a.conv1d.0.weight",
    f"{AUDIO}.subsample_conv_projection.layer0.norm.weight": "a.conv1d.0.norm.weight",
    f"{AUDIO}.subsample_conv_projection.layer1.conv.weight": "a.conv1d.1.weight",
    f"{AUDIO}.subsample_conv_projection.layer1.norm.weight": "a.conv1d.1.norm.weight",
    f"{AUDIO}.subsample_conv_projection.input_proj_linear.weight": "a.input_projection.weight",
    f"{AUDIO}.output_proj.weight": "a.pre_encode.out.weight",
    f"{AUDIO}.output_proj.bias": "a.pre_encode.out.bias",
}
_SOUND_LAYER = {
    "self_attn.relative_k_proj.weight": "attn_k_rel.weight",
    "self_attn.per_dim_scale": "per_dim_scale.weight",
    "norm_pre_attn.weight": "attn_pre_norm.weight",
    "norm_post_attn.weight": "attn_post_norm.weight",
    "norm_out.weight": "ln2.weight",
    "feed_forward1.pre_layer_norm.weight": "ffn_norm.weight",
    "feed_forward1.post_layer_norm.weight": "ffn_post_norm.weight",
    "feed_forward2.pre_layer_norm.weight": "ffn_norm_1.weight",
    "feed_forward2.post_layer_norm.weight": "ffn_post_norm_1.weight",
    "lconv1d.pre_layer_norm.weight": "conv_norm.weight",  # crossed over, in both programs
    "lconv1d.conv_norm.weight": "norm_conv.weight",
    "lconv1d.depthwise_conv1d.weight": "conv_dw.weight",
}
_SOUND_MATRIX = {
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.post": "attn_out",
    "feed_forward1.ffw_layer_1": "ffn_up",
    "feed_forward1.ffw_layer_2": "ffn_down",
    "feed_forward2.ffw_layer_1": "ffn_up_1",
    "feed_forward2.ffw_layer_2": "ffn_down_1",
    "lconv1d.linear_start": "conv_pw1",
    "lconv1d.linear_end": "conv_pw2",
}
_OLLAMA = {
    "linear_pos": "attn_k_rel",
    "ln1": "attn_pre_norm",
    "ln2": "attn_post_norm",
    "layer_pre_norm": "ln2",
}
"""Ollama's names of parts of an audio layer, and llama.cpp's."""
_OLLAMA_ENDS = {"a.pre_encode.out": "a.input_projection", "mm.a.fc": "a.pre_encode.out"}
_SOUND_PART = re.compile(r"a\.blk\.(\d{1,5})\.(\w+)\.weight")
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
        rest = _VISION_LAYER.get(rest) or _tower_matrix(rest, _VISION_MATRIX)
        return f"v.blk.{layer}.{rest}" if rest else ""
    if name.startswith(f"{AUDIO}.layers."):
        layer, _, rest = name.removeprefix(f"{AUDIO}.layers.").partition(".")
        rest = _SOUND_LAYER.get(rest) or _tower_matrix(rest, _SOUND_MATRIX)
        return f"a.blk.{layer}.{rest}" if rest else ""
    return next((names[name] for names in (_TEXT, _VISION, _EMBEDDER, _SOUND_NAMES) if name in names), "")


def _tower_matrix(rest: str, names: Mapping[str, str]) -> str:
    matrix, _, end = rest.removesuffix(".linear.weight").rpartition(".")
    if rest.endswith(".linear.weight"):
        known = names.get(f"{matrix}.{end}")
        return f"{known}.weight" if known else ""
    return f"{names[matrix]}.{end}" if end in CLIPS and matrix in names else ""


def llama_names(names: Iterable[str]) -> dict[str, str]:
    """llama.cpp's name for each of a file's tensors; others only where Ollama has written the audio tower."""
    names = list(names)
    ollama = any((match := _SOUND_PART.fullmatch(name)) and match[2] == "linear_pos" for name in names)
    return {name: _from_ollama(name) if ollama else name for name in names}


def _from_ollama(name: str) -> str:
    if match := _SOUND_PART.fullmatch(name):
        return f"a.blk.{match[1]}.{_OLLAMA.get(match[2], match[2])}.weight"
    part, _, end = name.rpartition(".")
    return f"{_OLLAMA_ENDS[part]}.{end}" if part in _OLLAMA_ENDS else name


def halves_of(name: str) -> tuple[str, str] | None:
    """The two tensors that some programs write instead of the experts' gate and up in one: gate first."""
    if not name.endswith(".ffn_gate_up_exps.weight"):
        return None
    return name.replace("gate_up", "gate"), name.replace("gate_up", "up")


def layout_of(spec: TensorSpec) -> Layout:
    """How the file holds a tensor's numbers."""
    if spec.name.endswith("self_attn.per_dim_scale"):
        return "softplus"
    part = spec.name.removeprefix(f"{EMBEDDER}.")
    if part != spec.name:
        return "blocks" if part in _BLOCKS else "places" if part == _PLACES else "same"
    return "patches" if spec.name.endswith("patch_embedder.input_proj.weight") else "same"


def clamp_place(name: str) -> int:
    """The index in ``CLAMPS`` of a bound of the vision tower; -1 for all other tensors."""
    match = re.fullmatch(rf"{re.escape(VISION)}\.encoder\.layers\.(\d+)\.\w+\.(\w+)\.(\w+)", name)
    if match is None or match[2] not in _CLAMPED or match[3] not in CLIPS:
        return -1
    return (int(match[1]) * len(_CLAMPED) + _CLAMPED.index(match[2])) * len(CLIPS) + list(CLIPS).index(match[3])


def is_sound(name: str) -> bool:
    """Whether a tensor of a file belongs to the audio tower."""
    return _SOUND.match(name) is not None


def is_left_out(name: str, first_shared: int) -> bool:
    """Tensors that are not needed: those that follow from the configuration, and scales for 8-bit activations.

    From layer ``first_shared`` on, keys and values are those of earlier layers, and some files have unused ones there.
    """
    keys = _KEYS.fullmatch(name)
    unused = keys is not None and int(keys[1]) >= first_shared
    return unused or name == ROPE or _SCALES.fullmatch(name) is not None
