"""From a real file to the chip and back to its page: the reader's process, the lookup, the window.

The model's part is played by a fake, so that right, misplaced and invented quotations are all there.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import paths
from app.engine.media.reading import ReadingBridge
from app.library.settings import Settings
from app.session.export.markdown import to_markdown
from app.ui.window.main_window import MainWindow
from tests.fakes import FakeEngineBridge, model_info

PATIENCE_MS = 60_000


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    made = MainWindow(FakeEngineBridge(model_info()), ReadingBridge(), Settings(theme="light"))  # type: ignore[arg-type]
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.close()
    made.deleteLater()


def answer(window: MainWindow, qtbot: QtBot, words: str) -> None:
    engine = window.common.engine
    assert isinstance(engine, FakeEngineBridge)
    sent = len(engine.requests)
    window.composer.set_text("What does it say?")
    window.composer.edit.send.emit()
    qtbot.waitUntil(lambda: len(engine.requests) == sent + 1, timeout=PATIENCE_MS)
    engine.answer(words)
    last = window.asking.conversation.last
    assert last is not None
    qtbot.waitUntil(lambda: last.checked, timeout=PATIENCE_MS)


def test_right_and_invented_quotations_of_a_real_file(window: MainWindow, qtbot: QtBot) -> None:
    invoice = next(paths.resource("samples", ".").glob("*invoice*.pdf"))
    window.add_paths([invoice])
    qtbot.waitUntil(lambda: bool(window.attachments.items.documents()), timeout=PATIENCE_MS)
    document = window.attachments.items.documents()[0]
    line = next(line.strip() for line in document.pages[0].text.splitlines() if len(line.strip()) > 12)
    answer(
        window,
        qtbot,
        f'It says [page 1: "{line}"] and "{line}" ({invoice.name}, page 1), but also '
        f'"a giraffe in the cellar at night" ({invoice.name}, page 1).',
    )
    view = window.talk.view.views[max(window.talk.view.views)]
    placed = [one for piece in view.body.pieces for one in piece.placed]  # type: ignore[union-attr]
    assert [one.chip.state for one in placed] == ["found", "found", "unverified"]
    text = view.body.pieces[0].toPlainText().replace("\xa0", " ")
    assert text == (
        f'It says  ✓ p. 1  and "{line}"  ✓ p. 1 , but also "a giraffe in the cellar at night"  ? not found .'
    )
    with qtbot.waitSignal(window.talk.view.place_wanted) as wanted:
        view.body.chip_clicked.emit(0)
    assert wanted.args[0].document == document.content_hash and wanted.args[0].boxes
    exported = to_markdown(window.asking.conversation, window.talk.view.name_of)
    assert f"✓ Found · {invoice.name}, page 1" in exported and "? Not found" in exported
