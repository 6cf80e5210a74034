"""The audio tower in GGUF files: under llama.cpp's names and Ollama's, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from model.checkpoint.gguf.conversion import convert
from model.checkpoint.gguf.model import find_gguf
from model.checkpoint.layout import UNUSED_SOUND
from model.checkpoint.quantised_source import QuantisedSource
from model.engine.engine import Engine
from model.family.audio import AudioTower
from model.family.config_json import read_config
from model.family.inventory import is_sound
from model.formats.weights import DenseSource
from model.prompt.sounds import heard
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from tests.files.gguf import Arrays, all_in, as_ollama, write_model
from tests.files.sounds import sound


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The form of 26B-A4B with an audio tower, in bf16."""
    raw = shape_config("tiny") | {"audio_config": shape_config("tiny-e4b")["audio_config"]}
    return write_checkpoint(tmp_path_factory.mktemp("hears"), raw)


WAYS: dict[str, tuple[str | None, Callable[[Arrays], None]]] = {
    "llama.cpp": ("mmproj-tiny.gguf", lambda arrays: None),
    "Ollama": (None, as_ollama),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_tower_is_carried_over_bit_for_bit(way: str, folder: Path, tmp_path: Path) -> None:
    mmproj, change = WAYS[way]
    held = write_model(tmp_path / "a.gguf", folder, all_in("Q4_0"), mmproj=mmproj, change=change)
    model = find_gguf(tmp_path / "a.gguf")
    assert model.config.audio == read_config(folder).audio and not model.remarks
    convert(model, tmp_path / "a")
    source = QuantisedSource(tmp_path / "a", torch.device("cpu"), torch.float32)
    published = load_file(folder / "model.safetensors")
    names = [name for name in held if is_sound(name)]
    assert len(names) > 100
    assert all(torch.equal(source.tensor(name), published[name].float()) for name in names)
    config = read_config(folder)
    assert config.audio is not None
    piece = heard(sound(20_000), config.audio)
    wanted = AudioTower(config, DenseSource(published, dtype=torch.float32)).encode(piece)
    assert torch.equal(AudioTower(read_config(tmp_path / "a"), source).encode(piece), wanted)
    engine = Engine.open(tmp_path / "a", device="cpu")
    assert engine.info.capabilities.sound
    engine.close()


def test_the_12b_sees_and_hears(tmp_path: Path) -> None:
    """Its mmproj file holds no towers: blocks of pixels and frames of samples are projected as they are."""
    folder = write_checkpoint(tmp_path / "12b", "tiny-12b")
    write_model(tmp_path / "a.gguf", folder, all_in("Q4_0"))
    model, published = find_gguf(tmp_path / "a.gguf"), read_config(folder)
    assert model.config == published and not model.remarks
    convert(model, tmp_path / "a")
    source = QuantisedSource(tmp_path / "a", torch.device("cpu"), torch.float32)
    tensors = load_file(folder / "model.safetensors")
    names = [name for name in tensors if "vision" in name or "audio" in name]
    assert len(names) == 11 and all(torch.equal(source.tensor(name), tensors[name].float()) for name in names)
    engine = Engine.open(tmp_path / "a", device="cpu")
    assert engine.info.capabilities.sound and engine.info.capabilities.pictures
    engine.close()


@pytest.mark.parametrize("name", ["a.blk.1.ffn_up.weight", "a.blk.0.attn_q.weight", "mm.a.input_projection.weight"])
@pytest.mark.parametrize("how", ["missing", "misshapen"])
def test_a_tower_that_is_not_whole_is_left_out_with_a_word(name: str, how: str, folder: Path, tmp_path: Path) -> None:
    def change(arrays: Arrays) -> None:
        if how == "missing":
            del arrays[name]
        else:
            arrays[name] = np.zeros((3, 5), np.float32), "F32"

    write_model(tmp_path / "a.gguf", folder, all_in("Q4_0"), change=change)
    model = find_gguf(tmp_path / "a.gguf")
    assert model.config.audio is None and model.remarks == (UNUSED_SOUND,)
    convert(model, tmp_path / "a")
    engine = Engine.open(tmp_path / "a", device="cpu")
    assert not engine.info.capabilities.sound and engine.info.capabilities.pictures
    engine.close()
