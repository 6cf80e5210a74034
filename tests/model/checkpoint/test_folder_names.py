"""Names of folders and finding a folder by name, in the Hub's own layout too; and models trained for Q4_0."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch

from app import paths
from app.library.importing import import_model
from app.library.models import find_models, look_at, model_needs, problem_of
from app.library.settings import Settings
from model.checkpoint.folder_names import actual_folder, model_name, says_q4_0
from model.checkpoint.opening import open_checkpoint, quantised_form
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_source import QuantisedSource
from model.engine.engine import Engine
from model.family.config_json import read_config
from model.family.inventory import expected_tensors
from model.formats.forms import stored_bytes
from model.formats.grid import lies_on_grid
from model.messages import NOTHING
from model.synthetic.writing import write_checkpoint
from tests.files.model_folders import on_the_q4_0_grid, saved_again

QAT = "gemma-4-26B-A4B-it-qat-q4_0-unquantized"
HASH = "f1e06dc520982d9b9edd76859fdb7ab209449949"
OTHER = "0b37b4d8a3f2c1e05d6789abcdef0123456789ab"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_checkpoint(tmp_path_factory.mktemp("names") / "tiny", "tiny")
    (folder / "lectern.json").unlink()
    return folder


@pytest.fixture(scope="module")
def on_grid(tiny: Path) -> Path:
    return saved_again(tiny, tiny.parent / "rounded", on_the_q4_0_grid)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(paths, "beside_app", lambda: tmp_path / "beside")
    return tmp_path


def as_the_hub_keeps_it(source: Path, cache: Path, name: str, *snapshots: str, main: str = "") -> Path:
    """``hf download``'s cache: files are links to blobs, named by what they hold."""
    top = cache / f"models--google--{name}"
    (top / "blobs").mkdir(parents=True)
    for snapshot in snapshots:
        folder = top / "snapshots" / snapshot
        folder.mkdir(parents=True)
        for path in source.iterdir():
            blob = top / "blobs" / f"{hash((snapshot, path.name)) & 0xFFFFFFFF:040x}"
            shutil.copyfile(path, blob)
            (folder / path.name).symlink_to(os.path.relpath(blob, folder))
    if main:
        (top / "refs").mkdir()
        (top / "refs" / "main").write_text(main)
    return top


def test_a_snapshot_has_its_repositorys_name_wherever_it_is_shown(tiny: Path, tmp_path: Path) -> None:
    top = as_the_hub_keeps_it(tiny, tmp_path / "hub", QAT, HASH, main=HASH)
    snapshot = top / "snapshots" / HASH
    for chosen in (top, top / "snapshots", snapshot):
        found = look_at(chosen)
        assert (found.name, found.path, found.problem) == (QAT, snapshot, NOTHING)
        assert PublishedFolder(chosen).trained_for_int4() and PublishedFolder(chosen).folder == snapshot
    engine = Engine.open(top, quantise=False)
    assert (engine.info.name, engine.info.folder) == (QAT, snapshot)
    engine.close()
    target = quantised_form(PublishedFolder(snapshot), tmp_path / "store")
    assert target.name.startswith(f"{QAT}-") and model_name(target) == QAT
    assert import_model(top) == paths.models_dir() / QAT
    assert not (paths.models_dir() / QAT / "model.safetensors").is_symlink()


def test_of_several_snapshots_the_main_one_is_meant(tiny: Path, tmp_path: Path) -> None:
    top = as_the_hub_keeps_it(tiny, tmp_path / "a", "x", HASH, OTHER, main=OTHER)
    assert actual_folder(top) == actual_folder(top / "snapshots") == top / "snapshots" / OTHER
    (top / "refs" / "main").write_text("../../../etc")
    assert actual_folder(top) == top and "several snapshots" in str(problem_of(top))
    shutil.rmtree(top / "snapshots" / OTHER)
    assert actual_folder(top) == top / "snapshots" / HASH


def test_a_snapshot_whose_files_did_not_all_arrive(tiny: Path, tmp_path: Path) -> None:
    top = as_the_hub_keeps_it(tiny, tmp_path / "a", "x", HASH)
    weights = top / "snapshots" / HASH / "model.safetensors"
    weights.resolve().unlink()
    assert "no weights" in str(problem_of(top))


def test_the_hubs_cache_in_the_models_folder_is_found(tiny: Path) -> None:
    top = as_the_hub_keeps_it(tiny, paths.models_dir(), "gemma-4-31B-it", HASH)
    (found,) = find_models(Settings(model_folder=top))
    assert (found.name, found.problem) == ("gemma-4-31B-it", NOTHING)


def test_a_link_has_its_own_name(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / QAT).symlink_to(tiny)
    assert model_name(tmp_path / QAT) == QAT and says_q4_0(tmp_path / QAT)
    (tmp_path / "current").symlink_to(shutil.copytree(tiny, tmp_path / f"{QAT}-2"))
    assert model_name(tmp_path / "current") == "current" and says_q4_0(tmp_path / "current")


def test_names_that_say_what_a_model_was_trained_for(tiny: Path, tmp_path: Path) -> None:
    nameless = shutil.copytree(tiny, tmp_path / QAT / "main")
    assert says_q4_0(nameless)
    for name in ("gemma-4-26B-A4B-it", "gemma-qat", "gemma-q4_0", "Kumquat-4"):
        assert not says_q4_0(shutil.copytree(tiny, tmp_path / name))
    config = json.loads((tiny / "config.json").read_text())
    said = shutil.copytree(tiny, tmp_path / HASH)
    (said / "config.json").write_text(json.dumps(config | {"_name_or_path": f"google/{QAT}"}))
    assert says_q4_0(said) and model_name(said) == QAT
    (said / "config.json").write_text(json.dumps(config | {"_name_or_path": ["x"]}))
    assert not says_q4_0(said) and model_name(said) == HASH


def test_numbers_on_the_grid_are_recognised_whatever_the_folder_is_called(
    tiny: Path, on_grid: Path, tmp_path: Path
) -> None:
    for folder, int4 in ((on_grid, True), (tiny, False)):
        assert PublishedFolder(folder).trained_for_int4() is int4
        source = open_checkpoint(folder, device="cpu", dtype=torch.float32, store=tmp_path / "store")
        assert isinstance(source, QuantisedSource) and source.quantisation == ("int4" if int4 else "NF4")
        specs = expected_tensors(read_config(folder))
        assert model_needs(folder).weights == stored_bytes(specs, fmt="int4" if int4 else "nf4")
        name = "model.language_model.layers.0.mlp.up_proj.weight"
        published = PublishedFolder(folder).mapped()[name]
        assert torch.equal(source.tensor(name).bfloat16(), published) is int4  # exact, or rounded to another grid


def test_a_finetune_that_left_the_grid_is_not_on_it(on_grid: Path, tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(0)

    def trained(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
        noise = {name: torch.randn(tensor.shape, generator=generator) for name, tensor in tensors.items()}
        return {name: (t.float() * (1 + 0.02 * noise[name])).to(t.dtype) for name, t in tensors.items()}

    assert not PublishedFolder(saved_again(on_grid, tmp_path / "trained", trained)).trained_for_int4()


@pytest.mark.parametrize(
    ("group", "lies"),
    [
        ([0.5 * number for number in range(-8, 8)] * 2, True),
        ([-0.5 * number for number in range(-8, 8)] * 2, True),
        ([3.0] * 32, True),
        ([0.5 * number for number in range(-8, 9)] + [0.0] * 15, False),  # 17 steps
        ([0.51, *[0.5 * number for number in range(-7, 8)], *[1.5] * 16], False),
        ([0.0] * 32, False),
        ([float("nan")] * 32, False),
        ([float("inf"), *[1.0] * 31], False),
    ],
)
def test_one_group(group: list[float], lies: bool) -> None:
    assert lies_on_grid(group) is lies


def test_a_quantised_copy_is_shown_with_its_models_name_and_found_under_any(tiny: Path, tmp_path: Path) -> None:
    own = shutil.copytree(tiny, paths.models_dir() / "tiny2")
    assert look_at(own).small is False and model_needs(own).disk > 0
    copy = quantised_form(PublishedFolder(own), paths.quantised_store())
    assert copy.name != "tiny2" and look_at(copy).name == "tiny2" and look_at(copy).small
    assert look_at(own).small and model_needs(own).disk == 0
    moved = own.rename(own.with_name("another name"))
    assert look_at(moved).small
    assert quantised_form(PublishedFolder(moved), paths.quantised_store()) == copy
    (tmp_path / "abc-0123456789ab-1e8").mkdir()
    assert model_name(tmp_path / "abc-0123456789ab-1e8") == "abc-0123456789ab-1e8"  # not written by Lectern


def test_an_adapter_beside_whole_weights_is_said_in_the_list_and_at_opening(tiny: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny, tmp_path / "trained")
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_bytes(b"")
    found = look_at(folder)
    (remark,) = found.remarks
    assert not found.problem and "adapter (adapter_config.json)" in str(remark) and str(remark).endswith(".")
    engine = Engine.open(folder, quantise=False)
    assert engine.info.remarks == (remark,)
    engine.close()


def test_only_an_adapter_is_refused_with_advice(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "lora").mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (tmp_path / "lora" / name).write_text("{}")
    shutil.copyfile(tiny / "tokenizer.json", tmp_path / "lora" / "tokenizer.json")
    assert "choose the model it was trained for" in str(problem_of(tmp_path / "lora"))
    (tmp_path / "lora" / "adapter_model.safetensors").rename(tmp_path / "lora" / "adapter_model.bin")
    assert "choose the model it was trained for" in str(problem_of(tmp_path / "lora"))
    with pytest.raises(Exception, match="choose the model it was trained for"):
        open_checkpoint(tmp_path / "lora", device="cpu", dtype=torch.float32)
