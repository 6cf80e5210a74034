"""What a choice of detail costs is said before it is made; a part that was cut out is seen to be attached."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractSlider

from app.chat.evidence.places import Place
from app.ingest.sizes import soft_tokens
from app.session.costs import duration
from app.session.items import ItemState
from app.ui.files.detail import at_budgets
from app.ui.window.dialogs import other_keys
from model.engine.rates import Rates
from tests.app.ui.conftest import Stage
from tests.fakes import picture


def test_every_choice_of_detail_says_what_the_file_then_costs(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: stage.window.attachments.items.reading == 0)
    (row,) = stage.window.side.rows.values()
    assert row.item.document is not None
    row.menu.aboutToShow.emit()
    words = [action.text() for action in row.menu.actions()]
    assert "1,120 tokens per picture" in words  # text has no cost in pictures

    pages = tuple(replace(page, picture=picture(), state="both") for page in row.item.document.pages)
    row.item.document = replace(row.item.document, pages=pages)
    each = soft_tokens(842, 595)
    assert at_budgets(row.item.document) == {budget: 3 * [tokens] for budget, tokens in each.items()}
    row.menu.aboutToShow.emit()
    words = [action.text() for action in row.menu.actions()]
    assert f"1,120 tokens per picture: {3 * each[1120]:,} in total" in words
    assert "Automatic: 12 in total" in words  # what was read: three pictures of four

    row.item.rates = rates = Rates(100.0, ((280, 20.0),))
    row.menu.aboutToShow.emit()
    words = [action.text() for action in row.menu.actions()]
    for budget, told in ((70, "8 s"), (280, "47 s"), (1120, "7 min")):  # a soft token of a large picture takes longer
        seconds = rates.seconds(3 * each[budget], 3 * [each[budget]])
        assert seconds is not None and str(duration(seconds)) == told
        assert f"{budget:,} tokens per picture: {3 * each[budget]:,} in total, about {told}" in words


def test_a_part_that_was_cut_out_is_in_sight(stage: Stage) -> None:
    stage.attach(*(f"{letter}.pdf" for letter in "abcdefgh"))
    stage.until(lambda: stage.window.attachments.items.reading == 0)
    cut(stage, "a.pdf, part of page 1")
    new = list(stage.window.side.rows.values())[-1]
    assert new.item.state is ItemState.READY
    stage.until(lambda: not new.visibleRegion().isEmpty())
    assert not stage.window.talk.notices.isVisible()  # the list says it


def test_it_stays_in_sight_while_rows_above_it_grow(stage: Stage) -> None:
    """Until a person scrolls."""
    stage.attach(*(f"{letter}.pdf" for letter in "abcdefgh"))
    stage.until(lambda: stage.window.attachments.items.reading == 0)
    cut(stage, "a.pdf, part of page 1")
    *above, new = stage.window.side.rows.values()
    stage.until(lambda: not new.visibleRegion().isEmpty())
    bar = stage.window.side._area.verticalScrollBar()
    before = bar.maximum()
    for row in above:
        row.setMinimumHeight(row.height() + 100)
    stage.until(lambda: bar.maximum() > before + 700 and not new.visibleRegion().isEmpty())
    bar.triggerAction(QAbstractSlider.SliderAction.SliderToMinimum)
    before = bar.maximum()
    for row in above:
        row.setMinimumHeight(row.height() + 100)
    stage.until(lambda: bar.maximum() > before + 700)
    stage.qtbot.wait(0)
    assert bar.value() == 0


def test_without_the_list_a_notice_says_that_the_part_goes_along(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: stage.window.attachments.items.reading == 0)
    stage.window.toggle_side()
    cut(stage, "a.pdf, part of page 1")
    assert stage.window.talk.notices.text == "a.pdf, part of page 1 will be included in your next question."


def cut(stage: Stage, name: str) -> None:
    """What the viewer hands over once a region's picture is there."""
    path = stage.folder / "part.png"
    image = QImage(8, 8, QImage.Format.Format_RGB32)
    image.fill(0)
    assert image.save(str(path))
    item = next(iter(stage.window.attachments.items))
    assert item.document is not None
    many = len(stage.window.side.rows)
    stage.window.viewing.looked.emit(path, Place(item.document.content_hash, 1), name)
    stage.until(lambda: len(stage.window.side.rows) == many + 1 and stage.window.attachments.items.reading == 0)


def test_the_sheet_of_shortcuts_knows_the_players_keys() -> None:
    keys = dict(other_keys())["Viewer"]
    assert {"← · →", ", · ."} <= {key for key, _ in keys}
