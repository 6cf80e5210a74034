"""Files inside of mails and PDFs: listed, taken out in the confined process, read as files of their own."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import pymupdf
import pytest

from app.ingest.attached import AttachedFile, place
from app.ingest.read.reader import Reader
from app.session.reading import read_files
from app.text.file_names import fit_name
from model.errors import IngestError

PDF_WORDS = "The warranty ends after 30 months."


def pdf_bytes(words: str = PDF_WORDS, **files: bytes) -> bytes:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), words)
    for name, data in files.items():
        document.embfile_add(name, data, filename=f"{name}.txt")
    return bytes(document.tobytes(deflate=True))


def mail(subject: str = "Offer", **files: bytes) -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = "a@example.org", "b@example.org", subject
    made["Date"] = "Sun, 3 May 2026 10:00:00 +0200"
    made.set_content("See the attached files.")
    for name, data in files.items():
        made.add_attachment(data, "application", "octet-stream", filename=name.replace("_", "."))
    return made


def test_files_attached_to_a_mail_are_listed_and_taken_out(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "offer.eml"
    path.write_bytes(bytes(mail(offer_pdf=pdf_bytes(), notes_txt=b"Ring Ms Berg.")))
    document = reader.read(path)
    assert [(one.number, one.name) for one in document.attached] == [(0, "offer.pdf"), (1, "notes.txt")]
    assert document.attached[1].size == len(b"Ring Ms Berg.")
    taken = reader.take_out(path, document.attached[0], tmp_path / "out")
    assert taken.name == "offer.pdf"
    assert PDF_WORDS in reader.read(taken).pages[0].text
    notes = reader.take_out(path, document.attached[1], tmp_path / "out")
    assert notes.read_bytes() == b"Ring Ms Berg."


def test_numbers_hold_in_a_mailbox_with_mails_in_mails(reader: Reader, tmp_path: Path) -> None:
    outer = mail("Outer", first_txt=b"first")
    outer.add_attachment(mail("Inner", second_txt=b"second"))
    parts = [outer, mail("Last", third_txt=b"third")]
    path = tmp_path / "all.mbox"
    path.write_bytes(b"".join(b"From a@b Sun May  3 10:00:00 2026\n" + bytes(one) + b"\n" for one in parts))
    document = reader.read(path)
    assert [one.name for one in document.attached] == ["first.txt", "second.txt", "third.txt"]
    taken = [reader.take_out(path, one, tmp_path / "out").read_bytes() for one in document.attached]
    assert taken == [b"first", b"second", b"third"]


def test_files_attached_to_a_pdf(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "contract.pdf"
    path.write_bytes(pdf_bytes(terms=b"Payment within 14 days.", annex=b"Nothing else."))
    document = reader.read(path)
    assert sorted(one.name for one in document.attached) == ["annex.txt", "terms.txt"]
    found = {one.name: reader.take_out(path, one, tmp_path / "out").read_bytes() for one in document.attached}
    assert found == {"terms.txt": b"Payment within 14 days.", "annex.txt": b"Nothing else."}


def test_a_bomb_in_a_pdf_is_not_unpacked(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "bomb.pdf"
    path.write_bytes(pdf_bytes(bomb=bytes(80_000_000)))
    document = reader.read(path)
    with pytest.raises(IngestError, match="larger than 63 MB"):
        reader.take_out(path, document.attached[0], tmp_path / "out")
    assert reader.read(path).attached  # the process lives


def test_what_is_no_longer_there_is_refused(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "offer.eml"
    path.write_bytes(bytes(mail()))
    with pytest.raises(IngestError, match="attached file is no longer available"):
        reader.take_out(path, AttachedFile(3, "x"), tmp_path / "out")
    text = tmp_path / "a.txt"
    text.write_text("words")
    with pytest.raises(IngestError, match="attached file is no longer available"):
        reader.take_out(text, AttachedFile(0, "x"), tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\offer.pdf", "offer.pdf"),
        ("invoice\u202egpj.exe", "invoicegpj.exe"),
        ("a\x00b\n.txt", "ab.txt"),
        ("CON.txt", "_CON.txt"),
        (".bashrc", "bashrc"),
        ("", "attached file"),
        ("...", "attached file"),
        ("ü" * 300 + ".pdf", "ü" * 100 + ".pdf"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert fit_name(name, "attached file") == safe


def test_a_name_that_is_taken_gets_a_number(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    names = [place(source, tmp_path / "out", "../scan.pdf").name for _ in range(3)]
    assert names == ["scan.pdf", "scan (2).pdf", "scan (3).pdf"]


def test_attached_files_are_followed_so_deep_and_no_deeper(reader: Reader, tmp_path: Path) -> None:
    data, levels = b"The end.", 6
    for number in range(levels):
        data = pdf_bytes(f"Level {number}", **{f"inner{number}": data}) if number else pdf_bytes("Level 0")
        data = bytes(mail(f"Mail {number}", **{f"level{number}_pdf": data}))
    path = tmp_path / "deep.eml"
    path.write_bytes(data)
    notices: list[str] = []
    found = read_files(
        [path],
        reader.read,
        lambda _path, words: notices.append(words),
        take_out=lambda document, file: reader.take_out(document.path, file),
    )
    assert len(found.documents) == 4  # the mail, a PDF, a mail in it, a PDF in that one
    assert not found.failed
    assert any("attached to a file that is attached" in words for words in notices)
    assert [found.within[one.path] for one in found.documents[1:]] == [one.path for one in found.documents[:3]]
