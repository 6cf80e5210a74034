"""*Tools → Figures…*: charts of what was measured, the same in words, in the theme's colours."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from app.engine.model import figures
from app.engine.model.figures import Figures
from app.engine.model.history import AnswerPoint, LevelPoint, Past
from app.i18n import number
from app.ui.api.chart import Chart, Line, top_of
from app.ui.look.colours import DARK, LIGHT, Colours, palette
from model.types import Finished, Timings, Usage
from tests.app.ui.conftest import Stage

NOON = 1_800_000_000.0


@pytest.mark.parametrize(("value", "top"), [(0, 1), (0.3, 0.5), (1, 1), (14.2, 20), (21, 25), (99, 100), (6e9, 1e10)])
def test_the_scale_ends_at_a_round_number(value: float, top: float) -> None:
    assert top_of(value) == pytest.approx(top)


def colours_in(chart: Chart) -> set[str]:
    image = chart.plot.grab().toImage()
    return {QColor(image.pixel(x, y)).name() for x in range(image.width()) for y in range(image.height())}


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_lines_are_drawn_in_the_themes_colours_and_described_in_words(colours: Colours, qtbot: QtBot) -> None:
    chart = Chart("Cached documents", lambda value: f"{number(value)} MB")
    qtbot.addWidget(chart)
    chart.plot.setPalette(palette(colours))
    chart.resize(300, 160)
    assert colours.accent not in colours_in(chart)
    chart.show_lines([Line("in memory", ()), Line("on disk", ())], 0.0, 0.0)
    assert colours.accent not in colours_in(chart) and "in memory: nothing yet" in chart.words.text()
    points = tuple((NOON + 60 * at, float(value)) for at, value in enumerate((10, 40, 20)))
    chart.show_lines([Line("in memory", points), Line("on disk", ((NOON, 5.0), (NOON + 120, 5.0)))], NOON, NOON + 120)
    assert {colours.accent, colours.strong} <= colours_in(chart)
    first, second = chart.words.text().splitlines()
    assert first.endswith("in memory: newest 20 MB, lowest 10 MB, highest 40 MB") and "on disk: newest 5 MB" in second
    assert chart.plot.accessibleName() == "Cached documents"
    assert chart.plot.accessibleDescription() == chart.words.text()


def test_the_window_shows_what_was_answered(
    make_stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot
) -> None:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    counted = Figures()
    monkeypatch.setattr(figures, "FIGURES", counted)
    monkeypatch.setattr("app.ui.api.figures.FIGURES", counted)
    stage = make_stage()
    (entry,) = [one for one in stage.window.menus.tools_menu.actions() if one.text() == "&Figures…"]
    entry.trigger()
    dialog = stage.window.dialogs.show_figures()
    assert dialog.speed.words.text() == "nothing yet" and "Answers: 0" in dialog.words.text()
    counted.finished(Finished("stop", Usage(100, 60, 10), Timings(2.0, 2.5, 5.0)))
    dialog.refresh()
    assert dialog.speed.words.text() == "newest 5, lowest 5, highest 5" and "Answers: 1" in dialog.words.text()
    qtbot.waitUntil(lambda: bool(counted.history.past().levels))  # looked at on the background thread
    dialog.refresh()
    assert "newest" in dialog.memory.words.text()
    past = Past((AnswerPoint(NOON, 0.0, 0.0),), (LevelPoint(NOON, 1, 2, 3),))
    dialog.show_past(past, NOON + 1)
    assert dialog.speed.words.text() == dialog.first.words.text() == "nothing yet"  # an answer without a word
    assert len(stage.window.findChildren(type(dialog))) == 1


def test_the_api_leads_to_the_figures(make_stage: Callable[..., Stage], qtbot: QtBot) -> None:
    stage = make_stage()
    api = stage.window.dialogs.show_api()
    api.figures_button.click()
    from app.ui.api.figures import FiguresDialog

    found = stage.window.findChild(FiguresDialog)
    assert found is not None and found.isVisible() and not api.isVisible()
