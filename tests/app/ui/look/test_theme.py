from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication, QCompleter, QLineEdit
from pytestqt.qtbot import QtBot

from app import paths
from app.ui.look.colours import DARK, LIGHT, Colours, contrast
from app.ui.look.icons import IconButton, pixmap
from app.ui.look.stylesheet import stylesheet
from app.ui.look.theme import Theme

BOTH = pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
TEXT = [
    ("text", "window"), ("text", "side"), ("text", "surface"), ("text", "soft"), ("text", "hover"), ("text", "code"),
    ("muted", "window"), ("muted", "side"), ("muted", "surface"), ("muted", "code"), ("accent", "window"),
    ("accent", "surface"), ("accent", "soft"), ("accent", "warning_soft"), ("accent", "side"),
    ("on_accent", "accent"), ("on_accent", "accent_hover"), ("danger", "surface"), ("danger", "danger_soft"),
    ("warning", "surface"), ("warning", "warning_soft"),
]  # fmt: skip


@BOTH
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_has_the_contrast_of_wcag_aa(colours: Colours, front: str, back: str) -> None:
    assert contrast(getattr(colours, front), getattr(colours, back)) >= 4.5


@BOTH
@pytest.mark.parametrize("back", ["window", "side", "surface"])
def test_borders_of_controls_and_the_focus_ring_can_be_seen(colours: Colours, back: str) -> None:
    assert contrast(colours.strong, getattr(colours, back)) >= 3
    assert contrast(colours.accent, getattr(colours, back)) >= 3


@BOTH
def test_the_sheet_is_complete(colours: Colours) -> None:
    assert "$" not in stylesheet(colours, QFont("Sans", 11))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_what_completes_a_line_can_be_read(qapp: QApplication, qtbot: QtBot, name: str) -> None:
    """The list below a line, such as a file dialog's: it is a window of its own, so it needs a ground of its own."""
    theme = Theme(qapp, name)
    try:
        line = QLineEdit()
        qtbot.addWidget(line)
        completer = QCompleter(["█" * 9], line)
        line.setCompleter(completer)
        line.show()
        completer.complete()
        popup = completer.popup()
        popup.ensurePolished()
        shown = popup.grab().toImage()
        box = popup.visualRect(completer.completionModel().index(0, 0))
        ground = shown.pixelColor(popup.width() - 4, box.center().y()).name()
        inks = {shown.pixelColor(x, box.center().y()).name() for x in range(4, popup.width() - 4)}
        assert ground == theme.colours.surface
        assert max(contrast(ground, ink) for ink in inks) >= 4.5
    finally:
        Theme(qapp, "light")


def test_a_choice_wins_over_the_system_and_tells_once(qapp: QApplication) -> None:
    theme = Theme(qapp, "light")
    told: list[bool] = []
    theme.changed.connect(lambda: told.append(theme.dark))
    theme.set_mode("dark")
    theme.set_mode("dark")
    assert told == [True]
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    theme.set_mode("nonsense")
    assert theme.mode == "system"


def test_icons_follow_the_theme(qapp: QApplication, qtbot: QtBot) -> None:
    theme = Theme(qapp, "light")
    button = IconButton("send", "Send")
    qtbot.addWidget(button)
    before = button.icon().pixmap(18, 18).toImage()
    theme.set_mode("dark")
    qtbot.waitUntil(lambda: button.icon().pixmap(18, 18).toImage() != before)
    theme.set_mode("system")


@pytest.mark.parametrize("path", sorted(paths.resource("icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_something(qapp: QApplication, path: Path) -> None:
    image = pixmap(path.stem, "#123456", 24, 2.0).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height()))
