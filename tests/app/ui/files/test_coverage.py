"""The strip that says what of a document was read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Place
from app.ingest.types import Document
from app.ui.files.coverage import CoverageLegend, CoverageStrip
from app.ui.files.coverage_cells import cells_of, summary
from app.ui.look.colours import DARK, LIGHT, Colours, contrast, palette
from model.messages import plain
from tests.app.chat.evidence.papers import clip, image, page, paper, scanned

STATES = ("text", "image", "both", "skipped")
MIXED = paper("mixed.pdf", *(page(number, state=state) for number, state in enumerate(STATES, 1)))  # type: ignore[arg-type]


@pytest.fixture
def strip(qtbot: QtBot) -> CoverageStrip:
    made = CoverageStrip()
    qtbot.addWidget(made)
    made.resize(400, made.height())
    return made


def show(strip: CoverageStrip, qtbot: QtBot, document: Document, **options: int) -> list[Place]:
    wanted: list[Place] = []
    strip.place_wanted.connect(wanted.append)
    strip.set_document(document, **options)
    qtbot.waitExposed(strip)
    strip.setFocus()
    return wanted


def click(strip: CoverageStrip, qtbot: QtBot, index: int) -> None:
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=strip.rect_of(index).center().toPoint())


def test_a_cell_for_every_page_and_a_click_goes_there(strip: CoverageStrip, qtbot: QtBot) -> None:
    wanted = show(strip, qtbot, MIXED)
    assert [cell.state for cell in strip.cells] == list(STATES)
    click(strip, qtbot, 2)
    assert wanted == [Place(MIXED.content_hash, page=3)]
    assert strip.current == 2


def test_it_is_walked_with_the_keyboard(strip: CoverageStrip, qtbot: QtBot) -> None:
    wanted = show(strip, qtbot, MIXED)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Return):
        qtbot.keyClick(strip, key)
    qtbot.keyClick(strip, Qt.Key.Key_End)
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Space)
    qtbot.keyClick(strip, Qt.Key.Key_Home)
    qtbot.keyClick(strip, Qt.Key.Key_Enter)
    assert [place.page for place in wanted] == [2, 4, 1]


def test_words_name_the_confidence_and_the_pages_that_were_hard_to_read(strip: CoverageStrip, qtbot: QtBot) -> None:
    sure = (0.95, 0.5, 0.95, 0.4, 0.6)
    document = paper("scan.pdf", *(scanned(number, "words", confidence=one) for number, one in enumerate(sure, 1)))
    show(strip, qtbot, document)
    assert strip.words(1).endswith("Confidence 50 %.")
    show(strip, qtbot, document, max_pages=1)
    assert "pages 2, 4, 5 were hard to read." in strip.words(0)
    assert summary(document).endswith("; pages 2, 4, 5 were hard to read")


def test_words_name_the_pages_of_which_only_a_part_was_read(strip: CoverageStrip, qtbot: QtBot) -> None:
    document = paper("scan.pdf", scanned(1, "words"), replace(scanned(2, "words"), recognition="part"))
    show(strip, qtbot, document, max_pages=1)
    assert "only a part of the picture of page 2 was read." in strip.words(0)
    assert summary(document).endswith("; only a part of the picture of page 2 was read")


def test_words_name_state_budget_and_reason(strip: CoverageStrip, qtbot: QtBot) -> None:
    show(strip, qtbot, MIXED)
    assert strip.words(0) == "Page 1: read as text. As it is."
    assert "picture, 280 tokens" in strip.words(1)
    assert "text and as a picture" in strip.words(2)
    assert "not read" in strip.words(3)
    assert "mixed.pdf" in strip.accessibleName()
    assert strip.accessibleDescription().startswith("4 pages: 1 as text")
    qtbot.keyClick(strip, Qt.Key.Key_End)
    assert strip.accessibleDescription().endswith(strip.words(3))


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_states_look_different_without_colour(strip: CoverageStrip, qtbot: QtBot, colours: Colours) -> None:
    strip.setPalette(palette(colours))
    show(strip, qtbot, MIXED)
    strip.clearFocus()
    picture = QPixmap(strip.size())
    strip.render(picture)
    grey = picture.toImage().convertToFormat(picture.toImage().Format.Format_Grayscale8)
    empty = contrast(colours.soft, "#000000") > contrast(colours.soft, "#ffffff")  # light theme: ink is dark
    seen = set()
    for index in range(4):
        box = strip.rect_of(index).toRect().adjusted(2, 1, -3, -1)
        column = [grey.pixelColor(box.left() + 4, y).value() for y in range(box.top(), box.bottom())]
        seen.add(tuple(value < 170 if empty else value > 100 for value in column))
    assert len(seen) == 4


def test_a_thousand_pages_merge_and_the_worst_state_wins(strip: CoverageStrip, qtbot: QtBot) -> None:
    pages = [page(number) for number in range(1, 1001)]
    pages[500] = replace(page(501, state="skipped"), reason=plain("The page is damaged."))
    wanted = show(strip, qtbot, paper("book.pdf", *pages))
    assert 40 < len(strip.cells) <= 66
    (bad,) = [index for index, cell in enumerate(strip.cells) if cell.state == "skipped"]
    assert "damaged" in strip.words(bad) and "1 not read" in strip.words(bad)
    click(strip, qtbot, bad)
    assert wanted[-1].page == 501
    strip.show_page(1000)
    assert strip.current == len(strip.cells) - 1
    assert sum(cell.last - cell.first + 1 for cell in strip.cells) == 1000


def test_a_wider_strip_has_more_cells_and_a_limit_holds(strip: CoverageStrip, qtbot: QtBot) -> None:
    pages = [page(number) for number in range(1, 301)]
    show(strip, qtbot, paper("book.pdf", *pages), max_pages=20)
    assert len(strip.cells) == 20
    strip.set_document(strip.document)
    narrow = len(strip.cells)
    strip.resize(900, strip.height())
    assert len(strip.cells) > narrow


def test_a_video_shows_which_seconds_were_seen(strip: CoverageStrip, qtbot: QtBot) -> None:
    video = clip("clip.mp4", 0, 10, 20, duration=40)
    wanted = show(strip, qtbot, video)
    assert strip.rect_of(2).center().x() == pytest.approx(strip.width() / 2, abs=4)
    assert "00:10" in strip.words(1)
    click(strip, qtbot, 1)
    qtbot.mouseClick(strip, Qt.MouseButton.LeftButton, pos=QPoint(strip.width() * 3 // 4, 9))
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    qtbot.keyClick(strip, Qt.Key.Key_Return)
    assert [place.time_s for place in wanted] == [10, pytest.approx(30, abs=0.5), 20]
    assert strip.accessibleDescription().startswith("3 frames looked at in 00:40")


def test_a_picture_and_nothing(strip: CoverageStrip, qtbot: QtBot) -> None:
    show(strip, qtbot, image("shot.png"))
    assert strip.words(0).startswith("read as a picture")
    strip.set_document(None)
    assert not strip.isVisible() and strip.cells == []
    qtbot.keyClick(strip, Qt.Key.Key_Right)
    assert strip.words(0) == ""
    assert cells_of([], 10) == []


def test_the_legend_has_words_for_every_pattern(qtbot: QtBot) -> None:
    legend = CoverageLegend()
    qtbot.addWidget(legend)
    legend.show()
    assert "not read" in legend.accessibleName()
    assert not legend.grab().isNull()
