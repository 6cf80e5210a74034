"""What is shown before there is a conversation: nothing is cut off, in German neither, and what is offered fits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QWidget

from app.ingest.cues import Cue
from app.ui.look import translation
from model.types import ModelInfo
from tests.app.ui.conftest import Stage
from tests.fakes import document, model_info

SIZES = [(1366, 768), (1366, 740), (900, 740)]


@pytest.fixture(params=["en", "de"])
def language(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    assert translation.install(request.param) == request.param
    yield request.param
    translation.install("en")


def in_sight(part: QWidget, area: QScrollArea) -> bool:
    """Nothing of it is outside the viewport."""
    corner = part.mapTo(area.viewport(), part.rect().topLeft())
    return area.viewport().rect().contains(part.rect().translated(corner))


def laid_out(stage: Stage, size: tuple[int, int]) -> None:
    stage.window.resize(*size)
    QApplication.processEvents()
    assert (stage.window.width(), stage.window.height()) == size


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("language")
def test_beside_the_viewer_nothing_is_cut_off_at_the_right(
    make_stage: Callable[..., Stage], size: tuple[int, int]
) -> None:
    stage = make_stage(info=model_info(sample=True))
    stage.attach("a.pdf")
    stage.until(lambda: bool(stage.window.talk.empty.suggestions))
    laid_out(stage, size)
    stage.window.viewing.show_item(next(iter(stage.window.attachments.items)).key)
    stage.until(lambda: stage.window.viewer.isVisible())
    QApplication.processEvents()
    empty = stage.window.talk.empty
    page = empty.widget()
    assert page is not None and page.width() <= empty.viewport().width()
    links = [button for button in empty.samples.values() if button.isVisible()]
    assert len(links) == 4
    for button in (*links, *empty.suggestions, empty.open_button):
        left = button.mapTo(empty.viewport(), button.rect().topLeft()).x()
        assert left >= 0 and left + button.width() <= empty.viewport().width()
        assert button.width() >= min(button.sizeHint().width(), button.minimumSizeHint().width())
    places = [button.geometry() for button in links]
    assert not any(one.intersects(other) for one in places for other in places if one is not other)
    assert page.rect().bottom() >= max(button.mapTo(page, button.rect().bottomLeft()).y() for button in links)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.usefixtures("language")
def test_the_main_button_of_the_welcome_is_in_sight(make_stage: Callable[..., Stage], size: tuple[int, int]) -> None:
    stage = make_stage(info=None)
    laid_out(stage, size)
    page = stage.window.talk.first_run
    for button in (page.sample_button, page.get_button, page.choose_button):
        assert button.isVisible() and in_sight(button, page)


@pytest.mark.usefixtures("language")
def test_how_many_files_were_not_read_is_there_to_be_read(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    laid_out(stage, (1366, 768))
    stage.attach(*(f"{number}.pdf" for number in range(7)))
    for number in (1, 2):
        stage.reading.fail(number, "It is broken.")
    (count,) = [
        one for one in stage.window.side.findChildren(QLabel) if one.accessibleName().startswith("7 ") and one.text()
    ]
    stage.until(lambda: "7 · 2" in count.text())
    QApplication.processEvents()
    assert count.heightForWidth(count.width()) <= count.height()
    assert count.wordWrap() or count.sizeHint().width() <= count.width()
    longest = max(count.text().split(), key=len)
    assert count.fontMetrics().horizontalAdvance(longest) <= count.width()


@pytest.mark.parametrize(
    ("info", "said", "offered"),
    [
        (model_info(sample=True), False, False),
        (model_info(sample=True), True, False),
        (model_info(sound=False), False, False),
        (model_info(sound=False), True, True),
        (model_info(sound=True), False, True),
    ],
)
def test_of_a_recording_is_asked_what_can_be_answered(
    make_stage: Callable[..., Stage], info: ModelInfo, said: bool, offered: bool
) -> None:
    stage = make_stage(info=info, auto=False)
    stage.attach("talk.wav")
    path: Path = stage.reading.jobs[1][0]
    cues = (Cue(0.5, 1.5, "Good morning.", "transcript", "E4B"),) if said else ()
    made = document(path, kind="video")
    with stage.qtbot.waitSignal(stage.window.attachments.changed):
        stage.reading.done.emit(1, replace(made, kind="recording", frames=(), cues=cues))
    empty = stage.window.talk.empty
    expected = ["Summarise what is said, with times."] if offered else []
    stage.until(lambda: [button.text() for button in empty.suggestions][:1] == expected)
