"""Model folders: found, recognised, and refused with one sentence; what a model needs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app import paths
from app.library.model_ref import LocalFolder, SampleModel
from app.library.models import (
    SAMPLE_NOTE,
    SHIPPED_NOTE,
    find_models,
    folder_of,
    look_at,
    model_needs,
    model_to_open,
    problem_of,
    ref_of,
    sample_model_folder,
    sample_note,
)
from app.library.settings import Settings
from model.errors import CheckpointError
from model.messages import NOTHING
from model.synthetic.shapes import shape_config
from tests.files.model_folders import write_empty_weights


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(paths, "beside_app", lambda: tmp_path / "stick")
    monkeypatch.setattr(paths, "resource", lambda *parts: (tmp_path / "resources").joinpath(*parts))
    return tmp_path


def write_model(folder: Path, *, shards: int = 1, shape: str = "tiny", label: dict[str, Any] | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(shape_config(shape)))
    (folder / "tokenizer.json").write_text("{}")
    write_empty_weights(folder, shape_config(shape), shards)
    if label:
        (folder / "lectern.json").write_text(json.dumps(label))
    return folder


@pytest.mark.parametrize("shards", [1, 3])
def test_a_published_folder_is_recognised(tmp_path: Path, shards: int) -> None:
    found = look_at(write_model(tmp_path / "gemma", shards=shards))
    assert (found.name, found.kind, found.problem) == ("gemma", "published", NOTHING)
    assert found.bytes == sum(entry.stat().st_size for entry in found.path.iterdir())


def test_our_quantised_folder_is_recognised(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "q")
    (folder / "model.safetensors").unlink()
    (folder / "lectern_quantised.json").write_text("{}")
    assert (look_at(folder).kind, look_at(folder).problem) == ("quantised", NOTHING)


def test_a_sample_is_named_as_one(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "s", label={"sample": True, "name": "Random tiny model"})
    assert (look_at(folder).kind, look_at(folder).name) == ("sample", "Random tiny model")


def sentence(folder: Path) -> str:
    problem = str(problem_of(folder))
    assert problem.endswith(".") and "\n" not in problem
    return problem


def test_gguf(tmp_path: Path) -> None:
    (tmp_path / "gemma-4.Q4_0.gguf").write_bytes(b"GGUF")
    assert "gemma-4.Q4_0.gguf is a GGUF file" in sentence(tmp_path)


def test_pickled(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").write_bytes(b"x")
    assert "pickled" in sentence(tmp_path)


def test_nothing_there(tmp_path: Path) -> None:
    assert "does not exist" in sentence(tmp_path / "nowhere")
    (tmp_path / "letters.txt").write_text("x")
    assert "is not a model folder" in sentence(tmp_path)


def test_no_weights_yet(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m")
    (folder / "model.safetensors").unlink()
    assert "holds no .safetensors files" in sentence(folder)


def test_missing_shards_are_named(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", shards=4)
    (folder / "model-00002-of-00004.safetensors").unlink()
    (folder / "model-00003-of-00004.safetensors").unlink()
    assert "lacks 2 files, such as model-00002-of-00004.safetensors;" in sentence(folder)


def test_an_index_leads_nowhere_else(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m", shards=2)
    (tmp_path / "other.safetensors").write_bytes(b"x")
    (folder / "model.safetensors.index.json").write_text(json.dumps({"weight_map": {"w": "../other.safetensors"}}))
    assert "model.safetensors.index.json is damaged" in sentence(folder)


def test_shard_that_was_cut_off(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m")
    shard = folder / "model.safetensors"
    shard.write_bytes(shard.read_bytes()[:-3])
    assert "must be" in sentence(folder) and "model.safetensors" in sentence(folder)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "cut off"),
        (b"abc", "cut off"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", "Git LFS"),
        ((20).to_bytes(8, "little") + b"not json at all here", "damaged"),
        ((2).to_bytes(8, "little") + b"[]", "damaged"),
        ((1 << 62).to_bytes(8, "little") + bytes(64), "cut off"),
    ],
)
def test_shard_that_is_none(tmp_path: Path, content: bytes, word: str) -> None:
    folder = write_model(tmp_path / "m")
    (folder / "model.safetensors").write_bytes(content)
    assert word in sentence(folder)


def test_another_kind_of_model(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "m")
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    assert "'llama'" in sentence(folder)


def test_models_are_found_beside_the_app_in_the_models_folder_and_where_chosen(home: Path) -> None:
    chosen = write_model(home / "chosen")
    stick = write_model(home / "stick" / "gemma")
    in_models = write_model(home / "stick" / "models" / "other")
    own = write_model(paths.models_dir() / "mine")
    store = write_model(paths.quantised_store() / "abc")
    write_model(paths.quantised_store() / "half.tmp")
    (home / "stick" / "notes").mkdir()
    found = [model.path for model in find_models(Settings(model_folder=chosen))]
    assert found == [chosen, stick, in_models, own, store]


def test_the_quantised_form_of_a_sample_model_is_not_listed(home: Path) -> None:
    label = {"sample": True, "name": "Lectern sample model"}
    write_model(paths.quantised_store() / "sample_model-0123456789ab-1e8", label=label)
    put_there = write_model(paths.models_dir() / "a-sample", label=label)
    assert [model.path for model in find_models(Settings())] == [put_there]


def test_the_chosen_folder_is_listed_even_when_it_is_wrong(home: Path) -> None:
    (found,) = find_models(Settings(model_folder=home / "gone"))
    assert "does not exist" in str(found.problem)


def test_which_model_to_open(home: Path) -> None:
    assert model_to_open(Settings()) is None
    write_model(paths.models_dir() / "a-sample", label={"sample": True})
    assert model_to_open(Settings()) is None
    real = write_model(paths.models_dir() / "b-real")
    assert model_to_open(Settings()) == LocalFolder(real)
    assert model_to_open(Settings(model=LocalFolder(Path("mine")))) == LocalFolder(Path("mine"))
    assert model_to_open(Settings(model=SampleModel(), model_folder=Path("mine"))) == SampleModel()


def test_a_model_and_its_folder(home: Path) -> None:
    assert folder_of(LocalFolder(home)) == home and ref_of(home) == LocalFolder(home)
    assert folder_of(SampleModel()) == sample_model_folder() and ref_of(sample_model_folder()) == SampleModel()


def test_needs_of_the_26b(tmp_path: Path) -> None:
    needs = model_needs(write_model(tmp_path / "big", shape="26b"), context=262_144)
    assert 25.0e9 < needs.parameters < 26.5e9
    assert 13.0e9 < needs.weights < 15.5e9
    # 5 global layers × 2 heads × 640 numbers × 2 bytes a token, and 25 rings of 1024 positions.
    assert needs.kv_cache == 262_144 * 5 * 2 * 640 * 2 + 25 * 1024 * 2 * 8 * 256 * 2
    assert needs.disk == needs.weights
    assert needs.memory > needs.weights + needs.kv_cache


def test_needs_of_a_quantised_folder_are_no_disk(tmp_path: Path) -> None:
    folder = write_model(tmp_path / "q")
    (folder / "lectern_quantised.json").write_text("{}")
    needs = model_needs(folder, context=10**9)
    assert needs.disk == 0
    assert needs.context == shape_config("tiny")["text_config"]["max_position_embeddings"]


def test_needs_of_a_wrong_folder(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError):
        model_needs(tmp_path)


def test_without_a_shipped_sample_the_random_one_lies_in_the_cache(home: Path) -> None:
    assert sample_model_folder().is_relative_to(paths.cache_dir())
    assert sample_note() == SAMPLE_NOTE  # before it is written


def test_a_shipped_sample_goes_first_and_speaks_for_itself(home: Path) -> None:
    label = {"sample": True, "name": "Sample", "note": "Trained on\n made-up pages."}
    shipped = write_model(home / "resources" / "sample_model", label=label)
    assert sample_model_folder() == shipped
    assert str(sample_note()) == "Trained on made-up pages."
    (shipped / "model.safetensors").write_bytes(b"cut off")
    assert sample_model_folder().is_relative_to(paths.cache_dir())


def test_what_the_shipped_sample_says_of_itself_can_be_translated() -> None:
    shipped = Path(__file__).resolve().parents[3] / "resources" / "sample_model"
    assert sample_note(shipped) == SHIPPED_NOTE


@pytest.mark.parametrize("note", [None, 3, "", "  ", ["x"]])
def test_a_sample_without_a_sound_note_gets_the_common_one(home: Path, note: object) -> None:
    label = {"sample": True, "note": note}
    assert sample_note(write_model(home / "resources" / "sample_model", label=label)) == SAMPLE_NOTE


def test_looking_for_models_imports_no_torch() -> None:
    code = "import sys, app.library.models; assert not {'torch', 'numpy', 'PySide6'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
