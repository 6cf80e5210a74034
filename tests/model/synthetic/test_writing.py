"""Generated checkpoints: transformers loads them, their tokenizer speaks Gemma 4, their weights are not degenerate."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer, Gemma4ForConditionalGeneration

from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import verify
from model.checkpoint.quantised_source import QuantisedSource
from model.checkpoint.tensor_file import read_header
from model.family.config_json import read_config
from model.family.inventory import expected_tensors
from model.formats.forms import stored_bytes
from model.synthetic import writing as synthetic
from model.synthetic.shapes import SHAPES, shape_config
from model.synthetic.tokenizer import PUBLISHED_IDS, special_ids
from model.synthetic.writing import write_checkpoint

TINY = ("tiny", "tiny-dense", "tiny-odd")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("synthetic")
    return {shape: write_checkpoint(root / shape, shape) for shape in TINY}


@pytest.mark.parametrize("shape", TINY)
def test_transformers_finds_every_tensor_and_no_other(folders: dict[str, Path], shape: str) -> None:
    _, info = Gemma4ForConditionalGeneration.from_pretrained(
        folders[shape], local_files_only=True, dtype=torch.float32, output_loading_info=True
    )
    assert not any(info.values()), info


def test_the_sample_model_is_small(folders: dict[str, Path]) -> None:
    assert sum(path.stat().st_size for path in folders["tiny"].iterdir()) < 4e6


@pytest.mark.parametrize("shape", TINY)
def test_random_models_are_not_degenerate(folders: dict[str, Path], shape: str) -> None:
    model = Gemma4ForConditionalGeneration.from_pretrained(folders[shape], local_files_only=True, dtype=torch.float32)
    ids = torch.randint(300, 460, (1, 64), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        logits = model(ids).logits[0]
    entropy = torch.distributions.Categorical(logits=logits).entropy()
    assert 2.0 < entropy.mean() < 5.5
    assert len(set(logits.argmax(-1).tolist())) > 10
    assert logits.gather(1, ids[0][:, None]).mean() < 6  # it does not only repeat its last token


@pytest.mark.parametrize("kind", ["norm", "q_norm", "scalar", "scale", "position", "bias"])
def test_nothing_is_left_at_its_plain_start_value(folders: dict[str, Path], kind: str) -> None:
    published = PublishedFolder(folders["tiny"])
    tensors = published.mapped()
    values = torch.cat([tensors[s.name].float().flatten() for s in published.specs.values() if s.kind == kind])
    assert values.std() > 0.02


def test_a_seed_gives_the_same_model_however_it_is_sharded(tmp_path: Path, folders: dict[str, Path]) -> None:
    sharded = write_checkpoint(tmp_path / "sharded", "tiny", shard_bytes=100_000)
    assert len(list(sharded.glob("*.safetensors"))) > 3
    first, second = PublishedFolder(folders["tiny"]).mapped(), PublishedFolder(sharded).mapped()
    assert all(torch.equal(first[name], second[name]) for name in first)
    other = PublishedFolder(write_checkpoint(tmp_path / "other", "tiny", seed=1)).mapped()
    assert not torch.equal(first["model.language_model.norm.weight"], other["model.language_model.norm.weight"])


@pytest.mark.parametrize("shape", TINY)
def test_the_tokenizer_has_gemmas_control_tokens_where_the_config_says(folders: dict[str, Path], shape: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folders[shape], local_files_only=True)
    config = read_config(folders[shape])
    assert len(tokenizer) == config.text.vocab_size
    ids = {token: tokenizer.convert_tokens_to_ids(token) for token in PUBLISHED_IDS}
    assert ids == special_ids(config.text.vocab_size)
    assert (ids["<|image|>"], ids["<|image>"], ids["<image|>"], ids["<|video|>"]) == (
        config.image_token_id,
        config.boi_token_id,
        config.eoi_token_id,
        config.video_token_id,
    )
    assert set(config.eos_token_ids) == {ids["<eos>"], ids["<turn|>"], ids["<|tool_response>"]}
    for token, index in ids.items():
        assert tokenizer(token, add_special_tokens=False).input_ids == [index]


@pytest.mark.parametrize("text", ["Hello the world.\n\n  two blanks", "naïve Ωμέγα мир €", "日本語 🙂 \t\r\n\x00"])
def test_the_tokenizer_keeps_every_text(folders: dict[str, Path], text: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folders["tiny"], local_files_only=True)
    ids = tokenizer(text, add_special_tokens=False).input_ids
    assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == text


def render(folder: Path, messages: list[dict[str, Any]], **options: object) -> str:
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **options)
    assert isinstance(text, str)
    return text


def test_the_chat_template_writes_gemmas_turns(folders: dict[str, Path]) -> None:
    question = {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is it? "}]}
    system = {"role": "system", "content": "Be brief."}
    answer = {"role": "assistant", "content": "A cat."}
    assert render(folders["tiny"], [question]) == ("<bos><|turn>user\n<|image|>What is it?<turn|>\n<|turn>model\n")
    assert render(folders["tiny"], [system, question, answer, question]) == (
        "<bos><|turn>system\nBe brief.<turn|>\n<|turn>user\n<|image|>What is it?<turn|>\n<|turn>model\nA cat.<turn|>\n"
        "<|turn>user\n<|image|>What is it?<turn|>\n<|turn>model\n"
    )


def test_the_chat_template_switches_thinking_on_and_declares_tools(folders: dict[str, Path]) -> None:
    question = {"role": "user", "content": "Hi"}
    assert render(folders["tiny"], [question], enable_thinking=True).startswith(
        "<bos><|turn>system\n<|think|>\n<turn|>\n<|turn>user\nHi<turn|>\n"
    )
    tool = {"type": "function", "function": {"name": "look", "description": "Look", "parameters": {"type": "object"}}}
    text = render(folders["tiny"], [question], tools=[tool])
    assert (
        '<|tool>declaration:look{description:<|"|>Look<|"|>,parameters:{type:<|"|>OBJECT<|"|>}}<tool|><turn|>' in text
    )


def test_the_real_vocabulary_has_the_published_ids(tmp_path: Path) -> None:
    synthetic.write_tokenizer(tmp_path, shape_config("26b", 1))
    tokenizer = AutoTokenizer.from_pretrained(tmp_path, local_files_only=True)
    assert len(tokenizer) == 262_144
    assert {token: tokenizer.convert_tokens_to_ids(token) for token in PUBLISHED_IDS} == PUBLISHED_IDS
    text = "The quick brown fox, naïve 日本."
    ids = tokenizer(text, add_special_tokens=False).input_ids
    assert tokenizer.decode(ids) == text and len(ids) < len(text)


def test_the_26b_shape_has_the_published_size(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(shape_config("26b")))
    config = read_config(tmp_path)
    specs = expected_tensors(config)
    text = sum(spec.numel for spec in specs.values() if "vision" not in spec.name)
    assert 25.1e9 < text < 25.3e9
    assert 13e9 < stored_bytes(specs, 8) < 15e9
    assert "model.language_model.layers.5.self_attn.v_proj.weight" not in specs  # K = V on global layers
    assert specs["model.language_model.layers.0.experts.gate_up_proj"].shape == (128, 1408, 2816)
    assert config.text.layer_types.count("full_attention") == 5


def test_every_shape_is_a_configuration_that_the_engine_reads(tmp_path: Path) -> None:
    for shape in SHAPES:
        (tmp_path / "config.json").write_text(json.dumps(shape_config(shape)))
        causal = shape.endswith(("e2b", "e4b"))  # as published: their pictures see only tokens before them
        assert read_config(tmp_path).text.bidirectional_vision is not causal


def test_the_command_writes_a_quantised_model_that_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "q"
    assert synthetic.main([str(folder), "--shape", "tiny", "--layers", "2", "--quantised", "--seed", "3"]) == 0
    assert capsys.readouterr().out.strip() == str(folder)
    verify(folder)
    source = QuantisedSource(folder, torch.device("cpu"), torch.float32)
    published = PublishedFolder(write_checkpoint(tmp_path / "p", "tiny", layers=2, seed=3)).mapped()
    name = "model.language_model.layers.1.experts.down_proj"
    assert not (folder / "model.safetensors").exists()
    ratio = source.tensor(name).std() / published[name].float().std()
    assert 0.8 < ratio < 1.25  # other numbers, of the same size
    norm = "model.language_model.norm.weight"
    assert torch.equal(source.tensor(norm), published[norm].float())


def test_a_whole_config_can_be_given(tmp_path: Path) -> None:
    config = shape_config("tiny")
    config["text_config"]["hidden_size"] = 128
    folder = write_checkpoint(tmp_path, config, dtype=torch.float32)
    entries = read_header(folder / "model.safetensors")
    entry = entries["model.language_model.norm.weight"]
    assert (entry.shape, entry.dtype) == ((128,), torch.float32)


def test_a_vocabulary_without_room_for_the_control_tokens_is_refused() -> None:
    with pytest.raises(ValueError, match="400"):
        special_ids(100)
