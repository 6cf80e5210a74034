"""A PDF under a password in the real window: the real reading process, the real viewing process."""

from __future__ import annotations

import logging
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app import paths
from app.diagnostics.problem_report import write_report
from app.engine.media.reading import ReadingBridge
from app.library.settings import Settings
from app.session.items import Item, ItemState
from app.ui.files.passwords import PasswordDialog
from app.ui.history.history import History
from app.ui.look.buttons import close_button
from app.ui.window.main_window import MainWindow
from tests.fakes import FakeEngineBridge, model_info
from tests.files.samples import ENCRYPTIONS, encrypted_pdf

SECRET = "grüner Hügel 7"
PATIENCE_MS = 60_000


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def window(qtbot: QtBot, home: Path) -> Iterator[MainWindow]:
    made = open_window(qtbot)
    yield made
    made.close()
    made.deleteLater()


def open_window(qtbot: QtBot) -> MainWindow:
    history = History(paths.data_dir() / "conversations", paths.data_dir() / "pasted")
    made = MainWindow(
        engine=FakeEngineBridge(model_info()), reading=ReadingBridge(), settings=Settings(), history=history
    )
    made.show()
    qtbot.waitUntil(lambda: history.ready, timeout=PATIENCE_MS)
    return made


def add(window: MainWindow, qtbot: QtBot, path: Path) -> Item:
    window.add_paths([path])
    qtbot.waitUntil(lambda: len(window.attachments.items) == 1)
    item = next(iter(window.attachments.items))
    qtbot.waitUntil(lambda: item.state is not ItemState.READING, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: window.side.rows[item.key].error.text() == str(item.error))
    return item


def press_unlock(window: MainWindow, item: Item) -> PasswordDialog:
    row = window.side.rows[item.key]
    assert row.unlock_button.isVisibleTo(row) and not row.again_button.isVisibleTo(row)
    row.unlock_button.setFocus()
    row.unlock_button.click()
    return open_dialog(window)


def open_dialog(window: MainWindow) -> PasswordDialog:
    dialog = window.side.passwords.dialog
    assert dialog is not None and dialog.isVisible()
    return dialog


def enter(dialog: PasswordDialog, password: str) -> None:
    assert not dialog.open_button.isEnabled()
    dialog.edit.insert(password)  # QTest knows no keys but ASCII's
    QTest.keyClick(dialog.edit, Qt.Key.Key_Return)


@pytest.mark.parametrize("kind", ENCRYPTIONS)
def test_it_asks_refuses_a_wrong_one_and_opens(window: MainWindow, qtbot: QtBot, tmp_path: Path, kind: str) -> None:
    item = add(window, qtbot, encrypted_pdf(tmp_path / "locked.pdf", kind, SECRET))
    assert item.state is ItemState.FAILED and item.locked and "password" in str(item.error)
    dialog = press_unlock(window, item)
    assert not dialog.note.isVisibleTo(dialog)
    enter(dialog, "wrong")
    qtbot.waitUntil(lambda: window.side.passwords.dialog not in (None, dialog), timeout=PATIENCE_MS)
    again = open_dialog(window)
    assert "Wrong password" in again.note.text and item.options.password is None
    enter(again, SECRET)
    qtbot.waitUntil(lambda: item.state is ItemState.READY, timeout=PATIENCE_MS)
    assert item.document is not None and "4711" in item.document.pages[0].text
    row = window.side.rows[item.key]
    qtbot.waitUntil(lambda: not row.error_tools.isVisibleTo(row))
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    assert window.composer.edit.hasFocus(), "the question comes next"


def test_its_buttons_have_words_and_no_pictures_of_the_platform(qtbot: QtBot) -> None:
    dialog = PasswordDialog("a.pdf", False, None)
    qtbot.addWidget(dialog)
    buttons = dialog.findChildren(QPushButton)
    assert {button.text() for button in buttons} == {"Open", "Cancel", "Show"}
    closing = close_button()
    assert all(button.icon().isNull() for button in [*buttons, *closing.buttons()])


def test_giving_up_leaves_the_file_refused(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    item = add(window, qtbot, encrypted_pdf(tmp_path / "locked.pdf", user=SECRET))
    dialog = press_unlock(window, item)
    QTest.keyClicks(dialog.edit, "half of i")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert window.side.passwords.dialog is None
    assert item.state is ItemState.FAILED and item.locked and item.options.password is None
    enter(press_unlock(window, item), SECRET)  # and it may be tried later
    qtbot.waitUntil(lambda: item.state is ItemState.READY, timeout=PATIENCE_MS)


def test_a_file_that_only_forbids_changes_just_opens(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    item = add(window, qtbot, encrypted_pdf(tmp_path / "open.pdf", user=""))
    assert item.state is ItemState.READY and not item.locked


def test_the_viewer_opens_with_the_same_password(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    item = add(window, qtbot, encrypted_pdf(tmp_path / "locked.pdf", user=SECRET))
    viewer = window.viewing
    viewer.show_item(item.key)
    pane = window.viewer
    qtbot.waitUntil(lambda: "password" in pane.note.text, timeout=PATIENCE_MS)
    enter(press_unlock(window, item), SECRET)
    qtbot.waitUntil(lambda: item.state is ItemState.READY, timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: pane.pdf.pages == 1 and not pane.note.text, timeout=PATIENCE_MS)


def test_another_way_of_reading_keeps_the_password(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    item = add(window, qtbot, encrypted_pdf(tmp_path / "locked.pdf", user=SECRET))
    enter(press_unlock(window, item), SECRET)
    qtbot.waitUntil(lambda: item.state is ItemState.READY, timeout=PATIENCE_MS)
    window.attachments.set_options(item.key, replace(item.options, budget=70))
    qtbot.waitUntil(lambda: item.state is not ItemState.READING, timeout=PATIENCE_MS)
    assert item.state is ItemState.READY


def test_it_is_written_nowhere_and_asked_for_again(
    qtbot: QtBot, home: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    first = open_window(qtbot)
    item = add(first, qtbot, encrypted_pdf(tmp_path / "locked.pdf", user=SECRET))
    enter(press_unlock(first, item), SECRET)
    qtbot.waitUntil(lambda: item.state is ItemState.READY, timeout=PATIENCE_MS)
    first.composer.set_text("What is the number?")
    first.composer.edit.send.emit()
    qtbot.waitUntil(lambda: len(first.asking.conversation) == 1)
    first.common.settings.save()
    first.close()
    first.deleteLater()

    write_report(tmp_path / "report.zip")
    with zipfile.ZipFile(tmp_path / "report.zip") as archive:
        archive.extractall(home / "report")
    kept = [path for path in home.rglob("*") if path.is_file()]
    assert any(b"What is the number?" in path.read_bytes() for path in kept)  # the conversation is there
    for path in kept:
        data = path.read_bytes()
        assert SECRET.encode() not in data and SECRET.encode("utf-16-le") not in data, path
    assert SECRET not in caplog.text and "Hügel" not in caplog.text

    again = open_window(qtbot)
    try:
        qtbot.waitUntil(lambda: len(again.library.list.conversations.rows) == 1, timeout=PATIENCE_MS)
        again.library.list.wanted.emit(again.library.list.conversations.rows[0].id)
        qtbot.waitUntil(lambda: len(again.attachments.items) == 1, timeout=PATIENCE_MS)
        back = next(iter(again.attachments.items))
        qtbot.waitUntil(lambda: back.state is ItemState.FAILED, timeout=PATIENCE_MS)
        assert back.locked and not back.wrong
        qtbot.waitUntil(
            lambda: back.key in again.side.rows and again.side.rows[back.key].error.text() == str(back.error)
        )
        enter(press_unlock(again, back), SECRET)
        qtbot.waitUntil(lambda: back.state is ItemState.READY, timeout=PATIENCE_MS)
    finally:
        again.close()
        again.deleteLater()
