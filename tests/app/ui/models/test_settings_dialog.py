"""Settings take effect and are saved at once."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QFileDialog, QLabel, QScrollArea, QSpinBox
from pytestqt.qtbot import QtBot

from app import paths
from app.library.settings import Settings
from app.ui.look.theme import Theme
from app.ui.models import languages
from app.ui.models.settings_dialog import GB, SettingsDialog


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return Settings(path=tmp_path / "settings.json", document_disk=3 * GB)


@pytest.fixture
def dialog(settings: Settings, qtbot: QtBot) -> SettingsDialog:
    made = SettingsDialog(settings, (4 * GB, 20 * GB))
    qtbot.addWidget(made)
    made.show()
    return made


def saved(settings: Settings) -> Settings:
    assert settings.path is not None
    return Settings.load(settings.path)


def test_the_longest_answer_and_the_longest_thinking(dialog: SettingsDialog, settings: Settings) -> None:
    assert (dialog.answer_tokens.value(), dialog.thinking_tokens.value()) == (2048, 8192)
    dialog.answer_tokens.setValue(4096)
    dialog.thinking_tokens.setValue(512)
    assert (saved(settings).answer_tokens, saved(settings).thinking_tokens) == (4096, 512)


def test_what_is_set_is_shown(dialog: SettingsDialog) -> None:
    assert dialog.memory.automatic.isChecked() and "4.0 GB" in dialog.memory.automatic.text()
    assert not dialog.disk.automatic.isChecked() and dialog.disk.amount.value() == 3


def test_the_folder_for_languages_is_made_and_what_is_put_there_is_found(
    dialog: SettingsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dialog.languages.found.text() == "Read in: English, Deutsch"
    opened: list[Path] = []
    monkeypatch.setattr(languages, "show", lambda folder: bool(opened.append(folder) or folder.is_dir()))
    dialog.languages.open_button.click()
    assert opened == [paths.languages_dir()] and not dialog.languages.problem.isVisibleTo(dialog)
    (opened[0] / "fra.traineddata").write_bytes(b"data")
    (opened[0] / "osd.traineddata").write_bytes(b"no language")
    QApplication.sendEvent(dialog.languages, QEvent(QEvent.Type.WindowActivate))
    assert dialog.languages.found.text() == "Read in: English, Deutsch, français"


def test_a_folder_that_cannot_be_opened_is_named(dialog: SettingsDialog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "show", lambda folder: False)
    dialog.languages.open_button.click()
    assert str(paths.languages_dir()) in dialog.languages.problem.text()
    assert dialog.languages.problem.isVisibleTo(dialog)


@pytest.mark.parametrize(("code", "name"), [("jpn", "日本語"), ("chi_sim", "简体中文 (chi_sim)"), ("frk", "frk")])
def test_languages_are_called_by_their_own_names(code: str, name: str) -> None:
    assert languages.language_name(code) == name


def test_a_theme_takes_effect_at_once_and_is_saved(dialog: SettingsDialog, settings: Settings, qtbot: QtBot) -> None:
    with qtbot.waitSignal(dialog.theme_chosen) as chosen:
        dialog.theme.setCurrentIndex(dialog.theme.findData("dark"))
    assert chosen.args == ["dark"] and saved(settings).theme == "dark"


def test_budgets_are_bytes_or_automatic(dialog: SettingsDialog, settings: Settings) -> None:
    dialog.memory.automatic.setChecked(False)
    dialog.memory.amount.setValue(6)
    dialog.disk.automatic.setChecked(True)
    assert saved(settings).document_memory == 6 * GB and saved(settings).document_disk is None


def test_nothing_on_disk_can_be_asked_for(dialog: SettingsDialog, settings: Settings) -> None:
    dialog.disk.amount.setValue(0)
    assert saved(settings).document_disk == 0


def test_answers_language_and_tools(dialog: SettingsDialog, settings: Settings) -> None:
    dialog.thinking.click()
    dialog.tools.click()
    dialog.language.setCurrentIndex(dialog.language.findData("de"))
    found = saved(settings)
    assert (found.think, found.tools, found.language) == (True, False, "de")


def test_a_report_is_saved_and_the_button_says_so(dialog: SettingsDialog, tmp_path: Path) -> None:
    dialog.save_report(tmp_path / "report.zip")
    assert zipfile.is_zipfile(tmp_path / "report.zip")
    assert dialog.report_button.text() == "Saved as report.zip"


def test_the_text_size_is_saved_and_counts_from_the_next_start(
    dialog: SettingsDialog, settings: Settings, qapp: QApplication
) -> None:
    dialog.text_size.setCurrentIndex(dialog.text_size.findData("150"))
    assert settings.path is not None and Settings.load(settings.path).text_size == 150
    before = qapp.font()
    try:
        Theme(qapp, "light", 150)
        assert qapp.font().pointSizeF() == pytest.approx(1.5 * before.pointSizeF(), abs=0.1)
        Theme(qapp, "light", 150)
        assert qapp.font().pointSizeF() == pytest.approx(1.5 * before.pointSizeF(), abs=0.1), "not once more"
    finally:
        qapp.setFont(before)
        Theme(qapp, "light")


def test_a_report_is_a_zip_by_name_too(dialog: SettingsDialog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = tmp_path / "my report.txt"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(chosen), ""))
    dialog.report_button.click()
    assert zipfile.is_zipfile(tmp_path / "my report.txt.zip") and not chosen.exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_list_of_choices_shows_all_of_them_also_after_the_theme_was_changed(
    dialog: SettingsDialog, qtbot: QtBot, theme: str
) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    looks = Theme(application, "light")
    dialog.show()
    dialog.language.showPopup()
    dialog.language.hidePopup()
    looks.set_mode(theme)
    dialog.language.showPopup()
    view = dialog.language.view()
    last = view.visualRect(dialog.language.model().index(dialog.language.count() - 1, 0))
    assert last.bottom() <= view.viewport().height()
    dialog.language.hidePopup()
    looks.set_mode("system")


def test_a_disk_that_refuses_the_report_is_named(dialog: SettingsDialog, tmp_path: Path) -> None:
    dialog.save_report(tmp_path / "nowhere" / "report.zip")
    assert dialog.report_button.text().startswith("Not saved:")


def test_every_control_has_a_name_for_a_screen_reader(dialog: SettingsDialog) -> None:
    for kind in (QAbstractButton, QComboBox, QSpinBox):
        for control in dialog.findChildren(kind):
            if control.isVisible() and control.objectName() != "qt_spinbox_lineedit":
                words = control.text() if isinstance(control, QAbstractButton) else ""
                assert words or control.accessibleName(), control


def test_it_fits_a_small_laptop(dialog: SettingsDialog) -> None:
    assert dialog.minimumSizeHint().height() <= 720 - 40, "1280×720 with the system's title bar"


def test_ears_are_chosen_and_taken_back(
    dialog: SettingsDialog, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert dialog.ears.text() == "Choose a model folder…" and not dialog.no_ears.isVisible()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "gemma-4-E2B"))
    dialog.ears.click()
    assert dialog.ears.text() == "gemma-4-E2B" and saved(settings).ears == tmp_path / "gemma-4-E2B"
    dialog.no_ears.click()
    assert saved(settings).ears is None and not dialog.no_ears.isVisible()


def test_nothing_is_scrolled_sideways_and_names_are_level_with_their_fields(
    dialog: SettingsDialog, qtbot: QtBot, qapp: QApplication
) -> None:
    qtbot.waitExposed(dialog)
    (area,) = [one for one in dialog.findChildren(QScrollArea) if one.isAncestorOf(dialog.theme)]
    for height in (dialog.height(), 300):
        dialog.resize(dialog.width(), height)
        qapp.processEvents()
        assert area.horizontalScrollBar().maximum() == 0
    assert area.verticalScrollBar().isVisible()
    names = [one for one in dialog.findChildren(QLabel) if one.buddy() is not None and one.isVisible()]
    assert len(names) >= 6
    for name in names:
        field = name.buddy()
        assert field is not None
        middles = [one.mapTo(dialog, one.rect().center()).y() for one in (name, field)]
        assert abs(middles[0] - middles[1]) <= 2, name.text()


def test_large_numbers_are_grouped(dialog: SettingsDialog) -> None:
    assert dialog.answer_tokens.text() == "2,048 tokens"
    assert all(box.isGroupSeparatorShown() for box in dialog.findChildren(QSpinBox))
