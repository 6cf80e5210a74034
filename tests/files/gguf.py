"""GGUF files for tests, written by the package ``gguf``: a model folder's tensors in any of ggml's types.

Formats that the package can only read get random blocks with scales that suit a weight; what it reads back is what such
a file holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import torch
from safetensors.torch import load_file

from model.checkpoint.gguf.names import name_of
from model.family.config import ModelConfig, TextConfig, VisionConfig
from model.family.config_json import read_config
from model.family.inventory import CLIPS, TEXT, TensorSpec, expected_tensors

Kind = gguf.GGMLQuantizationType
Types = Callable[[TensorSpec], str]
Arrays = dict[str, tuple[np.ndarray, str]]
"""A tensor's numbers or its bytes, and its type."""
_MATRICES = ("linear", "experts", "embedding")


def all_in(name: str, embedding: str = "") -> Types:
    """Matrices in one type, all else in F32, as llama.cpp writes it."""

    def kind(spec: TensorSpec) -> str:
        if spec.kind not in _MATRICES:
            return "F32"
        return embedding if embedding and spec.kind == "embedding" else name

    return kind


def write_model(
    path: Path,
    folder: Path,
    types: Types,
    *,
    mmproj: str | None = "mmproj-tiny.gguf",
    change: Callable[[Arrays], object] = lambda arrays: None,
    more: Callable[[gguf.GGUFWriter], object] = lambda writer: None,
) -> dict[str, torch.Tensor]:
    """Write the model in ``folder`` to ``path``, its vision tower to ``mmproj`` beside it; without a name, to ``path``.

    Returns what the file holds, widened, under the published names.
    """
    config = read_config(folder)
    weights = load_file(folder / "model.safetensors")
    arrays: Arrays = {}
    held: dict[str, torch.Tensor] = {}
    for name, spec in expected_tensors(config).items():
        kind = types(spec) if name.startswith(TEXT) else "F32"
        array, held[name] = _array(_laid_out(spec, weights[name].float()), kind)
        arrays[name_of(spec)] = array, kind
        held[name] = _laid_back(spec, held[name])
    arrays["rope_freqs.weight"] = _rope(config.text), "F32"
    change(arrays)
    vision = {name: array for name, array in arrays.items() if name.startswith(("v.", "mm.", "a."))}
    text = {name: array for name, array in arrays.items() if name not in vision} if mmproj else arrays

    def facts(writer: gguf.GGUFWriter) -> None:
        _text_facts(writer, config.text, folder)
        if not mmproj:
            _vision_facts(writer, config, "gemma4.")
        more(writer)

    _write(path, text, facts)
    if mmproj and config.vision:
        _write(path.with_name(mmproj), vision, lambda writer: _vision_facts(writer, config, "clip."), "clip")
    return held


def widened(path: Path, config: ModelConfig) -> dict[str, torch.Tensor]:
    """The text model's numbers in a file, as the package ``gguf`` reads them, under the published names."""
    held = {tensor.name: tensor for tensor in gguf.GGUFReader(path).tensors}
    found = {}
    for name, spec in expected_tensors(config).items():
        if name.startswith(TEXT):
            tensor = held[name_of(spec)]
            numbers = np.array(gguf.dequantize(tensor.data, tensor.tensor_type), np.float32)
            found[name] = torch.from_numpy(numbers).view(spec.shape)
    return found


def _laid_out(spec: TensorSpec, tensor: torch.Tensor) -> torch.Tensor:
    if spec.name.endswith("input_proj.weight"):
        return tensor.view(len(tensor), 16, 16, 3).permute(0, 3, 1, 2).contiguous()
    if "patch_ln1" in spec.name or spec.name.endswith("patch_dense.weight"):
        return tensor.view(-1, 48, 48, 3).permute(0, 3, 1, 2).reshape(spec.shape).contiguous()
    if spec.name.endswith("pos_embedding"):
        return tensor.transpose(0, 1).contiguous()
    if spec.name.endswith("per_dim_scale"):
        return torch.nn.functional.softplus(tensor)
    if spec.name.endswith("depthwise_conv1d.weight"):
        return tensor[:, 0]
    return tensor.view(1) if tensor.dim() == 0 else tensor


def _laid_back(spec: TensorSpec, tensor: torch.Tensor) -> torch.Tensor:
    if spec.name.endswith("input_proj.weight"):
        return tensor.permute(0, 2, 3, 1).reshape(spec.shape)
    if "patch_ln1" in spec.name or spec.name.endswith("patch_dense.weight"):
        return tensor.view(-1, 3, 48, 48).permute(0, 2, 3, 1).reshape(spec.shape)
    if spec.name.endswith("pos_embedding"):
        return tensor.transpose(0, 1)
    if spec.name.endswith("per_dim_scale"):
        return tensor.double().expm1().log().float()
    return tensor.view(spec.shape)


def _array(tensor: torch.Tensor, kind: str) -> tuple[np.ndarray, torch.Tensor]:
    """Its bytes in this type, and the numbers that they encode."""
    numbers = tensor.numpy()
    if kind == "F32":
        return numbers, tensor
    code = Kind[kind]
    try:
        data = gguf.quantize(numbers, code)
    except NotImplementedError:
        data = _random_blocks(numbers, kind)
    wide = np.ascontiguousarray(gguf.dequantize(data, code)).astype(np.float32)
    return data, torch.from_numpy(wide).view(tensor.shape)


_SCALES: Mapping[str, tuple[tuple[int, ...], float]] = {
    # Where the fp16 scales of a block are, and about how large its numbers are beside them.
    "Q2_K": ((80, 82), 15.0),
    "Q3_K": ((108,), 40.0),
    "Q4_K": ((0, 2), 300.0),
    "Q5_K": ((0, 2), 600.0),
    "Q6_K": ((208,), 1200.0),
    "IQ4_NL": ((0,), 60.0),
    "IQ4_XS": ((0,), 1000.0),
}


def _random_blocks(numbers: np.ndarray, kind: str) -> np.ndarray:
    """Blocks of random bits whose numbers have about the size of ``numbers``."""
    block, size = gguf.GGML_QUANT_SIZES[Kind[kind]]
    random = np.random.default_rng(len(kind) + numbers.size)
    data = random.integers(0, 256, (numbers.size // block, size), dtype=np.uint8)
    places, spread = _SCALES[kind]
    for place in places:
        scale = np.full(len(data), numbers.std() / spread * (0.5 if place == places[-1] and len(places) > 1 else 1.0))
        data[:, place : place + 2] = scale.astype(np.float16)[:, None].view(np.uint8)
    return data.reshape(*numbers.shape[:-1], -1)


def _rope(text: TextConfig) -> np.ndarray:
    turned, half = text.global_rotary_dim // 2, text.global_head_dim // 2
    return np.array([1.0] * turned + [1e30] * (half - turned), np.float32)


def _write(path: Path, arrays: Arrays, facts: Callable[[gguf.GGUFWriter], object], arch: str = "gemma4") -> None:
    writer = gguf.GGUFWriter(path, arch)
    facts(writer)
    for name, (array, kind) in arrays.items():
        writer.add_tensor(name, np.ascontiguousarray(array), raw_dtype=Kind[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _text_facts(writer: gguf.GGUFWriter, text: TextConfig, folder: Path) -> None:
    sliding = [kind == "sliding_attention" for kind in text.layer_types]
    writer.add_name("Tiny")
    writer.add_context_length(text.max_position_embeddings)
    writer.add_embedding_length(text.hidden_size)
    writer.add_block_count(text.num_hidden_layers)
    writer.add_feed_forward_length(text.intermediate_size)
    writer.add_head_count(text.num_attention_heads)
    writer.add_head_count_kv([text.num_key_value_heads if one else text.num_global_key_value_heads for one in sliding])
    writer.add_key_length(text.global_head_dim)
    writer.add_value_length(text.global_head_dim)
    writer.add_key_length_swa(text.head_dim)
    writer.add_value_length_swa(text.head_dim)
    writer.add_layer_norm_rms_eps(text.rms_norm_eps)
    writer.add_sliding_window(text.sliding_window)
    writer.add_sliding_window_pattern(sliding)
    writer.add_shared_kv_layers(0)
    writer.add_embedding_length_per_layer_input(text.hidden_size_per_layer_input)
    writer.add_rope_dimension_count(text.global_head_dim)
    writer.add_rope_dimension_count_swa(text.head_dim)
    writer.add_rope_freq_base(text.global_rope_theta)
    writer.add_rope_freq_base_swa(text.sliding_rope_theta)
    if text.final_logit_softcapping is not None:
        writer.add_final_logit_softcapping(text.final_logit_softcapping)
    if text.has_experts:
        writer.add_expert_count(text.num_experts)
        writer.add_expert_used_count(text.top_k_experts)
        writer.add_expert_feed_forward_length(text.moe_intermediate_size)
    _vocabulary(writer, folder)


def _vocabulary(writer: gguf.GGUFWriter, folder: Path) -> None:
    said: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    words = said["model"]["vocab"]
    control = {token["content"] for token in said["added_tokens"]}
    visible = {"<|channel>", "<channel|>", "<|tool_call>", "<tool_call|>", '<|"|>'}
    writer.add_tokenizer_model("gemma4")
    writer.add_token_list(list(words))
    writer.add_token_types([4 if word in visible else 3 if word in control else 1 for word in words])
    writer.add_token_merges([" ".join(merge) for merge in said["model"]["merges"]])
    writer.add_chat_template("an old template")


def _vision_facts(writer: gguf.GGUFWriter, config: ModelConfig, prefix: str) -> None:
    vision = config.vision
    if not isinstance(vision, VisionConfig):
        if vision is not None:
            writer.add_string("clip.vision.projector_type", "gemma4uv")
        return
    prefix += "vision."
    writer.add_uint32(f"{prefix}embedding_length", vision.hidden_size)
    writer.add_uint32(f"{prefix}feed_forward_length", vision.intermediate_size)
    writer.add_uint32(f"{prefix}block_count", vision.num_hidden_layers)
    writer.add_uint32(f"{prefix}attention.head_count", vision.num_attention_heads)
    writer.add_uint32(f"{prefix}patch_size", vision.patch_size)
    writer.add_float32(f"{prefix}attention.layer_norm_epsilon", vision.rms_norm_eps)
    if prefix.startswith("clip"):
        writer.add_string("clip.vision.projector_type", "gemma4v")


def pack_clamps(arrays: Arrays) -> None:
    """The bounds of the vision tower's matrices in one tensor, as Ollama writes them."""
    bounds = {name: array for name, array in arrays.items() if name.rpartition(".")[2] in CLIPS}
    layers = 1 + max(int(name.split(".")[2]) for name in bounds)
    packed = np.zeros((layers * 7 + 1) * 4, np.float32)
    linears = ("attn_q", "attn_k", "attn_v", "attn_out", "ffn_gate", "ffn_up", "ffn_down")
    for name, (array, _) in bounds.items():
        _, _, layer, linear, bound = name.split(".")
        packed[(int(layer) * 7 + linears.index(linear)) * 4 + list(CLIPS).index(bound)] = array.item()
        del arrays[name]
    arrays["v.clamp_data"] = packed, "F32"


def as_ollama(arrays: Arrays) -> None:
    """The audio tower under Ollama's names, some of which are llama.cpp's for other tensors."""
    layer = {"attn_k_rel": "linear_pos", "attn_pre_norm": "ln1", "attn_post_norm": "ln2", "ln2": "layer_pre_norm"}
    whole = {"a.input_projection": "a.pre_encode.out", "a.pre_encode.out": "mm.a.fc"}
    for name in [name for name in arrays if name.startswith("a.")]:
        part, _, end = name.rpartition(".")
        before, _, last = part.rpartition(".")
        new = f"{before}.{layer[last]}.{end}" if name.startswith("a.blk.") and last in layer else name
        new = f"{whole[part]}.{end}" if part in whole else new
        arrays[f"new {new}"] = arrays.pop(name)
    for name in [name for name in arrays if name.startswith("new ")]:
        arrays[name.removeprefix("new ")] = arrays.pop(name)
