"""Looking at a picture: real widget, real process, pictures of which every pixel is known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.engine.media.rendering import RenderBridge
from app.ui.viewer.pages.image_view import ImageView
from app.ui.viewer.pages.layout import Spot
from tests.app.ui.viewer.conftest import sharp
from tests.files import samples

Until = Callable[[Callable[[], object]], None]


def quarters(size: tuple[int, int]) -> Image.Image:
    """Red, green, blue and white, from the top left."""
    image = Image.new("RGB", size, "white")
    across, down = size[0] // 2, size[1] // 2
    image.paste("red", (0, 0, across, down))
    image.paste("lime", (across, 0, size[0], down))
    image.paste("blue", (0, down, across, size[1]))
    return image


@pytest.fixture
def make(qtbot: QtBot, bridge: RenderBridge, tmp_path: Path, until: Until) -> Iterator[Callable[..., ImageView]]:
    made: list[ImageView] = []

    def show(image: Image.Image, name: str = "a.png") -> ImageView:
        view = ImageView(bridge)
        made.append(view)
        view.resize(500, 400)
        view.show()
        qtbot.waitExposed(view)
        view.open(samples.image_file(tmp_path / name, image))
        until(lambda: sharp(view))
        return view

    yield show
    for view in made:
        view.clear()
        view.close()
        view.deleteLater()


def colour_at(view: ImageView, x: float, y: float) -> str:
    point = view.point_of(Spot(1, x, y)).toPoint()
    return view.viewport().grab().toImage().pixelColor(point).name()


def drag(view: ImageView, start: QPoint, end: QPoint, qtbot: QtBot) -> None:
    port, button = view.viewport(), Qt.MouseButton.LeftButton
    qtbot.mousePress(port, button, pos=start)
    for point in (QPointF(start + (end - start) / 2), QPointF(end)):
        where = QPointF(port.mapToGlobal(point.toPoint()))
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(port, QMouseEvent(QEvent.Type.MouseMove, point, where, button, button, none))
    qtbot.mouseRelease(port, button, pos=end)


def test_a_large_picture_fits_and_a_small_one_is_not_blown_up(make: Callable[..., ImageView]) -> None:
    large = make(quarters((3000, 2000)))
    assert large.fit == "page"
    assert large.page_rect(1).width() <= large.viewport().width()
    assert large.page_rect(1).width() > 400
    for (x, y), colour in {(10, 10): "#ff0000", (2990, 10): "#00ff00", (10, 1990): "#0000ff"}.items():
        assert colour_at(large, x, y) == colour
    small = make(quarters((40, 30)), "b.png")
    assert (small.zoom, small.page_rect(1).width()) == (1.0, 40.0)


def test_a_huge_picture_is_drawn_only_where_it_is_seen(make: Callable[..., ImageView], until: Until) -> None:
    view = make(quarters((6000, 5000)))
    view.set_zoom(1.0)
    view.bring(1, (4000, 100, 4010, 110))
    until(lambda: sharp(view))
    assert view.source is not None
    seen = sum(tile.area[2] * tile.area[3] for tile in view._tiles(1))
    assert seen <= 4 * 1024 * 1024
    assert colour_at(view, 4005, 105) == "#00ff00"


def test_enlarged_pixels_are_squares_and_nothing_larger_is_drawn(make: Callable[..., ImageView], until: Until) -> None:
    image = Image.new("RGB", (30, 30), "white")
    image.putpixel((10, 10), (255, 0, 0))
    view = make(image)
    view.set_zoom(16.0)
    until(lambda: sharp(view))
    assert view.draw_scale() == 1.0
    for x, y in ((10.1, 10.1), (10.9, 10.9), (10.5, 10.1)):
        assert colour_at(view, x, y) == "#ff0000"
    assert colour_at(view, 9.9, 10.5) == "#ffffff"


def test_a_chessboard_stands_behind_what_can_be_seen_through(make: Callable[..., ImageView]) -> None:
    view = make(Image.new("RGBA", (200, 200), (0, 0, 0, 0)))
    assert {colour_at(view, x, 4) for x in range(2, 40, 4)} == {"#ffffff", "#d5d5d5"}
    solid = make(Image.new("RGB", (200, 200), "white"), "b.png")
    assert {colour_at(solid, x, 4) for x in range(2, 40, 4)} == {"#ffffff"}
    half = make(Image.new("RGBA", (2000, 2000), (255, 0, 0, 128)), "c.png")
    assert {colour_at(half, x, 20) for x in range(10, 400, 10)} <= {"#ff7f7f", "#ea6a6a", "#eb6b6b", "#ea6b6b"}


def test_the_mouse_moves_a_picture_that_is_larger_than_the_view(
    make: Callable[..., ImageView], qtbot: QtBot, until: Until
) -> None:
    view = make(quarters((2000, 2000)))
    view.set_zoom(1.0)
    until(lambda: sharp(view))
    view.bring(1, (900, 900, 1100, 1100))
    before = view.spot_at(QPointF(250, 200))
    assert before is not None
    drag(view, QPoint(250, 200), QPoint(190, 170), qtbot)
    after = view.point_of(before)
    assert (round(after.x()), round(after.y())) == (190, 170)


def test_a_picture_that_fits_is_carried_away(make: Callable[..., ImageView], qtbot: QtBot) -> None:
    view = make(quarters((2000, 2000)))
    with qtbot.waitSignals([view.drag_begun, view.drag_wanted]):
        drag(view, QPoint(250, 200), QPoint(300, 260), qtbot)


def test_two_clicks_go_to_its_own_pixels_and_back(make: Callable[..., ImageView], qtbot: QtBot) -> None:
    view = make(quarters((2000, 1500)))
    point = view.point_of(Spot(1, 1600, 400)).toPoint()
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert view.zoom == 1.0
    there = view.point_of(Spot(1, 1600, 400))
    assert (there - QPointF(point)).manhattanLength() < 6
    qtbot.mouseDClick(view.viewport(), Qt.MouseButton.LeftButton, pos=point)
    assert view.fit == "page"


def test_a_region_is_in_the_pictures_own_pixels(make: Callable[..., ImageView], qtbot: QtBot) -> None:
    view = make(quarters((2000, 1500)))
    view.set_choosing(True)
    start, end = view.point_of(Spot(1, 500, 300)).toPoint(), view.point_of(Spot(1, 1500, 900)).toPoint()
    with qtbot.waitSignal(view.region_chosen) as chosen:
        drag(view, start, end, qtbot)
    assert chosen.args is not None
    assert chosen.args[1] == pytest.approx((500, 300, 1500, 900), abs=5)


def test_boxes_are_marked_in_pixels(make: Callable[..., ImageView]) -> None:
    view = make(quarters((2000, 1500)))
    view.mark(1, ((500, 300, 700, 400),))
    (rect,) = view.marked_rects(1)
    corner = view.point_of(Spot(1, 500, 300))
    assert (rect.topLeft() - corner).manhattanLength() < 1.5
