"""Settings survive what happens to files."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from app import paths
from app.library.model_ref import LocalFolder, SampleModel
from app.library.settings import Settings


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "settings.json"
    settings = Settings.load(path)
    assert settings == Settings(path=path)
    settings.theme, settings.think, settings.geometry = "dark", True, "AAA="
    settings.choose(LocalFolder(Path("/m/ä")))
    settings.save()
    assert Settings.load(path) == settings
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'"x"', b"null"])
def test_a_damaged_file_becomes_the_defaults_and_a_log_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, content: bytes
) -> None:
    path = tmp_path / "settings.json"
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert Settings.load(path) == Settings(path=path)
    assert caplog.records


def test_one_wrong_value_does_not_cost_the_others(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "pink", "think": True, "geometry": 3, "model_folder": [], "new": 1}))
    settings = Settings.load(path)
    assert settings == Settings(think=True, path=path, others={"new": 1})
    assert len(caplog.records) == 3


def test_what_another_version_knows_survives_a_save(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps({"theme": "dark", "server": {"address": "there"}, "model": {"kind": "server"}}))
    settings = Settings.load(path)
    assert settings.model is None
    settings.text_size = 110
    settings.save()
    assert json.loads(path.read_text())["server"] == {"address": "there"}
    assert Settings.load(path) == settings


@pytest.mark.parametrize(
    ("kept", "model", "folder"),
    [
        ({}, None, None),
        ({"model_folder": None, "sample_model": False}, None, None),
        ({"model_folder": "/m"}, LocalFolder(Path("/m")), Path("/m")),
        ({"model_folder": "/m", "sample_model": False}, LocalFolder(Path("/m")), Path("/m")),
        ({"model_folder": "/m", "sample_model": True}, SampleModel(), Path("/m")),
        ({"sample_model": True}, SampleModel(), None),
    ],
)
def test_the_model_of_an_earlier_versions_settings(
    tmp_path: Path, kept: dict[str, object], model: LocalFolder | SampleModel | None, folder: Path | None
) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(kept))
    settings = Settings.load(path)
    assert (settings.model, settings.model_folder) == (model, folder)
    settings.save()
    assert Settings.load(path) == settings
    assert "sample_model" not in json.loads(path.read_text())


def test_the_folder_stays_known_while_the_sample_model_is_used(tmp_path: Path) -> None:
    settings = Settings(path=tmp_path / "settings.json")
    settings.choose(LocalFolder(Path("/m")))
    settings.choose(SampleModel())
    settings.save()
    again = Settings.load(tmp_path / "settings.json")
    assert again.model == SampleModel() and again.model_folder == Path("/m")


def test_a_disk_that_refuses_is_a_log_line(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "file").write_text("in the way")
    Settings(path=tmp_path / "file" / "settings.json").save()
    assert "could not be saved" in caplog.text


def test_settings_without_a_path_stay_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    Settings(theme="dark").save()
    assert list(tmp_path.iterdir()) == []


def test_home_puts_everything_below_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    folders = {paths.config_dir(), paths.data_dir(), paths.cache_dir(), paths.log_dir()}
    assert len(folders) == 4
    assert {folder.parent for folder in folders} == {tmp_path}
    Settings.load().save()
    assert (paths.config_dir() / "settings.json").is_file()


def test_resources_in_a_checkout_and_in_a_frozen_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert paths.resource("icons").is_dir()
    monkeypatch.setattr("sys._MEIPASS", str(tmp_path), raising=False)
    monkeypatch.setattr("sys.frozen", True, raising=False)
    monkeypatch.setattr("sys.executable", str(tmp_path / "bin" / "lectern"))
    assert paths.resource("icons", "a.svg") == tmp_path / "resources" / "icons" / "a.svg"
    assert paths.beside_app() == tmp_path / "bin"


def test_budgets_and_pins_are_remembered(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings(document_memory=1 << 33, document_disk=0, document_int8=True, pinned=("a" * 64,), path=path)
    settings.save()
    assert Settings.load(path) == settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"document_memory": -1},
        {"document_memory": True},
        {"document_memory": 1.5},
        {"document_disk": "much"},
        {"document_disk": 1 << 60},
        {"document_int8": 1},
        {"pinned": "a" * 64},
        {"pinned": ["../../etc/passwd"]},
        {"pinned": [3]},
        {"pinned": ["a" * 64] * 1001},
    ],
)
def test_wrong_budgets_and_pins_become_the_default(tmp_path: Path, wrong: dict[str, object]) -> None:
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(wrong))
    assert Settings.load(path) == Settings(path=path)


def test_panes_are_remembered_and_absurd_sizes_are_not(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    settings = Settings(
        side_open=False, viewer_open=True, side_width=301, files_height=200, viewer_width=512, path=path
    )
    settings.save()
    assert Settings.load(path) == settings
    path.write_text(json.dumps({"side_width": -5, "viewer_width": 10**9, "files_height": True, "side_open": 1}))
    assert Settings.load(path) == Settings(path=path)
