"""Comparing two documents in the window: real PDFs, read by the real reader and shown by the real renderer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import docx
import pytest
import shiboken6
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu

from app.chat.compare.aligning import compare
from app.engine.media.rendering import RenderBridge
from app.ingest.formats.mupdf import pymupdf
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from app.ui.compare.panel import ComparePanel
from app.ui.compare.work import Comparing
from model.messages import plain
from model.types import Failed, TextDelta
from tests.app.chat.compare.test_compare import document
from tests.app.ui.conftest import Stage
from tests.app.ui.desk import texts
from tests.fakes import finished

LEFT, CELL = 60.0, 7.2
"""Courier at 12 points: each letter is 7.2 points wide."""

KEPT = ("The cellar is shared by all.", "Heating is part of it.")
BEFORE = (
    ("Rental agreement", "The rent is 850 EUR a month.", "Pets are allowed.", *KEPT, "Quiet hours begin at ten."),
    ("The tenant paints the rooms.", "Signed in Bremen."),
)
AFTER = (
    (
        "Rental agreement",
        "The tenant paints the rooms.",
        "The rent is 920 EUR a month.",
        *KEPT,
        "Quiet hours begin at nine.",
    ),
    ("Smoking is not allowed here.", "Signed in Bremen."),
)


def write(path: Path, pages: tuple[tuple[str, ...], ...]) -> Path:
    with pymupdf.open() as pdf:
        for paragraphs in pages:
            sheet = pdf.new_page(width=595, height=842)
            for row, words in enumerate(paragraphs):
                sheet.insert_text((LEFT, 80 + 60 * row), words, fontsize=12, fontname="cour")
        pdf.save(path)
    return path


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Document, Document, Document]:
    folder = tmp_path_factory.mktemp("versions")
    with Reader() as reader:
        first = reader.read(write(folder / "old.pdf", BEFORE))
        second = reader.read(write(folder / "new.pdf", AFTER))
        return first, second, reader.read(write(folder / "third.pdf", (("Something else.",),)))


class Room:
    """A window with documents attached, and the panel once it is open."""

    def __init__(self, stage: Stage, documents: tuple[Document, ...]) -> None:
        self.stage, self.window, self.engine = stage, stage.window, stage.engine
        self.window.add_paths([one.path for one in documents])
        self.until(lambda: len(stage.reading.jobs) == len(documents))
        for job, (path, _) in stage.reading.jobs.items():
            stage.reading.done.emit(job, next(one for one in documents if one.path == path))
        self.until(lambda: not self.window.attachments.busy)

    def until(self, condition: Callable[[], object]) -> None:
        self.stage.until(lambda: bool(condition()))

    @property
    def action(self) -> QAction:
        self.window.menus.tools_menu.aboutToShow.emit()
        return self.window.menus.compare_action

    @property
    def panel(self) -> ComparePanel:
        (panel,) = (one for one in self.window.findChildren(ComparePanel) if one.isVisible())
        return panel

    def compared(self) -> ComparePanel:
        self.action.trigger()
        self.until(lambda: self.panel.model.changes)
        return self.panel

    def row(self, words: str) -> int:
        model = self.panel.model
        said = [str(model.index(row).data(Qt.ItemDataRole.AccessibleTextRole)) for row in range(model.rowCount())]
        return next(row for row, one in enumerate(said) if words in one)

    def select(self, words: str) -> None:
        self.panel.list.setCurrentIndex(self.panel.model.index(self.row(words)))

    def key(self, name: str) -> int:
        return next(item.key for item in self.window.attachments.items if item.name == name)


@pytest.fixture
def make(make_stage: Callable[..., Stage]) -> Iterator[Callable[..., Room]]:
    yield lambda documents: Room(make_stage(auto=False), documents)


@pytest.fixture
def room(make: Callable[..., Room], versions: tuple[Document, ...]) -> Room:
    return make(versions[:2])


def marked(room: Room, side: int) -> tuple[int, tuple[float, float]] | None:
    """The page that is marked on one side, and from where to where the first box goes, in letters of the line."""
    viewer = room.panel.viewers[side]
    if viewer.pdf.marked is None or not viewer.pdf.marked[1]:
        return None
    page, boxes = viewer.pdf.marked
    return page, ((boxes[0][0] - LEFT) / CELL, (boxes[0][2] - LEFT) / CELL)


def test_the_differences_are_listed_numbers_first_with_both_pages_beside(room: Room) -> None:
    panel = room.compared()
    headings = [panel.model.index(row).data() for row in range(panel.model.rowCount())]
    assert headings[0] == "Changed, page 1, a number"
    assert sorted(headings[1:]) == [
        "Added, page 2",
        "Changed, page 1",
        "Moved, page 2 → page 1",
        "Removed, page 1",
    ]
    assert panel.words.text() == "5 differences · 1 with another number · 1 moved paragraph."
    assert panel.pages.isVisible()
    room.until(lambda: marked(room, 0) and marked(room, 1))
    for side in (0, 1):
        found = marked(room, side)
        assert found is not None and found[0] == 1
        assert found[1] == pytest.approx((12, 15), abs=1.5)  # the three digits of the rent
    assert [viewer.current.name for viewer in panel.viewers if viewer.current is not None] == ["old.pdf", "new.pdf"]


def test_a_moved_paragraph_is_on_both_its_pages_and_an_added_one_on_one_side(room: Room) -> None:
    room.compared()
    room.select("Moved")
    room.until(lambda: (marked(room, 0) or (0,))[0] == 2 and (marked(room, 1) or (0,))[0] == 1)
    room.select("Smoking")
    room.until(lambda: (marked(room, 1) or (0,))[0] == 2)
    assert marked(room, 0) is None
    assert "added: Smoking is not allowed here.;" in str(
        room.panel.model.index(room.row("Smoking")).data(Qt.ItemDataRole.AccessibleTextRole)
    )


def test_it_needs_two_documents_and_a_card_begins_with_its_own(
    make: Callable[..., Room], versions: tuple[Document, ...]
) -> None:
    alone = make(versions[:1])
    assert not alone.action.isEnabled()
    assert "Compare with…" not in card_menu(alone, "old.pdf")
    room = make(versions)
    assert room.action.isEnabled()
    card_menu(room, "new.pdf")["Compare with…"].trigger()
    panel = room.panel
    assert panel.first.currentText() == "new.pdf" and panel.second.currentText() == "third.pdf"
    assert not panel.model.changes and panel.start_button.isEnabled()  # of three, which one is the user's choice
    panel.second.setCurrentText("new.pdf")
    assert not panel.start_button.isEnabled()
    panel.second.setCurrentText("old.pdf")
    panel.swap_button.click()
    assert (panel.first.currentText(), panel.second.currentText()) == ("old.pdf", "new.pdf")
    panel.start_button.click()
    room.until(lambda: len(panel.model.changes) == 5)


def card_menu(room: Room, name: str) -> dict[str, QAction]:
    menu: QMenu = room.window.side.rows[room.key(name)].menu
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions()}


def test_explanations_come_one_after_the_other_stop_and_go_on(room: Room) -> None:
    panel = room.compared()
    panel.explain_button.click()
    assert len(room.engine.requests) == 1 and "850" in texts(room.engine.requests[0])
    assert panel.words.text() == "Explaining change 1 of 5" and panel.stop_button.isEnabled()
    room.engine.say(TextDelta("The rent"))
    assert panel.model.meanings[0] == "The rent"
    room.engine.event.emit(1, finished())
    room.engine.say(Failed(plain("Broken.")))
    panel.stop_button.click()
    assert room.engine.stops == [3]
    room.engine.say(finished("cancelled"))
    assert panel.words.text().startswith("Stopped.") and panel.model.meanings[0] == "The rent"
    panel.explain_button.click()
    while panel.passing.running:
        room.engine.answer("It matters.")
    # Four of the five: a moved paragraph needs no explanation, and the one that was stopped is asked about again.
    assert len(room.engine.requests) == 5
    assert panel.model.meanings.count("It matters.") == 2 and panel.model.meanings[room.row("Moved")] == ""


def test_a_change_without_an_explanation_is_told(room: Room) -> None:
    panel = room.compared()
    panel.explain()
    room.engine.say(Failed(plain("Broken.")))
    while panel.passing.running:
        room.engine.answer("It matters.")
    assert panel.words.text().endswith("1 change was not explained. Broken.")


def test_without_a_model_the_differences_are_there_all_the_same(
    make_stage: Callable[..., Stage], versions: tuple[Document, ...]
) -> None:
    room = Room(make_stage(info=None, auto=False), versions[:2])
    panel = room.compared()
    assert len(panel.model.changes) == 5 and not panel.explain_button.isEnabled()


def test_they_are_saved_as_word_and_as_markdown(room: Room, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = room.compared()
    panel.explain()
    room.engine.answer("The rent rises by 70 EUR.")
    panel.stop()
    room.engine.say(finished("cancelled"))
    names = iter((str(tmp_path / "changes"), str(tmp_path / "changes")))
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (next(names), ""))
    panel.saving.word_button.click()
    written = docx.Document(str(tmp_path / "changes.docx"))
    assert written.paragraphs[0].text == "old.pdf → new.pdf"
    assert written.paragraphs[1].text == "1. Changed, page 1, a number"
    assert written.paragraphs[1].style is not None and written.paragraphs[1].style.name == "Heading 1"
    runs = {run.text: run for run in written.paragraphs[2].runs}
    assert runs["850"].font.strike and runs["920"].bold and not runs["850"].bold
    assert written.paragraphs[3].text == "The rent rises by 70 EUR."
    panel.saving.markdown_button.click()
    text = (tmp_path / "changes.md").read_text(encoding="utf-8")
    assert text.startswith(
        "# old.pdf → new.pdf\n\n## 1. Changed, page 1, a number\n\n> The rent is ~~850~~ **920** EUR"
    )
    assert "changes.md" in panel.saving.saved.text() and panel.saving.folder_button.isVisible()
    panel.saving.save(tmp_path / "no folder" / "changes.md")
    assert "could not be written" in panel.saving.saved.text()


def test_a_file_that_has_gone_is_told_and_escape_closes_the_pages_first(room: Room) -> None:
    panel = room.compared()
    room.stage.qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert panel.isVisible() and not panel.pages.isVisible()
    room.window.files.remove(room.key("old.pdf"))
    assert panel.first.count() == 1 and not panel.start_button.isEnabled()
    room.select("Smoking")
    assert panel.words.text() == "This file is no longer attached."
    room.stage.qtbot.keyClick(panel, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not shiboken6.isValid(panel)
    room.stage.attach("later.pdf")  # nothing of it listens any more
    room.stage.reading.finish(len(room.stage.reading.jobs))
    assert room.action.isEnabled()


def test_a_long_comparison_is_stopped(stage: Stage) -> None:
    words = [f"Paragraph {number} speaks of its own matter {number * 7919 % 1009}." for number in range(3000)]
    first = document("\n\n".join(words))
    second = document("\n\n".join(word.replace("own", "old") for word in words))
    comparing, ends, found = Comparing(), [], []
    comparing.stopped.connect(lambda: ends.append("stopped"))
    comparing.found.connect(found.append)
    try:
        comparing.start(first, second)
        comparing.stop()
        stage.until(lambda: bool(ends))
        assert not comparing.running and not found
        comparing.start(document("One."), document("Two words more."))
        stage.until(lambda: bool(found))
        assert found[0] == compare(document("One."), document("Two words more."))
    finally:
        comparing.shutdown()


def test_the_panel_closes_with_its_window(room: Room) -> None:
    panel = room.compared()
    panel.explain()
    bridges = {viewer.bridge for viewer in panel.viewers}
    assert len(bridges) == 1 and isinstance(next(iter(bridges)), RenderBridge)  # one process renders for all
    room.window.close()
    assert not panel.isVisible() and room.engine.stops == [1]
