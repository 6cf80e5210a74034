"""Files inside of attached files, in the window: listed on the card and in the viewer, added and shown on a click."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from app.ingest.attached import AttachedFile
from app.session.items import ItemState
from app.ui.files.words import details
from tests.app.ui.conftest import Stage
from tests.fakes import document

FILES = (AttachedFile(0, "offer.pdf", 12_000), AttachedFile(1, "notes.txt", None))


def with_files(stage: Stage) -> int:
    """A mail with two attached files, read; its key."""
    stage.reading.auto = False
    stage.window.add_paths([stage.file("mail.eml")])
    stage.until(lambda: bool(stage.reading.jobs))
    number = max(stage.reading.jobs)
    made = document(stage.reading.jobs[number][0], content_hash="a" * 64)
    stage.reading.done.emit(number, replace(made, attached=FILES))
    item = next(iter(stage.window.attachments.items))
    stage.until(lambda: bool(stage.window.side.rows[item.key].inside.files))
    return item.key


def taken(stage: Stage, name: str) -> Path:
    """The file that the reading process would have written for the newest job."""
    number = max(stage.reading.taking)
    folder = stage.reading.taking[number][2]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(name.encode())
    stage.reading.taken_out.emit(number, path)
    return path


def entries(menu: object) -> list[str]:
    menu.aboutToShow.emit()  # type: ignore[attr-defined]
    return [action.text() for action in menu.actions()]  # type: ignore[attr-defined]


def test_a_card_lists_them_and_a_click_adds_one_and_shows_it(stage: Stage) -> None:
    key = with_files(stage)
    window = stage.window
    button = window.side.rows[key].inside
    assert button.text() == "2 attached files"
    assert entries(button.files_menu) == ["offer.pdf  (12.0 kB)", "notes.txt", "", "Add all to the conversation"]
    button.files_menu.actions()[0].trigger()
    assert [file for _, file, _ in stage.reading.taking.values()] == [FILES[0]]
    path = taken(stage, "offer.pdf")
    added = window.attachments.items.by_path(path)
    assert added is not None
    assert added.spooled
    assert window.viewer.current is added
    assert "Attached to mail.eml" in details(added)
    window.inside.open(key, 0)  # the second click shows what is there
    assert len(stage.reading.taking) == 1
    assert len(window.attachments.items) == 2


def test_all_are_added_from_the_viewer(stage: Stage) -> None:
    key = with_files(stage)
    window = stage.window
    window.viewing.show_item(key)
    shown = window.viewer.toolbar.inside
    assert shown.isVisibleTo(window)
    assert shown.files == FILES
    shown.all_wanted.emit()
    assert len(stage.reading.taking) == 2
    for number in sorted(stage.reading.taking):
        path = stage.reading.taking[number][2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        stage.reading.taken_out.emit(number, path)
    assert [item.name for item in window.attachments.items] == ["mail.eml", "offer.pdf", "notes.txt"]
    assert window.viewer.current is window.attachments.items.get(key)


def test_one_that_cannot_be_taken_out_is_a_notice(stage: Stage) -> None:
    key = with_files(stage)
    stage.window.inside.open(key, 0)
    stage.reading.fail(max(stage.reading.taking), "It is larger than 63 MB.")
    assert stage.window.talk.notices.text == "offer.pdf: It is larger than 63 MB."
    item = stage.window.attachments.items.get(key)
    assert item is not None
    assert item.state is ItemState.READY


def test_what_comes_after_its_file_was_removed_is_deleted(stage: Stage) -> None:
    key = with_files(stage)
    stage.window.inside.open(key, 1)
    gone: list[Path] = []
    stage.window.attachments.abandon = gone.extend
    stage.window.attachments.remove(key)
    path = taken(stage, "notes.txt")
    assert gone == [path]
    assert not len(stage.window.attachments.items)
