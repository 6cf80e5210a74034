"""Rich text: letters of every alphabet, tables, footnotes, pictures; what is hidden or deleted is told."""

from __future__ import annotations

import binascii
from pathlib import Path

import pytest

from app.chat.evidence.checking import check
from app.ingest.formats.rich.layout import content_of
from app.ingest.read.reader import Reader
from model.errors import IngestError
from tests.app.ingest.formats.opendocument.documents import picture

LETTER = (
    rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}{\f1\fcharset204 Arial Cyr;}{\f2\fcharset128 MS;}}"
    rb"{\info{\title Not shown}}{\*\generator Word;}\pard Gr\'fc\'dfe, \u8364?850 \u-10179?\u-8704? a month."
    rb"{\footnote\chftn Without heating.}\par{\f1 \'cf\'f0\'e8\'e2\'e5\'f2}\par{\f2 \'93\'fa\'96\'7b}\par "
    rb"{\v a secret}Seen.{\deleted gone}{\*\annotation Which account?}\par\trowd\intbl Water\cell 417\cell\row"
    rb"\trowd\intbl Power\cell 5,160\cell\row\pard{\field{\*\fldinst HYPERLINK http://x}{\fldrslt the link}}"
    rb"{\header Head}{\footer Foot}\page The deposit is 1,700 EUR.\par{\pict\pngblip "
    + binascii.hexlify(picture())
    + rb"}{\pict\wmetafile8 0123}}"
)


def test_a_letter(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_bytes(LETTER)
    document = reader.read(path)
    assert document.kind == "rich"
    first, second = (page.text for page in document.pages)
    assert first.startswith("Head")
    assert "Grüße, €850 😀 a month." in first
    assert "Привет" in first
    assert "日本" in first
    assert "Seen." in first
    assert "the link" in first
    assert "Water" in first
    assert "[1] Without heating." in second
    assert "Comment: Which account?" in second
    assert second.rstrip().endswith("Foot")
    assert not any(word in first + second for word in ("secret", "gone", "Not shown", "HYPERLINK"))
    told = " ".join(str(one.why) for one in document.skipped)
    assert "8 characters that are marked as hidden" in told
    assert "4 characters that are marked as deleted" in told
    assert "1 picture is stored" in told
    (found,) = check("“The deposit is 1,700 EUR.”", [document])
    assert found.state == "found"
    assert found.place is not None
    assert found.place.page == 2


def test_rows_of_one_table_are_together() -> None:
    body = content_of(LETTER).body
    assert "<tr><td>Water</td><td>417</td></tr><tr><td>Power</td><td>5,160</td></tr></table>" in body


@pytest.mark.parametrize("data", [rb"{\rtf1}", rb"{\rtf1\ansi{\v all of it}}", rb"{\rtf1{\fonttbl{\f0 Arial;}}\par}"])
def test_one_without_words_is_refused(data: bytes) -> None:
    with pytest.raises(IngestError, match="no text"):
        content_of(data)


def test_deep_and_broken_groups_end() -> None:
    assert "x" in content_of(b"{\\rtf1 x" + b"{" * 100_000).body
    assert "x" in content_of(b"{\\rtf1 x}" + b"}" * 100_000 + b"y").body
    assert "x" in content_of(b"{\\rtf1 x\\bin2147483647 \\'\\").body


def test_a_star_that_begins_no_group_is_ignored_and_objects_are_noted() -> None:
    content = content_of(b"{\\rtf1\\ansi{\\loch\\i0\\*\\cs7\\cf0 The gate is open.}{\\*\\unknown Never.}\\par}")
    assert "The gate is open." in content.body and "Never." not in content.body
    content = content_of(b"{\\rtf1\\ansi{\\object{\\*\\objdata 0102}}\\par}")
    assert any("1 embedded file is not read" in str(note.why) for note in content.notes)
