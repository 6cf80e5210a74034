"""The viewer as a whole: its tools, its list of pages, its search, what leaves it."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QFileDialog, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Place
from app.engine.media.rendering import RenderBridge
from app.ingest.limits import Timeouts
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from app.ingest.view.viewing import ViewingProcess
from app.session.items import Item, ItemState
from app.ui.viewer import Region, ViewerPane, carrying, pane
from app.ui.viewer.naming import kind_of, region_name, region_place
from app.ui.viewer.pages.marks import EVIDENCE_LINE
from tests.app.ingest.view import viewing_hooks
from tests.app.ui.viewer.conftest import sharp
from tests.app.ui.viewer.pages.grid import box_of, drag, grid_pdf, line_coloured
from tests.files import samples

Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def viewer(qtbot: QtBot) -> Iterator[ViewerPane]:
    made = ViewerPane()
    made.resize(640, 700)
    made.show()
    qtbot.waitExposed(made)
    yield made
    pid = made.bridge.pid
    made.shutdown()
    assert not made.bridge.running
    assert pid is None or not psutil.pid_exists(pid)
    made.close()
    made.deleteLater()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Document]:
    with Reader() as reader:
        yield reader.read(grid_pdf(tmp_path_factory.mktemp("pdf") / "grid.pdf", pages=12))


@pytest.fixture
def item(read: Document) -> Item:
    return Item(7, read.path, state=ItemState.READY, document=read)


@pytest.fixture
def shown(viewer: ViewerPane, item: Item, until: Until) -> ViewerPane:
    viewer.show_item(item)
    until(lambda: sharp(viewer.pdf) and viewer.pdf.source is not None and viewer.pdf.source.text(1) is not None)
    return viewer


def test_the_page_is_told_and_can_be_chosen(qtbot: QtBot, shown: ViewerPane) -> None:
    tools = shown.toolbar
    assert (tools.page_field.text(), tools.total.text()) == ("1", "/ 12")
    tools.page_field.selectAll()
    qtbot.keyClicks(tools.page_field, "9")
    qtbot.keyClick(tools.page_field, Qt.Key.Key_Return)
    assert shown.pdf.page == 9
    assert tools.page_field.text() == "9"
    tools.page_field.setFocus()
    tools.page_field.setText("")
    shown.pdf.setFocus()
    assert tools.page_field.text() == "9"
    assert shown.coverage.words(shown.coverage.current).startswith("Page 9")


def test_zoom_buttons_and_fits(qtbot: QtBot, shown: ViewerPane) -> None:
    tools, pdf = shown.toolbar, shown.pdf
    before = pdf.zoom
    qtbot.mouseClick(tools.larger_button, Qt.MouseButton.LeftButton)
    assert pdf.zoom > before
    qtbot.mouseClick(tools.smaller_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(tools.fit_button, Qt.MouseButton.LeftButton)
    assert pdf.fit == "page"
    qtbot.mouseClick(tools.fit_button, Qt.MouseButton.LeftButton)
    assert pdf.fit == "width"
    chosen = next(action for action in tools.zoom_menu.actions() if action.data() == 1.5)
    chosen.trigger()
    assert pdf.zoom == 1.5
    assert tools.zoom_button.text() == "150 %"


def test_words_are_found_counted_and_walked(qtbot: QtBot, shown: ViewerPane, until: Until) -> None:
    shown.setFocus()
    qtbot.keyClick(shown.pdf, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    bar, finder = shown.find_bar, shown.pdf.finder
    until(bar.isVisible)
    shown.pdf.go_to_page(3)
    qtbot.keyClicks(bar.field, "line11 ALPHA")
    until(lambda: finder.count == 12 and not finder.searching)
    assert bar.count.text() == "3 of 12"  # from the page on that is looked at
    assert shown.pdf.page == 3
    qtbot.keyClick(bar.field, Qt.Key.Key_Return)
    assert (bar.count.text(), finder.current and finder.current.page) == ("4 of 12", 4)
    qtbot.keyClick(bar.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(bar.back_button, Qt.Key.Key_Space)
    qtbot.keyClick(bar.back_button, Qt.Key.Key_Space)
    assert bar.count.text() == "1 of 12"
    qtbot.keyClick(bar.back_button, Qt.Key.Key_Space)
    assert bar.count.text() == "12 of 12"
    hit = finder.current
    assert hit is not None
    assert shown.pdf.viewport().rect().contains(shown.pdf.box_rect(12, hit.boxes[0]).toAlignedRect())
    bar.field.clear()
    qtbot.keyClicks(bar.field, "nowhere")
    until(lambda: bar.count.text() == "Not found")
    qtbot.keyClick(bar.field, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert (finder.words, finder.count) == ("", 0)


def test_pages_that_cannot_hold_the_words_are_not_searched(shown: ViewerPane, until: Until) -> None:
    asked: list[tuple[int, ...]] = []
    source = shown.pdf.source
    assert source is not None
    find = source.find
    source.find = lambda words, pages: (asked.append(tuple(pages)), find(words, pages))[1]  # type: ignore[method-assign]
    shown.pdf.finder.find("p7 line01", 3)
    until(lambda: shown.pdf.finder.count == 1)
    assert asked == [(7,)]
    assert shown.pdf.finder.current is not None


def test_a_place_is_shown_and_marked(viewer: ViewerPane, item: Item, until: Until) -> None:
    assert item.document is not None
    viewer.show_place(item, Place(item.document.content_hash, page=5, boxes=(box_of(4, 3, 9),)))
    until(lambda: sharp(viewer.pdf) and not viewer.pdf.pulse.running)
    assert viewer.current is item
    assert viewer.pdf.page == 5
    (rect,) = viewer.pdf.marked_rects(5)
    image = viewer.pdf.viewport().grab().toImage()
    assert line_coloured(image, rect.adjusted(-2, -2, 2, 2).topLeft() + (rect.topRight() - rect.topLeft()) / 2)
    assert EVIDENCE_LINE.isValid()
    before = viewer.pdf.source
    viewer.show_place(item, Place(item.document.content_hash, page=11))
    assert viewer.pdf.source is before  # the file stays open
    assert viewer.pdf.page == 11


def test_a_cell_of_the_coverage_goes_to_its_page(shown: ViewerPane, item: Item) -> None:
    assert shown.covered.isVisible()
    shown.coverage.place_wanted.emit(Place("", page=8))
    assert shown.pdf.page == 8
    assert shown.coverage.current == 7


def test_the_list_of_pages_draws_what_is_seen_and_follows(
    qtbot: QtBot, viewer: ViewerPane, thousand: Path, until: Until
) -> None:
    viewer.show_item(Item(1, thousand))
    qtbot.mouseClick(viewer.toolbar.thumbnails_button, Qt.MouseButton.LeftButton)
    pages = viewer.thumbnails
    assert pages.isVisible()
    until(lambda: pages.model().rowCount() == 1000 and pages.image(1) is not None)
    viewer.pdf.go_to_page(600)
    assert pages.currentIndex().row() == 599
    until(lambda: pages.image(600) is not None)
    drawn = [page for page in range(1, 1001) if pages.image(page) is not None]
    assert len(drawn) < 30
    point = pages.visualRect(pages.model().index(600, 0)).center()
    with qtbot.waitSignal(pages.page_wanted) as wanted:
        qtbot.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert wanted.args == [601]
    assert viewer.pdf.page == 601
    qtbot.mouseClick(viewer.toolbar.thumbnails_button, Qt.MouseButton.LeftButton)
    assert not pages.isVisible()


def menu_of(viewer: ViewerPane) -> dict[str, object]:
    menu = pane.build_menu(viewer, viewer)
    found: dict[str, object] = {action.text(): action for action in menu.actions() if action.text()}
    found["menu"] = menu  # it owns the actions
    return found


def test_the_menu_offers_what_is_possible(qtbot: QtBot, shown: ViewerPane) -> None:
    menu = menu_of(shown)
    assert not menu["Copy"].isEnabled()  # type: ignore[attr-defined]
    drag(qtbot, shown.pdf, QPoint(70, 80), QPoint(300, 80))
    assert shown.pdf.selected_text
    menu = menu_of(shown)
    menu["Copy"].trigger()  # type: ignore[attr-defined]
    assert QGuiApplication.clipboard().text() == shown.pdf.selected_text
    with qtbot.waitSignal(shown.quote_wanted) as quoted:
        menu["Quote in the question"].trigger()  # type: ignore[attr-defined]
    assert quoted.args == [shown.pdf.selected_text]
    with qtbot.waitSignal(shown.region_wanted) as wanted:
        menu["Look closer at the selection"].trigger()  # type: ignore[attr-defined]
    assert wanted.args is not None
    region = wanted.args[0]
    assert (region.item_key, region.page) == (7, 1)
    assert region.box == shown.pdf.selected_box()[1]  # type: ignore[index]
    with qtbot.waitSignal(shown.region_wanted) as wanted:
        menu["Look closer at page 1"].trigger()  # type: ignore[attr-defined]
    assert wanted.args == [Region(7, page=1)]
    menu["Look closer at a region…"].trigger()  # type: ignore[attr-defined]
    assert shown.pdf.choosing and shown.toolbar.closer_button.isChecked()
    qtbot.keyClick(shown.pdf, Qt.Key.Key_Escape)
    assert not shown.toolbar.closer_button.isChecked()


def test_a_page_that_failed_can_be_tried_again(tmp_path: Path, qtbot: QtBot, until: Until) -> None:
    """Page 2 makes the process crash each time; the person may still ask for it."""
    bridge = RenderBridge(lambda: ViewingProcess(Timeouts(unit_s=1.0), entry=viewing_hooks.main))
    viewer = ViewerPane(bridge)
    qtbot.addWidget(viewer)
    viewer.resize(640, 700)
    viewer.show()
    viewer.show_place(Item(1, grid_pdf(tmp_path / "crash-at-2-.pdf")), Place("", page=2))
    source = viewer.pdf.source
    assert source is not None
    with qtbot.waitSignal(source.broken, timeout=60_000):
        pass
    until(lambda: source.image(viewer.pdf._tiles(1)[0]) is not None)  # the others go on
    with qtbot.waitSignal(source.broken, timeout=60_000) as broken:
        menu_of(viewer)["Redraw page 2"].trigger()  # type: ignore[attr-defined]
    assert broken.args is not None
    assert broken.args[0] == 2
    viewer.shutdown()
    bridge.shutdown()


def test_a_region_can_be_cut_out_sharply(shown: ViewerPane, item: Item, until: Until) -> None:
    pictures: list[bytes] = []
    problems: list[str] = []
    region = Region(7, page=2, box=(50.0, 50.0, 250.0, 100.0))
    shown.cut(region, pictures.append, problems.append)
    until(lambda: pictures or problems)
    assert not problems
    image = QImage.fromData(pictures[0])
    assert image.width() / image.height() == pytest.approx(4, abs=0.02)
    assert image.width() > 1500
    assert region_name(item, region) == "grid.pdf, part of page 2"
    assert region_place(item, region) == Place(item.document.content_hash, 2, None, (region.box,))  # type: ignore
    shown.cut(Region(99, page=1), pictures.append, problems.append)
    assert "no longer shown" in problems[0]


def test_a_page_is_copied_and_saved_as_a_picture(
    shown: ViewerPane, until: Until, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    QGuiApplication.clipboard().clear()
    shown.copy_page(2)
    until(lambda: not QGuiApplication.clipboard().image().isNull())
    assert QGuiApplication.clipboard().image().height() > 2000
    offered: list[str] = []

    def choose(_parent: QWidget, _title: str, suggestion: str, _filter: str) -> tuple[str, str]:
        offered.append(Path(suggestion).name)
        return str(tmp_path / "saved"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", choose)
    shown.save_page(3)
    until((tmp_path / "saved.png").exists)
    assert offered == ["grid page 3.png"]
    assert QImage(str(tmp_path / "saved.png")).height() > 2000
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "absent" / "a.png"), ""))
    shown.save_page(3)
    until(lambda: "could not be saved" in shown.note.text)


def test_a_page_is_dragged_out_as_a_picture(shown: ViewerPane, until: Until, monkeypatch: pytest.MonkeyPatch) -> None:
    carried: list[object] = []
    monkeypatch.setattr(carrying, "start_drag", lambda _source, data, _ghost: carried.append(data))
    shown.show_thumbnails(True)
    shown.thumbnails.drag_begun.emit(2)
    until(lambda: shown.carrier.picture is not None)
    shown.thumbnails.drag_wanted.emit(2)
    (data,) = carried
    (url,) = data.urls()  # type: ignore[attr-defined]
    path = Path(url.toLocalFile())
    assert path.name == "grid page 2.png"
    assert QImage(str(path)).height() > 2000
    shown.shutdown()
    assert not path.exists()


def test_what_cannot_be_shown_says_why_and_can_be_tried_again(
    qtbot: QtBot, viewer: ViewerPane, tmp_path: Path, until: Until
) -> None:
    path = tmp_path / "late.pdf"
    viewer.show_item(Item(1, path))
    until(lambda: "no longer where it was" in viewer.note.text)
    grid_pdf(path)
    qtbot.mouseClick(viewer.again_button, Qt.MouseButton.LeftButton)
    until(lambda: sharp(viewer.pdf))
    assert not viewer.note.isVisible()
    locked = Item(2, samples.encrypted_pdf(tmp_path / "locked.pdf"))
    viewer.show_item(locked)
    until(lambda: "password" in viewer.note.text)
    assert not viewer.again_button.isVisible()
    viewer.show_item(locked, "user")
    until(lambda: sharp(viewer.pdf))


def test_each_kind_has_its_view(viewer: ViewerPane, item: Item, tmp_path: Path, until: Until) -> None:
    picture = Item(1, samples.image_file(tmp_path / "a.png", Image.new("RGB", (50, 40), "red")))
    clip = Item(2, samples.clip(tmp_path / "a.mp4", seconds=2))
    assert [kind_of(one) for one in (item, picture, clip)] == ["pdf", "image", "video"]
    viewer.show_item(picture)
    until(lambda: sharp(viewer.image))
    tools = viewer.toolbar
    assert not tools.page_field.isVisible() and tools.closer_button.isVisible()
    assert not viewer.covered.isVisible()
    viewer.show_item(clip)
    assert viewer.video is not None and viewer.stack.currentWidget() is viewer.video
    assert not tools.zoom_button.isVisible()
    until(lambda: viewer.video is not None and not viewer.video.canvas.image.isNull())
    viewer.show_place(clip, Place("", time_s=1.0))
    until(lambda: viewer.video is not None and abs(viewer.video.time - 1.0) < 0.05)
    pictures: list[bytes] = []
    viewer.cut(Region(2, time_s=1.0, box=(0, 0, 80, 48)), pictures.append, pytest.fail)
    until(lambda: pictures)
    assert (QImage.fromData(pictures[0]).width(), QImage.fromData(pictures[0]).height()) == (80, 48)
    with_region: list[Region] = []
    viewer.region_wanted.connect(with_region.append)
    viewer.video.region_wanted.emit(1.0, (0.0, 0.0, 10.0, 10.0))
    assert with_region == [Region(2, time_s=1.0, box=(0.0, 0.0, 10.0, 10.0))]
    viewer.show_item(item)
    until(lambda: sharp(viewer.pdf))
    assert viewer.video.item is None  # its process has ended
    viewer.clear()
    assert viewer.current is None
    assert viewer.stack.currentWidget() is viewer.empty


def test_every_control_has_a_name(shown: ViewerPane) -> None:
    shown.show_thumbnails(True)
    shown.begin_find()
    for control in shown.findChildren(QToolButton):
        own = control.parent() is not shown.find_bar.field
        assert not own or control.accessibleName() or control.text()
    for view in (shown, shown.pdf, shown.image, shown.thumbnails, shown.toolbar.page_field, shown.find_bar.field):
        assert view.accessibleName()


def test_in_a_narrow_pane_nothing_is_cut_off(shown: ViewerPane) -> None:
    shown.resize(340, 500)
    QGuiApplication.processEvents()
    assert shown.width() == 340
    close = shown.toolbar.close_button
    assert close.mapTo(shown, QPoint(close.width(), 0)).x() <= 340


def test_closing_is_told(qtbot: QtBot, shown: ViewerPane) -> None:
    with qtbot.waitSignal(shown.closed):
        qtbot.mouseClick(shown.toolbar.close_button, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("factor", ["1.25", "2"])
def test_on_a_dense_screen_pages_are_drawn_with_its_pixels(tmp_path: Path, factor: str) -> None:
    path = grid_pdf(tmp_path / "a.pdf")
    script = tmp_path / "dense.py"
    script.write_text(
        textwrap.dedent(f"""
        import sys
        sys.path.insert(0, {str(Path.cwd())!r})
        from pathlib import Path
        from PySide6.QtCore import QEventLoop, QTimer
        from PySide6.QtWidgets import QApplication
        from app.engine.media.rendering import RenderBridge
        from app.ui.viewer.pages.pdf_view import PdfView
        from tests.app.ui.viewer.conftest import sharp

        if __name__ == "__main__":
            app = QApplication([])
            bridge = RenderBridge()
            view = PdfView(bridge)
            view.resize(500, 400)
            view.show()
            view.open(Path({str(path)!r}))
            loop, watch = QEventLoop(), QTimer()
            watch.timeout.connect(lambda: loop.quit() if sharp(view) else None)
            watch.start(10)
            QTimer.singleShot(30_000, loop.quit)
            loop.exec()
            ratio = view.devicePixelRatioF()
            (tile,) = view._tiles(1)
            rect, drawn = view.page_rect(1), view.source.image(tile)
            shown = view.viewport().grab().toImage()
            left, top = rect.left() * ratio, rect.top() * ratio
            assert ratio == {factor}, ratio
            assert tile.area[2] == round(rect.width() * ratio), (tile, rect)
            assert abs(left - round(left)) < 1e-6 and abs(top - round(top)) < 1e-6
            different = [
                (x, y)
                for x in range(60, 300)
                for y in range(60, 160)
                if shown.pixel(round(left) + x, round(top) + y) & 0xFFFFFF != drawn.pixel(x, y) & 0xFFFFFF
            ]
            assert not different, len(different)
            view.clear()
            bridge.shutdown()
            print("same")
    """),
        encoding="utf-8",
    )
    environment = {**os.environ, "QT_SCALE_FACTOR": factor, "QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run(
        [sys.executable, script], env=environment, capture_output=True, text=True, timeout=90, check=False
    )
    assert result.stdout.strip() == "same", result.stderr
