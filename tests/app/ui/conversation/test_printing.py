"""A conversation on paper, read back with another program."""

from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from pytestqt.qtbot import QtBot

from app.chat.evidence.places import Evidence, Place
from app.chat.tools.uses import ToolUse
from app.ingest.formats.mupdf import pymupdf
from app.session.conversation import Conversation, Stage
from app.session.export.markdown import ExportError
from app.ui.conversation.markdown import SealedDocument
from app.ui.conversation.printing import document_of, save_pdf
from model.messages import NOTHING, plain

TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"
ANSWER = f'It ends **soon**: "31 May 2027" (contract.pdf, page 3).\n\n{TABLE}\n\n```py\nx = 1\n```\n'


def talk(count: int = 1, answer: str = ANSWER) -> Conversation:
    made = Conversation()
    made.title, made.created = "When does it end?", 1_790_000_000.0
    for number in range(count):
        one = made.add(f"Question {number}, with <b>signs</b>?", made.created)
        one.answer, one.stage, one.model, one.sources = answer, Stage.DONE, "Gemma", ("contract.pdf",)
        if answer == ANSWER:
            start = answer.index('"31')
            end = answer.index(".\n")
            one.evidence = (
                Evidence(start, end, "31 May 2027", "found", Place("c", 3), plain("The words stand there.")),
            )
        one.tool_uses = (ToolUse("find", "{}", plain("Looked for “end”")),)
    return made


def name_of(document: str) -> str:
    return "contract.pdf" if document == "c" else ""


def words(path: Path) -> str:
    with pymupdf.open(path) as pdf:
        return " ".join(" ".join(page.get_text() for page in pdf).split())


@pytest.fixture
def printed(qtbot: QtBot, tmp_path: Path) -> Path:
    path = tmp_path / "talk.pdf"
    save_pdf(talk(30), path, name_of)
    return path


def test_everything_is_on_paper(printed: Path) -> None:
    text = words(printed)
    assert "When does it end?" in text and "Question 29, with <b>signs</b>?" in text
    assert "It ends soon:" in text and "Looked for “end”" in text and "x = 1" in text
    assert "1 ✓ Found · contract.pdf, page 3 · “31 May 2027”. The words stand there." in text
    assert "30 ✓ Found" in text and "✓30" in text


def test_pages_are_numbered_and_fonts_are_inside(printed: Path) -> None:
    with pymupdf.open(printed) as pdf:
        assert pdf.page_count > 3 and pdf.metadata["title"] == "When does it end?"
        for number, page in enumerate(pdf, 1):
            assert f"Page {number} of {pdf.page_count}" in page.get_text()
            for font in page.get_fonts():
                assert pdf.extract_font(font[0])[3], font  # the font's own bytes
            inside = page.rect + (50, 50, -50, -50)
            assert all(pymupdf.Rect(block[:4]) in inside for block in page.get_text("blocks"))


def test_nothing_is_loaded_for_paper(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    sealed = SealedDocument.loadResource

    def watch(self: SealedDocument, kind: int, name: QUrl) -> object:
        asked.append(str(name))
        assert sealed(self, kind, name) is None
        return None

    monkeypatch.setattr(SealedDocument, "loadResource", watch)
    secret = tmp_path / "secret.png"
    secret.write_bytes(b"not a picture")
    hostile = f"![a]({secret}) ![b](http://127.0.0.1:9/x.png) <img src='{secret}'>"
    save_pdf(talk(answer=hostile), tmp_path / "talk.pdf", name_of)
    text = words(tmp_path / "talk.pdf")
    assert "[picture, not loaded: a]" in text and "<img src=" in text
    with pymupdf.open(tmp_path / "talk.pdf") as pdf:
        assert not any(page.get_images() for page in pdf)


def test_a_note_is_never_put_into_code(qtbot: QtBot) -> None:
    made = talk(answer='Use `"so" (page 3)` here.')
    one = made.path()[0]
    one.evidence = (Evidence(5, 18, "so", "found", Place("c", 3), NOTHING),)
    text = document_of(made, name_of).toPlainText()
    assert 'Use "so" (page 3) here.' in text and "\ue000" not in text


def test_what_stands_in_the_way_is_said_and_nothing_is_left(qtbot: QtBot, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"^talk.pdf could not be written: .+\.$"):
        save_pdf(talk(), tmp_path / "nowhere" / "talk.pdf", name_of)
    assert list(tmp_path.iterdir()) == []
    old = tmp_path / "talk.pdf"
    old.write_bytes(b"old")
    save_pdf(talk(), old, name_of)
    assert old.read_bytes().startswith(b"%PDF") and list(tmp_path.iterdir()) == [old]


def test_an_empty_conversation_is_a_page(qtbot: QtBot, tmp_path: Path) -> None:
    save_pdf(Conversation(), tmp_path / "talk.pdf")
    assert "Page 1 of 1" in words(tmp_path / "talk.pdf")
