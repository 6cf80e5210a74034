"""Words that were read from a picture, in the viewer: selected, copied, quoted, found and marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Place
from app.ingest.types import Document
from app.session.items import Item, ItemState
from app.ui.viewer import ViewerPane
from app.ui.viewer.pages.layout import Spot
from app.ui.viewer.pages.text_view import TextView
from tests.app.chat.evidence.papers import image, page, paper, scanned
from tests.app.ui.viewer.conftest import sharp
from tests.app.ui.viewer.pages.test_image_view import drag
from tests.evidence.scans import reading
from tests.files import samples

Until = Callable[[Callable[[], object]], None]
LINES = ("Status: Pending", "Owner: M. Ferrer", "Owner since 14 March 2026")


@pytest.fixture
def viewer(qtbot: QtBot) -> Iterator[ViewerPane]:
    made = ViewerPane()
    made.resize(640, 500)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.shutdown()
    made.close()
    made.deleteLater()


def shown(viewer: ViewerPane, path: Path, document: Document, until: Until) -> TextView:
    item = Item(1, path, state=ItemState.READY)
    item.document = replace(document, path=path)
    viewer.show_item(item)
    until(lambda: viewer.view is not None and sharp(viewer.view))
    assert viewer.view is not None
    return viewer.view


@pytest.fixture(params=["screenshot", "scan"])
def view(request: pytest.FixtureRequest, viewer: ViewerPane, tmp_path: Path, until: Until) -> TextView:
    """A dark screenshot, and the second page of a PDF, which is a scan behind a page with a text layer."""
    if request.param == "screenshot":
        path = samples.image_file(tmp_path / "shot.png", Image.new("RGB", (400, 200), "#202020"))
        return shown(viewer, path, replace(image("shot.png"), pages=(scanned(1, *LINES),)), until)
    path = samples.scan_pdf(tmp_path / "scan.pdf", pages=2, ocr=True)
    made = shown(viewer, path, paper("scan.pdf", page(1, "Owner in the layer"), scanned(2, *LINES)), until)
    made.go_to_page(2)
    until(lambda: sharp(made) and made.source is not None and made.source.text(2) is not None)
    return made


def at(view: TextView, x: float, y: float) -> QPoint:
    return view.point_of(Spot(view.page, x, y)).toPoint()


def test_words_are_selected_copied_and_quoted(viewer: ViewerPane, view: TextView, qtbot: QtBot) -> None:
    drag(view, at(view, 51, 66), at(view, 50 + 6 * 16 + 2, 80), qtbot)  # type: ignore[arg-type]
    assert view.selected_text == "Status: Pending\nOwner: M. Ferrer"
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Status: Pending\nOwner: M. Ferrer"
    with qtbot.waitSignal(viewer.quote_wanted) as quoted:
        view.quote()
    assert quoted.args == ["Status: Pending Owner: M. Ferrer"]
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, 50 + 6 * 10, 66))
    assert view.selected_text == "Pending"
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert view.selected_text == "\n".join(LINES)
    assert "Owner since" in view.accessibleDescription()


def test_words_are_found(viewer: ViewerPane, view: TextView, qtbot: QtBot, until: Until) -> None:
    assert viewer.toolbar.find_button.isVisible()
    viewer.begin_find()
    qtbot.keyClicks(viewer.find_bar.field, "owner")
    qtbot.keyClick(viewer.find_bar.field, Qt.Key.Key_Return)
    until(lambda: view.finder.count and not view.finder.searching)
    assert [hit.boxes for hit in view.finder.on_page(view.page)] == [((50, 74, 80, 86),), ((50, 88, 80, 100),)]
    first, last = view.finder.position, view.finder.count
    qtbot.keyClick(viewer.find_bar.field, Qt.Key.Key_Return)
    assert view.finder.position == first % last + 1
    viewer.find_bar.leave()
    assert not view.finder.count


def test_the_words_that_evidence_rests_on_are_marked(viewer: ViewerPane, view: TextView, until: Until) -> None:
    item = viewer.current
    assert item is not None and item.document is not None
    box = (50.0, 74.0, 146.0, 86.0)
    number = None if item.document.kind == "image" else 2
    before = view.viewport().grab().toImage()
    viewer.show_place(item, Place(item.document.content_hash, number, None, (box,)))
    until(lambda: sharp(view) and not view.pulse.running)
    assert view.marked_rects(view.page) == [view.box_rect(view.page, box)]
    where = at(view, 60, 80)
    marked = view.viewport().grab().toImage()
    assert marked.pixelColor(where) != before.pixelColor(where), "also on a dark picture"


def test_a_picture_without_words_has_nothing_to_find(
    viewer: ViewerPane, tmp_path: Path, until: Until, qtbot: QtBot
) -> None:
    path = samples.image_file(tmp_path / "a.png", Image.new("RGB", (400, 200), "white"))
    view = shown(viewer, path, image("a.png"), until)
    assert not view.has_words and not viewer.toolbar.find_button.isVisible()
    viewer.begin_find()
    assert not viewer.find_bar.isVisible()
    with qtbot.waitSignal(view.drag_wanted):  # type: ignore[attr-defined]
        drag(view, at(view, 51, 66), at(view, 150, 100), qtbot)  # type: ignore[arg-type]
    assert not view.selected


def test_the_menu_offers_what_can_be_done_with_words(viewer: ViewerPane, view: TextView) -> None:
    from app.ui.viewer.context_menu import build_menu

    view.select_page()
    actions = {action.text(): action.isEnabled() for action in build_menu(viewer, viewer).actions()}
    assert actions["Copy"] and actions["Quote in the question"] and actions["Look closer at the selection"]


def test_a_real_scan_from_its_pixels_to_the_clipboard(
    viewer: ViewerPane, tmp_path: Path, until: Until, qtbot: QtBot
) -> None:
    """Read by the real engine: the words are found where their ink is, and a double click takes one of them."""
    path = samples.image_file(tmp_path / "scan.png", samples.page_image("Station"))
    with reading(tmp_path) as read:
        document = read(path)
    assert document.pages[0].all_from_picture
    view = shown(viewer, path, document, until)
    view.finder.find("station", 1)
    hits = view.finder.on_page(1)
    assert len(hits) == 8
    ink = Image.open(path).convert("L")
    for hit in hits:
        ((x0, y0, x1, y1),) = hit.boxes
        inside = ink.crop((round(x0), round(y0), round(x1), round(y1)))
        around = ink.crop((round(x0) - 6, round(y0) - 6, round(x1) + 3, round(y1) + 6))
        assert inside.getextrema()[0] < 80
        assert sum(around.histogram()[:128]) <= 1.1 * sum(inside.histogram()[:128])
    x0, y0, x1, y1 = hits[3].boxes[0]
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at(view, (x0 + x1) / 2, (y0 + y1) / 2))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Station"
