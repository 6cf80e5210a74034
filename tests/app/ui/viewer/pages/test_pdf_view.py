"""Reading a PDF as a person does: real widget, real process, real PDFs of which every word's place is known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.media.rendering import RenderBridge
from app.engine.media.rendering_jobs import Tile, Words
from app.ui.viewer.pages.pdf_view import PdfView
from model.messages import plain
from tests.app.engine.media.test_rendering import Gated
from tests.app.ui.viewer.conftest import sharp
from tests.app.ui.viewer.pages.grid import CELL, LEFT, Until, at, drag, grid_pdf, wheel

# What is drawn


def test_only_what_can_be_seen_is_asked_for(make: Callable[..., PdfView], thousand: Path) -> None:
    view = make(thousand)
    assert view.pages == 1000
    wanted = {wish.what.page for wish in view.wishes()}
    visible = view.visible_pages()
    assert set(visible) <= wanted <= set(range(visible[0] - 1, visible[-1] + 2))
    assert len(wanted) <= 4
    view.go_to_page(500)
    assert {wish.what.page for wish in view.wishes()} <= {498, 499, 500, 501, 502}


def test_scrolling_through_draws_what_is_stopped_at_not_what_flies_by(
    qtbot: QtBot, thousand: Path, until: Until
) -> None:
    process = Gated()
    bridge = RenderBridge(lambda: process)
    view = PdfView(bridge)
    qtbot.addWidget(view)
    view.resize(640, 700)
    view.show()
    view.open(thousand)
    until(lambda: view.pages == 1000 and bool(process.drawn))
    bar = view.verticalScrollBar()
    for step in range(1, 201):  # the first page takes its time while somebody drags the scroll bar to the end
        bar.setValue(bar.maximum() * step // 200)
        QApplication.processEvents()
    until(lambda: not view._wishes.isActive())
    for _ in range(100):
        process.gate.release()
    until(lambda: sharp(view))
    assert view.page == 1000
    assert set(process.drawn) <= {1, 998, 999, 1000}
    view.clear()
    bridge.shutdown()


def test_a_preview_stands_until_the_page_is_sharp(make: Callable[..., PdfView], thousand: Path) -> None:
    view = make(thousand)
    view.go_to_page(700)
    wishes = [wish.what for wish in sorted(view.wishes(), key=lambda wish: wish.rank)]
    first = [wish for wish in wishes if isinstance(wish, Tile) and wish.page == 700]
    assert first[0].scale < first[1].scale == view.draw_scale()
    assert isinstance(wishes[-1], Tile)
    texts = [wish.page for wish in wishes if isinstance(wish, Words)]
    assert texts == list(view.visible_pages())


def test_what_gave_way_to_other_pages_is_drawn_again(
    make: Callable[..., PdfView], thousand: Path, until: Until
) -> None:
    view = make(thousand)
    assert view.source is not None
    view._bridge.cache.forget(view.source._key)
    view.viewport().repaint()
    until(lambda: sharp(view))


def test_letters_are_drawn_pixel_by_pixel_as_the_process_drew_them(view: PdfView) -> None:
    """No smoothing between the drawn page and the screen."""
    assert view.source is not None
    (tile,) = view._tiles(1)
    drawn = view.source.image(tile)
    assert drawn is not None
    rect = view.page_rect(1)
    shown = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    left, top = round(rect.left()), round(rect.top())
    for x in range(40, 300):
        for y in range(60, 120, 3):
            assert shown.pixel(left + x, top + y) == drawn.pixel(x, y)


def test_a_page_that_cannot_be_drawn_says_so(make: Callable[..., PdfView], tmp_path: Path, until: Until) -> None:
    view = make(grid_pdf(tmp_path / "a.pdf"))
    assert view.source is not None
    blank = view.viewport().grab().toImage()
    view.go_to_page(2)
    view.source.broken_pages[2] = plain("It made the reading process crash.")
    view._bridge.cache.forget(view.source._key)
    view.viewport().repaint()
    shown = view.viewport().grab().toImage()
    middle = view.page_rect(2).intersected(view.viewport().rect()).center().toPoint()
    dark = [
        QPoint(x, y)
        for x in range(middle.x() - 100, middle.x() + 100)
        for y in range(middle.y() - 40, middle.y() + 40)
        if shown.pixelColor(x, y).lightness() < 140
    ]
    assert len(dark) > 50, "the sentence is not there"
    assert blank.size() == shown.size()


# Moving and zooming


def test_keys_move_through_the_document(qtbot: QtBot, view: PdfView) -> None:
    bar = view.verticalScrollBar()
    qtbot.keyClick(view, Qt.Key.Key_PageDown)
    assert view.viewport().height() * 0.8 < bar.value() < view.viewport().height()
    qtbot.keyClick(view, Qt.Key.Key_PageUp)
    assert bar.value() == 0
    qtbot.keyClick(view, Qt.Key.Key_End)
    assert (bar.value(), view.page) == (bar.maximum(), 3)
    qtbot.keyClick(view, Qt.Key.Key_Home)
    assert (bar.value(), view.page) == (0, 1)
    qtbot.keyClick(view, Qt.Key.Key_Down)
    assert bar.value() == bar.singleStep()
    qtbot.keyClick(view, Qt.Key.Key_Space)
    qtbot.keyClick(view, Qt.Key.Key_Space, Qt.KeyboardModifier.ShiftModifier)
    assert bar.value() == bar.singleStep()
    qtbot.keyClick(view, Qt.Key.Key_Right)
    assert view.page == 2
    qtbot.keyClick(view, Qt.Key.Key_Left)
    assert view.page == 1
    before = view.zoom
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    assert view.zoom > before
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    assert view.zoom < before


@pytest.mark.parametrize("delta", [120, 360, -120, -30])
def test_zoom_keeps_what_is_under_the_pointer(view: PdfView, delta: int) -> None:
    view.set_zoom(2.0)
    view.bring(2, (100, 100, 200, 120))
    point = QPointF(311, 240)
    before = view.spot_at(point)
    assert before is not None
    zoom = view.zoom
    wheel(view, point, delta, ctrl=True)
    assert (view.zoom > zoom) == (delta > 0)
    after = view.point_of(before)
    assert abs(after.x() - point.x()) <= 1
    assert abs(after.y() - point.y()) <= 1


def test_the_wheel_alone_scrolls(view: PdfView) -> None:
    zoom = view.zoom
    wheel(view, QPointF(100, 100), -120, ctrl=False)
    assert view.verticalScrollBar().value() > 0
    assert view.zoom == zoom


def test_pages_keep_fitting_while_the_view_grows(view: PdfView, until: Until) -> None:
    assert view.fit == "width"
    for width in (500, 800):
        view.resize(width, 600)
        until(lambda: abs(view.page_rect(1).width() - view.viewport().width() + 2 * view.margin) <= 1)
    view.set_fit("page")
    assert view.page_rect(1).height() <= view.viewport().height()
    assert view.page_rect(1).height() >= view.viewport().height() - 2 * view.margin - 1
    view.set_zoom(1.0)
    assert view.page_rect(1).width() == pytest.approx(595 * 96 / 72, abs=1)
    before = view.zoom
    view.resize(640, 500)
    assert view.zoom == before


def test_after_zooming_pages_become_sharp_again(view: PdfView, until: Until) -> None:
    for _ in range(6):
        wheel(view, QPointF(200, 200), 120, ctrl=True)
    until(lambda: sharp(view))
    assert view.draw_scale() == pytest.approx(view.zoom * 96 / 72, rel=1e-4)
    view.set_zoom(8.0)
    until(lambda: sharp(view))
    assert all(max(tile.area[2:]) <= 1024 for tile in view._tiles(view.page))


# Selecting


def test_words_are_selected_with_the_mouse_and_copied(qtbot: QtBot, view: PdfView) -> None:
    drag(qtbot, view, at(view, 1, 2, 3), at(view, 1, 2, 9))
    assert view.selected_text == "line02"
    view.copy()
    assert QGuiApplication.clipboard().text() == "line02"
    page, box = view.selected_box() or (0, (0, 0, 0, 0))
    assert page == 1
    assert (box[0], box[2]) == (pytest.approx(LEFT + 3 * CELL, abs=0.1), pytest.approx(LEFT + 9 * CELL, abs=0.1))
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 1, 8, 20))
    assert view.selected_text == ""


def test_backwards_and_over_several_lines(qtbot: QtBot, view: PdfView) -> None:
    drag(qtbot, view, at(view, 1, 4, 9), at(view, 1, 3, 10))
    assert view.selected_text == "alpha beta\np1 line04"


def test_across_pages_even_where_a_page_between_has_not_come(
    qtbot: QtBot, view: PdfView, until: Until, tmp_path: Path
) -> None:
    view.set_zoom(0.25)
    until(lambda: view.source is not None and all(view.source.text(page) for page in (1, 2, 3)))
    drag(qtbot, view, at(view, 1, 11, 10), at(view, 3, 0, 2))
    assert view.source is not None
    view.source._texts.pop(2)
    assert view.selected_text == ""
    QGuiApplication.clipboard().setText("before")
    view.copy()
    until(lambda: QGuiApplication.clipboard().text() != "before")
    lines = QGuiApplication.clipboard().text().split("\n")
    assert lines[0] == "alpha beta"
    assert lines[-1] == "p3"
    assert [line for line in lines if line.startswith("p2")] == [f"p2 line{n:02d} alpha beta" for n in range(12)]


def test_two_clicks_take_the_word_three_the_line(qtbot: QtBot, view: PdfView) -> None:
    port, point = view.viewport(), at(view, 1, 5, 12)
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=point)
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=point)
    assert view.selected_text == "alpha"
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=point)
    assert view.selected_text == "p1 line05 alpha beta"


def test_shift_extends(qtbot: QtBot, view: PdfView) -> None:
    port = view.viewport()
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=at(view, 1, 1, 3))
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, shift, pos=at(view, 1, 1, 15))
    assert view.selected_text == "line01 alpha"


def test_all_of_a_page(view: PdfView) -> None:
    view.select_page()
    assert view.selected_text.startswith("p1 line00")
    assert view.selected_text.endswith("p1 line11 alpha beta")


def test_selected_words_can_be_quoted(qtbot: QtBot, view: PdfView) -> None:
    drag(qtbot, view, at(view, 1, 4, 10), at(view, 1, 5, 9))
    with qtbot.waitSignal(view.quote_wanted) as quoted:
        view.quote()
    assert quoted.args == ["alpha beta p1 line05"]


def test_the_selection_is_seen(qtbot: QtBot, view: PdfView) -> None:
    before = view.viewport().grab().toImage()
    drag(qtbot, view, at(view, 1, 2, 0), at(view, 1, 2, 20))
    after = view.viewport().grab().toImage()
    inside, outside = at(view, 1, 2, 9.5), at(view, 1, 6, 9.5)
    assert after.pixelColor(inside) != before.pixelColor(inside)
    assert after.pixelColor(outside) == before.pixelColor(outside)
