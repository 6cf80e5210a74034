"""Outlook's own mails: heads, words in each of their three forms, attached files, mails in mails."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.formats.mail.outlook import unpacked
from app.ingest.kinds import sniff
from app.ingest.read.reader import Reader
from model.errors import IngestError
from tests.app.ingest.formats.mail.outlook_files import Storage, compound, mail, offer


def test_a_mail_with_attached_files(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "offer.msg"
    path.write_bytes(offer())
    document = reader.read(path)
    text = document.pages[0].text
    assert document.kind == "mail"
    assert "From: Ann Berg <ann@example.org>" in text
    assert "To: Bo Lind <bo@example.org>" in text
    assert "Subject: Offer for the roof" in text
    assert "3 May 2026" in text or "03 May 2026" in text
    assert "It was 13,900 EUR before." in text
    assert [(one.name, one.size) for one in document.attached] == [("plan.txt", 17), ("Angebot.pdf", 7600)]
    taken = reader.take_out(path, document.attached[0], tmp_path / "out")
    assert taken.read_bytes() == b"North side first."
    (found,) = check("“We offer 12,400 EUR for the roof.”", [document])
    assert found.state == "found"
    assert found.place is not None
    assert found.place.spot.startswith("Offer for the roof (mail")


def test_words_as_html_and_as_rich_text(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(compound(mail("x", "plain", html="<p>Grüße aus <b>Köln</b></p>".encode())))
    assert "Grüße aus Köln" in reader.read(path).pages[0].text
    words = rb"{\rtf1\ansi Only as rich text.}"
    stored = struct.pack("<II4sI", len(words) + 12, len(words), b"MELA", 0) + words
    path.write_bytes(compound(mail("x", "", rtf=stored)))
    assert "Only as rich text." in reader.read(path).pages[0].text


def test_packed_rich_text_is_as_the_specification_has_it() -> None:
    """The example of [MS-OXRTFCP], section 3.2.2."""
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert unpacked(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def test_other_compound_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.doc"
    path.write_bytes(compound(Storage({"WordDocument": b"x" * 600})))
    with pytest.raises(IngestError, match="Word document from before 2007"):
        sniff(path)


def test_a_broken_one_is_a_sentence(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.msg"
    path.write_bytes(offer()[:-512])
    with pytest.raises(IngestError, match="damaged"):
        reader.read(path)
