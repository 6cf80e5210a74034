"""Evidence inside an answer's text, through the real widgets."""

from typing import get_args

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QMouseEvent, QTextCursor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Checked, Evidence, Place
from app.ui.conversation import chips
from app.ui.conversation.answer import AnswerBody
from app.ui.conversation.chips import Chip
from app.ui.conversation.code_view import CodeView
from app.ui.conversation.markdown import MarkdownView
from app.ui.look.colours import DARK, LIGHT, contrast
from app.ui.look.theme import Theme
from model.messages import plain


def evidence(
    answer: str,
    claim: str,
    quote: str = "",
    state: Checked = "found",
    page: int | None = 3,
    time_s: float | None = None,
) -> Evidence:
    start = answer.index(claim)
    place = Place("d" * 64, page, time_s) if page or time_s is not None else None
    return Evidence(start, start + len(claim), quote, state, place, plain("The reason."))


def chips_of(answer: str, *found: Evidence) -> tuple[Chip, ...]:
    return chips.make(answer, found, lambda _: "contract.pdf")


@pytest.fixture
def body(qtbot: QtBot) -> AnswerBody:
    made = AnswerBody()
    qtbot.addWidget(made)
    made.resize(700, 400)
    with qtbot.waitActive(made):
        made.show()
        made.activateWindow()
    return made


def text(body: AnswerBody) -> str:
    return "\n".join(piece.toPlainText().replace("\xa0", " ") for piece in body.pieces)


STATES: list[tuple[Checked, int | None, float | None, str]] = [
    ("found", 3, None, "✓ p. 3"),
    ("found", None, 75.0, "✓ 01:15"),
    ("scanned", 4, None, "▤ p. 4"),
    ("elsewhere", 5, None, "↷ p. 5"),
    ("seen", 2, None, "◻ p. 2"),
    ("unverified", None, None, "? not found"),
]


@pytest.mark.parametrize(("state", "page", "time_s", "label"), STATES)
def test_a_chip_says_its_state_in_signs_and_words(
    body: AnswerBody, state: Checked, page: int | None, time_s: float | None, label: str
) -> None:
    answer = 'It is "so" (contract.pdf, page 3).'
    one = evidence(answer, '"so" (contract.pdf, page 3)', "so", state, page, time_s)
    body.set_text(answer, True, chips_of(answer, one))
    assert text(body) == f'It is "so"  {label} .'
    chip = body.pieces[0].placed[0].chip
    assert "The reason." in chip.tip and "“so”" in chip.tip
    assert ("(contract.pdf, page 3)" in chip.tip) == (state in ("elsewhere", "unverified"))


def test_the_sample_models_form_becomes_value_and_chip(body: AnswerBody) -> None:
    answer = 'INV-1 [page 2: "Invoice number: INV-1"]'
    one = evidence(answer, '[page 2: "Invoice number: INV-1"]', "Invoice number: INV-1", page=2)
    body.set_text(answer, True, chips_of(answer, one))
    assert text(body) == "INV-1  ✓ p. 2 "
    assert "“Invoice number: INV-1”" in body.pieces[0].placed[0].chip.tip


def test_several_files_are_told_apart(body: AnswerBody) -> None:
    answer = 'It is "so" (contract.pdf, page 3).'
    one = evidence(answer, '"so" (contract.pdf, page 3)', "so")
    body.set_text(answer, True, chips.make(answer, [one], lambda _: "contract.pdf", several=True))
    assert "✓ contract, p. 3" in text(body)


def test_while_it_streams_the_citation_stands_there_as_written(body: AnswerBody, qtbot: QtBot) -> None:
    answer = 'It is "so" (page 3).'
    found = chips_of(answer, evidence(answer, '"so" (page 3)', "so"))
    body.set_text(answer, False, found)
    qtbot.waitUntil(lambda: bool(body.pieces))
    assert text(body) == answer
    body.set_text(answer, True)
    assert text(body) == answer
    body.set_text(answer, True, found)
    assert "✓ p. 3" in text(body)


MARKDOWN = """# Heading "h" (page 3)

- **"bold" (page 3)** and *"lean"* (page 3)
  1. nested "n" (page 3)

> block "q" (page 3)

| a | b |
|---|---|
| "cell" (page 3) | "x" |

With 😀 before: "emoji" (page 3).
"""


def test_chips_stand_in_headings_lists_quotes_and_tables(body: AnswerBody) -> None:
    words = ("h", "bold", "lean", "n", "q", "cell", "emoji")
    claims = {word: f'"{word}"*' if word == "lean" else f'"{word}"' for word in words}
    found = [evidence(MARKDOWN, f"{claims[word]} (page 3)", word) for word in words]
    found.sort(key=lambda one: one.start)
    body.set_text(MARKDOWN, True, chips_of(MARKDOWN, *found))
    view = body.pieces[0]
    assert len(view.placed) == 7
    for placed in view.placed:
        cursor = QTextCursor(view.document())
        cursor.setPosition(placed.start)
        cursor.setPosition(placed.end, QTextCursor.MoveMode.KeepAnchor)
        assert cursor.selectedText().strip() == "✓\xa0p.\xa03"
        assert cursor.charFormat().anchorHref() == chips.address(placed.chip.index)
        box = chips.boxes(view.document(), placed.start, placed.end)[0]
        assert view.anchorAt(box.center().toPoint()) == chips.address(placed.chip.index)
    assert "(page 3)" not in text(body)


def test_code_is_never_touched(body: AnswerBody) -> None:
    answer = 'Use `"so" (page 3)` here.\n\n    "in" (page 3)\n\n```\n"fenced" (page 3)\n```\n'
    found = [evidence(answer, f'"{word}" (page 3)', word) for word in ("so", "in", "fenced")]
    body.set_text(answer, True, chips_of(answer, *found))
    assert 'Use "so" (page 3) here.' in text(body) and '"in" (page 3)' in text(body)
    assert '"fenced" (page 3)' in text(body) and "✓" not in text(body)


def test_a_links_address_is_never_touched(body: AnswerBody) -> None:
    answer = 'See [here](https://example.org/"so" "(page 3)") and "so" (page 4).'
    found = [evidence(answer, '"(page 3)"', "(page 3)"), evidence(answer, '"so" (page 4)', "so")]
    body.set_text(answer, True, chips_of(answer, *found))
    assert len(body.pieces[0].placed) <= 2 and "\ue000" not in text(body) and "\ue001" not in text(body)
    assert "✓ p. 3" in text(body)


def test_characters_for_private_use_in_an_answer_are_left_alone(body: AnswerBody) -> None:
    answer = 'Odd \ue000 sign, "so" (page 3).'
    body.set_text(answer, True, chips_of(answer, evidence(answer, '"so" (page 3)', "so")))
    assert text(body) == 'Odd \ue000 sign, "so"  ✓ p. 3 .'


def test_a_model_cannot_forge_a_chip(body: AnswerBody, qtbot: QtBot) -> None:
    clicked: list[object] = []
    body.chip_clicked.connect(clicked.append)
    body.set_text("[✓ p. 3](evidence:0) and [x](lectern:0)", True)
    for url in ("evidence:0", "lectern:0"):
        body.pieces[0].anchorClicked.emit(QUrl(url))
    assert clicked == [] and body.pieces[0].placed == []


def test_tab_goes_to_a_chip_and_enter_follows_it(body: AnswerBody, qtbot: QtBot) -> None:
    answer = 'First "a" (page 1), then "b" (page 2).'
    found = [evidence(answer, '"a" (page 1)', "a", page=1), evidence(answer, '"b" (page 2)', "b", page=2)]
    body.set_text(answer, True, chips_of(answer, *found))
    clicked: list[int] = []
    body.chip_clicked.connect(clicked.append)
    view = body.pieces[0]
    qtbot.waitUntil(view.isVisible)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.focused_chip() is view.placed[0]
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.focused_chip() is view.placed[1]
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert clicked == [1]


def test_a_click_follows_a_chip(body: AnswerBody, qtbot: QtBot) -> None:
    answer = 'It is "so" (page 3).'
    body.set_text(answer, True, chips_of(answer, evidence(answer, '"so" (page 3)', "so")))
    view = body.pieces[0]
    box = chips.boxes(view.document(), view.placed[0].start, view.placed[0].end)[0]
    with qtbot.waitSignal(body.chip_clicked) as clicked:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=box.center().toPoint())
    assert clicked.args == [0]


def test_a_tooltip_is_never_taken_for_markup(body: AnswerBody) -> None:
    answer = '"<img src=x>" (page 3)'
    body.set_text(answer, True, chips_of(answer, evidence(answer, answer, "<img src=x>")))
    cursor = QTextCursor(body.pieces[0].document())
    cursor.setPosition(body.pieces[0].placed[0].end)
    assert "&lt;img" in cursor.charFormat().toolTip() and "<img" not in cursor.charFormat().toolTip()


def test_copied_words_are_the_answers_own(body: AnswerBody) -> None:
    answer = 'A 😀 "so" (contract.pdf, page 3), and **so** "on".\n\nNext (page 4).'
    found = [
        evidence(answer, '"so" (contract.pdf, page 3)', "so"),
        evidence(answer, '"on"', "on"),
        evidence(answer, "(page 4)", "", "seen"),
    ]
    body.set_text(answer, True, chips_of(answer, *found))
    view = body.pieces[0]
    view.selectAll()
    view.copy()
    assert QApplication.clipboard().text() == 'A 😀 "so" (contract.pdf, page 3), and so "on".\nNext (page 4).'
    placed = view.placed[0]
    cursor = view.textCursor()
    cursor.setPosition(placed.start + 2)
    cursor.setPosition(placed.end + 1, QTextCursor.MoveMode.KeepAnchor)
    view.setTextCursor(cursor)
    assert view.selected() == "(contract.pdf, page 3),"


def test_chips_reach_the_right_piece_of_a_long_answer(body: AnswerBody) -> None:
    paragraphs = [f'Paragraph {number}: "word {number}" (page {number}). ' + "word " * 60 for number in range(1, 21)]
    table = "| a | b |\n|---|---|\n" + "".join(f'| {n} | "cell {n}" (page 9) |\n' for n in range(60))
    answer = "\n\n".join([*paragraphs, "```\ncode\n```", table, "x " * 4000 + '"end" (page 7)'])
    found = [evidence(answer, f'"word {n}" (page {n})', f"word {n}", page=n) for n in range(1, 21)]
    found += [evidence(answer, f'"cell {n}" (page 9)', f"cell {n}", page=9) for n in range(60)]
    found.append(evidence(answer, '"end" (page 7)', "end", page=7))
    body.set_text(answer, True, chips_of(answer, *found))
    placed = [one for piece in body.pieces if isinstance(piece, MarkdownView) for one in piece.placed]
    assert [one.chip.index for one in placed] == list(range(81))
    assert "(page" not in text(body)


def test_only_pieces_with_evidence_are_drawn_again(body: AnswerBody) -> None:
    answer = "\n\n".join([*("word " * 80 for _ in range(20)), '"so" (page 3)'])
    body.set_text(answer, True)
    drawn: list[int] = []
    for number, piece in enumerate(body.pieces):
        piece.document().contentsChanged.connect(lambda number=number: drawn.append(number))
    body.set_text(answer, True, chips_of(answer, evidence(answer, '"so" (page 3)', "so")))
    assert set(drawn) == {len(body.pieces) - 1} and len(body.pieces) > 3


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_every_state_has_enough_contrast(qapp: QApplication, theme: object) -> None:
    shown = Theme(qapp, "light" if theme is LIGHT else "dark")
    try:
        assert chips.colours() == theme
        for state in get_args(Checked):
            words, ground, border = chips._shades(state)
            assert contrast(words, ground) >= 4.5 and contrast(border, chips.colours().window) >= 3
    finally:
        shown.set_mode("system")


def drag(body: AnswerBody, qtbot: QtBot, first: object, start: QPoint, last: object, end: QPoint) -> None:
    origin = first.viewport()  # type: ignore[attr-defined]
    qtbot.mousePress(origin, Qt.MouseButton.LeftButton, pos=start)
    target = last.viewport().mapToGlobal(end)  # type: ignore[attr-defined]
    left = Qt.MouseButton.LeftButton
    local = QPointF(origin.mapFromGlobal(target))
    move = QMouseEvent(QEvent.Type.MouseMove, local, QPointF(target), left, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(origin, move)
    qtbot.mouseRelease(origin, left, pos=origin.mapFromGlobal(target))


def test_a_selection_goes_on_through_code_and_tables(body: AnswerBody, qtbot: QtBot) -> None:
    answer = 'First "so" (page 3).\n\n```py\nx = 1\n```\n\nLast words here.\n'
    body.set_text(answer, True, chips_of(answer, evidence(answer, '"so" (page 3)', "so")))
    QApplication.processEvents()
    first, code, last = body.pieces
    assert isinstance(code, CodeView)
    drag(body, qtbot, first, QPoint(0, 5), last, QPoint(600, last.height() - 4))
    assert body.selected() == 'First "so" (page 3).\n\nx = 1\n\n\nLast words here.'
    qtbot.keyClick(first, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == body.selected()
    drag(body, qtbot, last, QPoint(0, 5), code.edit, QPoint(0, 10))
    assert body.selected() == "x = 1\n"
    qtbot.mouseClick(last.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert not body.selecting.any


def test_select_all_means_the_whole_answer(body: AnswerBody, qtbot: QtBot) -> None:
    answer = "**First**.\n\n```py\nx = 1\n```\n"
    body.set_text(answer, True)
    qtbot.waitUntil(body.pieces[0].isVisible)
    body.pieces[0].setFocus()
    qtbot.keyClick(body.pieces[0], Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert all(editor.textCursor().hasSelection() for editor in (body.pieces[0], body.pieces[1].edit))
    qtbot.keyClick(body.pieces[0], Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == answer


def test_the_menu_copies_quotes_and_selects(body: AnswerBody, qtbot: QtBot) -> None:
    body.set_text("**First** and more.", True)
    actions = {action.text().replace("&", ""): action for action in body.make_menu().actions() if action.text()}
    assert not actions["Quote in the question"].isEnabled()
    actions["Copy the whole answer as Markdown"].trigger()
    assert QApplication.clipboard().text() == "**First** and more."
    actions["Select all of this answer"].trigger()
    actions = {action.text().replace("&", ""): action for action in body.make_menu().actions() if action.text()}
    with qtbot.waitSignal(body.quote_wanted) as quoted:
        actions["Quote in the question"].trigger()
    assert quoted.args == ["**First** and more."]
