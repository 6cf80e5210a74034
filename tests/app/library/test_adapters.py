"""Adapters on the machine: where they are found, and what each is to a model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import paths
from app.diagnostics.doctor import model_reports
from app.library.adapters import adapter_folders, adapters_of
from app.library.model_ref import LocalFolder, SampleModel, as_data, from_data
from app.library.models import find_models, ref_of, sample_model_folder
from app.library.settings import Settings
from model.synthetic.writing import write_checkpoint
from tests.files.adapters import write_adapter


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(paths, "beside_app", lambda: tmp_path / "beside")
    write_checkpoint(paths.models_dir() / "gemma", "tiny")
    return paths.models_dir()


def test_they_are_found_beside_models_inside_one_and_where_the_user_added_them(models: Path, tmp_path: Path) -> None:
    gemma = models / "gemma"
    beside = write_adapter(models / "letters", gemma, 1)
    inside = write_adapter(gemma / "invoices", gemma, 2)
    added = write_adapter(tmp_path / "elsewhere", gemma, 3)
    other = write_adapter(models / "other", gemma, 4)
    tower = write_adapter(models / "tower", gemma, 5, use_dora=True)
    shapes = json.loads((gemma / "config.json").read_text())
    shapes["text_config"]["intermediate_size"] *= 2
    (tmp_path / "wide").mkdir()
    (tmp_path / "wide" / "config.json").write_text(json.dumps(shapes))
    for file in other.iterdir():
        file.unlink()
    other.rmdir()
    write_adapter(other, tmp_path / "wide", 4)

    settings = Settings(adapter_folders=(added, tmp_path / "gone"))
    known = adapter_folders(settings)
    assert known == [added, beside, other, tower]
    assert [model.path.name for model in find_models(settings)] == ["gemma"], "an adapter is no model"
    found = {one.folder: one for one in adapters_of(gemma, known)}
    assert list(found)[:3] == [inside, added, beside]
    assert not any(found[folder].problem for folder in (inside, added, beside))
    assert found[tower].problem.cause == "adapter.kind" and not found[tower].is_for_another_model
    assert found[other].is_for_another_model
    reports = model_reports(settings, 8192)
    assert [one["name"] for one in reports[0]["adapters"]] == ["invoices", "elsewhere", "letters", "tower"]
    assert [one["name"] for one in reports[-1]["adapters"]] == ["tower"], "no model can apply it"


def test_a_reference_keeps_its_adapters(tmp_path: Path) -> None:
    ref = LocalFolder(tmp_path / "m", (tmp_path / "a", tmp_path / "b"))
    assert from_data(json.loads(json.dumps(as_data(ref)))) == ref
    assert as_data(LocalFolder(tmp_path)) == {"kind": "folder", "path": str(tmp_path)}
    assert from_data({"kind": "folder", "path": "m", "adapters": [1, "", "a"]}) == LocalFolder(Path("m"), (Path("a"),))
    assert from_data({"kind": "folder", "path": "m", "adapters": "a"}) == LocalFolder(Path("m"))
    assert ref_of(sample_model_folder()) == SampleModel()
    assert ref_of(sample_model_folder(), (tmp_path,)) == LocalFolder(sample_model_folder(), (tmp_path,))


def test_added_folders_are_kept(tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json", adapter_folders=(tmp_path / "a",))
    settings.save()
    assert Settings.load(tmp_path / "settings.json").adapter_folders == (tmp_path / "a",)
