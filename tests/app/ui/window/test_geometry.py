"""Every window fits its screen: the first, further ones, and one that comes back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QRect

from app.library.settings import Settings
from app.ui.window.geometry import fitted
from app.ui.window.main_window import MainWindow
from tests.app.ui.conftest import Stage
from tests.fakes import FakeEngineBridge, FakeReadingBridge, model_info


@pytest.mark.parametrize(
    ("wanted", "available", "found"),
    [
        (QRect(100, 100, 1280, 800), QRect(0, 0, 1920, 1080), QRect(100, 100, 1280, 800)),
        (QRect(43, 0, 1280, 800), QRect(8, 40, 1350, 720), QRect(43, 40, 1280, 720)),
        (QRect(0, 0, 1280, 800), QRect(8, 40, 1264, 672), QRect(8, 40, 1264, 672)),
        (QRect(1800, 900, 800, 600), QRect(0, 0, 1920, 1080), QRect(1120, 480, 800, 600)),
        (QRect(-500, -500, 800, 600), QRect(1920, 0, 1920, 1080), QRect(1920, 0, 800, 600)),
    ],
)
def test_what_does_not_fit_is_moved_or_made_smaller(wanted: QRect, available: QRect, found: QRect) -> None:
    assert fitted(wanted, available) == found


def inside(window: MainWindow) -> bool:
    """With the frame that a system may add, and with the way to ask."""
    screen, button = window.screen().availableGeometry(), window.composer.send_button
    corner = button.mapTo(window, button.rect().bottomRight())
    return screen.adjusted(0, 30, 0, 0).contains(window.geometry()) and window.rect().contains(corner)


@pytest.fixture
def make_window(make_stage: Callable[..., Stage]) -> Callable[..., MainWindow]:
    """Windows whose size nobody has chosen, unlike the one of a stage."""

    def make(settings: Settings) -> MainWindow:
        stage = make_stage(settings=Settings())
        common = type(stage.window.common)(FakeEngineBridge(model_info()), FakeReadingBridge(True), settings)
        window = MainWindow(common.engine, common.reading, settings, common=common)
        window.show()
        stage.qtbot.waitExposed(window)
        stage.qtbot.addWidget(window)
        return window

    return make


def test_the_first_window_fits_the_screen(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(Settings())
    assert window.screen().availableGeometry().width() < 1280, "the test screen is a small one"
    assert inside(window)


def test_a_further_window_fits_beside_it_or_takes_its_place(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(Settings())
    further = window.new_window()
    assert inside(further)
    small = window.new_window()
    small.resize(500, 420)
    beside = small.new_window()
    assert inside(beside) and beside.geometry().topLeft() != small.geometry().topLeft()
    for one in (further, small, beside):
        one.close()


def test_a_window_that_was_left_on_a_larger_screen_comes_back_on_this_one(
    make_window: Callable[..., MainWindow],
) -> None:
    window = make_window(Settings())
    window.setGeometry(400, 300, 2400, 1300)
    settings = Settings(geometry=bytes(window.saveGeometry().toBase64().data()).decode())
    assert inside(make_window(settings))
