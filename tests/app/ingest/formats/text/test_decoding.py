"""Which encoding a text is in, told from its bytes."""

from __future__ import annotations

import pytest

from app.ingest.formats.text.decoding import decoded

GERMAN = "Grüße aus Köln: 5 € für Äpfel – „sofort“."
RUSSIAN = "Привет, мир! Это обычный текст на русском языке, в котором достаточно слов.\n" * 4
JAPANESE = "これは日本語の文章です。文字の並びから符号化方式を判断します。\n" * 4
POLISH = "Zażółć gęślą jaźń. Wszystkie szczęśliwe rodziny są do siebie podobne.\n" * 6


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("text", [GERMAN, "plain words", GERMAN * 4000])
def test_unicode_is_certain(text: str, encoding: str) -> None:
    assert decoded(text.encode(encoding)) == (text, "")


@pytest.mark.parametrize("text", [RUSSIAN, JAPANESE])
def test_unicode_of_other_scripts_is_certain(text: str) -> None:
    for encoding in ("utf-8", "utf-16"):
        assert decoded(text.encode(encoding)) == (text, "")


def test_western_text_is_windows_1252_however_short() -> None:
    for text in (GERMAN, "Größe", "naïve café", "5 €", "x" * 50_000 + "ß"):
        assert decoded(text.encode("cp1252")) == (text, "Windows-1252")


@pytest.mark.parametrize(("text", "encoding"), [(RUSSIAN, "cp1251"), (JAPANESE, "shift_jis"), (POLISH, "cp1250")])
def test_older_encodings_are_guessed_and_said(text: str, encoding: str) -> None:
    found, guessed = decoded(text.encode(encoding))
    assert found == text and guessed


def test_damaged_utf_8_stays_utf_8() -> None:
    data = RUSSIAN.encode()
    assert decoded(data[:-1] if data[-1:] != b"\n" else data[:-2])[1] == ""
    found, guessed = decoded(data[:100] + b"\xff" + data[100:])
    assert guessed == "" and found.replace("\ufffd", "")[:40] == RUSSIAN[:40]


@pytest.mark.parametrize("data", [b"", b"\xff", b"\xff\xfe", b"\x81\x8d\x8f\x90\x9d", bytes(range(128, 256))])
def test_anything_gives_some_text(data: bytes) -> None:
    assert isinstance(decoded(data)[0], str)
