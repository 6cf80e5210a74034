"""Every size of Gemma 4: its tensors, what it takes, and that its folders open and answer as in transformers."""

from __future__ import annotations

import contextlib
import functools
import json
import tempfile
import threading
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import AutoConfig, AutoModelForImageTextToText

from model.checkpoint.inspection import inspect
from model.checkpoint.opening import open_checkpoint
from model.engine.engine import Engine
from model.engine.needs import needs
from model.family.config_json import parse_config, read_config
from model.family.decoder import Decoder
from model.family.families import PUBLISHED
from model.family.inventory import TEXT, expected_tensors
from model.family.vision_embedder import VisionEmbedder
from model.formats.weights import DenseSource
from model.synthetic.shapes import SHAPES, shape_config
from model.synthetic.writing import write_checkpoint
from model.types import (
    Attached,
    CacheSettings,
    ChatMessage,
    Failed,
    Finished,
    Picture,
    PicturePart,
    Request,
    Sampling,
    TextDelta,
    TextPart,
)

NEW = ("tiny-e2b", "tiny-e4b", "tiny-12b")
CLOSE = 1e-4


@functools.cache
def folder(shape: str) -> Path:
    """A published folder of random weights, made once."""
    return write_checkpoint(Path(tempfile.mkdtemp(prefix="lectern-test-")), shape, seed=3, dtype=torch.float32)


@functools.cache
def theirs(shape: str) -> Any:
    """transformers' model of the same folder."""
    config = AutoConfig.from_pretrained(folder(shape))
    return AutoModelForImageTextToText.from_pretrained(
        folder(shape), config=config, dtype=torch.float32, attn_implementation="eager"
    ).eval()


def ids_of(shape: str, count: int = 75) -> Tensor:
    vocabulary = read_config(folder(shape)).text.vocab_size
    return torch.randint(300, vocabulary - 20, (count,), generator=torch.Generator().manual_seed(1))


def run(decoder: Decoder, ids: Tensor, size: int) -> Tensor:
    cache = decoder.new_cache()
    parts = [decoder.forward(decoder.embed(part), cache, ids=part) for part in ids.split(size)]
    return decoder.logits(torch.cat(parts))


@pytest.mark.parametrize("shape", NEW)
def test_a_folder_answers_as_transformers_does(shape: str) -> None:
    """Read by both from the same files: names, shapes and formulas in one."""
    source = open_checkpoint(folder(shape), device="cpu", dtype=torch.float32, quantise=False)
    decoder = Decoder(read_config(folder(shape)).text, source)
    ids = ids_of(shape)
    with torch.no_grad():
        expected = theirs(shape)(input_ids=ids[None]).logits[0]
    assert expected.std() > 0.05
    for size in (75, 40, 1):
        assert (run(decoder, ids, size) - expected).abs().max() <= CLOSE


@pytest.mark.parametrize("shape", NEW)
@pytest.mark.parametrize("fmt", ["nf4", "int4"])
def test_its_quantised_form_says_what_its_widened_numbers_say(shape: str, fmt: str, tmp_path: Path) -> None:
    source = open_checkpoint(folder(shape), device="cpu", dtype=torch.float32, store=tmp_path, fmt=fmt)
    config = read_config(folder(shape))
    wide = {name: source.tensor(name) for name in source.names()}
    ids = ids_of(shape)
    got, expected = (
        run(Decoder(config.text, one), ids, 40) for one in (source, DenseSource(wide, "cpu", torch.float32))
    )
    # Only the embedding's 8 bits are multiplied in another order.
    assert (got - expected).abs().max() <= 1e-3 * expected.abs().max()


@pytest.mark.parametrize("shape", ["tiny-e2b", "tiny-e4b"])
def test_layers_that_share_do_only_the_last_token_of_a_prompt(shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    source = open_checkpoint(folder(shape), device="cpu", dtype=torch.float32, quantise=False)
    decoder = Decoder(read_config(folder(shape)).text, source)
    ids, rows = ids_of(shape), []
    whole = decoder.forward(decoder.embed(ids), decoder.new_cache(), ids=ids)
    for layer in decoder.layers:
        own = layer.mlp
        monkeypatch.setattr(layer, "mlp", lambda x, own=own: rows.append(len(x)) or own(x))
    cache = decoder.new_cache()
    parts = [decoder.forward(decoder.embed(p), cache, ids=p, last_only=True) for p in ids.split(70)]
    assert [len(part) for part in parts] == [1, 1]
    assert (parts[0] - whole[69]).abs().max() <= CLOSE and (parts[1] - whole[-1]).abs().max() <= CLOSE
    stored, shared = decoder.config.num_kv_layers, decoder.config.num_kv_shared_layers
    assert rows == [*[70] * stored, *[1] * shared, *[5] * stored, *[1] * shared]
    assert len(cache.layers) == stored


def test_keys_and_values_that_shared_layers_never_use_may_be_there_or_not(tmp_path: Path) -> None:
    """Google's files hold them; those that transformers saves do not."""
    for path in folder("tiny-e2b").iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    config = read_config(tmp_path).text
    tensors = load_file(tmp_path / "model.safetensors")
    first = config.num_kv_layers
    extra = {
        f"{TEXT}.layers.{first}.self_attn.{name}.weight": torch.ones(1, 2) for name in ("k_proj", "v_proj", "k_norm")
    }
    save_file(tensors | extra, tmp_path / "model.safetensors")
    assert inspect(tmp_path).remarks == ()
    save_file(tensors | {f"{TEXT}.layers.0.self_attn.k_bias.weight": torch.ones(2)}, tmp_path / "model.safetensors")
    with pytest.raises(Exception, match="which no Gemma 4 has"):
        inspect(tmp_path)


def test_the_form_that_transformers_saves_is_read(tmp_path: Path) -> None:
    """Names and ``per_layer_config`` as its newest version writes them."""
    for shape in NEW:
        target = tmp_path / shape
        theirs(shape).save_pretrained(target)
        assert read_config(target).text == read_config(folder(shape)).text
        assert inspect(target).remarks == ()


@pytest.mark.parametrize(("shape", "gguf"), [("e2b", 601), ("e4b", 720), ("26b", 658), ("31b", 833)])
def test_the_published_tensors(shape: str, gguf: int) -> None:
    """Counts of the published GGUF files, which hold a tensor of frequencies and what shared layers never use."""
    config = parse_config(shape_config(shape))
    names = [name for name in expected_tensors(config) if name.startswith(TEXT)]
    assert len(names) + 1 + 3 * config.text.num_kv_shared_layers == gguf


def test_the_published_figures() -> None:
    text = {shape: parse_config(shape_config(shape)).text for shape in ("e2b", "e4b", "12b")}
    assert [text["e2b"].kv_layer(i) for i in (14, 15, 19, 33, 34)] == [14, 13, 14, 13, 14]
    assert [text["e4b"].kv_layer(i) for i in (23, 24, 29, 40, 41)] == [23, 22, 23, 22, 23]
    assert (text["e2b"].mlp_size(14), text["e2b"].mlp_size(15), text["e4b"].mlp_size(41)) == (6144, 12_288, 10_240)
    assert (text["e2b"].num_global_key_value_heads, text["e4b"].num_global_key_value_heads) == (1, 2)
    assert (text["e2b"].max_position_embeddings, text["e2b"].sliding_window) == (131_072, 512)
    parameters = {s: sum(t.numel for t in expected_tensors(parse_config(shape_config(s))).values()) for s in SHAPES}
    assert 5.0e9 < parameters["e2b"] < 5.2e9 and 7.8e9 < parameters["e4b"] < 8.0e9
    assert 11.8e9 < parameters["12b"] < 12.0e9 and 30.5e9 < parameters["31b"] < 31.5e9


def test_what_each_takes_grows_with_its_size_and_leaves_the_tables_on_the_disk() -> None:
    taken = [needs(parse_config(shape_config(one.shape)), "nf4") for one in PUBLISHED]
    assert [one.memory for one in taken] == sorted(one.memory for one in taken)
    e2b, e4b = taken[:2]
    assert e2b.memory < 3.8e9 and e4b.memory < 6e9
    assert e2b.weights > e2b.memory - e2b.kv_cache


@pytest.mark.parametrize("shape", NEW)
def test_it_looks_at_a_picture_and_answers(shape: str) -> None:
    """The whole way, with the template: reading, looking, and a second question from the cache."""
    pixels = bytes(range(256)) * (96 * 96 * 3 // 256)
    shown = PicturePart(Picture(pixels, 96, 96, 70, "p"))

    def ask(engine: Engine, words: str) -> tuple[int, int]:
        parts = (shown, TextPart("Some words. " * 20), TextPart(words))
        request = Request((ChatMessage("user", parts),), Sampling(temperature=0), max_new_tokens=8)
        events = list(engine.generate(request, threading.Event()))
        assert isinstance(events[-1], Finished), events[-1] if isinstance(events[-1], Failed) else events
        return events[-1].usage.reused_tokens, events[-1].usage.prompt_tokens

    with contextlib.closing(Engine.open(folder(shape), device="cpu", dtype="float32", quantise=False)) as engine:
        assert engine.info.capabilities.pictures
        assert ask(engine, "What is this?")[0] == 0
        reused, tokens = ask(engine, "And how large is it?")
        assert 0 < reused < tokens


@pytest.mark.parametrize("shape", ["tiny-e2b", "tiny-12b"])
def test_a_document_that_was_read_comes_back_from_the_disk(shape: str, tmp_path: Path) -> None:
    """After a restart the answer is the same as one without anything kept."""
    parts = (TextPart("Some words of a document. " * 30), TextPart("What does it say?"))
    request = Request(
        (ChatMessage("user", parts),), Sampling(temperature=0), max_new_tokens=8, documents=(Attached("d", "d.pdf", 1),)
    )

    def ask(cache: CacheSettings, settle: bool = False) -> tuple[str, int]:
        opened = Engine.open(folder(shape), device="cpu", dtype="float32", quantise=False, cache=cache)
        with contextlib.closing(opened) as engine:
            events = list(engine.generate(request, threading.Event()))
            if settle:
                engine.settle()
        assert isinstance(events[-1], Finished), events[-1]
        text = "".join(event.text for event in events if isinstance(event, TextDelta))
        return text, events[-1].usage.reused_tokens

    fresh = ask(CacheSettings())
    kept = CacheSettings(folder=tmp_path)
    assert ask(kept, settle=True) == fresh and fresh[1] == 0
    again, reused = ask(kept)
    assert again == fresh[0] and reused > 100


@pytest.mark.parametrize("size", [(48, 48), (96, 144), (240, 48)])
def test_the_12b_sees_as_transformers_does(size: tuple[int, int]) -> None:
    height, width = size
    random = torch.Generator().manual_seed(height)
    pixels = torch.randint(0, 256, (height, width, 3), generator=random, dtype=torch.uint8)
    shown = Picture(pixels.numpy().tobytes(), height, width, 70, "x")
    source = open_checkpoint(folder("tiny-12b"), device="cpu", dtype=torch.float32, quantise=False)
    embedder = VisionEmbedder(read_config(folder("tiny-12b")), source)
    got = embedder.finish(embedder.begin(shown))
    # transformers' own processor needs torchvision: blocks row by row, each by row, column and channel.
    places = [(column, row) for row in range(height // 48) for column in range(width // 48)]
    cut = [pixels[48 * y : 48 * y + 48, 48 * x : 48 * x + 48].reshape(-1) / 255 for x, y in places]
    with torch.no_grad():
        expected = theirs("tiny-12b").model.embed_vision(torch.stack(cut)[None], torch.tensor(places)[None])
    expected = expected.pooler_output[0]
    assert expected.std() > 0.05 and got.shape == expected.shape == (height * width // 48**2, 64)
    assert (got - expected).abs().max() <= CLOSE


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"num_kv_shared_layers": 7}, "num_kv_shared_layers"),
        ({"num_kv_shared_layers": 6}, "no layer stores"),
        ({"vocab_size_per_layer_input": 100}, "vocab_size_per_layer_input"),
        ({"hidden_size_per_layer_input": -1}, "hidden_size_per_layer_input"),
    ],
)
def test_figures_that_no_model_can_have_are_refused(change: dict[str, Any], words: str, tmp_path: Path) -> None:
    raw = shape_config("tiny-e2b")
    raw["text_config"] |= change
    (tmp_path / "config.json").write_text(json.dumps(raw), encoding="utf-8")
    with pytest.raises(Exception, match=words):
        read_config(tmp_path)
