import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from app.ingest.types import ReadOptions
from app.session.items import ItemState
from app.ui.files.item_row import ItemRow
from app.ui.look.widgets import FewLines
from app.ui.window.main_window import MainWindow
from tests.app.ui.conftest import Stage

ACTION = Qt.DropAction.CopyAction
EVERYTHING = ACTION | Qt.DropAction.MoveAction | Qt.DropAction.LinkAction
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


def test_all_names_that_were_not_added_can_be_seen(stage: Stage) -> None:
    names = [f"minutes of the meeting {number:03}.xyz" for number in range(60)]
    for name in names:
        stage.file(f"box/{name}")
    drop(stage.window, urls(stage.folder / "box"))
    notices = stage.window.talk.notices
    stage.until(lambda: bool(notices.text))
    assert not rows(stage) and not stage.window.attachments.items.folders
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


def test_a_file_that_is_there_already_is_no_news_while_it_is_read_or_where_a_button_adds_it(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    settled = stage.window.attachments.settled
    with stage.qtbot.waitSignal(settled):  # as when it comes back with its conversation and is named once more
        stage.window.add_paths([stage.folder / "a.pdf"])
    stage.reading.finish(1)
    with stage.qtbot.waitSignal(settled):
        stage.window.attachments.add_paths([stage.folder / "a.pdf"], quiet=True)
    assert len(rows(stage)) == 1 and stage.window.talk.notices.text == ""


def test_the_same_content_under_another_name_is_recognised(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf", "copy.pdf")
    stage.reading.finish(1, "same")
    stage.reading.finish(2, "same")
    stage.until(lambda: len(rows(stage)) == 1)
    assert "copy.pdf has the same content as a.pdf" in stage.window.talk.notices.text


def test_of_two_files_with_one_name_the_folders_are_told(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("new/old.docx", "former/old.docx")
    stage.reading.finish(1, "same")
    stage.reading.finish(2, "same")
    stage.until(lambda: len(rows(stage)) == 1)
    first, second = Path("former", "old.docx"), Path("new", "old.docx")
    assert f"{first} has the same content as {second}, which" in stage.window.talk.notices.text


def test_an_empty_folder_among_others_is_told(stage: Stage) -> None:
    folder = stage.folder / "Nothing here"
    folder.mkdir(parents=True)
    stage.window.add_paths([stage.file("a.pdf"), folder])
    stage.until(lambda: len(rows(stage)) == 1)
    assert "The folder Nothing here has no files that Lectern can read." in stage.window.talk.notices.text


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
    stage.window.files.remove(item.key)
    assert item.path.exists()  # the removal can be taken back
    stage.window.close()
    assert not item.path.exists()


def test_text_is_pasted_as_text(stage: Stage) -> None:
    QApplication.clipboard().setText("from elsewhere")
    stage.window.files.paste()
    assert stage.window.composer.text == "from elsewhere"
    assert not rows(stage)


def test_pasted_pictures_are_gone_after_closing(stage: Stage) -> None:
    data = QMimeData()
    data.setImageData(screenshot())
    stage.window.files.take(data)
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
    from app.ui.look.widgets import CopyButton

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
    actions["1,120 tokens per picture"].trigger()
    assert stage.reading.jobs[2][1] == ReadOptions(budget=1120)
    row.menu.aboutToShow.emit()
    actions = {action.text(): action for action in row.menu.actions()}
    actions["Pictures only"].trigger()
    assert stage.reading.jobs[3][1] == ReadOptions(budget=1120, mode="image")


def test_a_result_of_outdated_options_is_ignored(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    row = rows(stage)[0]
    stage.window.attachments.set_options(row.item.key, replace(row.item.options, budget=70))
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
    files = [stage.file(f"many/{number:03}.pdf") for number in range(60)]
    stage.window.add_paths(files)
    stage.until(lambda: len(rows(stage)) == 60)
    assert [row.item.name for row in rows(stage)] == [f"{number:03}.pdf" for number in range(60)]


@pytest.mark.parametrize("offered", [EVERYTHING, Qt.DropAction.CopyAction])
def test_a_drop_is_a_copy_whatever_the_source_proposes(stage: Stage, offered: Qt.DropAction) -> None:
    data = urls(stage.file("a.pdf"))
    enter = QDragEnterEvent(QPoint(5, 5), offered, data, LEFT, Qt.KeyboardModifier.ShiftModifier)
    move = QDragMoveEvent(QPoint(6, 6), offered, data, LEFT, Qt.KeyboardModifier.ShiftModifier)
    let_go = QDropEvent(QPointF(6, 6), offered, data, LEFT, Qt.KeyboardModifier.ShiftModifier)
    for event in (enter, move, let_go):
        QApplication.sendEvent(stage.window, event)
        assert event.isAccepted() and event.dropAction() == Qt.DropAction.CopyAction
    stage.until(lambda: len(rows(stage)) == 1)


def test_what_can_only_be_moved_is_left_where_it_is(stage: Stage) -> None:
    data = urls(stage.file("a.pdf"))
    event = QDragEnterEvent(QPoint(5, 5), Qt.DropAction.MoveAction, data, LEFT, NONE)
    QApplication.sendEvent(stage.window, event)
    assert not event.isAccepted()


def test_dropped_text_goes_into_the_question_and_an_address_is_not_fetched(stage: Stage) -> None:
    words, address = QMimeData(), QMimeData()
    words.setText("some words")
    drop(stage.window, words)
    assert stage.window.composer.text == "some words"
    address.setUrls([QUrl("https://example.org/a.pdf")])
    address.setText("https://example.org/a.pdf")
    drop(stage.window, address)
    assert stage.window.composer.text == "some words" and not rows(stage)
    assert "does not open web addresses" in stage.window.talk.notices.text


def in_sight(stage: Stage, row: ItemRow) -> bool:
    area = stage.window.side._area
    top = row.mapTo(area.viewport(), QPoint(0, 0)).y()
    return top >= 0 and top + row.height() <= area.viewport().height()


def test_new_files_come_into_sight_and_so_does_one_that_wants_a_password(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach(*(f"{number}.pdf" for number in range(12)))
    stage.until(lambda: in_sight(stage, rows(stage)[11]))
    assert not in_sight(stage, rows(stage)[0])
    stage.reading.locked.emit(2, False)
    stage.reading.fail(2, "The file is encrypted.")
    stage.until(lambda: rows(stage)[1].unlock_button.isVisible() and in_sight(stage, rows(stage)[1]))


def test_unread_files_are_counted_and_a_question_says_that_they_are_not_part_of_it(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf", "b.pdf", "c.pdf")
    stage.reading.finish(1)
    stage.reading.fail(2, "It is empty.")
    stage.reading.fail(3, "It is broken.")
    stage.until(lambda: stage.window.side._count.text() == "3 · 2 not read")
    stage.ask("Why?")
    assert stage.window.talk.notices.text.startswith("2 attached files could not be read")
    assert "b.pdf, c.pdf" in stage.window.talk.notices.text


def test_delete_again_removes_the_next_file_also_of_the_one_that_is_shown(stage: Stage) -> None:
    stage.attach("a.png", "b.png", "c.png")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.viewing.show_item(2)
    rows(stage)[1].setFocus()
    for _ in range(2):
        stage.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Delete)
    assert [row.item.name for row in rows(stage)] == ["a.png"] and rows(stage)[0].hasFocus()


def test_the_arrows_go_from_card_to_card(stage: Stage) -> None:
    stage.attach("a.pdf", "b.pdf")
    stage.until(lambda: rows(stage)[1].isVisible())
    rows(stage)[0].setFocus()
    stage.qtbot.keyClick(rows(stage)[0], Qt.Key.Key_Down)
    assert rows(stage)[1].hasFocus()
    stage.qtbot.keyClick(rows(stage)[1], Qt.Key.Key_Up)
    assert rows(stage)[0].hasFocus()


def menu_of(row: ItemRow) -> list[str]:
    row.menu.aboutToShow.emit()
    return [action.text() for action in row.menu.actions() if action.text()]


def test_a_card_s_menu_begins_with_what_is_done_most_and_offers_nothing_that_cannot_be(
    make_stage: Callable[..., Stage],
) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf")
    assert menu_of(rows(stage)[0])[0] == "Stop reading"
    stage.reading.finish(1)
    assert menu_of(rows(stage)[0])[:4] == ["Open in the viewer", "Read again", "Show in folder", "Remove"]
    stage.window.attachments.retry(1)
    stage.reading.fail(2, "It is broken.")
    assert menu_of(rows(stage)[0]) == ["Read again", "Show in folder", "Remove"]


def test_a_card_s_figures_are_never_cut_off(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: bool(rows(stage)[0].tokens.text()))
    row = rows(stage)[0]
    row.item.preparing = 12
    row.refresh()
    assert row.tokens.wordWrap() and "preparing 12 pictures" in row.tokens.text()
    stage.until(lambda: row.tokens.height() >= row.tokens.heightForWidth(row.tokens.width()))


def test_a_file_that_changed_on_the_disk_says_so_until_it_is_read_again(stage: Stage) -> None:
    path = stage.file("a.pdf", b"one")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    drop(stage.window, urls(path))
    attachments = stage.window.attachments
    stage.until(lambda: bool(rows(stage)) and rows(stage)[0].item.state is ItemState.READY)
    (item,) = attachments.items
    stage.until(lambda: item.key in attachments.noticing.as_read)
    attachments.look_again()
    path.write_bytes(b"one and more")
    os.utime(path, (1_700_000_500, 1_700_000_500))
    attachments.look_again()
    stage.until(lambda: "changed on disk" in rows(stage)[0].remark.text())
    attachments.retry(item.key)
    stage.until(lambda: item.state is ItemState.READY and item.key in attachments.noticing.as_read)
    attachments.look_again()
    stage.until(lambda: "changed on disk" not in rows(stage)[0].remark.text())
    path.unlink()
    attachments.look_again()
    stage.until(lambda: item.stale)
