"""Text layers that are noise, and honest ones that are not taken for it."""

from __future__ import annotations

import codecs
import random

import pytest

from app.ingest.formats.pdf.text.garbage import doubt, noise
from tests.evidence.sentences import TEMPLATES, sentence

POLISH = (
    "Zarząd spółki postanowił sprzedać nabrzeże wraz z trzema dźwigami miastu, które zapłaci w ciągu trzydziestu dni. "
)
FINNISH = (
    "Hallitus päätti myydä sataman ja sen kolme nosturia kaupungille, joka maksaa hin"
    "nan kolmenkymmenen päivän kuluessa. "
)
TURKISH = "Yönetim kurulu limanı ve üç vincini şehre satmaya karar verdi; şehir otuz gün içinde ödeme yapacaktır. "
VIETNAMESE = "Hội đồng quản trị đã quyết định bán bến cảng và ba cần cẩu cho thành phố trong vòng ba mươi ngày tới. "
NUMBERS = (
    "12.50 1,788.84 2024-05-06 INV-20417 KX-8872/64 100 200 300 400 500 EUR USD 7.5 % 99.1 % 3/4 17 18 19 20 21 22. "
)


def shifted(text: str) -> str:
    """As a font without a map shows it: every letter some places further on."""
    return "".join(chr(33 + (ord(letter) - 33 + 65) % 94) if "!" <= letter <= "~" else letter for letter in text)


@pytest.mark.parametrize("language", TEMPLATES)
def test_honest_text_raises_no_doubt(language: str) -> None:
    rng = random.Random(4)
    for _ in range(30):
        text = "\n".join(sentence(rng, language) for _ in range(8))
        assert doubt(text) == ""


@pytest.mark.parametrize("text", [POLISH, FINNISH, TURKISH, VIETNAMESE, NUMBERS, "Chapter 1 ............ 5\n"])
def test_other_honest_text_raises_none_either(text: str) -> None:
    assert doubt(text * 8) == ""
    assert doubt(text.upper() * 8) == ""


def test_shifted_and_scrambled_letters() -> None:
    rng = random.Random(5)
    plain = " ".join(sentence(rng, "en") for _ in range(10))
    assert doubt(plain) == ""
    assert doubt(shifted(plain)) == "letters"
    assert doubt("".join(rng.choice("bcdfghjklmnpqrstvwxz ") for _ in range(900))) == "letters"


def test_text_that_was_decoded_wrongly() -> None:
    rng = random.Random(6)
    plain = " ".join(sentence(rng, "de") for _ in range(10))
    assert doubt(plain.encode("utf-8").decode("latin-1")) == "encoding"
    assert doubt(codecs.decode(plain.encode("utf-8"), "cp1252", "replace")) == "encoding"


@pytest.mark.parametrize("text", ["??? ???? ?? ????? ?? ", "□□□ □□□□ □□ "])
def test_placeholders(text: str) -> None:
    assert doubt(text * 20) == "placeholders"


def test_noise_is_counted() -> None:
    assert noise(["\ufffd\ufffd and \ue001", "plain"], False) == 3
    assert noise(["(cid:12)(cid:7) word"], True) == 15
    assert noise(["plain text"], True) == 0


def test_letters_whose_bytes_were_swapped() -> None:
    """As a scanner's program writes them that says the wrong order of bytes; real Chinese is made of other signs."""
    assert doubt("Multicolor Black\nPure Black (K = 100)".encode("utf-16-be").decode("utf-16-le")) == "script"
    assert doubt("一般条款：本合同自签字之日起生效，一九九八年十月最后修改。") == ""
    assert doubt("一") == doubt("中華人民共和國憲法") == ""
