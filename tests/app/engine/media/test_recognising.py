"""The bridge to text recognition: pages as they are done, what is on the screen first, stopping, its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytestqt.qtbot import QtBot

from app.engine.media.recognising import RecognitionBridge
from app.ingest.cues import Cue
from app.ingest.ocr.merging import with_pages
from app.ingest.types import Document, Page, ReadOptions
from model.cancel import Cancel
from model.errors import CancelledError
from model.messages import NOTHING, plain


def scan(name: str, pages: int = 3) -> Document:
    made = tuple(
        Page(number, 595.0, 842.0, "", (), None, "image", "", recognition="waiting") for number in range(1, pages + 1)
    )
    return Document("a" * 64, Path(name), name, "pdf", made, (), None, (), b"")


class ScriptedRecogniser:
    """Reads pages as it is told to; waits to be cancelled at a document that is called ``slow``."""

    def __init__(self) -> None:
        self.order: list[int] = []
        self.closed = False

    def recognise(
        self,
        document: Document,
        options: ReadOptions | None = None,
        *,
        on_card: bool = False,
        first: Callable[[], int | None] = lambda: None,
        on_page: Callable[[Page], None] = lambda _page: None,
        on_screen: Callable[[Document, float], None] = lambda _document, _upto: None,
        cancel: Cancel | None = None,
    ) -> Document:
        if document.name == "slow":
            assert cancel is not None
            while not cancel.is_set():
                pass
            raise CancelledError(plain("Reading was stopped."))
        if document.screen == "waiting":
            some, rest = Cue(0, 2, "Safety first", "frames", "", 0.9), Cue(2, 4, "Wear goggles", "frames", "", 0.9)
            on_screen(replace(document, cues=(some,)), 2.0)
            return replace(document, cues=(some, rest), screen="read")
        left = {page.number: page for page in document.pages}
        done: dict[int, Page] = {}
        while left:
            asked = first()
            number = asked if asked in left else min(left)
            assert number is not None
            self.order.append(number)
            old = left.pop(number)
            done[number] = Page(number, old.width, old.height, f"words {number}", (), None, "text", NOTHING)
            on_page(done[number])
        return with_pages(document, done)

    def close(self) -> None:
        self.closed = True


def test_pages_come_as_they_are_done_and_the_one_on_the_screen_first(qtbot: QtBot) -> None:
    recogniser = ScriptedRecogniser()
    bridge = RecognitionBridge(lambda: recogniser)
    told: list[Page] = []
    bridge.pages.connect(lambda _job, pages: told.extend(pages))
    document = scan("scan.pdf")
    assert document.waits
    bridge.show(document.content_hash, 3)
    with qtbot.waitSignal(bridge.done, timeout=30_000) as done:
        job = bridge.recognise(document)
    assert done.args is not None and done.args[0] == job
    assert [page.text for page in done.args[1].pages] == ["words 1", "words 2", "words 3"]
    assert not done.args[1].waits
    assert recogniser.order == [3, 1, 2] == [page.number for page in told]
    bridge.shutdown()
    assert recogniser.closed


def test_a_job_is_stopped(qtbot: QtBot) -> None:
    bridge = RecognitionBridge(ScriptedRecogniser)
    with qtbot.waitSignal(bridge.cancelled, timeout=30_000) as stopped:
        job = bridge.recognise(scan("slow"))
        bridge.cancel(job)
    assert stopped.args == [job]
    bridge.shutdown()
