"""``config.json`` and ``generation_config.json`` from a GGUF file's metadata, in the published form. No torch.

Values the metadata lacks follow from the tensors: whether global layers hold K and V in one matrix, whether the
vision tower's matrices are clipped and its output standardised, how many places its table has, and how many frequencies
of the global layers' rope turn.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from typing import Any

from model.checkpoint.gguf.header import Array, GgufHeader, GgufTensor, Scalar
from model.checkpoint.gguf.names import CLAMPS, EMBEDDING, ROPE
from model.errors import CheckpointError
from model.messages import msg

ARCHITECTURE = "gemma4"
_SPECIAL = {
    "image_token_id": "<|image|>",
    "boi_token_id": "<|image>",
    "eoi_token_id": "<image|>",
    "video_token_id": "<|video|>",
    "audio_token_id": "<|audio|>",
    "boa_token_id": "<|audio>",
    "eoa_token_id": "<audio|>",
}
EMBEDDER_NORM = "v.patch_norm.1.weight"
"""In the mmproj file of the 12B, which has no towers."""
_TURN_END, _TOOL_RESPONSE = "<turn|>", "<|tool_response>"
_MOST_LAYERS = 10_000
_FREQUENCIES = 1 << 16
_MOST_SUPPRESSED = 1024


class Facts:
    """The metadata of one file, looked up with a prefix. Raises ``CheckpointError`` where a fact is missing or odd."""

    def __init__(self, header: GgufHeader, prefix: str) -> None:
        self._header, self._prefix = header, prefix

    def get(self, key: str) -> Scalar | Array | None:
        """A fact as the file has it."""
        return self._header.metadata.get(f"{self._prefix}{key}")

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number; of a list of equal ones, that one."""
        value = self.get(key)
        if value is None and default is not None:
            return default
        if isinstance(value, Array) and 0 < len(value) <= _MOST_LAYERS:
            value = max((item for item in value.values() if type(item) is int), default=None)
        if type(value) is not int:
            raise self._missing(key)
        return value

    def real(self, key: str, default: float) -> float:
        """A number. float32, so 1e-6 comes as 9.99…e-7: the nearest with seven digits is meant."""
        value = self.get(key)
        return float(f"{value:.7g}") if isinstance(value, int | float) else default

    def wholes(self, key: str, count: int) -> list[int]:
        """A number for each of ``count`` layers; a single number counts for each."""
        value = self.get(key)
        if type(value) is int:
            return [value] * count
        if isinstance(value, Array) and len(value) == count:
            found = [int(item) for item in value.values() if isinstance(item, int)]
            if len(found) == count:
                return found
        raise self._missing(key)

    def _missing(self, key: str) -> CheckpointError:
        return CheckpointError(
            msg(
                "gguf.metadata-missing",
                "{path} lacks {prefix}{key}, or its value is not one that Gemma 4 uses; download the model again.",
                path=self._header.path,
                prefix=self._prefix,
                key=key,
            )
        )


def build_config(text: GgufHeader, vision: GgufHeader | None, tensors: Mapping[str, GgufTensor]) -> dict[str, Any]:
    """The ``config.json`` of the model in ``text``, with the vision tower in ``vision``, which may be the same file.

    ``tensors`` are those of all its files. Raises ``CheckpointError``.
    """
    words = token_ids(text)
    unified = vision is not None and EMBEDDER_NORM in tensors
    name = "Unified" if unified else ""
    return {
        "architectures": [f"Gemma4{name}ForConditionalGeneration"],
        "model_type": "gemma4_unified" if unified else "gemma4",
        "dtype": "bfloat16",
        "tie_word_embeddings": True,
        "eos_token_id": [words.get("<eos>", 1), *(words[end] for end in (_TURN_END,) if end in words)],
        **{key: words[word] for key, word in _SPECIAL.items() if word in words},
        "text_config": _text_config(text, tensors, words) | ({"model_type": "gemma4_unified_text"} if unified else {}),
        "vision_config": None if vision is None else _seeing(vision, tensors, unified),
        "audio_config": _raw_audio_config(tensors) if unified else _audio_config(tensors),
    }


def build_generation_config(text: GgufHeader) -> dict[str, Any]:
    """``generation_config.json``: the file's sampling settings, by default those that Google publishes."""
    words, said = token_ids(text), Facts(text, "general.sampling.")
    ends = [words[end] for end in ("<eos>", _TURN_END, _TOOL_RESPONSE) if end in words]
    suppressed = text.metadata.get("tokenizer.ggml.suppress_tokens")
    few = isinstance(suppressed, Array) and len(suppressed) <= _MOST_SUPPRESSED
    return {
        "bos_token_id": words.get("<bos>", 2),
        "do_sample": True,
        "eos_token_id": ends or [1],
        "pad_token_id": words.get("<pad>", 0),
        "temperature": said.real("temp", 1.0),
        "top_k": said.whole("top_k", 64),
        "top_p": said.real("top_p", 0.95),
        **({"suppress_tokens": suppressed.values()} if few and isinstance(suppressed, Array) else {}),
    }


def token_ids(text: GgufHeader) -> dict[str, int]:
    """The control tokens of the vocabulary and their ids."""
    tokens = text.metadata.get("tokenizer.ggml.tokens")
    values = tokens.values() if isinstance(tokens, Array) else []
    found: dict[str, int] = {}
    for number, word in enumerate(values):
        if isinstance(word, str) and word.startswith("<") and word.endswith(">"):
            found.setdefault(word, number)
    return found


def _text_config(text: GgufHeader, tensors: Mapping[str, GgufTensor], words: Mapping[str, int]) -> dict[str, Any]:
    facts = Facts(text, f"{ARCHITECTURE}.")
    layers = facts.whole("block_count")
    if not 0 < layers <= _MOST_LAYERS:
        raise CheckpointError(
            msg(
                "gguf.layers",
                "{path} claims to have {layers} layers; download the model again.",
                path=text.path,
                layers=layers,
            )
        )
    kinds = _layer_types(facts, layers)
    kv_heads = facts.wholes("attention.head_count_kv", layers)
    sliding, full = (_first(kinds, kind) for kind in ("sliding_attention", "full_attention"))
    widths, shared = facts.wholes("feed_forward_length", layers), facts.whole("attention.shared_kv_layers", 0)
    ple = facts.whole("embedding_length_per_layer_input", 0)
    k_eq_v = f"blk.{full}.attn_v.weight" not in tensors
    experts = facts.whole("expert_count", 0)
    return {
        "model_type": "gemma4_text",
        "attention_bias": False,
        "attention_k_eq_v": k_eq_v,
        "bos_token_id": words.get("<bos>", 2),
        "eos_token_id": words.get("<eos>", 1),
        "pad_token_id": words.get("<pad>", 0),
        "enable_moe_block": experts > 0,
        "final_logit_softcapping": facts.real("final_logit_softcapping", 0.0) or None,
        "head_dim": facts.whole("attention.key_length_swa"),
        "global_head_dim": facts.whole("attention.key_length"),
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": facts.whole("embedding_length"),
        "hidden_size_per_layer_input": ple,
        "intermediate_size": min(widths),
        "layer_types": kinds,
        "max_position_embeddings": facts.whole("context_length"),
        "num_attention_heads": facts.whole("attention.head_count"),
        "num_experts": experts or None,
        "top_k_experts": facts.whole("expert_used_count") if experts else None,
        "moe_intermediate_size": facts.whole("expert_feed_forward_length") if experts else None,
        "num_hidden_layers": layers,
        "num_key_value_heads": kv_heads[sliding],
        "num_global_key_value_heads": kv_heads[full] if k_eq_v else None,
        "num_kv_shared_layers": shared,
        "rms_norm_eps": facts.real("attention.layer_norm_rms_epsilon", 1e-6),
        "rope_parameters": {
            "full_attention": {
                "partial_rotary_factor": _turned(text, tensors),
                "rope_theta": facts.real("rope.freq_base", 1e6),
                "rope_type": "proportional",
            },
            "sliding_attention": {"rope_theta": facts.real("rope.freq_base_swa", 1e4), "rope_type": "default"},
        },
        "sliding_window": facts.whole("attention.sliding_window"),
        "tie_word_embeddings": True,
        # The small models' pictures are causal: llama.cpp decides by their sizes too, for no file states it.
        "use_bidirectional_attention": None if ple else "vision",
        "use_double_wide_mlp": max(widths) == 2 * min(widths),
        "vocab_size": _rows(tensors, EMBEDDING, text),
        "vocab_size_per_layer_input": _rows(tensors, "per_layer_token_embd.weight" if ple else EMBEDDING, text),
    }


def _layer_types(facts: Facts, layers: int) -> list[str]:
    """Every sixth layer is global where the file does not state it, as in transformers."""
    value = facts.get("attention.sliding_window_pattern")
    if isinstance(value, Array) and len(value) == layers:
        sliding = [bool(item) for item in value.values()]
    else:
        step = value if type(value) is int and value > 0 else 6
        sliding = [(index + 1) % step != 0 for index in range(layers)]
    return ["sliding_attention" if one else "full_attention" for one in (*sliding[:-1], False)]


def _first(kinds: Sequence[str], kind: str) -> int:
    return kinds.index(kind) if kind in kinds else 0


def _rows(tensors: Mapping[str, GgufTensor], name: str, text: GgufHeader) -> int:
    if name not in tensors:
        raise CheckpointError(
            msg("gguf.tensor-missing", "{path} lacks {name}; download the model again.", path=text.path, name=name)
        )
    return tensors[name].shape[0]


def _turned(text: GgufHeader, tensors: Mapping[str, GgufTensor]) -> float:
    """Which part of a global head turns: those of its frequencies that are divided by 1."""
    found = tensors.get(ROPE)
    if found is None or found.block.name != "F32" or len(found.shape) != 1 or found.shape[0] > _FREQUENCIES:
        return 0.25
    try:
        with found.path.open("rb") as file:
            file.seek(found.start)
            divisors = struct.unpack(f"<{found.shape[0]}f", file.read(found.nbytes))
    except (OSError, struct.error):
        raise CheckpointError(
            msg("disk.shorter", "{path} became shorter while it was read; download it again.", path=text.path)
        ) from None
    return sum(divisor == 1.0 for divisor in divisors) / len(divisors)


def _vision_config(vision: GgufHeader, tensors: Mapping[str, GgufTensor]) -> dict[str, Any]:
    prefix = "clip.vision." if vision.text("general.architecture") == "clip" else f"{ARCHITECTURE}.vision."
    facts = Facts(vision, prefix)
    heads, hidden = facts.whole("attention.head_count"), facts.whole("embedding_length")
    norm, table = tensors.get("v.blk.0.attn_q_norm.weight"), tensors.get("v.position_embd.weight")
    return {
        "model_type": "gemma4_vision",
        "attention_bias": False,
        "head_dim": norm.shape[-1] if norm is not None else hidden // max(1, heads),
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": hidden,
        "intermediate_size": facts.whole("feed_forward_length"),
        "num_attention_heads": heads,
        "num_key_value_heads": heads,
        "num_hidden_layers": facts.whole("block_count"),
        "patch_size": facts.whole("patch_size", 16),
        "pooling_kernel_size": facts.whole("projector.scale_factor", 3),
        "position_embedding_size": table.shape[-2] if table is not None and len(table.shape) > 1 else 10_240,
        "rms_norm_eps": facts.real("attention.layer_norm_epsilon", 1e-6),
        "rope_parameters": {"rope_theta": 100.0, "rope_type": "default"},
        "standardize": "v.std_bias" in tensors,
        "use_clipped_linears": CLAMPS in tensors or "v.blk.0.attn_q.input_max" in tensors,
    }


def _seeing(vision: GgufHeader, tensors: Mapping[str, GgufTensor], unified: bool) -> dict[str, Any]:
    return _embedder_config(tensors) if unified else _vision_config(vision, tensors)


def _embedder_config(tensors: Mapping[str, GgufTensor]) -> dict[str, Any]:
    """The 12B's input for pictures."""
    table, projection = tensors.get("v.position_embd.weight"), tensors.get("mm.input_projection.weight")
    width = projection.shape[-1] if projection is not None else 0
    return {
        "model_type": "gemma4_unified_vision",
        "mm_embed_dim": width,
        "output_proj_dims": width,
        "mm_posemb_size": table.shape[-2] if table is not None and len(table.shape) > 1 else 1120,
        "rms_norm_eps": 1e-6,
    }


def _raw_audio_config(tensors: Mapping[str, GgufTensor]) -> dict[str, Any] | None:
    """The 12B's input for sound."""
    projection = tensors.get("mm.a.input_projection.weight")
    if projection is None:
        return None
    return {"model_type": "gemma4_unified_audio", "audio_embed_dim": projection.shape[-1], "rms_norm_eps": 1e-6}


def _audio_config(tensors: Mapping[str, GgufTensor]) -> dict[str, Any] | None:
    """The audio tower's sizes, from its tensors: files state few of them, and some state another eps than it has."""
    layers = sum(name.startswith("a.blk.") and name.endswith(".attn_q.weight") for name in tensors)
    wanted = {
        "hidden": "a.blk.0.attn_q.weight",
        "head": "a.blk.0.per_dim_scale.weight",
        "first": "a.conv1d.0.weight",
        "second": "a.conv1d.1.weight",
        "kernel": "a.blk.0.conv_dw.weight",
        "out": "a.pre_encode.out.weight",
    }
    shapes = {key: tensors[name].shape for key, name in wanted.items() if name in tensors and tensors[name].shape}
    if len(shapes) < len(wanted):
        return None
    hidden = shapes["hidden"][-1]
    return {
        "model_type": "gemma4_audio",
        "hidden_act": "silu",
        "hidden_size": hidden,
        "num_hidden_layers": layers,
        "num_attention_heads": hidden // max(1, shapes["head"][-1]),
        "subsampling_conv_channels": [shapes["first"][0], shapes["second"][0]],
        "conv_kernel_size": shapes["kernel"][-1],
        "output_proj_dims": shapes["out"][0],
        "use_clipped_linears": "a.blk.0.attn_q.input_max" in tensors,
        "rms_norm_eps": 1e-6,
    }
