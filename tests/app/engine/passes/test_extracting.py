"""The pass behind the window: over the real bridge with a scripted model, page by page, with a question in between."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.chat.extract.schema import Column, Schema
from app.chat.request import Turn, build_request
from app.engine.model.bridge import EngineBridge
from app.engine.passes.extracting import Extracting
from app.ingest.types import Document, Page, TextLine
from app.library.model_ref import LocalFolder, SampleModel
from model.messages import NOTHING, plain
from model.types import Event, Failed, Finished, Request, TextDelta
from tests.app.engine.scripted import Opener, finished, until_cancelled

SCHEMA = Schema((Column("number", required=True),))


def document(pages: int = 4, key: str = "a") -> Document:
    made = []
    for number in range(1, pages + 1):
        text = f"Number: N-{number}"
        made.append(Page(number, 595, 842, text, (TextLine(text, (50, 50, 200, 62)),), None, "text", NOTHING))
    return Document(key * 64, Path(f"{key}.pdf"), f"{key}.pdf", "pdf", tuple(made), (), None, (), b"")


def shown_page(request: Request) -> int:
    text = "".join(getattr(part, "text", "") for part in request.messages[-1].parts)
    return int(text.split("\nPage ")[1].split("\n")[0])


class Model:
    """Answers each page rightly; a test may hold a page, fail it, or ask something in between."""

    def __init__(self) -> None:
        self.pages: list[int] = []
        self.others = 0
        self.hold: set[int] = set()
        self.broken: set[int] = set()
        self.entered = threading.Event()
        self.go_on = threading.Event()
        self.on_page: Callable[[int], None] = lambda page: None

    def __call__(self, request: Request, cancel: threading.Event) -> Iterator[Event]:
        if not request.shared_system:
            self.others += 1
            self.pages.append(0)
            yield TextDelta("An answer.")
            yield finished()
            return
        page = shown_page(request)
        self.pages.append(page)
        if page in self.hold:
            self.hold.discard(page)
            self.entered.set()
            if self.go_on.is_set():
                yield from until_cancelled(request, cancel)
                return
            assert self.go_on.wait(30)
        if page in self.broken:
            yield Failed(plain("Broken."))
            return
        yield TextDelta(f'N-{page} [page {page}: "Number: N-{page}"]')
        yield finished("cancelled" if cancel.is_set() else "stop")


class Desk:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self.model = Model()
        self.bridge = EngineBridge(Opener(self.model))
        self.folder = folder
        self.qtbot = qtbot
        self.ends: list[str] = []
        self.changed: list[int] = []
        self.bridge.load(SampleModel())
        qtbot.waitUntil(lambda: self.bridge.info is not None, timeout=60_000)
        self.extracting = self.fresh()

    def fresh(self) -> Extracting:
        made = Extracting(self.bridge, self.folder)
        made.ended.connect(self.ends.append)
        made.rows_changed.connect(self.changed.extend)
        return made

    def until(self, condition: Callable[[], bool]) -> None:
        self.qtbot.waitUntil(condition, timeout=60_000)

    def found(self) -> list[str]:
        assert self.extracting.run is not None
        return [str(row.values[0]) for row in self.extracting.run.table.rows]


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(qtbot, tmp_path / "runs")
    yield desk
    desk.model.go_on.set()
    desk.bridge.shutdown()


def test_rows_come_page_by_page(desk: Desk) -> None:
    assert desk.extracting.start([document()], SCHEMA, "")
    assert desk.extracting.running
    desk.until(lambda: bool(desk.ends))
    assert desk.ends == ["done"] and not desk.extracting.running
    assert desk.found() == ["N-1", "N-2", "N-3", "N-4"] and desk.changed == [0, 1, 2, 3]
    assert desk.extracting.run is not None and desk.extracting.run.whole


def test_a_question_of_the_person_goes_between_two_pages(desk: Desk) -> None:
    desk.model.hold = {2}
    desk.extracting.start([document()], SCHEMA, "")
    desk.until(desk.model.entered.is_set)
    answers: list[Event] = []
    own = desk.bridge.ask(build_request([], [Turn("And now?")]))
    desk.bridge.event.connect(lambda number, event: answers.append(event) if number == own else None)
    desk.model.go_on.set()
    desk.until(lambda: bool(desk.ends))
    assert desk.model.pages == [1, 2, 0, 3, 4]
    assert any(isinstance(event, Finished) for event in answers)
    assert desk.found() == ["N-1", "N-2", "N-3", "N-4"]


def test_stopped_and_gone_on_later_without_asking_again(desk: Desk) -> None:
    desk.model.hold = {3}
    desk.model.go_on.set()
    desk.extracting.start([document()], SCHEMA, "")
    desk.until(desk.model.entered.is_set)
    desk.extracting.stop()
    desk.until(lambda: bool(desk.ends))
    assert desk.ends == ["stopped"] and desk.found() == ["N-1", "N-2"]
    assert desk.extracting.run is not None and not desk.extracting.run.over
    desk.model.pages.clear()
    desk.extracting = desk.fresh()  # as after a restart
    desk.extracting.start([document()], SCHEMA, "")
    desk.until(lambda: len(desk.ends) == 2)
    assert desk.model.pages == [3, 4] and desk.found() == ["N-1", "N-2", "N-3", "N-4"]
    desk.model.pages.clear()
    desk.extracting.start([document()], SCHEMA, "", anew=True)
    desk.until(lambda: len(desk.ends) == 3)
    assert desk.model.pages == [1, 2, 3, 4]


def test_a_page_that_fails_is_said_and_asked_again_next_time(desk: Desk) -> None:
    desk.model.broken = {2}
    desk.extracting.start([document()], SCHEMA, "")
    desk.until(lambda: bool(desk.ends))
    run = desk.extracting.run
    assert run is not None and desk.ends == ["done"] and not run.whole
    assert [str(problem.said) for problem in run.problems] == ["a.pdf, page 2: Broken."]
    desk.model.broken.clear()
    desk.model.pages.clear()
    desk.extracting.start([document()], SCHEMA, "")
    desk.until(lambda: len(desk.ends) == 2)
    assert desk.model.pages == [2]


def test_many_failures_end_the_run(desk: Desk) -> None:
    desk.model.broken = {2, 3, 4, 5}
    desk.extracting.start([document(8)], SCHEMA, "")
    desk.until(lambda: bool(desk.ends))
    assert desk.ends == ["failed"] and desk.model.pages == [1, 2, 3, 4]
    assert desk.extracting.run is not None and str(desk.extracting.run.failure) == "Broken."


def test_another_model_ends_the_run(desk: Desk) -> None:
    desk.model.hold = {2}
    desk.model.go_on.set()
    desk.extracting.start([document()], SCHEMA, "")
    desk.until(desk.model.entered.is_set)
    desk.bridge.load(LocalFolder(Path("other")))
    desk.until(lambda: bool(desk.ends))
    assert desk.ends[0] in ("failed", "stopped")
    desk.until(lambda: desk.bridge.info is not None)
    assert not desk.extracting.running and desk.model.pages == [1, 2]


def test_nothing_begins_without_files_or_model(desk: Desk) -> None:
    assert not desk.extracting.start([], SCHEMA, "")
    desk.bridge.unload()
    assert not desk.extracting.start([document()], SCHEMA, "")
