"""Places in a PDF: marks where words are, links, regions; real widget, real process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.media.rendering import RenderBridge
from app.ingest.formats.mupdf import pymupdf
from app.ui.viewer.motion import REDUCED
from app.ui.viewer.pages.layout import Spot
from app.ui.viewer.pages.pdf_view import PdfView
from tests.app.ui.viewer.conftest import sharp
from tests.app.ui.viewer.pages.grid import Until, at, box_of, drag, grid_pdf, line_coloured


def test_a_place_is_brought_into_view_and_marked_where_its_words_are(view: PdfView, until: Until) -> None:
    box = box_of(7, 3, 9)
    view.mark(3, (box,))
    assert view.page == 3
    (rect,) = view.marked_rects(3)
    assert view.viewport().rect().contains(rect.toAlignedRect())
    until(lambda: sharp(view) and not view.pulse.running)
    shown = view.viewport().grab().toImage()
    around = rect.adjusted(-2, -2, 2, 2)
    for point in (
        QPointF(around.left(), around.center().y()),
        QPointF(around.right(), around.center().y()),
        QPointF(around.center().x(), around.top()),
        QPointF(around.center().x(), around.bottom()),
    ):
        assert line_coloured(shown, point), "the outline is missing"
    words = [view.source.text(3).lines[7].part(3, 9)] if view.source and view.source.text(3) else []
    assert words
    inner = view.box_rect(3, words[0])
    assert abs(inner.left() - rect.left()) < 1 and abs(inner.right() - rect.right()) < 1
    view.mark(1, (box_of(0, 0, 2),))
    assert view.marked_rects(3) == []
    assert len(view.marked_rects(1)) == 1


def test_what_is_in_view_already_is_not_moved(view: PdfView) -> None:
    view.verticalScrollBar().setValue(100)
    view.mark(1, (box_of(9, 0, 5),))
    assert view.verticalScrollBar().value() == 100


def test_a_place_beyond_the_right_edge_is_brought_in(view: PdfView) -> None:
    view.set_zoom(4.0)
    box = box_of(6, 10, 20)
    view.mark(2, (box,))
    (rect,) = view.marked_rects(2)
    assert view.viewport().rect().contains(rect.center().toPoint())


def test_a_place_can_be_asked_for_before_the_file_is_open(
    qtbot: QtBot, bridge: RenderBridge, tmp_path: Path, until: Until
) -> None:
    view = PdfView(bridge)
    qtbot.addWidget(view)
    view.resize(600, 500)
    view.show()
    view.open(grid_pdf(tmp_path / "a.pdf"))
    view.mark(2, ())
    until(lambda: view.pages == 3)
    assert (view.page, view.marked) == (2, (2, ()))
    view.clear()


def test_marks_keep_still_where_motion_is_not_wanted(view: PdfView, until: Until) -> None:
    app = QApplication.instance()
    assert app is not None
    moved: list[float] = []
    view.pulse.moved.connect(lambda: moved.append(view.pulse.value))
    view.mark(2, ())
    until(lambda: moved and not view.pulse.running)
    moved.clear()
    app.setProperty(REDUCED, True)
    try:
        view.mark(1, ())
        assert not view._pulse_due  # the page is there, so it would move now
        assert not moved
        assert view.pulse.value == 0
    finally:
        app.setProperty(REDUCED, None)


def test_links_are_followed_and_there_is_a_way_back(
    qtbot: QtBot, make: Callable[..., PdfView], tmp_path: Path, until: Until
) -> None:
    path = grid_pdf(tmp_path / "links.pdf", pages=9)
    with pymupdf.open(path) as document:
        to = {"kind": pymupdf.LINK_GOTO, "page": 6, "to": pymupdf.Point(0, 300)}
        document[0].insert_link({"from": pymupdf.Rect(*box_of(2, 0, 9))} | to)
        web = {"kind": pymupdf.LINK_URI, "uri": "https://example.org/"}
        document[0].insert_link({"from": pymupdf.Rect(*box_of(5, 0, 9))} | web)
        document.saveIncr()
    view = make(path)
    until(lambda: view.source is not None and view.source.text(1) is not None)
    port, left = view.viewport(), Qt.MouseButton.LeftButton
    view.verticalScrollBar().setValue(17)
    drag(qtbot, view, at(view, 1, 2, 3), at(view, 1, 2, 9))
    assert view.page == 1  # who selects text on a link does not follow it
    qtbot.mouseClick(port, left, pos=at(view, 1, 8, 3))
    qtbot.mouseClick(port, left, pos=at(view, 1, 2, 5))
    spot = view.spot_at(QPointF(100, view.margin))
    assert spot is not None
    assert (spot.page, round(spot.y)) == (7, 300)
    qtbot.keyClick(view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert view.verticalScrollBar().value() == 17
    with qtbot.waitSignal(view.link_wanted) as wanted:
        qtbot.mouseClick(port, left, pos=at(view, 1, 5, 5))
    assert wanted.args is not None
    assert wanted.args[0].toString() == "https://example.org/"


# Regions


def test_a_region_is_chosen_with_the_mouse(qtbot: QtBot, view: PdfView) -> None:
    view.set_choosing(True)
    start, end = view.point_of(Spot(1, 100, 150)).toPoint(), view.point_of(Spot(1, 300, 250)).toPoint()
    with qtbot.waitSignal(view.region_chosen) as chosen:
        drag(qtbot, view, start, end)
    assert chosen.args is not None
    page, box = chosen.args
    assert page == 1
    assert box == pytest.approx((100, 150, 300, 250), abs=1.5)
    assert not view.choosing
    assert view.selected_text == ""


def test_a_region_ends_at_the_edge_of_its_page(qtbot: QtBot, view: PdfView) -> None:
    view.set_choosing(True)
    with qtbot.waitSignal(view.region_chosen) as chosen:
        drag(qtbot, view, view.point_of(Spot(1, 500, 300)).toPoint(), QPoint(view.viewport().width() - 1, 400))
    assert chosen.args is not None
    assert chosen.args[1][2] == 595


def test_a_click_or_enter_means_the_page_and_escape_gives_up(qtbot: QtBot, view: PdfView) -> None:
    view.set_choosing(True)
    with qtbot.waitSignal(view.region_chosen) as chosen:
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    assert chosen.args == [1, None]
    view.set_choosing(True)
    with qtbot.waitSignal(view.region_chosen) as chosen:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert chosen.args == [1, None]
    view.set_choosing(True)
    with qtbot.waitSignal(view.choosing_ended), qtbot.assertNotEmitted(view.region_chosen):
        qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.choosing


# For a screen reader


def test_the_text_of_the_page_is_its_description(view: PdfView, until: Until) -> None:
    assert view.accessibleName()
    until(lambda: "p1 line03 alpha beta" in view.accessibleDescription())
    assert "1" in view.accessibleDescription().split("\n")[0]
    view.go_to_page(3)
    until(lambda: "p3 line00" in view.accessibleDescription())
    assert "p1 line03" not in view.accessibleDescription()
