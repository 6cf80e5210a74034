"""Colours in code: right where they are, bounded in what they cost."""

import subprocess
import sys

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.ui.conversation import highlight
from app.ui.conversation.code_view import CodeView
from app.ui.conversation.highlight import DARK, LIGHT, MAX_CHARS, MAX_LINE, lexer, spans
from app.ui.look.colours import DARK as DARK_THEME
from app.ui.look.colours import LIGHT as LIGHT_THEME
from app.ui.look.colours import Colours, contrast
from app.ui.look.theme import Theme

PYTHON = 'def year(self):\n    """Two\n    lines"""\n    return 12  # 😀 months\n'


def kinds(view: CodeView) -> list[list[tuple[str, str]]]:
    """For each line the coloured words with their colours, as Qt draws them."""
    found = []
    block = view.edit.document().begin()
    while block.isValid():
        units = block.text().encode("utf-16-le")
        line = []
        for one in block.layout().formats():
            words = units[2 * one.start : 2 * (one.start + one.length)].decode("utf-16-le")
            line.append((words, one.format.foreground().color().name()))
        found.append(line)
        block = block.next()
    return found


@pytest.fixture
def light(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


def drawn(qtbot: QtBot, view: CodeView, text: str) -> None:
    with qtbot.waitSignal(view.colours.done):
        view.set_text(text, final=True)


def test_words_get_their_colours(qtbot: QtBot, light: Theme) -> None:
    view = CodeView("python")
    qtbot.addWidget(view)
    drawn(qtbot, view, PYTHON)
    lines = kinds(view)
    assert ("def", LIGHT.keyword) in lines[0] and ("year", LIGHT.name) in lines[0]
    for line, word in ((1, "Two"), (2, "lines")):
        assert any(word in words and colour == LIGHT.string for words, colour in lines[line])
    assert ("return", LIGHT.keyword) in lines[3] and ("12", LIGHT.number) in lines[3]
    assert ("# 😀 months", LIGHT.comment) in lines[3]


def test_a_new_theme_has_other_colours(qtbot: QtBot, light: Theme) -> None:
    view = CodeView("py")
    qtbot.addWidget(view)
    view.show()
    drawn(qtbot, view, PYTHON)
    light.set_mode("dark")
    qtbot.waitUntil(lambda: ("def", DARK.keyword) in kinds(view)[0])
    light.set_mode("system")


@pytest.mark.parametrize(("scheme", "theme"), [(LIGHT, LIGHT_THEME), (DARK, DARK_THEME)])
def test_every_colour_can_be_read(scheme: highlight.Scheme, theme: Colours) -> None:
    assert all(contrast(colour, theme.code) >= 4.5 for colour in vars(scheme).values())


def test_every_language_has_its_lexer() -> None:
    for name in [*highlight._LEXERS, *highlight._ALIASES]:
        assert lexer(name) is not None, name
    assert lexer("Python") is lexer("Python") and lexer("klingon") is None and lexer("") is None


@pytest.mark.parametrize("language", sorted(highlight._LEXERS))
def test_spans_stay_inside_their_lines(language: str) -> None:
    text = "// a\n# b\n<a href='x'>😀 \"q\nr\" 12 { } end\n\tif (x) => y;\n\n--- c\n+++ d\n"
    lines = text.split("\n")
    for number, found in spans(text, language).items():
        width = len(lines[number].encode("utf-16-le")) // 2
        assert all(start >= 0 and start + length <= width for start, length, _ in found)


def test_what_is_too_much_stays_plain(qtbot: QtBot) -> None:
    assert spans("x = 1\n" * MAX_CHARS, "python") == {}
    assert spans("x = 1" * MAX_LINE, "python") == {}
    view = CodeView("python")
    qtbot.addWidget(view)
    view.set_text("x = 1\n" * (MAX_CHARS // 4), final=True)
    assert view.colours.lexed == 0


def test_the_time_is_bounded(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that stands still between looks and leaps at each: after the total nothing more is looked at."""
    now = [0.0]

    def clock() -> float:
        now[0] += 0.001
        return now[0]

    monkeypatch.setattr(highlight, "perf_counter", clock)
    view = CodeView("python")
    qtbot.addWidget(view)
    text = "x = 1\n" * 5000
    drawn(qtbot, view, text)
    coloured = [bool(line) for line in kinds(view)]
    assert coloured[0] and not coloured[4000]


def test_a_growing_block_costs_as_much_as_its_length(qtbot: QtBot) -> None:
    def cost(lines: int) -> int:
        view = CodeView("python")
        qtbot.addWidget(view)
        text = ""
        for number in range(lines):
            text += f"value_{number} = function({number})  # comment\n"
            view.set_text(text)
        view.set_text(text, final=True)
        return view.colours.lexed

    assert cost(800) < 2.6 * cost(400)  # quadratic would be 4 times


def test_while_it_grows_only_whole_lines_are_coloured(qtbot: QtBot, light: Theme) -> None:
    view = CodeView("python")
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.colours.done):
        view.set_text("import os\nimpo")
    assert ("import", LIGHT.keyword) in kinds(view)[0] and kinds(view)[1] == []
    drawn(qtbot, view, "import os\nimport re\n")
    assert ("import", LIGHT.keyword) in kinds(view)[1]


def test_only_lines_that_changed_are_drawn_again(qtbot: QtBot, light: Theme, monkeypatch: pytest.MonkeyPatch) -> None:
    view = CodeView("python")
    qtbot.addWidget(view)
    with qtbot.waitSignal(view.colours.done):
        view.set_text("import os\n" * 20)
    again: list[int] = []
    monkeypatch.setattr(view.colours, "rehighlightBlock", lambda block: again.append(block.blockNumber()))
    drawn(qtbot, view, "import os\n" * 22)
    assert again == [20, 21]


def test_nothing_is_loaded_before_it_is_needed() -> None:
    code = "import sys, app.ui.conversation.answer; sys.exit(any(name.startswith('pygments') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
