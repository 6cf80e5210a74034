"""The printed line beside evidence from scans and pictures: cut by the real process, shown in the list of evidence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Evidence, Place
from app.engine.media.rendering import RenderBridge
from app.ui.conversation.evidence_list import EvidenceList
from app.ui.viewer.pages.crops import LINE_PX, Crops, region
from model.messages import plain
from tests.files import samples

Until = Callable[[Callable[[], object]], None]
BOX = (100.0, 60.0, 300.0, 80.0)
PLACE = Place("d" * 64, None, None, (BOX,), "shot.png")


@pytest.fixture
def crops(bridge: RenderBridge) -> Crops:
    return Crops(bridge)


@pytest.fixture
def shot(tmp_path: Path) -> Path:
    image = Image.new("RGB", (800, 600), "white")
    image.paste("blue", (100, 60, 300, 80))
    return samples.image_file(tmp_path / "shot.png", image)


def test_the_line_and_a_little_around_it(crops: Crops, shot: Path, until: Until) -> None:
    got: list[bytes] = []
    crops.take(shot, None, PLACE, got.append)
    crops.take(shot, None, PLACE, got.append)
    until(lambda: len(got) == 2)
    image = QImage.fromData(got[0])
    assert image.pixelColor(image.width() // 2, image.height() // 2).name() == "#0000ff"
    assert (
        image.pixelColor(2, image.height() // 2).name() == image.pixelColor(image.width() // 2, 1).name() == "#ffffff"
    )
    crops.take(shot, None, PLACE, got.append)
    assert len(got) == 3, "it was kept"
    crops.take(shot, None, Place("d" * 64), got.append)
    assert len(got) == 3, "no words, no line"


def test_a_file_that_is_gone_says_nothing(crops: Crops, tmp_path: Path, shot: Path, until: Until) -> None:
    got: list[bytes] = []
    crops.take(tmp_path / "gone.png", None, PLACE, got.append)
    crops.take(shot, None, PLACE, got.append)
    until(lambda: got)
    assert len(got) == 1 and not crops._open


def test_the_region_and_its_pixels() -> None:
    box, pixels = region((BOX,))
    assert box == (40.0, 50.0, 360.0, 90.0) and pixels == round(320 * 40 * (LINE_PX / 20) ** 2)
    down, _ = region(((60.0, 100.0, 80.0, 300.0),))
    assert down == (50.0, 40.0, 90.0, 360.0)
    assert region(((0.0, 0.0, 1e6, 1e3),))[1] <= 800_000


@pytest.mark.parametrize("state", ["scanned", "found"])
def test_the_line_stands_in_the_list_of_evidence(
    crops: Crops, shot: Path, until: Until, qtbot: QtBot, state: str
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    shown = EvidenceList()
    shown.setParent(window)
    shown.crop = lambda place, got: crops.take(shot, None, place, got)
    window.resize(300, 400)
    shown.resize(300, 400)
    window.show()
    evidence = Evidence(0, 4, "blue", state, PLACE, plain("Compare."))  # type: ignore[arg-type]
    shown.set_evidence((evidence,), lambda _document: "shot.png")
    shown.fold(False)
    line = shown.rows[0].line
    assert (line is not None) == (state == "scanned")
    if line is not None:
        until(line.isVisible)
        assert line.accessibleName() and line.pixmap().width() > 0
