"""Which configurations are read, and that everything else is refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from model.checkpoint.foreign import quantised_by
from model.errors import CheckpointError, UnsupportedModelError
from model.family.config_json import read_config

# The figures of the published 26B-A4B configuration, in its own field names.
PUBLISHED: dict[str, Any] = {
    "architectures": ["Gemma4ForConditionalGeneration"],
    "model_type": "gemma4",
    "boi_token_id": 255999,
    "eoi_token_id": 258882,
    "image_token_id": 258880,
    "video_token_id": 258884,
    "eos_token_id": [1, 106],
    "text_config": {
        "model_type": "gemma4_text",
        "attention_k_eq_v": True,
        "enable_moe_block": True,
        "final_logit_softcapping": 30.0,
        "global_head_dim": 512,
        "head_dim": 256,
        "hidden_activation": "gelu_pytorch_tanh",
        "hidden_size": 2816,
        "hidden_size_per_layer_input": 0,
        "intermediate_size": 2112,
        "max_position_embeddings": 262144,
        "moe_intermediate_size": 704,
        "num_attention_heads": 16,
        "num_experts": 128,
        "num_global_key_value_heads": 2,
        "num_hidden_layers": 30,
        "num_key_value_heads": 8,
        "num_kv_shared_layers": 0,
        "rms_norm_eps": 1e-6,
        "rope_parameters": {
            "full_attention": {"partial_rotary_factor": 0.25, "rope_theta": 1e6, "rope_type": "proportional"},
            "sliding_attention": {"rope_theta": 1e4, "rope_type": "default"},
        },
        "sliding_window": 1024,
        "top_k_experts": 8,
        "use_bidirectional_attention": "vision",
        "vocab_size": 262144,
    },
    "vision_config": {"model_type": "gemma4_vision", "hidden_size": 1152, "num_hidden_layers": 27},
}


def write(folder: Path, value: object) -> Path:
    (folder / "config.json").write_text(json.dumps(value), encoding="utf-8")
    return folder


def changed(**text: Any) -> dict[str, Any]:
    return PUBLISHED | {"text_config": PUBLISHED["text_config"] | text}


# transformers leaves out its defaults: 256 for per-layer embeddings, no experts, no K = V.
_LEFT_OUT = ("hidden_size_per_layer_input", "enable_moe_block", "attention_k_eq_v", "num_experts")
SMALL = PUBLISHED | {
    "text_config": {k: v for k, v in PUBLISHED["text_config"].items() if k not in _LEFT_OUT} | {"hidden_size": 2560}
}


def test_a_26b_that_does_not_say_that_it_has_no_per_layer_embeddings_is_not_called_an_e2b(tmp_path: Path) -> None:
    text = {key: value for key, value in PUBLISHED["text_config"].items() if key != "hidden_size_per_layer_input"}
    with pytest.raises(CheckpointError, match=r"config\.json leaves out hidden_size_per_layer_input"):
        read_config(write(tmp_path, PUBLISHED | {"text_config": text}))


QUANTISED: dict[str, tuple[dict[str, Any], str]] = {
    "bitsandbytes 4": ({"quant_method": "bitsandbytes", "load_in_4bit": True}, "bitsandbytes, 4-bit"),
    "bitsandbytes 8": ({"quant_method": "bitsandbytes", "load_in_8bit": True}, "bitsandbytes, 8-bit"),
    "awq": ({"quant_method": "awq", "bits": 4, "group_size": 128}, "AWQ, 4-bit"),
    "gptq": ({"quant_method": "gptq", "bits": 8}, "GPTQ, 8-bit"),
    "fp8": ({"quant_method": "fp8", "weight_block_size": [128, 128]}, "FP8"),
    "nvfp4": ({"quant_method": "compressed-tensors", "format": "nvfp4-pack-quantized"}, "NVFP4, compressed-tensors"),
    "ct fp8": ({"quant_method": "compressed-tensors", "format": "float-quantized"}, "FP8, compressed-tensors"),
    "ct int4": ({"quant_method": "compressed-tensors", "format": "pack-quantized"}, "4-bit integers, compressed-ten"),
    "modelopt": ({"quant_method": "modelopt", "quant_algo": "NVFP4"}, "NVFP4, ModelOpt"),
    "mlx": ({"group_size": 64, "bits": 4}, "MLX, 4-bit"),
    "another": ({"quant_method": "new\nthing"}, "new thing"),
}


TENSORS_DECIDE = ("bitsandbytes 4", "bitsandbytes 8", "fp8", "ct fp8", "ct int4", "mlx")


@pytest.mark.parametrize("name", QUANTISED)
@pytest.mark.parametrize("key", ["quantization_config", "quantization"])
def test_what_another_program_has_quantised(name: str, key: str, tmp_path: Path) -> None:
    """What no form is read of is refused here; of the others the tensors decide, and the words are the same."""
    said, words = QUANTISED[name]
    inside = PUBLISHED | {"text_config": PUBLISHED["text_config"] | {key: said}}
    for value in (PUBLISHED | {key: said}, inside):
        if name in TENSORS_DECIDE:
            read_config(write(tmp_path, value))
            assert quantised_by(value).startswith(words)
            continue
        with pytest.raises(UnsupportedModelError) as error:
            read_config(write(tmp_path, value))
        assert f"quantised already ({words}" in str(error.value) and "bfloat16 release" in str(error.value)
        assert "download both" not in str(error.value) and "\n" not in str(error.value)


def test_an_empty_quantization_config_says_nothing(tmp_path: Path) -> None:
    read_config(write(tmp_path, PUBLISHED | {"quantization_config": None, "quantization": {}}))


def test_the_published_form(tmp_path: Path) -> None:
    config = read_config(write(tmp_path, PUBLISHED))
    assert config.text.layer_types.count("full_attention") == 5
    assert config.text.layer_types[5::6] == ("full_attention",) * 5
    assert (config.text.global_head_dim, config.text.num_global_key_value_heads) == (512, 2)
    assert (config.text.global_rotary_dim, config.text.global_row) == (128, 640)
    assert config.text.bidirectional_vision and config.text.has_experts
    assert config.eos_token_ids == (1, 106)
    assert config.vision is not None and config.vision.hidden_size == 1152


def test_the_form_that_transformers_saves(tmp_path: Path) -> None:
    overrides = {str(i): {"head_dim": 512, "num_key_value_heads": 2} for i in range(5, 30, 6)}
    saved = changed(per_layer_config=overrides)
    del saved["text_config"]["global_head_dim"], saved["text_config"]["num_global_key_value_heads"]
    assert read_config(write(tmp_path, saved)).text == read_config(write(tmp_path, PUBLISHED)).text


def test_a_small_one_that_leaves_out_what_transformers_takes_as_usual(tmp_path: Path) -> None:
    text = read_config(write(tmp_path, SMALL)).text
    assert (text.hidden_size_per_layer_input, text.vocab_size_per_layer_input) == (256, 262_144)
    assert (text.attention_k_eq_v, text.num_global_key_value_heads) == (False, text.num_key_value_heads)
    assert text.global_row == 2 * text.global_head_dim


def test_stop_tokens_of_the_generation_config_come_first(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": [1, 106, 50]}', encoding="utf-8")
    assert read_config(write(tmp_path, PUBLISHED)).eos_token_ids == (1, 106, 50)


def test_a_generation_config_takes_no_stop_token_away(tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text('{"eos_token_id": 1}', encoding="utf-8")
    assert read_config(write(tmp_path, PUBLISHED)).eos_token_ids == (1, 106)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (PUBLISHED | {"model_type": "gemma3"}, "Gemma 3"),
        (PUBLISHED | {"model_type": "llama"}, "'llama'"),
        (PUBLISHED | {"model_type": "gemma4_assistant"}, "a drafter for speculative decoding"),
        (changed(attention_bias=True), "attention_bias"),
        (changed(rope_parameters={"full_attention": {"rope_type": "yarn"}}), "rope type yarn"),
        (changed(rope_parameters={"sliding_attention": {"rope_type": "linear", "factor": 8}}), "rope type linear"),
        (changed(rope_parameters={"rope_type": "llama3", "factor": 8}), "rope type llama3"),
        (changed(rope_scaling={"type": "dynamic", "factor": 2}), "rope type dynamic"),
    ],
)
def test_models_of_another_kind(value: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(UnsupportedModelError, match=words):
        read_config(write(tmp_path, value))


@pytest.mark.parametrize(
    "value",
    [
        [],
        PUBLISHED | {"text_config": None},
        changed(num_key_value_heads=0),
        changed(num_key_value_heads=7),
        changed(hidden_size=-1),
        changed(vocab_size="many"),
        changed(head_dim=255),
        changed(top_k_experts=200),
        changed(layer_types=["full_attention"]),
        changed(layer_types=["full_attention"] * 29 + ["sliding_attention"]),
        PUBLISHED | {"vision_config": {"hidden_size": 1152, "num_hidden_layers": 2, "patch_size": 14}},
    ],
)
def test_damaged_configurations(value: object, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"config\.json"):
        read_config(write(tmp_path, value))


def test_missing_and_unreadable(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="no config"):
        read_config(tmp_path)
    with pytest.raises(CheckpointError, match="does not exist"):
        read_config(tmp_path / "nowhere")
    (tmp_path / "config.json").write_bytes(b"\xff{")
    with pytest.raises(CheckpointError, match="cannot be read"):
        read_config(tmp_path)
