"""Files of a conversation while it is asked about, kept and opened again; between two fake bridges, no window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QColor, QImage

from app.chat.evidence.places import Place
from app.session.items import ItemState
from app.ui.files.words import remark
from tests.app.ui.desk import Desk, Desks


def test_each_conversation_has_its_own_files_and_none_is_read_twice(machine: Desks, desk: Desk) -> None:
    desk.attach("a.pdf", "b.pdf")
    desk.say("Why?", "Because.")
    first = desk.asking.conversation.id
    desk.asking.new(keep_files=True)
    assert len(desk.attachments.items) == 2
    desk.attachments.remove(next(iter(desk.attachments.items)).key)
    desk.attach("c.pdf")
    desk.say("Else?", "No.")
    jobs = len(desk.reading.jobs)
    assert desk.asking.open(first)
    desk.settle()
    assert [item.name for item in desk.attachments.items] == ["a.pdf", "b.pdf"]
    assert [document.name for document in desk.attachments.items.documents()] == ["a.pdf", "b.pdf"]
    assert len(desk.reading.jobs) == jobs
    assert [one.name for one in machine.history.recent_files()][-1] == "a.pdf"


def test_how_a_file_is_read_comes_back(machine: Desks, desk: Desk) -> None:
    desk.attach("a.pdf")
    key = next(iter(desk.attachments.items)).key
    desk.say("Why?", "Because.")
    options = desk.attachments.items.get(key).options
    desk.attachments.set_options(key, replace(options, budget=560))
    desk.settle()
    desk.attachments.set_pages(key, 2)
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    new.settle()
    (item,) = new.attachments.items
    assert (item.options.budget, item.max_pages) == (560, 2)
    assert new.reading.jobs[1][1].budget == 560
    assert [page.state for page in new.attachments.items.documents()[0].pages] == ["text", "text", "skipped"]


def test_a_file_that_is_gone_is_said_at_its_item_and_the_rest_stays(machine: Desks, desk: Desk) -> None:
    desk.attach("a.pdf", "b.pdf")
    desk.say("Why?", "Because.")
    (desk.folder / "a.pdf").unlink()
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    new.settle()
    gone, there = new.attachments.items
    assert gone.state is ItemState.FAILED and "no longer where it was" in str(gone.error)
    assert there.state is ItemState.READY and new.talk == [("Why?", "Because.")]
    assert machine.restart().history.list()[0].files == ("a.pdf", "b.pdf")  # it may come back


def test_a_file_that_changed_is_said_at_its_item(machine: Desks, desk: Desk) -> None:
    desk.attach("a.pdf")
    desk.say("Why?", "Because.")
    new = machine.restart()
    new.reading.auto = False
    assert new.asking.open(new.history.list()[0].id)
    new.until(lambda: len(new.reading.jobs) == 1)
    new.reading.finish(1, content_hash="f" * 64)
    (item,) = new.attachments.items
    assert item.altered and remark(item) == new.notices[0]
    assert remark(item).startswith("a.pdf has changed")
    new.attachments.retry(item.key)  # the person has seen it
    new.reading.finish(2, content_hash="f" * 64)
    assert not item.altered and remark(item) == ""


def test_files_that_come_after_another_conversation_was_opened_are_not_its_files(desk: Desk) -> None:
    desk.say("Why?", "Because.")
    first = desk.asking.conversation.id
    desk.asking.new()
    (desk.folder / "late.pdf").write_bytes(b"x")
    desk.attachments.add_paths([desk.folder / "late.pdf"])
    assert desk.asking.open(first)
    desk.attach("own.pdf")
    assert [item.name for item in desk.attachments.items] == ["own.pdf"]


def test_a_file_that_was_taken_out_can_be_put_back_in_its_place(desk: Desk) -> None:
    desk.attach("a.pdf", "b.pdf", "c.pdf")
    jobs = len(desk.reading.jobs)
    second = [item.key for item in desk.attachments.items][1]
    removed = desk.attachments.remove(second)
    assert removed is not None and len(desk.attachments.items) == 2
    desk.attachments.put_back(removed)
    desk.settle()
    assert [item.name for item in desk.attachments.items] == ["a.pdf", "b.pdf", "c.pdf"]
    assert len(desk.reading.jobs) == jobs
    desk.asking.new()
    assert desk.attachments.remove(99) is None


def pasted(desk: Desk) -> Path:
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(QColor("red"))
    desk.attachments.add_image(image)
    desk.settle()
    return [item.path for item in desk.attachments.items][-1]


def test_a_pasted_picture_lives_as_long_as_its_conversation(machine: Desks, desk: Desk) -> None:
    path = pasted(desk)
    desk.say("What is it?", "Red.")
    new = machine.restart()
    assert path.exists()
    id = new.history.list()[0].id
    assert new.asking.open(id)
    new.settle()
    assert [item.spooled for item in new.attachments.items] == [True]
    new.history.delete(id)
    machine.stop()
    assert not path.exists()


def test_a_pasted_picture_that_nothing_was_asked_about_goes_with_the_window(machine: Desks, desk: Desk) -> None:
    path = pasted(desk)
    assert path.exists()
    machine.stop()
    assert not path.exists()


def test_a_region_comes_back_with_its_name_and_its_place(machine: Desks, desk: Desk) -> None:
    spool = desk.folder / "spool"
    spool.mkdir(exist_ok=True)
    path = spool / "region.png"
    path.write_bytes(b"png")
    place = Place("d" * 64, page=3, boxes=((1.0, 2.0, 3.0, 4.0),))
    desk.attachments.add_region(path, place, "lease.pdf, page 3")
    desk.settle()
    assert desk.reading.jobs[1][1].budget == 1120
    desk.say("What is it?", "A stamp.")
    new = machine.restart()
    assert new.asking.open(new.history.list()[0].id)
    (item,) = new.attachments.items
    assert (item.name, item.origin, item.spooled, item.options.budget) == ("lease.pdf, page 3", place, True, 1120)
