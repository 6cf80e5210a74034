"""A folder in the window: one card, its list, what changes, and the way back after a restart."""

import os
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog

from app.session.collecting import Listing
from app.session.folders import TAKEN_OUT
from app.session.items import ItemState
from app.session.restoring import content_hash
from app.session.walking import Walk
from app.ui.files import folder_items
from app.ui.files.folder_card import FolderCard
from app.ui.files.folder_words import altered, gone
from model.errors import CancelledError
from model.messages import plain
from tests.app.ui.conftest import Stage
from tests.app.ui.desk import Desks


def card(stage: Stage) -> FolderCard:
    (found,) = (one for one in stage.window.side.rows.values() if isinstance(one, FolderCard))
    return found


def add_folder(stage: Stage, *names: str) -> Path:
    """A folder with these files, added as by the menu; waits until all are listed."""
    for name in names:
        stage.file(f"box/{name}")
    window = stage.window
    window.add_paths([stage.folder / "box"])
    stage.until(lambda: any(folder.taken is not None for folder in window.attachments.items.folders.values()))
    return stage.folder / "box"


def listed(one: FolderCard) -> dict[str, str]:
    return {entry.name: entry.standing for entry in one.list.files.rows}


def touch(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    os.utime(path, (1_700_000_000, 1_700_000_000))


def settled(stage: Stage) -> None:
    """Everything is read, and known well enough to be compared with the disk."""
    attachments = stage.window.attachments
    stage.until(lambda: not attachments.busy)
    ready = {item.key for item in attachments.items if item.state is ItemState.READY}
    stage.until(lambda: ready <= set(attachments.noticing.as_read))


def old(*paths: Path) -> None:
    """Files that were not changed a moment ago."""
    for path in paths:
        os.utime(path, (1_600_000_000, 1_600_000_000))


def test_a_folder_is_one_card_that_tells_what_is_read_and_what_is_not(stage: Stage) -> None:
    folder = add_folder(stage, "a.pdf", "sub/b.png", "c.xyz", ".d")
    settled(stage)
    one = card(stage)
    stage.until(lambda: one.facts.text().startswith("2 files · 4 pages"))
    assert one.remark.text() == "1 entry left out, 1 hidden entry"
    assert one.reason.isHidden() and one.reason_button.isHidden()  # nothing is chosen: no empty line, no stop for Tab
    assert (one.name.text(), one.toolTip()) == ("box", str(folder))
    assert stage.window.side._count.text() == "2" and stage.window.talk.notices.text == ""
    assert not one.update_button.isVisible() and not one.error.isVisible()
    one.files_button.click()
    assert listed(one) == {"a.pdf": "read", "sub/b.png": "read", "c.xyz": "refused", ".d": "refused"}
    one.unread_button.click()
    assert listed(one) == {"c.xyz": "refused", ".d": "refused"}
    one.list.go_to(folder / "c.xyz")
    assert one.reason.text().startswith("c.xyz: Its name does not tell")
    one.reason_button.click()  # what is left out can be added on its own
    stage.until(lambda: stage.window.attachments.items.by_path(folder / "c.xyz") is not None)


def test_a_folder_is_opened_by_dialog(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    path = stage.file("box/a.pdf").parent
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_, **__: str(path))
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_O, keys)
    stage.until(lambda: len(stage.window.attachments.items) == 1)
    assert card(stage).folder.path == path
    stage.window.add_paths([path])
    stage.until(lambda: "box is attached already." in stage.window.talk.notices.text)
    assert len(stage.window.side.rows) == 1


def test_progress_and_failures_are_counted(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    add_folder(stage, "a.pdf", "b.pdf", "c.pdf")
    stage.until(lambda: len(stage.reading.jobs) == 3)
    one = card(stage)
    stage.reading.finish(1)
    stage.reading.fail(2, "It is broken.")
    stage.until(lambda: one.facts.text() == "3 files · 1 read · 1 queued · 1 not read")
    assert one.bar.isVisible() and (one.bar.value(), one.bar.maximum()) == (2, 3)
    one.menu.aboutToShow.emit()
    actions = {action.text(): action for action in one.menu.actions()}
    actions["Stop reading"].trigger()
    assert stage.reading.cancelled == [3]
    stage.until(lambda: one.facts.text() == "3 files · 3 pages · 2 not read")
    assert one.remark.text() == "2 files could not be read" and not one.bar.isVisible()
    one.menu.aboutToShow.emit()
    {action.text(): action for action in one.menu.actions()}["Read again what could not be read"].trigger()
    assert len(stage.reading.jobs) == 5


def test_a_file_of_the_list_opens_in_the_viewer_and_has_its_own_row(stage: Stage) -> None:
    folder = add_folder(stage, "a.png", "b.png")
    settled(stage)
    one = card(stage)
    one.toggle()
    one.list.go_to(folder / "b.png")
    assert one.detail is not None and one.detail.item.path == folder / "b.png"
    stage.qtbot.keyClick(one.list, Qt.Key.Key_Return)
    current = stage.window.viewer.current
    assert current is not None and current.path == folder / "b.png"
    assert one.property("shown") and one.list.files.shown == current.key
    one.toggle()
    assert one.detail is None and one.list.isHidden()


def test_copies_are_read_once_and_the_list_says_so(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    add_folder(stage, "a.pdf", "copy.pdf")
    stage.until(lambda: len(stage.reading.jobs) == 2)
    stage.reading.finish(1, "same")
    stage.reading.finish(2, "same")
    one = card(stage)
    stage.until(lambda: one.remark.text() == "1 copy of another file")
    one.toggle()
    (entry,) = (entry for entry in one.list.files.rows if entry.name == "copy.pdf")
    assert str(entry.why) == "It has the same content as a.pdf, so it is read once."
    assert stage.window.talk.notices.text == ""


def test_files_of_one_name_are_distinct_for_the_model_too(stage: Stage) -> None:
    add_folder(stage, "2024/invoice.pdf", "2025/invoice.pdf", "other.pdf")
    settled(stage)
    names = [document.name for document in stage.window.attachments.items.documents()]
    assert names == ["2024/invoice.pdf", "2025/invoice.pdf", "other.pdf"]


def finish(stage: Stage, wanted: int) -> None:
    """Wait for so many reading jobs, and finish each with its file's own hash."""
    stage.until(lambda: len(stage.reading.jobs) == wanted)
    for number, (path, _) in list(stage.reading.jobs.items()):
        stage.reading.finish(number, content_hash(path))
    settled(stage)


def test_what_changed_on_the_disk_is_shown_and_taken_in_on_demand(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    old(*(stage.file(f"box/{name}") for name in ("a.pdf", "b.pdf", "c.pdf", "d.pdf")))
    folder = add_folder(stage)
    finish(stage, 4)
    one, attachments = card(stage), stage.window.attachments
    stage.file("box/new.pdf")
    (folder / "b.pdf").write_bytes(b"edited content")
    touch(folder / "c.pdf", (folder / "c.pdf").read_bytes())  # only touched
    (folder / "d.pdf").unlink()
    attachments.look_again()
    stage.until(lambda: one.changes.text() == "Since it was read: 1 new, 1 changed, 1 gone")
    assert one.update_button.isVisible() and len(stage.reading.jobs) == 4  # nothing is read by itself
    one.update_button.click()
    assert sorted(path.name for path, _ in list(stage.reading.jobs.values())[4:]) == ["b.pdf", "new.pdf"]
    finish(stage, 6)
    stage.until(lambda: not one.changes.text())
    assert {item.path.name for item in attachments.items} == {"a.pdf", "b.pdf", "c.pdf", "new.pdf"}
    assert not any(item.stale for item in attachments.items)


def test_a_file_that_was_taken_out_stays_out_until_it_is_wanted(stage: Stage) -> None:
    folder = add_folder(stage, "a.pdf", "b.pdf")
    settled(stage)
    one = card(stage)
    one.toggle()
    one.list.go_to(folder / "a.pdf")
    stage.qtbot.keyClick(one.list, Qt.Key.Key_Delete)
    stage.until(lambda: listed(one) == {"a.pdf": "aside", "b.pdf": "read"})
    stage.window.attachments.look_again()
    assert one.folder.aside == {folder / "a.pdf": TAKEN_OUT} and not one.changes.text()
    stage.window.undoing.undo()
    settled(stage)
    stage.until(lambda: listed(one) == {"a.pdf": "read", "b.pdf": "read"})
    assert [item.path.name for item in stage.window.attachments.items] == ["a.pdf", "b.pdf"]
    stage.window.files.remove(next(iter(stage.window.attachments.items)).key)
    stage.until(lambda: listed(one)["a.pdf"] == "aside")
    one.list.go_to(folder / "a.pdf")
    assert one.reason_button.text() == "Read again"
    one.reason_button.click()
    settled(stage)
    stage.until(lambda: listed(one)["a.pdf"] == "read")


def test_a_folder_is_removed_with_its_files_and_comes_back(stage: Stage) -> None:
    add_folder(stage, "a.pdf", "b.pdf")
    stage.attach("alone.pdf")
    settled(stage)
    card(stage).remove_button.click()
    items = stage.window.attachments.items
    assert [item.name for item in items] == ["alone.pdf"] and not items.folders
    stage.window.undoing.undo()
    settled(stage)
    stage.until(lambda: [item.name for item in items] == ["a.pdf", "b.pdf", "alone.pdf"])
    assert card(stage).folder.name == "box"
    stage.window.files.remove_all()
    assert not len(items) and not items.folders and stage.window.side._empty.isVisible()
    stage.window.undoing.undo()
    settled(stage)
    stage.until(lambda: len(items) == 3)
    assert card(stage).folder.taken is not None or stage.window.attachments.busy


def test_an_error_of_a_file_in_a_folder_is_shown_in_its_row(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    folder = add_folder(stage, "a.pdf")
    stage.until(lambda: len(stage.reading.jobs) == 1)
    stage.reading.locked.emit(1, False)
    stage.reading.fail(1, "It wants a password.")
    one = card(stage)
    stage.until(lambda: one.remark.text() == "1 file needs a password")
    one.toggle()
    one.list.go_to(folder / "a.pdf")
    assert one.detail is not None and one.detail.unlock_button.isVisibleTo(one)
    assert one.detail.error.text() == "It wants a password."


# After a restart


def in_history(machine: Desks) -> Path:
    """A conversation about a folder of two files and a copy, stored."""
    desk = machine.window()
    box = desk.folder / "box"
    for name in ("a.pdf", "sub/b.pdf", "copy.pdf"):
        path = box / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"same" if name in ("a.pdf", "copy.pdf") else b"other")
    desk.reading.auto = False
    desk.attachments.add_paths([box])
    desk.until(lambda: len(desk.reading.jobs) == 3)
    for number, (path, _) in desk.reading.jobs.items():
        desk.reading.finish(number, "b" * 64 if path.name == "b.pdf" else "a" * 64)
    desk.settle()
    desk.say("Why?", "Because.")
    assert desk.history.list()[0].files == ("box",)
    return box


def test_a_folder_is_found_again_after_a_restart(machine: Desks) -> None:
    box = in_history(machine)
    (box / "new.pdf").write_bytes(b"new")
    desk = machine.restart()
    (summary,) = desk.history.list()
    assert summary.files == ("box",) and desk.history.recent_files()[0].path == str(box)
    assert desk.history.list("sub") == [] and len(desk.history.list("b.pdf")) == 1
    assert desk.asking.open(summary.id)
    desk.settle()
    items = desk.attachments.items
    (folder,) = items.folders.values()
    desk.until(lambda: folder.now is not None)
    assert sorted(folder.name_of(item.path) for item in items.in_folder(folder.key)) == ["a.pdf", "sub/b.pdf"]
    assert [path.name for path in folder.aside] == ["copy.pdf"]
    assert [path.name for path in folder.changes(items).added] == ["new.pdf"]
    desk.attachments.update_folder(folder.key)
    desk.settle()
    assert len(items.in_folder(folder.key)) == 3


def test_a_folder_that_is_gone_says_so_and_is_found_when_it_is_back(machine: Desks) -> None:
    box = in_history(machine)
    shutil.move(box, box.parent / "elsewhere")
    desk = machine.restart()
    assert desk.asking.open(desk.history.list()[0].id)
    desk.settle()
    items = desk.attachments.items
    (folder,) = items.folders.values()
    desk.until(lambda: folder.gone)
    assert "no longer where it was" in gone(folder, items) and "You can still read the conversation" in gone(
        folder, items
    )
    assert {item.state for item in items} == {ItemState.FAILED} and not folder.changes(items)
    shutil.move(box.parent / "elsewhere", box)
    desk.attachments.look_again()
    desk.until(lambda: not folder.gone)
    assert [path.name for path in folder.changes(items).changed] == ["a.pdf", "b.pdf"]
    desk.attachments.update_folder(folder.key)
    desk.settle()
    assert {item.state for item in items} == {ItemState.READY}


def test_files_that_have_changed_are_counted(machine: Desks) -> None:
    in_history(machine)
    desk = machine.restart()
    desk.reading.auto = False
    assert desk.asking.open(desk.history.list()[0].id)
    desk.until(lambda: len(desk.reading.jobs) == 2)
    desk.reading.finish(1, "c" * 64)
    desk.reading.finish(2, "b" * 64)
    (folder,) = desk.attachments.items.folders.values()
    assert altered(folder, desk.attachments.items).startswith("1 file has changed since it was attached")
    assert desk.notices == []


def test_a_look_at_a_slow_drive_is_stopped_by_the_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, hold = threading.Event(), threading.Event()

    def slow(folder: Path, cancel: threading.Event, walk: Walk) -> Listing:
        walk.seen = 7
        begun.set()
        while not cancel.is_set():
            hold.wait(0.01)
        raise CancelledError(plain("stopped"))

    monkeypatch.setattr(folder_items, "list_folder", slow)
    stage.window.add_paths([stage.file("box/a.pdf").parent])
    stage.until(begun.is_set)
    one = card(stage)
    stage.until(lambda: one.facts.text() == "Looking through it: 7 entries so far…")
    assert stage.window.attachments.busy == 1
    one.remove_button.click()
    stage.until(lambda: not stage.window.attachments.busy)
    assert not stage.window.side.rows and stage.window.talk.notices.text == ""
