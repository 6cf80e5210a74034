"""Reads a checkpoint's ``config.json`` and refuses what this engine does not run.

No torch here: the application reads configurations too, to tell whether a model fits before anything heavy is imported.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model.checkpoint.foreign import may_be_read, quantised_by, quantised_message, short
from model.errors import CheckpointError, UnsupportedModelError
from model.family.config import (
    AudioConfig,
    AudioEmbedderConfig,
    ModelConfig,
    TextConfig,
    VisionConfig,
    VisionEmbedderConfig,
)
from model.family.families import FAMILIES, GEMMA4, UNIFIED, ModelFamily, what_else
from model.messages import msg

_MOST_LAYERS = 10_000
"""No model has more layers; a damaged number must not fill the memory."""


def read_config(folder: Path) -> ModelConfig:
    """The configuration of the checkpoint in ``folder``.

    Raises ``CheckpointError`` when ``config.json`` is missing or damaged, and ``UnsupportedModelError``
    when it describes a model that this engine does not run.
    """
    raw = _read_json(folder / "config.json")
    return config_of(raw, folder / "config.json", folder, _eos_of_generation(folder))


def config_of(raw: Mapping[str, Any], file: Path, model: Path, generation_eos: tuple[int, ...] = ()) -> ModelConfig:
    """The configuration in ``raw``, a ``config.json`` from ``file``; error sentences call the model ``model``.

    Raises ``CheckpointError`` or ``UnsupportedModelError``.
    """
    _check_kind(raw, file, model)
    try:
        return parse_config(raw, generation_eos)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, OverflowError) as error:
        raise CheckpointError(
            msg(
                "config.incomplete",
                "{path} is not a complete Gemma 4 configuration ({why}); copy the file from the published model again.",
                path=file,
                why=repr(error),
            )
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    if not path.parent.is_dir():
        raise CheckpointError(
            msg(
                "model.folder-missing",
                "The model folder {folder} does not exist; choose another folder.",
                folder=path.parent,
            )
        )
    if not path.is_file():
        raise CheckpointError(
            msg(
                "model.no-config",
                "{folder} holds no config.json, so it is not a model folder; choose the folder that has "
                "config.json and the .safetensors files.",
                folder=path.parent,
            )
        )
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(
            msg(
                "model.file-unreadable",
                "{path} cannot be read ({why}); copy the file from the published model again.",
                path=path,
                why=error,
            )
        ) from error
    if not isinstance(value, dict):
        raise CheckpointError(
            msg(
                "config.malformed",
                "{path} is not a model configuration; copy the file from the published model again.",
                path=path,
            )
        )
    return value


def _check_kind(raw: Mapping[str, Any], file: Path, folder: Path) -> None:
    if raw.get("model_type") not in FAMILIES:
        raise UnsupportedModelError(
            msg(
                "model.other-kind",
                "{folder} holds {kind}, which Lectern does not run; choose a Gemma 4 folder such as "
                "google/gemma-4-26B-A4B-it.",
                folder=folder,
                kind=what_else(raw.get("model_type")),
            )
        )
    text = raw.get("text_config")
    if not isinstance(text, dict):
        raise CheckpointError(
            msg("config.no-text", "{path} has no text_config; copy the file from the published model again.", path=file)
        )
    if (how := quantised_by(raw)) and not may_be_read(raw):
        raise UnsupportedModelError(quantised_message(folder, how))
    _refuse_unsaid(raw, text, file)
    unsupported = [
        name
        for name, wrong in (
            ("attention_bias", bool(text.get("attention_bias"))),
            ("use_bidirectional_attention = all", text.get("use_bidirectional_attention") == "all"),
            ("hidden_activation", text.get("hidden_activation", "gelu_pytorch_tanh") != "gelu_pytorch_tanh"),
            *((f"rope type {kind}", True) for kind in _other_ropes(text)),
        )
        if wrong
    ]
    if unsupported:
        raise UnsupportedModelError(
            msg(
                "config.unsupported",
                "{path} describes a Gemma 4 that Lectern does not run ({details}); choose a Gemma 4 as "
                "Google published it.",
                path=file,
                details=", ".join(unsupported),
            )
        )


def _refuse_unsaid(raw: Mapping[str, Any], text: Mapping[str, Any], file: Path) -> None:
    """A file that does not state it has per-layer embeddings: transformers then assumes 256."""
    said = text.get("hidden_size_per_layer_input", FAMILIES[str(raw["model_type"])].per_layer_size)
    if "hidden_size_per_layer_input" in text or not said:
        return
    if text.get("enable_moe_block") or text.get("attention_k_eq_v"):  # neither E2B nor E4B has these
        raise CheckpointError(
            msg(
                "config.per-layer-input",
                "{path} leaves out hidden_size_per_layer_input, whose default of 256 fits only E2B and E4B; copy the"
                " file from the published model again.",
                path=file,
            )
        )


def _other_ropes(text: Mapping[str, Any]) -> list[str]:
    """Rope types that this engine does not compute, wherever a file names them; ``rope_scaling`` is the older form."""
    rope, old = text.get("rope_parameters"), text.get("rope_scaling")
    rope = rope if isinstance(rope, Mapping) else {}
    said = [rope, old] if isinstance(old, Mapping) else [rope]
    kinds = [part.get("rope_type") or part.get("type") or "default" for part in said]
    for layer, usual in (("sliding_attention", "default"), ("full_attention", "proportional")):
        part = rope.get(layer)
        kind = part.get("rope_type", usual) if isinstance(part, Mapping) else usual
        if kind != usual:
            kinds.append(kind)
    return [short(kind) for kind in dict.fromkeys(map(str, kinds)) if kind != "default"]


def parse_config(raw: Mapping[str, Any], generation_eos: tuple[int, ...] = ()) -> ModelConfig:
    """The configuration in a Gemma 4's ``config.json``. Any of Python's usual errors means that it is incomplete."""
    family, text = FAMILIES[str(raw.get("model_type", GEMMA4.model_type))], raw["text_config"]
    vision, audio = raw.get("vision_config"), raw.get("audio_config")
    return ModelConfig(
        family=family,
        text=_text_config(text, family),
        vision=(_embedder_config if family is UNIFIED else _vision_config)(vision) if vision else None,
        audio=(_audio_embedder_config if family is UNIFIED else _audio_config)(audio) if audio else None,
        audio_token_id=int(raw.get("audio_token_id") or 258_881),
        boa_token_id=int(raw.get("boa_token_id") or 256_000),
        eoa_token_id=int(raw.get("eoa_token_id") or raw.get("eoa_token_index") or 258_883),  # transformers' name
        image_token_id=int(raw.get("image_token_id", 258_880)),
        boi_token_id=int(raw.get("boi_token_id", 255_999)),
        eoi_token_id=int(raw.get("eoi_token_id", 258_882)),
        video_token_id=int(raw.get("video_token_id", 258_884)),
        bos_token_id=int(text.get("bos_token_id", 2)),
        pad_token_id=int(text.get("pad_token_id", 0)),
        # A finetune's generation_config.json may name fewer ends than its config.json: each of them ends an answer.
        eos_token_ids=tuple(
            dict.fromkeys((*generation_eos, *_ids(raw.get("eos_token_id") or text.get("eos_token_id", 1))))
        ),
    )


def _text_config(text: Mapping[str, Any], family: ModelFamily) -> TextConfig:
    layers = int(text["num_hidden_layers"])
    if not 0 < layers <= _MOST_LAYERS:
        raise ValueError(f"num_hidden_layers = {layers}")
    layer_types = tuple(text.get("layer_types") or _default_layer_types(layers))
    if len(layer_types) != layers or not set(layer_types) <= {"sliding_attention", "full_attention"}:
        raise ValueError("layer_types does not fit num_hidden_layers")
    if layer_types[-1] != "full_attention":
        raise ValueError("the last layer must be a full_attention layer")
    k_eq_v = bool(text.get("attention_k_eq_v", False))
    global_head_dim, global_kv_heads = _global_heads(text, layer_types, k_eq_v)
    per_layer = int(text.get("hidden_size_per_layer_input", family.per_layer_size) or 0)
    rope = text.get("rope_parameters") or {}
    sliding, full = rope.get("sliding_attention") or {}, rope.get("full_attention") or {}
    moe = bool(text.get("enable_moe_block"))
    config = TextConfig(
        vocab_size=int(text["vocab_size"]),
        hidden_size=int(text["hidden_size"]),
        intermediate_size=int(text["intermediate_size"]),
        layer_types=layer_types,
        num_attention_heads=int(text["num_attention_heads"]),
        num_key_value_heads=int(text["num_key_value_heads"]),
        head_dim=int(text["head_dim"]),
        num_global_key_value_heads=global_kv_heads,
        global_head_dim=global_head_dim,
        sliding_window=int(text["sliding_window"]),
        sliding_rope_theta=float(sliding.get("rope_theta", 1e4)),
        global_rope_theta=float(full.get("rope_theta", 1e6)),
        partial_rotary_factor=float(full.get("partial_rotary_factor", 0.25)),
        rms_norm_eps=float(text.get("rms_norm_eps", 1e-6)),
        max_position_embeddings=int(text["max_position_embeddings"]),
        final_logit_softcapping=text.get("final_logit_softcapping"),
        bidirectional_vision=text.get("use_bidirectional_attention") == "vision",
        num_experts=int(text["num_experts"]) if moe else 0,
        top_k_experts=int(text["top_k_experts"]) if moe else 0,
        moe_intermediate_size=int(text["moe_intermediate_size"]) if moe else 0,
        attention_k_eq_v=k_eq_v,
        num_kv_shared_layers=int(text.get("num_kv_shared_layers") or 0),
        use_double_wide_mlp=bool(text.get("use_double_wide_mlp", False)),
        hidden_size_per_layer_input=per_layer,
        vocab_size_per_layer_input=int(text.get("vocab_size_per_layer_input", 262_144)) if per_layer else 0,
        pad_token_id=int(text.get("pad_token_id") or 0),
    )
    _check_sizes(config)
    return config


def _check_sizes(config: TextConfig) -> None:
    """Refuses sizes that no model can have, so that nothing later divides by zero or allocates absurdly."""
    for name in ("vocab_size", "hidden_size", "intermediate_size", "head_dim", "global_head_dim", "sliding_window"):
        if not 0 < getattr(config, name) <= 1 << 24:
            raise ValueError(f"{name} = {getattr(config, name)}")
    for kv_heads in (config.num_key_value_heads, config.num_global_key_value_heads):
        if kv_heads <= 0 or config.num_attention_heads % kv_heads:
            raise ValueError("the query heads are not a multiple of the KV heads")
    if config.has_experts and not 0 < config.top_k_experts <= config.num_experts:
        raise ValueError("top_k_experts does not fit num_experts")
    if config.head_dim % 2 or config.global_head_dim % 2:
        raise ValueError("odd head sizes")
    if not 0 <= config.num_kv_shared_layers < config.num_hidden_layers:
        raise ValueError(f"num_kv_shared_layers = {config.num_kv_shared_layers}")
    if config.num_kv_shared_layers and set(config.layer_types[: config.num_kv_layers]) != set(config.layer_types):
        raise ValueError("layers share keys and values of a kind that no layer stores")
    if not 0 <= config.hidden_size_per_layer_input <= 1 << 16:
        raise ValueError(f"hidden_size_per_layer_input = {config.hidden_size_per_layer_input}")
    per_layer = config.vocab_size_per_layer_input
    if config.hidden_size_per_layer_input and not config.pad_token_id < config.vocab_size <= per_layer <= 1 << 24:
        raise ValueError(f"vocab_size_per_layer_input = {per_layer}")


def _default_layer_types(layers: int) -> list[str]:
    """Every sixth layer is global, as in transformers' ``Gemma4TextConfig``."""
    return ["full_attention" if (i + 1) % 6 == 0 else "sliding_attention" for i in range(layers)]


def _global_heads(text: Mapping[str, Any], layer_types: tuple[str, ...], k_eq_v: bool) -> tuple[int, int]:
    """(head size, KV heads) of the global layers: published configs name them, transformers 5.23 saves overrides."""
    heads = (text.get("num_global_key_value_heads") if k_eq_v else None) or text["num_key_value_heads"]
    plain = (int(text.get("global_head_dim") or 512), int(heads))
    overrides = text.get("per_layer_config")
    if not overrides:
        return plain
    found = set()
    for index, kind in enumerate(layer_types):
        override = overrides.get(str(index)) or {}
        if kind == "full_attention":
            found.add(
                (
                    int(override.get("head_dim", text["head_dim"])),
                    int(override.get("num_key_value_heads", text["num_key_value_heads"])),
                )
            )
        elif override:
            raise ValueError("per_layer_config changes a sliding layer")
    if len(found) != 1:
        raise ValueError("global layers of different shapes")
    return found.pop()


def _embedder_config(vision: Mapping[str, Any]) -> VisionEmbedderConfig:
    if (vision.get("patch_size", 16), vision.get("pooling_kernel_size", 3)) != (16, 3):
        raise ValueError("pictures in other blocks than 48 px")
    width = int(vision.get("mm_embed_dim", 3840))
    config = VisionEmbedderConfig(
        mm_embed_dim=width,
        mm_posemb_size=int(vision.get("mm_posemb_size", 1120)),
        rms_norm_eps=float(vision.get("rms_norm_eps", 1e-6)),
    )
    if not (0 < width <= 1 << 16 and 0 < config.mm_posemb_size <= 1 << 16):
        raise ValueError(f"vision sizes {width} and {config.mm_posemb_size}")
    if int(vision.get("output_proj_dims", width)) != width:
        raise ValueError("a vision embedder whose projection takes another width")
    return config


def _vision_config(vision: Mapping[str, Any]) -> VisionConfig:
    rope = vision.get("rope_parameters") or {}
    config = VisionConfig(
        hidden_size=int(vision["hidden_size"]),
        intermediate_size=int(vision.get("intermediate_size", 3072)),
        num_hidden_layers=int(vision["num_hidden_layers"]),
        num_attention_heads=int(vision.get("num_attention_heads", 12)),
        num_key_value_heads=int(vision.get("num_key_value_heads", 12)),
        head_dim=int(vision.get("head_dim", 64)),
        patch_size=int(vision.get("patch_size", 16)),
        pooling_kernel_size=int(vision.get("pooling_kernel_size", 3)),
        position_embedding_size=int(vision.get("position_embedding_size", 10_240)),
        rms_norm_eps=float(vision.get("rms_norm_eps", 1e-6)),
        rope_theta=float(rope.get("rope_theta", 100.0)),
        standardize=bool(vision.get("standardize", False)),
        use_clipped_linears=bool(vision.get("use_clipped_linears", False)),
    )
    _check_vision(config, vision)
    return config


def _check_vision(config: VisionConfig, vision: Mapping[str, Any]) -> None:
    """Refuses settings that the vision tower does not compute, and sizes that no tower can have."""
    if (config.patch_size, config.pooling_kernel_size) != (16, 3):
        raise ValueError("a vision tower with other patches than 16 px, pooled 3 × 3")
    for name in ("hidden_size", "intermediate_size", "head_dim", "num_attention_heads", "position_embedding_size"):
        if not 0 < getattr(config, name) <= 1 << 24:
            raise ValueError(f"vision {name} = {getattr(config, name)}")
    if not 0 < config.num_hidden_layers <= _MOST_LAYERS:
        raise ValueError(f"vision num_hidden_layers = {config.num_hidden_layers}")
    groups = config.num_key_value_heads
    if config.head_dim % 4 or groups <= 0 or config.num_attention_heads % groups:
        raise ValueError("vision heads that cannot be turned in two directions, or not grouped")
    kind = (vision.get("rope_parameters") or {}).get("rope_type", "axial")
    unknown = [
        name
        for name, wrong in (
            (f"rope_type {kind}", kind not in ("axial", "default")),  # transformers reads both as axial
            ("attention_bias", bool(vision.get("attention_bias"))),
            ("hidden_activation", vision.get("hidden_activation", "gelu_pytorch_tanh") != "gelu_pytorch_tanh"),
        )
        if wrong
    ]
    if unknown:
        raise ValueError(f"a vision tower with {', '.join(unknown)}")


def _audio_embedder_config(audio: Mapping[str, Any]) -> AudioEmbedderConfig:
    size = int(audio.get("audio_embed_dim") or audio.get("audio_samples_per_token") or 640)
    if not 0 < size <= 1 << 16:
        raise ValueError(f"audio_embed_dim = {size}")
    return AudioEmbedderConfig(audio_embed_dim=size, rms_norm_eps=float(audio.get("rms_norm_eps", 1e-6)))


def _audio_config(audio: Mapping[str, Any]) -> AudioConfig:
    first, second = audio.get("subsampling_conv_channels") or (128, 32)
    config = AudioConfig(
        hidden_size=int(audio.get("hidden_size", 1024)),
        num_hidden_layers=int(audio.get("num_hidden_layers", 12)),
        num_attention_heads=int(audio.get("num_attention_heads", 8)),
        subsampling_conv_channels=(int(first), int(second)),
        conv_kernel_size=int(audio.get("conv_kernel_size", 5)),
        residual_weight=float(audio.get("residual_weight", 0.5)),
        attention_chunk_size=int(audio.get("attention_chunk_size", 12)),
        attention_logit_cap=float(audio.get("attention_logit_cap", 50.0)),
        use_clipped_linears=bool(audio.get("use_clipped_linears", True)),
        rms_norm_eps=float(audio.get("rms_norm_eps", 1e-6)),
        gradient_clipping=float(audio.get("gradient_clipping", 1e10)),
        output_proj_dims=int(audio.get("output_proj_dims", 1536)),
    )
    _check_audio(config, audio)
    return config


def _check_audio(config: AudioConfig, audio: Mapping[str, Any]) -> None:
    """Refuses settings that the audio tower does not compute, and sizes that no tower can have."""
    sizes = ("hidden_size", "num_attention_heads", "conv_kernel_size", "output_proj_dims", "attention_chunk_size")
    for name in sizes:
        if not 0 < getattr(config, name) <= 1 << 20:
            raise ValueError(f"audio {name} = {getattr(config, name)}")
    if not 0 < config.num_hidden_layers <= _MOST_LAYERS:
        raise ValueError(f"audio num_hidden_layers = {config.num_hidden_layers}")
    if config.hidden_size % (2 * config.num_attention_heads):
        raise ValueError("audio heads that do not divide the hidden size")
    first, second = config.subsampling_conv_channels
    context = audio.get("attention_context_left", 13), audio.get("attention_context_right", 0)
    unknown = [
        name
        for name, wrong in (
            (f"subsampling_conv_channels {first}, {second}", first != 128 or not 0 < second <= 1 << 16),
            (f"attention context {context}", context != (config.attention_chunk_size + 1, 0)),
            ("hidden_act", audio.get("hidden_act", "silu") != "silu"),
            ("attention_logit_cap", not config.attention_logit_cap > 0),
        )
        if wrong
    ]
    if unknown:
        raise ValueError(f"an audio tower with {', '.join(unknown)}")


def _eos_of_generation(folder: Path) -> tuple[int, ...]:
    path = folder / "generation_config.json"
    if not path.is_file():
        return ()
    eos = _read_json(path).get("eos_token_id")
    return _ids(eos) if eos is not None else ()


def _ids(value: int | list[int]) -> tuple[int, ...]:
    return tuple(int(i) for i in value) if isinstance(value, list) else (int(value),)
