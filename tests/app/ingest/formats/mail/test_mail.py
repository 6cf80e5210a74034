"""Mails and mailboxes: heads, words, pictures in them, the names of what is attached, mails within mails."""

from __future__ import annotations

import email.utils
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.kinds import form_of, sniff
from app.ingest.read.reader import Reader
from tests.files import samples


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


def mail(subject: str, words: str = "Dear Anna,\n\nthe offer stands until Friday.\n", day: int = 3) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "Bo Lind <bo@example.org>", "Anna Bärg <anna@example.org>"
    message["Date"] = email.utils.format_datetime(email.utils.parsedate_to_datetime(f"{day} May 2026 10:00:00 +0200"))
    message["Subject"] = subject
    message.set_content(words)
    return message


def write(path: Path, message: EmailMessage) -> Path:
    path.write_bytes(message.as_bytes())
    return path


def test_a_plain_mail(reader: Reader, tmp_path: Path) -> None:
    path = write(tmp_path / "offer.eml", mail("Re: Angebot für das Bootshaus"))
    document = reader.read(path)
    (page,) = document.pages
    assert document.kind == "mail" and document.skipped == ()
    for words in (
        "From: Bo Lind <bo@example.org>",
        "Anna Bärg",
        "Subject: Re: Angebot für das Bootshaus",
        "until Friday",
    ):
        assert words in page.text
    (one,) = check("“the offer stands until Friday” (offer.eml)", [document])
    assert one.place is not None and one.place.spot == "Re: Angebot für das Bootshaus (mail, 3 May 2026)"
    assert check("“the offer stands until Monday” (offer.eml)", [document])[0].state == "unverified"


def test_a_mail_of_many_parts(reader: Reader, tmp_path: Path) -> None:
    message = mail("Prices")
    message.add_alternative(
        '<p>Berth <b>A7</b>: 310 EUR</p><img src="cid:plan"><img src="http://127.0.0.1:9/x">', "html"
    )
    image = samples.png_bytes(samples.page_image())
    message.get_payload()[1].add_related(image, "image", "png", cid="<plan>")
    message.add_attachment(b"%PDF-1.7" * 300, "application", "pdf", filename="Vertrag 2026.pdf")
    message.add_attachment(mail("The first one", "An older offer of 290 EUR."))
    document = reader.read(write(tmp_path / "a.eml", message))
    text = "\n".join(page.text for page in document.pages)
    assert "Berth A7: 310 EUR" in text and "until Friday" not in text  # the same again, without its form
    assert "Attachments: Vertrag 2026.pdf (application/pdf, 2 kB)" in text
    assert "Subject: The first one" in text and "An older offer of 290 EUR." in text
    assert any(page.picture is not None for page in document.pages)
    whys = " ".join(str(one.why) for one in document.skipped)
    assert "not part of this text" in whys and "nothing is fetched" in whys


def test_a_mailbox_is_its_mails(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "inbox.mbox"
    path.write_bytes(
        b"".join(
            b"From bo@example.org Sun May  3 10:00:00 2026\n"
            + mail(f"Note {day}", f"Word {day * 111}\n", day).as_bytes()
            + b"\n"
            for day in range(1, 10)
        )
    )
    document = reader.read(path)
    assert sniff(path).format == "mbox" and len(document.pages) == 9
    for day in range(1, 10):
        (one,) = check(f"“Word {day * 111}” (inbox.mbox)", [document])
        assert one.place is not None and (one.place.page, one.place.spot) == (day, f"Note {day} (mail, {day} May 2026)")


@pytest.mark.parametrize(
    "text", ["Subject: only one field\n\nand words", "To do: a\nDate: b\n", "From the sea\n", "Dear all,\nFrom: x\n"]
)
def test_text_is_no_mail(text: str) -> None:
    assert form_of(text.encode(), ".txt").kind == "text"
