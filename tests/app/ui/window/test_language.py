"""What the reader and the engine say in English is shown in the user's language, and so are numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from app import i18n
from app.ingest.types import WHOLE_FILE, Page, Skipped
from app.library.model_ref import SampleModel
from app.session.conversation import Stage as Step
from app.text.sizes import size, thousands
from app.ui.files.coverage_cells import cell_words, cells_of
from model.messages import msg
from model.types import Failed, LoadProgress
from tests.app.ui.conftest import Stage

WORDS = {
    "The PDF is damaged and cannot be repaired; try to get it again.": "Das PDF ist beschädigt.",
    "The page is blank.": "Die Seite ist leer.",
    "The model ran out of memory.": "Dem Modell ging der Speicher aus.",
    "Opening the model": "Das Modell wird geöffnet",
    "Page {number}": "Seite {number}",
    "The picture is animated ({frames} frames); only the first frame is read.": (
        "Das Bild ist bewegt ({frames} Bilder)."
    ),
    "file": "Datei",
    "{n} tokens read": "{n} Token gelesen",
}


@pytest.fixture
def german() -> Iterator[None]:
    """Another language for as long as a test runs."""
    i18n.install(lambda text, n: WORDS.get(text, ""), ".,")
    yield
    i18n.install(None)


@pytest.mark.usefixtures("german")
def test_what_the_reader_says_of_a_file_is_translated(make_stage: Callable[..., Stage]) -> None:
    stage = make_stage(auto=False)
    stage.attach("a.pdf", "b.pdf")
    stage.reading.fail(1, msg("pdf.damaged", "The PDF is damaged and cannot be repaired; try to get it again."))
    broken, whole = stage.window.side.rows.values()
    stage.until(lambda: broken.error.text() == "Das PDF ist beschädigt.")
    assert broken.accessibleName() == "a.pdf, Das PDF ist beschädigt."
    assert "Das PDF ist beschädigt." in broken.toolTip()

    stage.reading.finish(2)
    item = whole.item
    assert item.document is not None
    note = Skipped(
        WHOLE_FILE,
        msg(
            "picture.animated",
            "The picture is animated ({frames} frames); only the first frame is read.",
            frames=12,
        ),
    )
    item.document = replace(item.document, skipped=(note,))
    whole.refresh()
    assert "Datei: Das Bild ist bewegt (12 Bilder)." in whole.toolTip()


@pytest.mark.usefixtures("german")
def test_why_a_page_was_left_out_is_translated(stage: Stage) -> None:
    stage.attach("a.pdf")
    stage.until(lambda: bool(stage.window.attachments.items.documents()))
    document = stage.window.attachments.items.documents()[0]
    blank = Page(2, 595, 842, "", (), None, "skipped", msg("page.blank", "The page is blank."))
    document = replace(document, pages=(document.pages[0], blank))
    words = cell_words(document, cells_of(document.pages, 2)[1])
    assert words.startswith("Seite 2: ")
    assert words.endswith("Die Seite ist leer.")


@pytest.mark.usefixtures("german")
def test_what_the_engine_says_is_translated(stage: Stage) -> None:
    stage.ask("Why?")
    stage.engine.say(Failed(msg("memory.out", "The model ran out of memory.")))
    assert stage.window.asking.conversation.last is not None
    assert stage.window.asking.conversation.last.stage is Step.FAILED
    assert stage.view.error.text == "Dem Modell ging der Speicher aus."
    stage.window.model.load(SampleModel())
    stage.engine.loading.emit(LoadProgress(msg("stage.opening", "Opening the model"), 1, 4))
    assert stage.window.talk.loading.words.text() == "Das Modell wird geöffnet · 25 %"


@pytest.mark.usefixtures("german")
def test_numbers_are_written_as_in_the_language(stage: Stage) -> None:
    stage.ask("How long?")
    stage.engine.answer("Long.")
    assert "1.234 Token gelesen" in stage.view.small_print.text()
    assert (size(1_250_000), thousands(12_500), thousands(9_120)) == ("1,2 MB", "12,5K", "9.120")


def test_without_a_translation_numbers_are_english() -> None:
    assert (i18n.number(1234567), i18n.number(2.25, 1)) == ("1,234,567", "2.2")
