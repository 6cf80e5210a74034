"""Mails in other forms inside of mails: Outlook's ``winmail.dat``, and contents inside of a signature."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.formats.mail.signed import signed_contents
from app.ingest.read.reader import Reader
from app.ingest.types import Document
from model.errors import IngestError
from tests.app.ingest.formats.mail.packed_files import (
    in_pieces,
    inside,
    packed,
    sealed,
    signature,
    winmail,
    with_winmail,
)


def read(reader: Reader, path: Path, data: bytes) -> Document:
    path.write_bytes(data)
    return reader.read(path)


def test_files_in_a_winmail_are_files_of_the_mail(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.eml"
    document = read(reader, path, with_winmail("See the offer.\n", winmail()))
    assert "See the offer." in document.pages[0].text and "12,400" not in document.pages[0].text
    assert [(one.name, one.size) for one in document.attached] == [("Übersicht.txt", 17), ("Angebot.pdf", 760)]
    assert reader.take_out(path, document.attached[0], tmp_path / "out").read_bytes() == b"North side first."


def test_words_of_a_winmail_are_read_where_the_mail_has_none(reader: Reader, tmp_path: Path) -> None:
    document = read(reader, tmp_path / "a.eml", with_winmail("", winmail()))
    (found,) = check("“We offer 12,400 EUR for the roof.”", [document])
    assert found.state == "found"


def test_a_winmail_by_itself_is_a_mail(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "winmail.dat"
    document = read(reader, path, winmail())
    text = document.pages[0].text
    assert document.kind == "mail" and "From: Ann Berg <ann@example.org>" in text.replace('"', "")
    assert "Subject: Offer for the roof" in text and "To: " in text and "Bo Lind" in text
    assert [one.name for one in document.attached] == ["Übersicht.txt", "Angebot.pdf"]
    (found,) = check("“We offer 12,400 EUR for the roof.”", [document])
    assert found.place is not None and found.place.spot.startswith("Offer for the roof (mail")


def test_a_mail_in_a_winmail_is_a_file_that_can_be_read(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "winmail.dat"
    document = read(reader, path, packed({0x1000: "outer"}, ("Older", bytes(16) + winmail())))
    taken = reader.take_out(path, document.attached[0], tmp_path / "out")
    assert "12,400 EUR" in reader.read(taken).pages[0].text


def test_a_damaged_winmail_is_an_attached_file(reader: Reader, tmp_path: Path) -> None:
    document = read(reader, tmp_path / "a.eml", with_winmail("Words.\n", b"not one"))
    assert [one.name for one in document.attached] == ["winmail.dat"]
    with pytest.raises(IngestError):
        read(reader, tmp_path / "winmail.dat", winmail()[:6])


@pytest.mark.parametrize("wrap", [signature, in_pieces])
def test_signed_contents_are_read_and_said_to_be_unchecked(reader: Reader, tmp_path: Path, wrap: object) -> None:
    assert callable(wrap)
    assert signed_contents(wrap(inside())) == inside()
    path = tmp_path / "a.eml"
    document = read(reader, path, sealed(wrap(inside())))
    (found,) = check("“The signed offer is 9,300 EUR.”", [document])
    assert found.state == "found"
    assert any("without checking the signature" in str(note.why) for note in document.skipped)
    (file,) = document.attached
    assert reader.take_out(path, file, tmp_path / "out").read_bytes() == b"South side last."


def test_an_encrypted_mail_says_so(reader: Reader, tmp_path: Path) -> None:
    secret = bytes.fromhex("3080" + "0609" + "2a864886f70d010703" + "a080" + "0000" + "0000")
    document = read(reader, tmp_path / "a.eml", sealed(secret, "enveloped-data"))
    assert any("is encrypted" in str(note.why) for note in document.skipped)
    assert [one.name for one in document.attached] == ["smime.p7m"]
    assert signed_contents(secret) is None and signed_contents(b"\x30\x80" * 5000) is None
