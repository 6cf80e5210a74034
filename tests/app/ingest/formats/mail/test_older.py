"""Mails of older programs: texts in code pages, mailboxes without usual headers."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.ingest.formats.mail.layout import lay_out, mails_in
from app.ingest.formats.mail.outlook import outlook_mail
from app.ingest.kinds import sniff
from tests.app.ingest.formats.mail.outlook_files import Storage, compound, mail

_STRING8 = "001E"


def _in_code_page(made: Storage, encoding: str) -> Storage:
    """The same mail with its texts in an older encoding: text streams of another type, properties alike."""
    for storage in (made, *made.storages.values()):
        for name in [name for name in storage.streams if name.endswith("001F")]:
            text = storage.streams.pop(name).decode("utf-16-le")
            storage.streams[name.removesuffix("001F") + _STRING8] = text.encode(encoding)
        marks = storage.streams["__properties_version1.0"]
        storage.streams["__properties_version1.0"] = marks.replace(b"\x1f\0", b"\x1e\0")
    return made


@pytest.mark.parametrize(
    ("encoding", "page", "words"),
    [("cp950", 950, "格式測試 中文"), ("cp1252", 1252, "Größe öäü"), ("koi8_r", 20866, "порт закрыт")],
)
def test_texts_in_code_pages(tmp_path: Path, encoding: str, page: int, words: str) -> None:
    made = mail(f"Subject {words}", f"Body {words}")
    number = made.streams["__properties_version1.0"]
    made.streams["__properties_version1.0"] = number + b"\x03\0\xfd\x3f\x06\0\0\0" + page.to_bytes(8, "little")
    path = tmp_path / "a.msg"
    path.write_bytes(compound(_in_code_page(made, encoding)))
    found = outlook_mail(path)
    assert found["Subject"] == f"Subject {words}" and found["To"] == "Bo Lind <bo@example.org>"
    assert found.get_body().get_content().strip() == f"Body {words}"


def test_a_false_code_page_is_no_reason_to_refuse(tmp_path: Path) -> None:
    made = mail("Größe", "Die Größe öffnet Türen. " * 9)
    marks = made.streams["__properties_version1.0"]
    made.streams["__properties_version1.0"] = marks + b"\x03\0\xfd\x3f\x06\0\0\0" + (65001).to_bytes(8, "little")
    path = tmp_path / "a.msg"
    path.write_bytes(compound(_in_code_page(made, "cp1252")))
    assert "Die Größe öffnet Türen." in lay_out(path, "msg").body


def test_rich_text_without_words_is_a_mail_without_words(tmp_path: Path) -> None:
    rich = b"{\\rtf1\\ansi\\pard\\par}"
    packed = (len(rich) + 12).to_bytes(4, "little") + len(rich).to_bytes(4, "little") + b"MELA" + bytes(4) + rich
    path = tmp_path / "a.msg"
    path.write_bytes(compound(mail("Only a subject", "", rtf=packed)))
    assert "Subject: Only a subject" in lay_out(path, "msg").body


def test_a_mailbox_is_recognised_by_its_first_line(tmp_path: Path) -> None:
    path = tmp_path / "a.mbox"
    line = b"From harbour Mon Jun 01 10:00:00 2009\n"
    path.write_bytes(line + b"\nThe gate is open.\n\n" + line + b"\nIt is shut.\n")
    form = sniff(path)
    assert (form.kind, form.format) == ("mail", "mbox") and len(mails_in(path, "mbox")) == 2
    path.write_bytes(b"From here on, Monday, the gate stays open until 2009\nand longer.\n")
    assert sniff(path).kind == "text"
