"""What a person with a screen reader, a keyboard or tired eyes needs, in the real window and in several states.

Names are looked for on every control; focus is compared in pictures; contrast is computed for every pair that the
style sheet makes; sizes follow the system's font.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QMenuBar,
    QPlainTextEdit,
    QProgressBar,
    QScrollArea,
    QScrollBar,
    QSpinBox,
    QTextBrowser,
    QWidget,
)

from app.library.model_ref import SampleModel
from app.library.store.records import ExchangeRow, Header, Titled
from app.ui.conversation.instructions import InstructionsDialog
from app.ui.look.colours import DARK, LIGHT, Colours, contrast
from app.ui.look.stylesheet import stylesheet
from model.messages import plain
from model.types import Failed, LoadProgress, TextDelta, ThoughtDelta
from tests.app.ui.conftest import Stage

CONTROLS = (
    QAbstractButton, QLineEdit, QPlainTextEdit, QTextBrowser, QProgressBar, QComboBox, QSpinBox, QAbstractItemView,
    QAbstractSlider,
)  # fmt: skip
INSIDE = {"QToolBarExtension", "ScrollLeftButton", "QComboBoxPrivateContainer", "QHeaderView", "QTableCornerButton"}


def empty(stage: Stage) -> QWidget:
    return stage.window


def with_files(stage: Stage) -> QWidget:
    stage.attach("a.pdf", "b.mp4", "c.png")
    stage.until(lambda: not stage.window.attachments.busy)
    return stage.window


def answered(stage: Stage) -> QWidget:
    with_files(stage)
    stage.ask_and_wait("Why?")
    stage.engine.say(ThoughtDelta("Hm."))
    stage.engine.answer('**So**: "Page 1" (a.pdf, page 1)\n\n```py\nx\n```\n\n| a | b |\n| - | - |\n| 1 | 2 |\n')
    stage.ask_and_wait("And?")
    stage.engine.say(TextDelta("Part"))
    return stage.window


def failed(stage: Stage) -> QWidget:
    with_files(stage)
    stage.ask_and_wait("Why?")
    stage.engine.say(Failed(plain("It did not work; try again.")))
    stage.window.add_paths([stage.file("box/notes.xyz").parent])
    stage.until(lambda: bool(stage.window.talk.notices.text))
    stage.window.files.remove(1)
    return stage.window


def viewing(stage: Stage) -> QWidget:
    with_files(stage)
    stage.window.viewing.show_item(1)
    return stage.window


def looking_at_a_picture(stage: Stage) -> QWidget:
    with_files(stage)
    stage.window.viewing.show_item(3)
    return stage.window


def watching(stage: Stage) -> QWidget:
    with_files(stage)
    stage.window.viewing.show_item(2)
    return stage.window


def first_run(stage: Stage) -> QWidget:
    return stage.window


def loading(stage: Stage) -> QWidget:
    stage.window.model.load(SampleModel())
    stage.engine.loading.emit(LoadProgress(plain("Reading"), 1, 10))
    return stage.window


def library(stage: Stage) -> QWidget:
    for number in range(3):
        name = f"{number:032x}"
        exchange = ExchangeRow(name, name, 1, "", "Why?", "done", 1e9)
        stage.window.history.put([Header(name, 1e9, 1e9 + number), Titled(name, f"Talk {number}"), exchange])
    stage.until(lambda: len(stage.window.library.list.conversations.rows) == 3)
    stage.window.library.search.setText("talk")
    stage.window.rename()
    return stage.window


def instructing(stage: Stage) -> QWidget:
    stage.window.dialogs.edit_instructions()
    return _dialog(stage)


def settings(stage: Stage) -> QWidget:
    stage.window.dialogs.show_settings()
    return _dialog(stage)


def models(stage: Stage) -> QWidget:
    stage.window.dialogs.show_models()
    return _dialog(stage)


def shortcuts(stage: Stage) -> QWidget:
    stage.window.dialogs.show_shortcuts()
    return _dialog(stage)


def figures(stage: Stage) -> QWidget:
    return stage.window.dialogs.show_figures()


def _dialog(stage: Stage) -> QDialog:
    return next(dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible())


STATES = (
    empty, with_files, answered, failed, viewing, looking_at_a_picture, watching, library, instructing, settings,
    models, shortcuts, figures,
)  # fmt: skip
NO_MODEL = (first_run, loading)


@pytest.fixture
def enter(make_stage: Callable[..., Stage], request: pytest.FixtureRequest) -> QWidget:
    """The window, or the dialog above it, in one of the states."""
    state = request.param
    stage = make_stage(info=None) if state in NO_MODEL else make_stage()
    return state(stage)


EVERY_STATE = pytest.mark.parametrize("enter", (*STATES, *NO_MODEL), indirect=True, ids=lambda state: state.__name__)


def named(widget: QWidget) -> bool:
    words = isinstance(widget, QAbstractButton) and widget.text().strip()
    return bool(widget.accessibleName().strip() or words)


def of_qt(widget: QWidget) -> bool:
    """Parts that Qt makes for itself, and that are named by what they belong to."""
    parent = widget.parentWidget()
    inside = isinstance(parent, QSpinBox | QComboBox | QLineEdit) or isinstance(widget, QScrollBar | QMenuBar)
    classes = {widget.metaObject().className(), parent.metaObject().className() if parent else ""}
    return inside or widget.objectName().startswith("qt_") or bool(classes & INSIDE)


def focusable(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


@EVERY_STATE
def test_every_control_has_a_name(enter: QWidget) -> None:
    nameless = [
        f"{type(widget).__name__} in {type(widget.parentWidget()).__name__}"
        for widget in enter.findChildren(QWidget)
        if (isinstance(widget, CONTROLS) or focusable(widget)) and not of_qt(widget) and not named(widget)
    ]
    assert nameless == []


@EVERY_STATE
def test_focus_can_be_seen_on_every_control(enter: QWidget) -> None:
    window = enter.window()
    invisible = []
    for widget in enter.findChildren(QWidget):
        if not widget.isVisibleTo(enter) or not widget.isEnabled() or not focusable(widget) or of_qt(widget):
            continue
        if widget.focusProxy() is not None:
            continue
        _focus(window, None)
        without = _frame(widget)
        _focus(window, widget)
        if widget.hasFocus() and _frame(widget) == without:
            invisible.append(f"{type(widget).__name__} “{widget.accessibleName()}”")
    assert invisible == []


def _focus(window: QWidget, widget: QWidget | None) -> None:
    focus = window.focusWidget()
    if widget is not None:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
    elif focus is not None:
        focus.clearFocus()
    QApplication.processEvents()


def _frame(widget: QWidget) -> bytes:
    """The widget with what surrounds it: a ring may be drawn by the frame around a text field."""
    shown = widget
    while (parent := shown.parentWidget()) is not None and not isinstance(widget, QAbstractButton):
        if isinstance(parent, QScrollArea) or parent.isWindow() or parent.height() > shown.height() + 90:
            break
        shown = parent
    image = shown.grab().toImage()
    return bytes(image.constBits())


COLOURED = ("color", "background", "selection-color", "selection-background-color")
RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
BACKS = ("window", "side", "surface", "soft", "hover", "code", "danger_soft", "warning_soft", "accent", "accent_hover")


def _pairs(colours: Colours) -> set[tuple[str, str, str]]:
    """(selector, text, background) wherever one rule of the style sheet sets both."""
    sheet = stylesheet(colours, QFont("Sans", 10))
    found = set()
    for selector, body in RULE.findall(sheet):
        values = dict(
            re.findall(r"(?:^|[;\s])(color|background|selection-color|selection-background-color):\s*(#\w{6})", body)
        )
        for front, back in (("color", "background"), ("selection-color", "selection-background-color")):
            if front in values and back in values:
                found.add((" ".join(selector.split()), values[front], values[back]))
    return found


BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])


@BOTH
def test_every_rule_that_sets_text_and_background_keeps_the_contrast(colours: Colours) -> None:
    pairs = _pairs(colours)
    assert len(pairs) >= 6
    assert [pair for pair in pairs if contrast(pair[1], pair[2]) < 4.5] == []


@BOTH
def test_text_can_be_read_on_every_ground_that_it_stands_on(colours: Colours) -> None:
    known = {field.name for field in fields(Colours)}
    assert set(BACKS) <= known
    pairs = [(front, back) for front in ("text", "muted") for back in ("window", "side", "surface", "code", "soft")]
    pairs += [("text", "hover"), ("muted", "hover"), ("accent", "window"), ("accent", "side"), ("accent", "soft")]
    pairs += [("accent", "surface"), ("accent", "danger_soft"), ("accent", "warning_soft"), ("accent", "hover")]
    pairs += [("on_accent", "accent"), ("on_accent", "accent_hover")]
    pairs += [("danger", "danger_soft"), ("danger", "surface"), ("warning", "warning_soft"), ("warning", "surface")]
    weak = {pair: contrast(getattr(colours, pair[0]), getattr(colours, pair[1])) for pair in pairs}
    assert {pair: round(value, 2) for pair, value in weak.items() if value < 4.5} == {}


def test_no_size_of_text_is_given_in_pixels_and_all_follow_the_system() -> None:
    small, large = (stylesheet(LIGHT, QFont("Sans", points)) for points in (9, 18))
    assert not re.search(r"font-size:\s*[\d.]+px", small) and not re.search(r"font:\s*[\d.]", small)
    sizes = [[float(value) for value in re.findall(r"font-size:\s*([\d.]+)pt", sheet)] for sheet in (small, large)]
    assert sizes[0] and all(abs(two - 2 * one) <= 0.2 for one, two in zip(*sizes, strict=True))


def test_nothing_is_cut_with_a_large_system_font(make_stage: Callable[..., Stage], qapp: QApplication) -> None:
    before = qapp.font()
    large = QFont(before)
    large.setPointSizeF(before.pointSizeF() * 1.6)
    qapp.setFont(large)
    try:
        stage = make_stage()
        answered(stage)
        stage.window.resize(1600, 900)
        for _ in range(3):
            QApplication.processEvents()
        cut = [
            f"{type(widget).__name__} “{widget.text()}”: {widget.height()} of {widget.sizeHint().height()}"
            for widget in stage.window.findChildren(QAbstractButton)
            if widget.isVisible()
            and widget.text()
            and not of_qt(widget)
            and widget.height() < widget.fontMetrics().height()
        ]
        assert cut == []
        for label in stage.window.side.findChildren(QLabel):
            if label.isVisible() and label.wordWrap() and label.text():
                assert label.height() >= label.heightForWidth(label.width()), label.text()
        head = stage.window.talk.model_button.parentWidget()
        assert head is not None and head.height() >= stage.window.talk.model_button.sizeHint().height()
        stage.window.resize(1280, 672)  # a small laptop, less the system's title bar
        QApplication.processEvents()
        send = stage.window.composer.send_button
        assert stage.window.height() == 672
        assert stage.window.rect().contains(send.mapTo(stage.window, send.rect().bottomRight()))
    finally:
        qapp.setFont(before)


def test_colour_is_never_alone(stage: Stage) -> None:
    """The open conversation, the shown file and where a file is are also said in words."""
    window = library(stage)
    assert isinstance(window, QWidget)
    rows = stage.window.library.list.conversations
    stage.window.talks.open(rows.rows[0].id)
    assert "open now" in rows.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    stage.attach("a.pdf")
    stage.until(lambda: not stage.window.attachments.busy)
    stage.window.viewing.show_item(1)
    row = next(iter(stage.window.side.rows.values()))
    assert "shown in the viewer" in row.accessibleName()


def test_dialogs_begin_where_one_writes_and_end_with_esc(stage: Stage) -> None:
    stage.window.dialogs.edit_instructions()
    dialog = stage.window.findChild(InstructionsDialog)
    stage.until(lambda: dialog.edit.hasFocus())
    stage.qtbot.keyClick(dialog.edit, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
