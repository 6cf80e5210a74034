"""The characters of a text file, whatever they are encoded in: marks first, then what the bytes themselves prove.

UTF-8 is told for certain, by its own pattern. What is neither that nor UTF-16 is one of the older encodings, which
can only be judged by how the text reads in each: such a text carries a note.
"""

from __future__ import annotations

import codecs
import re
from typing import Final

from charset_normalizer import from_bytes

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NAMES: Final = {"cp1252": "Windows-1252", "latin-1": "ISO 8859-1"}
_WESTERN = re.compile("[A-Za-zÀ-ÖØ-öø-ÿŒœŠšŽžŸ€£§°²³´µ·º¼½¾«»„“”‚‘’–—…•™©®±×÷¡¿ª\u00a0¢¥]*")
_NOT_WESTERN = re.compile("[À-ÖØ-öø-ÿŠšŽž]{3}|[a-zà-ÿ][£§°²³´µ·º¼½¾¡¿ª¢¥×÷][a-zà-ÿ]")
"""Three accented letters in a row, or a sign inside a word: letters of another alphabet, read wrongly."""

_SIGNS = "„“”‚‘’–—…•«»§°\u00a0"
_HUNGARIAN = re.compile(f"[áéíóöõúüûÁÉÍÓÖÕÚÜÛ{_SIGNS}]*")
"""How Hungarian looks in Windows-1252: ő and ű become õ and û, which no language has with only these others."""

_TURKISH = re.compile(f"[çðýöþüÇÐÝÖÞÜâîûÂÎÛ{_SIGNS}]*")
"""How Turkish looks in it: ğ, ı and ş become ð, ý and þ; Icelandic, which has those, has á, é, í, æ too."""

_OLDER: Final = (
    *("cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258"),
    *("cp866", "koi8_r", "koi8_u", "iso8859_2", "iso8859_5", "iso8859_7", "mac_roman", "cp437", "cp850"),
    *("cp932", "euc_jp", "gb18030", "big5", "cp949", "cp874"),
)
_SAMPLE = 1 << 16
_SHIFTED: Final = ((b"\x1b$B", "iso2022_jp_ext"), (b"\x1b$@", "iso2022_jp_ext"), (b"\x1b$)C", "iso2022_kr"))
"""Encodings of seven bits are known by their shift sequences."""

_SAYS: Final = re.compile(
    rb"^\s*<\?xml[^>]{0,80}encoding\s*=\s*[\"']([A-Za-z0-9_.:-]{2,30})|<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,30})",
    re.IGNORECASE,
)
_MEANT: Final = {
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "ascii": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
    "tis-620": "cp874",
    "iso8859-11": "cp874",
}
"""What is meant where a program names the smaller encoding (WHATWG, Encoding Standard, section 4.2)."""


def decoded(data: bytes) -> tuple[str, str]:
    """The text, and the name of an encoding that was guessed; empty where it is certain. Never fails."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, errors="replace"), ""
    wide = utf_16(data) or _utf_32(data) or next((name for mark, name in _SHIFTED if mark in data[:_SAMPLE]), "")
    if wide:
        return data.decode(wide, errors="replace"), ""
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError as error:
        # Cut in the middle of a character, or one place damaged: still UTF-8, as no older encoding looks like it.
        if _is_damaged_utf_8(data, error):
            return data.decode("utf-8", errors="replace"), ""
    said = _SAYS.search(data[:2048])
    text = in_encoding(data, (said[1] or said[2]).decode("ascii")) if said is not None else None
    if text is not None:
        return text, ""
    encoding = _older(data)
    return data.decode(encoding, errors="replace"), _NAMES.get(encoding, encoding)


def in_encoding(data: bytes, name: str) -> str | None:
    """Text in an encoding that a file or a mail names, which is often a part of the one that is meant.

    ``None`` where the name is unknown, or the text does not fit it except for single errors.
    """
    try:
        codec = codecs.lookup(name.strip().strip("\"'")).name
        text = data.decode(_MEANT.get(codec, codec), errors="replace")
    except (LookupError, UnicodeError):
        return None
    return text if text.count("\ufffd") * 50 <= len(text) else None


def utf_16(data: bytes) -> str:
    """``utf-16-le`` or ``-be`` for text without a mark in which nearly every other byte is 0; else empty."""
    sample = data[: _SAMPLE & ~1]
    half = len(sample) // 2
    if half < 2:
        return ""
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if sample[start::2].count(0) > 0.6 * half and sample[1 - start :: 2].count(0) < 0.05 * half:
            return encoding
    return ""


def _utf_32(data: bytes) -> str:
    """``utf-32-le`` or ``-be`` for text without a mark: of four bytes at least one is 0 in every character."""
    sample = data[: _SAMPLE & ~3]
    if len(sample) < 8 or len(data) % 4:
        return ""
    for start, encoding in ((3, "utf-32-le"), (0, "utf-32-be")):
        high = sample[start::4], sample[2 if start else 1 :: 4]
        if not any(high[0]) and max(high[1]) <= 0x10:
            return encoding
    return ""


def _is_damaged_utf_8(data: bytes, error: UnicodeDecodeError) -> bool:
    if error.start >= len(data) - 3 and not data[: error.start].isascii():
        return True
    text = data[:_SAMPLE].decode("utf-8", errors="replace")
    right = sum(character > "\x7f" for character in text) - text.count("\ufffd")
    return right > 4 * text.count("\ufffd")


def _older(data: bytes) -> str:
    """Western European where every character beyond ASCII is common there; else the likeliest of all."""
    at = next((place for place, byte in enumerate(data) if byte > 127), 0)
    sample = data[max(0, at - 1024) :][:_SAMPLE]
    high = bytes(byte for byte in sample if byte > 127)
    try:
        text = sample.decode("cp1252")
    except UnicodeDecodeError:
        text = ""
    if text:
        letters = high.decode("cp1252")
        if _HUNGARIAN.fullmatch(letters) and re.search("[õûÕÛ]", letters) and re.search("[áé]", letters):
            return "cp1250" if re.search(rb"[\x80-\x9f]", high) else "iso8859_2"
        if _TURKISH.fullmatch(letters) and re.search("[ýÝ]", letters) and re.search("[þðÞÐ]", letters):
            return "cp1254"
        if _WESTERN.fullmatch(letters) and not _NOT_WESTERN.search(text):
            return "cp1252"
    best = from_bytes(sample, cp_isolation=list(_OLDER)).best()
    encoding = best.encoding if best is not None else "latin-1"
    if encoding == "cp1250" and not re.search(rb"[\x80-\x9f]", high):
        return "iso8859_2"  # nearly every text in the other encoding has one of the letters that only that has there
    return encoding
