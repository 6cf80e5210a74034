"""German is complete, what ships is made from the source, messages are translated, and plurals follow the language."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from PySide6.QtCore import QLocale, QTranslator
from pytestqt.qtbot import QtBot

from app import i18n
from app.chat.evidence.places import Evidence, Place
from app.i18n import tr, tr_n, translated
from app.ui.conversation.chips import tip
from app.ui.look import translation
from model.messages import joined, msg, msg_n, plain

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
    assert tool.CATALOGUE.read_text(encoding="utf-8") == tool.catalogue_text(), "run packaging/translate.py"


def test_a_code_belongs_to_one_message(tool: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = tool.messages()  # ends the program where a code has two messages
    sources = [source for source, _ in found.values()]
    assert len(found) > 200 and len(sources) == len(set(sources)), "one message has two codes"
    monkeypatch.setattr(tool, "ROOT", tmp_path)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "both.py").write_text('msg("file.empty", "Empty.")\nmsg("file.empty", "Nothing in it.")\n')
    with pytest.raises(SystemExit, match=r"file\.empty belongs to another message"):
        tool.messages()


def test_values_go_to_their_places(german: None) -> None:
    assert tr("Page {number}", number=3) == "Seite 3"
    assert tr_n("{n} page", "{n} pages", 1) == "1 Seite"
    assert tr_n("{n} page", "{n} pages", 1200) == "1.200 Seiten"
    assert tr("a text that nobody has translated") == "a text that nobody has translated"


def test_messages_among_the_values_of_a_text_are_translated_too(german: None) -> None:
    assert tr("about {time} left", time=msg("time.minutes", "{n} min", n=2)) == "noch etwa 2 min"
    assert tr("{name} was removed.", name=msg("page.blank", "The page is blank.")).startswith("Die Seite ist leer.")


def test_evidence_is_shown_in_the_language_of_the_window_whatever_it_was_found_in(german: None) -> None:
    reason = msg("evidence.found", "Found on page {page} of {name}.", page="2", name="a.pdf")
    found = Evidence(0, 4, "so", "found", Place("d", 2), reason)
    assert tip(found) == "✓ Gefunden. Gefunden auf Seite 2 von a.pdf.\n“so”"
    assert str(reason) == "Found on page 2 of a.pdf."


def test_messages_are_translated_where_they_are_shown(german: None) -> None:
    blank = msg("page.blank", "The page is blank.")
    assert translated(blank) == "Die Seite ist leer." and str(blank) == "The page is blank."
    long = msg(
        "pdf.too-many-pages", "Only the first {limit} pages are read; split the PDF to read the rest.", limit=2000
    )
    assert translated(long).startswith("Nur die ersten 2.000 Seiten")
    late = msg("process.too-long", "It took longer than {seconds} seconds and was stopped.", seconds=20)
    whole = joined(msg("file.failed", "The file could not be read."), late)
    assert translated(whole) == (
        "Die Datei konnte nicht gelesen werden. Es dauerte länger als 20 Sekunden und wurde angehalten."
    )
    size = msg("import.no-room", "The model takes {size} GB, and {folder} has {free} GB free; free some space.")
    assert translated(msg(size.code, size.template, size=15.65, free=2.0, folder="/x")).startswith("Das Modell")
    assert " 15,7 GB" in translated(msg(size.code, size.template, size=15.65, free=2.0, folder="/x"))


def test_what_is_in_no_catalogue_is_shown_as_it_is(german: None) -> None:
    for text in ("Something in no catalogue at all.", "{", "{0}", "(((", "Page {number", "%s \\1 {}"):
        assert translated(plain(text)) == text
    assert translated(plain("")) == "" and not plain("")


def test_english_needs_no_catalogue(qapp: object) -> None:
    translation.install("en")
    assert tr("Page {number}", number=3) == "Page 3"
    assert translated(msg("page.blank", "The page is blank.")) == "The page is blank."
    assert tr_n("{n} page", "{n} pages", 1) == "1 page" and tr_n("{n} page", "{n} pages", 0) == "0 pages"


def test_a_language_with_three_forms_uses_them(tool: ModuleType, qapp: object, tmp_path: Path) -> None:
    """Polish: one for 1, another for 2 to 4 but not 12 to 14, a third for the rest."""
    forms = ["{n} strona", "{n} strony", "{n} stron"]
    path = tmp_path / "lectern_pl.ts"
    wanted = {"{n} pages": tool.Text("made up", "{n} page"), "File": tool.Text("made up")}
    tool.write(path, {"{n} pages": forms, "File": "Plik"}, wanted)
    assert tool.read(path) == {"{n} pages": forms, "File": "Plik"}
    tool.release(path, path.with_suffix(".qm"))
    polish = QTranslator()
    assert polish.load(str(path.with_suffix(".qm")))
    i18n.install(translation.looked_up_in(polish), " ,")
    try:
        found = [tr_n("{n} page", "{n} pages", n) for n in (1, 2, 5, 12, 22, 1000)]
        assert found == ["1 strona", "2 strony", "5 stron", "12 stron", "22 strony", "1 000 stron"]
        assert translated(msg_n("made.up", "{n} page", "{n} pages", 3)) == "3 strony"
        assert tr("File") == "Plik" and tr("Edit") == "Edit"
    finally:
        i18n.install(None)


def test_a_translation_with_other_places_is_reported(tool: ModuleType, tmp_path: Path) -> None:
    source = "Only the first {n} files were added; add the others in smaller groups."
    path = tmp_path / "lectern_de.ts"
    known = tool.read(FOLDER / "lectern_de.ts") | {source: ["Nur die erste Datei.", "Nur {m} Dateien."]}
    tool.write(path, known, tool.texts())
    assert tool.problems(path) == [f"other places: {source!r} → 'Nur {{m}} Dateien.'"]
    assert all(
        one.get("numerus") == "yes"
        for one in ElementTree.parse(path).iter("message")
        if one.find("extracomment") is not None
    )


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
    assert tr("&File") == "&File" and i18n.number(1234.5, 1) == "1,234.5"
