"""The list of models: sizes, formats, fit; add, copy, make small, remove, change, each with real folders."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.threads.background import Background
from app.library.checksums import write_sums
from app.library.model_ref import LocalFolder
from app.library.settings import Settings
from app.ui.models.control import ModelControl
from app.ui.models.dialog import ModelsDialog
from model.checkpoint.folder_names import LABEL
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress
from tests.fakes import FakeEngineBridge, model_info
from tests.files.adapters import write_adapter
from tests.files.gguf import all_in, write_model

Open = Callable[[], ModelsDialog]


def make_model(folder: Path, shape: str = "tiny") -> Path:
    """A published folder with random weights, without the label that says so."""
    write_checkpoint(folder, shape)
    (folder / LABEL).unlink()
    return folder


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(paths, "beside_app", lambda: tmp_path / "beside")
    make_model(paths.models_dir() / "gemma")
    return tmp_path


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(path=home / "settings.json")


@pytest.fixture
def control(settings: Settings, qtbot: QtBot) -> Iterator[ModelControl]:
    background = Background()
    made = ModelControl(FakeEngineBridge(None), settings, background)
    made.background = background  # type: ignore[attr-defined]
    yield made
    made.close()
    background.shutdown()


@pytest.fixture
def dialog(control: ModelControl, settings: Settings, qtbot: QtBot) -> ModelsDialog:
    made = ModelsDialog(control, settings, control.background)  # type: ignore[attr-defined]
    made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # the fixture closes it again
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: len(made.models) == 2, timeout=60_000)
    return made


def choose(dialog: ModelsDialog, name: str) -> None:
    dialog.table.selectRow(names(dialog).index(name))


def names(dialog: ModelsDialog) -> list[str]:
    return [Path(model["folder"]).name for model in dialog.models]


def text(dialog: ModelsDialog, line: int, place: int) -> str:
    item = dialog.table.item(line, place)
    assert item is not None
    return item.text()


def test_each_model_says_what_it_is_and_whether_it_fits(dialog: ModelsDialog) -> None:
    assert names(dialog) == ["gemma", "sample_model"]
    assert text(dialog, 0, 1) == "as published" and text(dialog, 1, 1) == "sample"
    assert text(dialog, 0, 2).endswith("B")
    assert text(dialog, 0, 3).startswith("✓ It fits in memory")


def test_the_fit_is_for_the_chosen_context(dialog: ModelsDialog, qtbot: QtBot) -> None:
    before = dialog.models[1]["needs"]["kv_cache"]
    dialog.context.setCurrentIndex(0)
    qtbot.waitUntil(lambda: dialog.models[1]["needs"]["kv_cache"] < before, timeout=60_000)


def test_a_model_is_changed_without_a_restart(dialog: ModelsDialog, control: ModelControl, home: Path) -> None:
    choose(dialog, "gemma")
    dialog.load_button.click()
    engine = control._engine
    assert isinstance(engine, FakeEngineBridge)
    assert engine.loads == [LocalFolder(paths.models_dir() / "gemma")]
    engine.become(model_info(folder=paths.models_dir() / "gemma"))
    assert "(loaded)" in text(dialog, 0, 0)


def test_a_published_model_is_made_small_with_progress(dialog: ModelsDialog, qtbot: QtBot) -> None:
    choose(dialog, "gemma")
    seen: list[LoadProgress] = []
    dialog.jobs.progress.connect(seen.append)
    dialog.quantise_button.click()
    assert dialog.progress.isVisible()
    qtbot.waitUntil(lambda: not dialog.jobs.busy and len(dialog.models) == 3, timeout=60_000)
    assert seen and not dialog.progress.isVisible()
    assert "4-bit, ready" in [text(dialog, line, 1) for line in range(3)]


def test_a_folder_is_copied_from_a_stick_and_can_be_removed_again(
    dialog: ModelsDialog, qtbot: QtBot, home: Path
) -> None:
    stick = home / "stick" / "other"
    make_model(stick, "tiny-dense")
    write_sums(stick, lambda progress: None)
    dialog.copy(stick)
    qtbot.waitUntil(lambda: "other" in names(dialog), timeout=60_000)
    assert (paths.models_dir() / "other" / "model.safetensors").is_file()
    choose(dialog, "other")
    dialog.remove_button.click()
    question = dialog.findChild(QMessageBox)
    assert question is not None and question.defaultButton().text() == "Cancel"
    next(button for button in question.buttons() if button.text() == "Delete").click()
    qtbot.waitUntil(lambda: "other" not in names(dialog), timeout=60_000)
    assert not (paths.models_dir() / "other").exists()


def test_a_folder_elsewhere_is_put_on_the_list_and_taken_off_but_never_deleted(
    dialog: ModelsDialog, settings: Settings, qtbot: QtBot, home: Path
) -> None:
    folder = home / "elsewhere"
    make_model(folder)
    dialog.add(folder)
    qtbot.waitUntil(lambda: "elsewhere" in names(dialog), timeout=60_000)
    assert Settings.load(home / "settings.json").model_folders == (folder,)
    choose(dialog, "elsewhere")
    dialog.remove_button.click()
    qtbot.waitUntil(lambda: "elsewhere" not in names(dialog), timeout=60_000)
    assert folder.exists() and settings.model_folders == ()


def test_a_folder_that_is_no_model_is_refused_in_one_sentence(dialog: ModelsDialog, tmp_path: Path) -> None:
    dialog.add(tmp_path)
    assert "is not a model folder" in dialog.note.text and dialog.note.isVisible()
    dialog.add(make_model(tmp_path / "right"))
    assert not dialog.note.isVisible(), "it is about the folder before"


def test_a_loaded_model_is_not_deleted(dialog: ModelsDialog, control: ModelControl) -> None:
    engine = control._engine
    assert isinstance(engine, FakeEngineBridge)
    folder = paths.models_dir() / "gemma"
    engine.become(model_info(folder=folder))
    dialog.remove(folder)
    assert "is loaded" in dialog.note.text and folder.exists()


def test_work_goes_on_when_the_dialog_is_closed(
    dialog: ModelsDialog, control: ModelControl, home: Path, qtbot: QtBot
) -> None:
    stick = home / "stick" / "other"
    make_model(stick, "tiny-dense")
    dialog.copy(stick)
    dialog.close()
    qtbot.waitUntil(lambda: not control.jobs.busy, timeout=60_000)
    assert (paths.models_dir() / "other").is_dir()


def test_a_model_that_is_small_already_is_not_made_small_again(dialog: ModelsDialog, qtbot: QtBot, home: Path) -> None:
    """Its quantised copy stands there under its own name, and neither line offers what is done."""
    choose(dialog, "gemma")
    assert dialog.quantise_button.isEnabled()
    dialog.quantise_button.click()
    qtbot.waitUntil(lambda: not dialog.jobs.busy and len(dialog.models) == 3, timeout=60_000)
    for line in range(3):
        dialog.table.selectRow(line)
        assert not dialog.quantise_button.isEnabled()
    assert [text(dialog, line, 0) for line in range(2)] == ["gemma", "gemma"]
    assert {text(dialog, line, 1) for line in range(2)} == {"as published", "4-bit, ready"}


def test_what_is_left_out_of_a_folder_stands_in_the_list(dialog: ModelsDialog, qtbot: QtBot, home: Path) -> None:
    (paths.models_dir() / "gemma" / "adapter_config.json").write_text("{}")
    dialog.refresh()
    qtbot.waitUntil(lambda: "an adapter (adapter_config.json)" in text(dialog, 0, 3), timeout=60_000)
    assert text(dialog, 0, 3).startswith("✓ It fits in memory")


def test_a_gguf_file_is_listed_imported_and_used(dialog: ModelsDialog, qtbot: QtBot, home: Path) -> None:
    write_model(paths.models_dir() / "small.gguf", paths.models_dir() / "gemma", all_in("Q4_0"))
    dialog.refresh()
    qtbot.waitUntil(lambda: "small.gguf" in names(dialog), timeout=60_000)
    choose(dialog, "small.gguf")
    assert not dialog.load_button.isEnabled() and dialog.selected is not None and dialog.selected["importable"]
    with qtbot.waitSignal(dialog.jobs.ended, timeout=60_000) as ended:
        dialog.gguf_button.click()
    assert ended.args[0] == paths.models_dir() / "small" and not str(ended.args[1])
    qtbot.waitUntil(lambda: "small" in names(dialog), timeout=60_000)
    made = next(model for model in dialog.models if model["kind"] == "quantised")
    assert made["name"] == "small" and not made["problem"]


def test_adapters_stand_below_their_model_and_are_applied_when_ticked(
    control: ModelControl, settings: Settings, dialog: ModelsDialog, qtbot: QtBot, home: Path
) -> None:
    gemma = paths.models_dir() / "gemma"
    assert dialog.adapters.isHidden()
    added = write_adapter(home / "elsewhere", gemma, 1)
    write_adapter(paths.models_dir() / "letters", gemma, 2)
    write_adapter(paths.models_dir() / "dora", gemma, 3, use_dora=True)
    dialog.add(added)
    assert settings.adapter_folders == (added,)
    qtbot.waitUntil(lambda: dialog.adapters.list.count() == 3, timeout=60_000)
    choose(dialog, "gemma")
    items = [dialog.adapters.list.item(line) for line in range(3)]
    assert [item.text() for item in items[:2]] == ["elsewhere", "letters"] and "uses DoRA" in items[2].text()
    assert not items[2].flags() & Qt.ItemFlag.ItemIsUserCheckable
    engine = control._engine
    assert isinstance(engine, FakeEngineBridge)
    items[1].setCheckState(Qt.CheckState.Checked)
    assert engine.loads == [], "the model is not loaded yet"
    dialog.load_button.click()
    wanted = LocalFolder(gemma, (paths.models_dir() / "letters",))
    assert engine.loads == [wanted]
    engine.info = model_info(folder=gemma)
    engine.loaded.emit(engine.info)
    assert settings.model == wanted
    items[0].setCheckState(Qt.CheckState.Checked)
    assert engine.loads[-1] == LocalFolder(gemma, (added, paths.models_dir() / "letters"))
    items[0].setCheckState(Qt.CheckState.Unchecked)
    assert engine.loads[-1] == wanted
    dialog.refresh()
    qtbot.waitUntil(lambda: dialog.adapters.chosen == wanted.adapters, timeout=60_000)
    choose(dialog, "sample_model")
    assert dialog.adapters.list.count() == 1 and dialog.adapters.chosen == (), "only what no model can apply"
