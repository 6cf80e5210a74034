from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from app.ingest.types import ReadOptions
from app.ui.item_row import ItemRow
from app.ui.items import ItemState
from app.ui.main_window import MainWindow
from app.ui.widgets import FewLines
from tests.app.ui.conftest import Stage

ACTION = Qt.DropAction.CopyAction
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drop(window: MainWindow, data: QMimeData) -> None:
    QApplication.sendEvent(window, QDragEnterEvent(QPoint(5, 5), ACTION, data, LEFT, NONE))
    assert window._veil.isVisible()
    QApplication.sendEvent(window, QDropEvent(QPointF(5, 5), ACTION, data, LEFT, NONE))
    assert not window._veil.isVisible()


def urls(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def screenshot() -> QImage:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    return image


def rows(stage: Stage) -> list[ItemRow]:
    return list(stage.window.side.rows.values())


def test_a_dropped_file_is_read_and_shown(stage: Stage) -> None:
    drop(stage.window, urls(stage.file("a.pdf")))
    stage.until(lambda: bool(rows(stage)) and rows(stage)[0].item.state is ItemState.READY)
    stage.until(lambda: rows(stage)[0].facts.text() == "PDF · 3 pages · as text")
    assert "a.pdf" in rows(stage)[0].accessibleName()
    assert rows(stage)[0].grab().size().width() > 100  # the thumbnail is decoded when painted


def test_a_dropped_folder_is_walked_and_the_rest_is_named(stage: Stage) -> None:
    for name in ("box/a.pdf", "box/deep/b.png", "box/c.docx"):
        stage.file(name)
    drop(stage.window, urls(stage.folder / "box"))
    stage.until(lambda: len(rows(stage)) == 2)
    words = "Not added: c.docx. This is a text file; print or save it as PDF and read that."
    assert stage.window.talk.notices.text == words


def test_all_names_that_were_not_added_can_be_seen(stage: Stage) -> None:
    names = [f"minutes of the meeting {number:03}.docx" for number in range(60)]
    for name in ("a.pdf", *names):
        stage.file(f"box/{name}")
    drop(stage.window, urls(stage.folder / "box"))
    stage.until(lambda: len(rows(stage)) == 1)
    notices = stage.window.talk.notices
    assert all(name in notices.text for name in names)
    (area,) = notices.findChildren(FewLines)
    line = notices.fontMetrics().lineSpacing()
    stage.until(lambda: area.verticalScrollBar().maximum() > 0)
    assert area.height() <= (FewLines.MOST + 1) * line and notices.height() < stage.window.height() / 3
    notices.set_text("One short line.")
    stage.until(lambda: area.verticalScrollBar().maximum() == 0 and area.height() < 3 * line)


def test_a_dropped_file_goes_to_the_reader_whatever_it_is_called(stage: Stage) -> None:
    files = [stage.file(name) for name in ("contract", "b.wmv", "notes.docx")]
    drop(stage.window, urls(*files))
    stage.until(lambda: len(rows(stage)) == 3)
    assert [path.name for path, _ in stage.reading.jobs.values()] == ["contract", "b.wmv", "notes.docx"]
    assert stage.window.talk.notices.text == ""


def test_the_same_file_twice_is_recognised(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.window.add_paths([stage.folder / "a.pdf"])
    stage.until(lambda: "a.pdf is attached already." in stage.window.talk.notices.text)
    assert len(rows(stage)) == 1


def test_the_same_content_under_another_name_is_recognised(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf", "copy.pdf")
    stage.reading.finish(1, "same")
    stage.reading.finish(2, "same")
    stage.until(lambda: len(rows(stage)) == 1)
    assert "copy.pdf has the same content as a.pdf" in stage.window.talk.notices.text


def test_files_are_opened_by_dialog(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stage.file("a.pdf")
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_, **__: ([str(path)], ""))
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: len(rows(stage)) == 1)


def test_a_screenshot_is_pasted_into_the_question(stage: Stage) -> None:
    QApplication.clipboard().setImage(screenshot())
    stage.window.composer.edit.setFocus()
    stage.qtbot.keyClick(stage.window.composer.edit, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    stage.until(lambda: len(rows(stage)) == 1)
    item = rows(stage)[0].item
    assert item.path.suffix == ".png" and QImage(str(item.path)).size() == screenshot().size()
    assert stage.window.composer.text == ""
    stage.window.remove_file(item.key)
    assert item.path.exists()  # the removal can be taken back
    stage.window.close()
    assert not item.path.exists()


def test_text_is_pasted_as_text(stage: Stage) -> None:
    QApplication.clipboard().setText("from elsewhere")
    stage.window.paste()
    assert stage.window.composer.text == "from elsewhere"
    assert not rows(stage)


def test_pasted_pictures_are_gone_after_closing(stage: Stage) -> None:
    data = QMimeData()
    data.setImageData(screenshot())
    stage.window.take(data)
    stage.until(lambda: len(rows(stage)) == 1)
    path = rows(stage)[0].item.path
    assert path.exists()
    stage.window.close()
    assert not path.exists()


def test_progress_is_shown_and_can_be_cancelled(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    row = rows(stage)[0]
    stage.reading.advance(1, 49, 200)
    stage.until(lambda: row.facts.text() == "Reading page 50 of 200")
    assert (row.bar.value(), row.bar.maximum(), row.bar.isVisible()) == (49, 200, True)
    row.cancel_button.click()
    assert stage.reading.cancelled == [1]
    stage.until(lambda: row.error.isVisible())
    stage.reading.finish(1)
    assert row.item.state is ItemState.FAILED


def test_an_error_stands_at_its_file_and_can_be_copied_and_tried_again(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    row = rows(stage)[0]
    stage.reading.fail(1, "The file is encrypted; save a copy without a password.")
    stage.until(lambda: row.error.isVisible())
    assert row.error.text() == "The file is encrypted; save a copy without a password."
    assert not row.facts.isVisible()
    from app.ui.widgets import CopyButton

    row.findChild(CopyButton).click()
    assert "encrypted" in QApplication.clipboard().text()
    row.retry.emit(row.item.key)
    assert len(stage.reading.jobs) == 2 and row.item.state is ItemState.READING


def test_another_budget_or_mode_reads_again(stage: Stage) -> None:
    stage.attach("a.pdf")
    row = rows(stage)[0]
    row.menu.aboutToShow.emit()
    actions = {action.text(): action for action in row.menu.actions()}
    assert actions["Automatic"].isChecked()
    actions["1,120 tokens a picture"].trigger()
    assert stage.reading.jobs[2][1] == ReadOptions(budget=1120)
    row.menu.aboutToShow.emit()
    actions = {action.text(): action for action in row.menu.actions()}
    actions["Pictures only"].trigger()
    assert stage.reading.jobs[3][1] == ReadOptions(budget=1120, mode="image")


def test_a_result_of_outdated_options_is_ignored(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    row = rows(stage)[0]
    stage.window.attachments.set_budget(row.item.key, 70)
    stage.reading.finish(1)
    assert row.item.state is ItemState.READING
    stage.reading.finish(2)
    assert row.item.state is ItemState.READY


def test_a_picture_has_no_mode_to_choose(stage: Stage) -> None:
    stage.attach("a.png")
    menu = rows(stage)[0].menu
    menu.aboutToShow.emit()
    assert "Text only" not in {action.text() for action in menu.actions()}


def test_a_file_is_removed_by_button_and_by_key(stage: Stage) -> None:
    stage.attach("a.pdf", "b.pdf")
    first, second = rows(stage)
    first.remove_button.click()
    stage.qtbot.keyClick(second, Qt.Key.Key_Delete)
    assert not rows(stage)
    assert stage.window.side._empty.isVisible()


def test_many_files_come_in_small_parts(stage: Stage) -> None:
    for number in range(60):
        stage.file(f"many/{number:03}.pdf")
    stage.window.add_paths([stage.folder / "many"])
    stage.until(lambda: len(rows(stage)) == 60)
    assert [row.item.name for row in rows(stage)] == [f"{number:03}.pdf" for number in range(60)]
