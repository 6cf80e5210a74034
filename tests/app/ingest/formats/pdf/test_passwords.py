"""PDFs under a password, through the real reading process."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from app.ingest.read.describe import describe
from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from app.ingest.view.types import LockedError
from model.errors import IngestError
from tests.files import samples

SECRET = "grüner Hügel 7"
"""In PDF's own encoding as well as in UTF-8, and not the same in both."""


@pytest.mark.parametrize("kind", samples.ENCRYPTIONS)
def test_every_kind_asks_refuses_and_opens(reader: Reader, tmp_path: Path, kind: str) -> None:
    path = samples.encrypted_pdf(tmp_path / "locked.pdf", kind, SECRET, "the owner's")
    with pytest.raises(LockedError, match="protected by a password") as missing:
        reader.read(path)
    assert not missing.value.wrong
    for wrong in (SECRET + "8", "\udcff\x00\U0001f600", "x" * 900):
        with pytest.raises(LockedError, match="not the file's password") as refused:
            reader.read(path, ReadOptions(password=wrong))
        assert refused.value.wrong and wrong not in repr(refused.value)
    for right in (SECRET, "the owner's"):
        document = reader.read(path, ReadOptions(password=right))
        assert "4711" in document.pages[0].text
        assert document.password == right  # for a second look


@pytest.mark.parametrize("kind", samples.ENCRYPTIONS)
def test_a_password_against_changes_only_is_not_asked_for(reader: Reader, tmp_path: Path, kind: str) -> None:
    path = samples.encrypted_pdf(tmp_path / "open.pdf", kind, user="")
    assert "4711" in reader.read(path).pages[0].text


def test_a_second_look_needs_the_password_too(reader: Reader, tmp_path: Path) -> None:
    path = samples.encrypted_pdf(tmp_path / "locked.pdf", user=SECRET)
    whole = (0.0, 0.0, 1.0, 1.0)
    assert reader.region(path, whole, 70, password=SECRET)[0].soft_tokens <= 70
    with pytest.raises(LockedError):
        reader.region(path, whole, 70)
    with pytest.raises(LockedError):
        reader.region(path, whole, 70, password="other")


def test_the_process_lives_on_after_a_refusal(reader: Reader, tmp_path: Path) -> None:
    path = samples.encrypted_pdf(tmp_path / "locked.pdf")
    with pytest.raises(LockedError):
        reader.read(path)
    before = reader.pid
    reader.read(path, ReadOptions(password="user"))
    assert before is not None and reader.pid == before


def test_a_password_is_shown_nowhere(reader: Reader, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = samples.encrypted_pdf(tmp_path / "locked.pdf", user=SECRET)
    options = ReadOptions(password=SECRET)
    document = reader.read(path, options)
    shown = [repr(options), str(options), repr(document), json.dumps(describe(document)), *capfd.readouterr()]
    assert not any(SECRET in text or "Hügel" in text for text in shown)
    assert replace(document, password=None) == document  # what is known of a file does not hang on it


def test_an_endless_password_is_refused_before_it_travels(reader: Reader, tmp_path: Path) -> None:
    path = samples.encrypted_pdf(tmp_path / "locked.pdf")
    with pytest.raises(IngestError, match="longer than 1,000 characters"):
        reader.read(path, ReadOptions(password="x" * 1001))
