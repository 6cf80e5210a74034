"""Instructions, quotations, the first run, recent files, dragging out, the sheet of shortcuts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, Qt, QUrl
from PySide6.QtGui import QImage, QKeySequence, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLabel

from app.chat.evidence.places import Place
from app.chat.prompts import SYSTEM
from app.library.model_ref import SampleModel
from app.paths import resource
from app.session.quoting import quotation, with_quotation
from app.ui.conversation.instructions import LONGEST, InstructionsDialog
from app.ui.files import card
from app.ui.files.attachments import REGION_BUDGET
from app.ui.files.dragging import Dragged
from app.ui.files.item_row import ItemRow
from app.ui.history.history import History
from app.ui.look import translation
from app.ui.models.dialog import ModelsDialog
from app.ui.window.dialogs import ShortcutsDialog, other_keys
from model.types import ChatMessage, TextPart
from tests.app.ui.conftest import Stage
from tests.fakes import model_info

CTRL = Qt.KeyboardModifier.ControlModifier


def system(stage: Stage) -> str:
    """What the model was told first in the newest request."""
    first: ChatMessage = stage.engine.requests[-1].messages[0]
    assert first.role == "system"
    return "".join(part.text for part in first.parts if isinstance(part, TextPart))


def open_instructions(stage: Stage) -> InstructionsDialog:
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_I, CTRL)
    dialog = stage.window.findChildren(InstructionsDialog)[-1]
    assert dialog.isVisible()
    return dialog


def test_instructions_are_written_shown_and_told_to_the_model(stage: Stage) -> None:
    chip = stage.window.talk.instructions
    assert chip.text() == ""
    dialog = open_instructions(stage)
    stage.qtbot.keyClicks(dialog.edit, "Answer in Latin, however long the question may be.")
    stage.qtbot.keyClick(dialog.edit, Qt.Key.Key_Return, CTRL)
    assert chip.text().strip() == "Answer in Latin, however lo…"
    assert "Answer in Latin, however long" in chip.accessibleName()
    stage.ask("Why?")
    said = system(stage)
    assert said.startswith(SYSTEM) and "Answer in Latin" in said


def test_a_starter_fills_the_field_and_undo_takes_it_back(stage: Stage) -> None:
    dialog = open_instructions(stage)
    dialog.starters[0].click()
    first = dialog.edit.toPlainText()
    assert first.startswith("Answer in one or two sentences")
    dialog.starters[1].click()
    assert dialog.edit.toPlainText().startswith(f"{first}\n")
    dialog.edit.undo()
    assert dialog.edit.toPlainText() == first
    dialog.save_button.click()
    assert stage.window.asking.instructions == first
    again = open_instructions(stage)
    assert again.edit.toPlainText() == first
    again.clear_button.click()
    assert stage.window.asking.instructions == "" and stage.window.talk.instructions.text() == ""


def test_cancelled_instructions_change_nothing_and_endless_ones_are_cut(stage: Stage) -> None:
    dialog = open_instructions(stage)
    dialog.edit.setPlainText("x" * (LONGEST + 50))
    dialog.cancel_button.click()
    assert stage.window.asking.instructions == ""
    dialog = open_instructions(stage)
    dialog.edit.setPlainText("x" * (LONGEST + 50))
    dialog.save_button.click()
    assert len(stage.window.asking.instructions) == LONGEST


def test_instructions_belong_to_one_conversation(stage: Stage) -> None:
    stage.window.asking.instructions = "Be brief."
    stage.ask("Why?")
    stage.engine.answer("So.")
    first = stage.window.asking.conversation.id
    stage.window.new_conversation()
    assert stage.window.talk.instructions.text() == ""
    stage.window.talks.open(first)
    assert stage.window.talk.instructions.text().strip() == "Be brief."


def test_words_are_quoted_into_the_question(stage: Stage) -> None:
    stage.window.composer.set_text("What does this mean?")
    stage.window.quote("Notice of\nthree months")
    assert stage.window.composer.text == "What does this mean?\n\n> Notice of\n> three months\n\n"
    assert stage.window.composer.edit.hasFocus()


def test_quotations() -> None:
    assert quotation("a\u2029b") == "> a\n> b"
    assert with_quotation("", "a") == "> a\n\n"
    assert with_quotation("Why?", "  ") == "Why?"
    assert len(quotation("x" * 9000)) < 4100 and quotation("x" * 9000).endswith("…")


def test_an_earlier_question_is_asked_differently_and_the_draft_comes_back(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.answer("So.")
    composer = stage.window.composer
    composer.set_text("half a tho")
    stage.window.talk.begin_edit(1)
    assert composer.text == "Why?" and composer.edit_strip.isVisible()
    assert stage.window.asking.draft == "half a tho"
    composer.edit_cancel.click()
    assert composer.text == "half a tho" and not composer.edit_strip.isVisible()
    stage.window.talk.begin_edit(1)
    composer.set_text("Why really?")
    composer.edit.send.emit()
    stage.engine.answer("Therefore.")
    assert [one.question for one in stage.window.asking.conversation] == ["Why really?"]
    assert stage.window.asking.branches(2) == (2, 2) and not composer.edit_strip.isVisible()


def attached(stage: Stage) -> list[Path]:
    return [item.path for item in stage.window.attachments.items]


def test_the_first_run_offers_the_sample_with_one_file_and_a_question(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.window.talk.first_run.sample_button.click()
    assert stage.engine.loads == [SampleModel()]
    stage.until(lambda: not stage.window.attachments.busy)
    assert attached(stage) == [resource("samples", "invoice.pdf")]
    assert stage.window.composer.text == "What is the due date?"
    stage.until(lambda: bool(stage.window.talk.empty.suggestions))
    offered = [button.text() for button in stage.window.talk.empty.suggestions]
    assert offered[0] == "What is the due date?", "also while the model is still loading"
    stage.engine.become(model_info(sample=True))
    assert [button.text() for button in stage.window.talk.empty.suggestions] == offered
    stage.until(lambda: stage.window.composer.send_button.isEnabled())


def test_the_other_samples_come_one_at_a_time_in_conversations_of_their_own(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=model_info(sample=True))
    empty = stage.window.talk.empty
    assert all(button.isVisible() for button in empty.samples.values())
    empty.samples["pdf"].click()
    stage.until(lambda: attached(stage) == [resource("samples", "invoice.pdf")])
    stage.until(lambda: not empty.samples["pdf"].isVisible() and empty.samples["image"].isVisible())
    stage.ask_and_wait("What is the invoice date?")
    stage.engine.answer("Soon.")
    first = stage.window.asking.conversation.id
    banner = stage.window.talk.sample
    assert banner.next_button.isVisible() and banner.next_button.text() == "Try the screenshot"
    banner.next_button.click()
    stage.until(lambda: attached(stage) == [resource("samples", "settings.png")])
    assert stage.window.asking.conversation.id != first and not len(stage.window.asking.conversation)
    assert stage.window.composer.text == "When is the last update?"
    stage.until(lambda: banner.next_button.text() == "Try the video")


def test_no_sample_is_offered_for_another_model(stage: Stage) -> None:
    stage.attach("mine.pdf")
    stage.until(lambda: bool(stage.window.talk.empty.suggestions))
    assert not any(button.isVisible() for button in stage.window.talk.empty.samples.values())
    assert not stage.window.talk.sample.isVisible()


def test_the_sample_does_not_touch_what_is_there(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(info=None)
    stage.attach("mine.pdf")
    stage.window.composer.set_text("Mine?")
    stage.window.talk.first_run.sample_button.click()
    stage.until(lambda: not stage.window.attachments.busy)
    assert [item.name for item in stage.window.attachments.items] == ["mine.pdf"]
    assert stage.window.composer.text == "Mine?"


def test_recent_files_are_offered_and_attached(make_stage: Callable[..., Stage], tmp_path: Path) -> None:
    stage = make_stage(history=History(tmp_path / "conversations"))
    stage.until(lambda: stage.window.history.ready)
    stage.window.menus.recent_menu.aboutToShow.emit()
    assert [action.text() for action in stage.window.menus.recent_menu.actions()] == ["None yet"]
    stage.attach("a & b.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Why?")
    stage.engine.answer("So.")
    stage.window.new_conversation()
    assert stage.window.history.flush()
    stage.window.menus.recent_menu.aboutToShow.emit()
    (recent,) = stage.window.menus.recent_menu.actions()
    assert recent.text() == "a && b.pdf" and recent.toolTip() == str(stage.folder / "a & b.pdf")
    recent.trigger()
    stage.until(lambda: [item.name for item in stage.window.attachments.items] == ["a & b.pdf"])


def test_a_file_is_dragged_out_of_the_list(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.attach("a.pdf")
    row = next(iter(stage.window.side.rows.values()))
    dragged: list[QMimeData] = []
    monkeypatch.setattr(card, "start_drag", lambda _source, data, _ghost: dragged.append(data))
    at = row.rect().center()
    QTest.mousePress(row, Qt.MouseButton.LeftButton, pos=at)
    for step in range(4):
        _move(row, at + QPoint(8 * step, 0))
    QTest.mouseRelease(row, Qt.MouseButton.LeftButton, pos=at + QPoint(24, 0))
    assert [data.urls()[0].toLocalFile() for data in dragged] == [str(stage.folder / "a.pdf")]
    assert not stage.window.viewer.isVisible()  # a drag is not a click


def _move(widget: ItemRow, to: QPoint) -> None:
    from PySide6.QtCore import QEvent, QPointF
    from PySide6.QtGui import QMouseEvent

    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    glob = QPointF(widget.mapToGlobal(to))
    widget.mouseMoveEvent(QMouseEvent(QEvent.Type.MouseMove, QPointF(to), glob, left, left, none))


def test_a_picture_is_dragged_as_a_file_that_goes_with_the_window(qapp: object) -> None:
    dragged = Dragged()
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    data = dragged.picture_data(image, 'Plan / "a": page 3')
    path = Path(data.urls()[0].toLocalFile())
    assert path.name == "Plan - -a- page 3.png" and QPixmap(str(path)).size() == image.size()
    assert data.hasImage()
    dragged.close()
    assert not path.parent.exists()


def test_a_region_is_attached_in_full_detail(stage: Stage) -> None:
    path = stage.window.common.spool / "Screenshot region.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    image = QImage(20, 10, QImage.Format.Format_RGB32)
    image.fill(0x336699)
    image.save(str(path))
    stage.window.viewing.looked.emit(path, Place("a" * 64, page=3), "plan.pdf, page 3")
    stage.until(lambda: len(stage.window.attachments.items) == 1)
    item = next(iter(stage.window.attachments.items))
    assert item.options.budget == REGION_BUDGET and item.name == "plan.pdf, page 3"
    assert item.origin == Place("a" * 64, page=3)
    assert stage.window.composer.edit.hasFocus()


def test_look_closer_cuts_a_part_of_a_real_page(stage: Stage) -> None:
    window = stage.window
    window.add_paths([resource("samples", "invoice.pdf")])
    stage.until(lambda: len(window.side.rows) == 1 and not window.attachments.busy)
    window.viewing.show_item(1)
    stage.qtbot.waitUntil(lambda: window.viewer.pdf.pages > 0, timeout=60_000)
    window.viewer.want_region(1, (50.0, 60.0, 250.0, 160.0))
    stage.qtbot.waitUntil(lambda: len(window.attachments.items) == 2, timeout=60_000)
    part = list(window.attachments.items)[1]
    assert part.name == "invoice.pdf, part of page 1" and part.options.budget == REGION_BUDGET
    picture = QImage(str(part.path))
    assert picture.width() > 1000 and abs(picture.width() / picture.height() - 2) < 0.05
    assert part.path.parent == window.common.spool and part.spooled
    window.viewer.quote_wanted.emit("Due date: 8 April 2026")
    assert window.composer.text == "> Due date: 8 April 2026\n\n"


@pytest.mark.parametrize(
    ("key", "modifier"), [(Qt.Key.Key_F1, Qt.KeyboardModifier.NoModifier), (Qt.Key.Key_Slash, CTRL)]
)
def test_the_sheet_names_every_key_of_every_menu(stage: Stage, key: Qt.Key, modifier: Qt.KeyboardModifier) -> None:
    stage.qtbot.keyClick(stage.window, key, modifier)
    sheet = stage.window.findChild(ShortcutsDialog)
    words = " ".join(part.text() for part in sheet.findChildren(QLabel))
    menus = stage.window.menus
    for menu in (menus.file_menu, menus.edit_menu, menus.talk_menu, menus.view_menu, menus.help_menu):
        for action in menu.actions():
            for keys in action.shortcuts():
                assert keys.toString(QKeySequence.SequenceFormat.NativeText) in words


def test_a_report_is_saved_from_the_help_menu(stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(tmp_path / "help me"), ""))
    help_menu = {action.text().replace("&", ""): action for action in stage.window.menus.help_menu.actions()}
    help_menu["Save a report…"].trigger()
    assert zipfile.is_zipfile(tmp_path / "help me.zip")
    assert stage.window.talk.notices.text == "Saved as help me.zip"


def test_the_sheet_speaks_one_language(qapp: QApplication) -> None:
    assert translation.install("de") == "de"
    try:
        shown = [words for _, pairs in other_keys() for words, _ in pairs]
        assert "Strg++ · Strg+-" in shown and not any("Ctrl" in words for words in shown)
    finally:
        translation.install("en")


def test_no_two_actions_have_the_same_key(stage: Stage) -> None:
    menus = stage.window.menus
    everything = (menus.file_menu, menus.edit_menu, menus.talk_menu, menus.model_menu, menus.view_menu, menus.help_menu)
    keys = [keys.toString() for menu in everything for action in menu.actions() for keys in action.shortcuts()]
    assert len(keys) == len(set(keys))


def saving_as(monkeypatch: pytest.MonkeyPatch, path: Path, kind: str) -> list[str]:
    """The dialog gives ``path``; what it suggested is noted."""
    suggested: list[str] = []

    def ask(_parent: object, _title: str, suggestion: str, kinds: str) -> tuple[str, str]:
        suggested.append(suggestion)
        return str(path), next(one for one in kinds.split(";;") if kind in one)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", ask)
    return suggested


def test_a_conversation_is_exported_from_the_menu(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Why: is it so?")
    stage.engine.answer('Because of "Page 2" (a.pdf, page 2).')
    exchange = stage.view.exchange
    stage.until(lambda: bool(exchange.evidence))
    suggested = saving_as(monkeypatch, tmp_path / "talk", "*.pdf")
    stage.qtbot.keyClick(stage.window, Qt.Key.Key_E, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert suggested == ["Why- is it so.pdf"]
    assert (tmp_path / "talk.pdf").read_bytes().startswith(b"%PDF")
    assert "talk.pdf" in stage.window.talk.notices.text


def test_a_conversation_is_exported_from_the_list_while_another_is_open(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask_and_wait("Why?")
    stage.engine.answer('Because of "Page 2" (a.pdf, page 2).')
    exchange = stage.view.exchange
    stage.until(lambda: bool(exchange.evidence))
    first = stage.window.asking.conversation.id
    stage.window.new_conversation()
    saving_as(monkeypatch, tmp_path / "talk.md", "*.md")
    stage.window.library.list.export_wanted.emit(first)
    written = (tmp_path / "talk.md").read_text(encoding="utf-8")
    assert "Why?" in written and "a.pdf" in written


def test_what_hinders_an_export_is_said_where_the_eye_is(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stage.window.dialogs.export()
    assert "ask something first" in stage.window.talk.notices.text
    stage.ask("Why?")
    stage.engine.answer("So.")
    saving_as(monkeypatch, tmp_path / "missing" / "talk.md", "*.md")
    stage.window.dialogs.export()
    assert stage.window.talk.notices.text.count("\n") == 1


def test_models_and_settings_open_from_the_menus(stage: Stage, tmp_path: Path) -> None:
    from app.ui.models.dialog import ModelsDialog
    from app.ui.models.settings_dialog import SettingsDialog

    stage.qtbot.keyClick(stage.window, Qt.Key.Key_Comma, CTRL)
    settings = stage.window.findChild(SettingsDialog)
    settings.thinking.setChecked(True)
    settings.reject()
    assert stage.window.composer.think_button.isChecked() and stage.window.asking.thinking
    stage.window.dialogs.show_models()
    models = stage.window.findChild(ModelsDialog)
    assert models.isVisible()
    models.reject()


def test_a_gguf_file_is_a_model_to_import_and_no_attachment(stage: Stage, tmp_path: Path) -> None:
    file = tmp_path / "some.gguf"
    file.write_bytes(b"GGUF, and nothing that Lectern reads")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    assert stage.window.files.take(data) and not stage.window.side.rows
    (dialog,) = stage.window.findChildren(ModelsDialog)
    stage.until(lambda: "a GGUF file of version" in dialog.note.text)
    dialog.close()
