"""German is complete, says the same with the same values in it, and what ships is what the source says."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from PySide6.QtCore import QLocale
from pytestqt.qtbot import QtBot

from app import i18n
from app.i18n import sentence, tr, tr_n
from app.ui.look import translation

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "resources" / "translations"


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lectern_translate", ROOT / "packaging" / "translate.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def german(qapp: object) -> Iterator[None]:
    assert translation.install("de") == "de"
    yield
    translation.install("en")


def test_german_is_complete_and_has_the_same_places(tool: ModuleType) -> None:
    problems = tool.problems(FOLDER / "lectern_de.ts")
    assert not problems, "run packaging/translate.py and translate:\n" + "\n".join(problems)


def test_what_ships_is_made_from_the_source(tool: ModuleType, tmp_path: Path) -> None:
    tool.release(FOLDER / "lectern_de.ts", tmp_path / "lectern_de.qm")
    assert (tmp_path / "lectern_de.qm").read_bytes() == (FOLDER / "lectern_de.qm").read_bytes()
    listed = (FOLDER / "sentences.txt").read_text(encoding="utf-8").split("\0")
    assert set(listed) == {text for text in tool.texts() if "{0}" in text}


def test_values_go_to_their_places(german: None) -> None:
    assert tr("Page {number}", number=3) == "Seite 3"
    assert tr_n("{n} page", "{n} pages", 1) == "1 Seite"
    assert tr_n("{n} page", "{n} pages", 1200) == "1.200 Seiten"
    assert tr("a text that nobody has translated") == "a text that nobody has translated"


def test_finished_sentences_are_recognised(german: None) -> None:
    assert sentence("The page is blank.") == "Die Seite ist leer."
    assert sentence("Only the first 2000 pages are read; split the PDF to read the rest.").startswith(
        "Nur die ersten 2000 Seiten"
    )
    whole = sentence("The file could not be read. It took longer than 20 seconds and was stopped.")
    assert whole in (
        "Die Datei konnte nicht gelesen werden. Es dauerte länger als 20 Sekunden und wurde angehalten.",
        "The file could not be read. It took longer than 20 seconds and was stopped.",
    )
    assert sentence("Something in no catalogue at all.") == "Something in no catalogue at all."


def test_a_sentence_with_braces_and_odd_letters_is_left_alone(german: None) -> None:
    for text in ("{", "{0}", "", "(((", "Page {number", "%s \\1 {}"):
        assert isinstance(sentence(text), str)


def test_english_needs_no_catalogue(qapp: object) -> None:
    translation.install("en")
    assert tr("Page {number}", number=3) == "Page 3"
    assert sentence("The page is blank.") == "The page is blank."


@pytest.mark.parametrize(("system", "language"), [("de-AT", "de"), ("fr-FR", "en"), ("en-GB", "en")])
def test_the_system_decides_where_nothing_is_chosen(
    system: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QLocale, "uiLanguages", lambda self: [system])
    assert translation.chosen_language("system") == language
    assert translation.chosen_language("de") == "de"


def test_the_window_speaks_german(german: None, qtbot: QtBot, tmp_path: Path) -> None:
    from app.library.settings import Settings
    from app.ui.window.main_window import MainWindow
    from tests.fakes import FakeEngineBridge, FakeReadingBridge

    window = MainWindow(engine=FakeEngineBridge(None), reading=FakeReadingBridge(), settings=Settings(), spool=tmp_path)
    titles = [action.text() for action in window.menuBar().actions()]
    window.close()
    window.deleteLater()
    assert titles[0] == "&Datei" and "&Hilfe" in titles


def test_leaving_german_leaves_nothing_behind(qapp: object) -> None:
    translation.install("de")
    translation.install("en")
    assert not i18n._Catalogue.templates and tr("&File") == "&File"
