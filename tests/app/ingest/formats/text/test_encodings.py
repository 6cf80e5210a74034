"""Older encodings: those that a file names, those that tell themselves, and languages that look like others."""

from __future__ import annotations

import pytest

from app.ingest.formats.text.decoding import decoded, in_encoding

_HUNGARIAN = "A kikötő őre szerint a víz tűrhető, de erősen hűvös, és az idő is szűkös. " * 3
_TURKISH = "Liman bekçisi şöyle dedi: gemiler yarın akşam ağır ağır döner, ışık kalmaz. " * 3
_POLISH = "Łódź płynie wzdłuż brzegu, a załoga śpiewa pieśń o żeglarzach i źródle. " * 3
_ICELANDIC = "Höfnin er lokuð í dag því að það er mikið rok og þoka yfir flóanum, sagði vörðurinn. " * 3
_ESTONIAN = "Täna õhtul sõidab laev välja, ütles kapten, ja õige varsti jõuame tagasi. " * 3
_FRENCH = "Le phare du môle fut bâti en août, là où la côte s'élève; être à l'abri coûte cher. " * 3
_THAI = "ท่าเรือปิดในวันนี้เพราะมีลมแรงและหมอกหนา เจ้าหน้าที่กล่าวว่าจะเปิดอีกครั้งพรุ่งนี้ " * 3
_JAPANESE = "港は本日、強風のため閉鎖されています。明日の朝に再開する予定です。" * 3
_KOREAN = "항구는 오늘 강풍으로 폐쇄되었습니다. 내일 아침에 다시 열 예정입니다. " * 3


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (_HUNGARIAN, "iso8859_2"),
        (_HUNGARIAN.replace("szerint", "„szerint”"), "cp1250"),
        (_TURKISH, "cp1254"),
        (_POLISH, "iso8859_2"),
        (_POLISH, "cp1250"),
        (_ICELANDIC, "cp1252"),
        (_ESTONIAN, "cp1252"),
        (_FRENCH, "cp1252"),
        (_THAI, "cp874"),
        (_JAPANESE, "cp932"),
        (_JAPANESE, "euc_jp"),
        (_KOREAN, "cp949"),
    ],
)
def test_languages_that_look_like_others(text: str, encoding: str) -> None:
    read, guessed = decoded(text.encode(encoding))
    assert read == text and guessed


@pytest.mark.parametrize("encoding", ["iso2022_jp", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_encodings_with_shift_sequences(encoding: str) -> None:
    text = "Port log, page 34. " * 20 + (_JAPANESE if encoding == "iso2022_jp" else "")
    assert decoded(text.encode(encoding)) == (text, "")


@pytest.mark.parametrize(
    ("begins", "text", "encoding"),
    [
        ('<?xml version="1.0" encoding="KOI8-R"?><a>', "порт закрыт", "koi8_r"),
        ('<html><head><meta charset="gb2312"></head>', "港口今天關閉", "gb18030"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">', "„zehn €“", "cp1252"),
        ("<?xml version='1.0' encoding='ibm855'?>", "порт", "cp855"),
    ],
)
def test_what_a_file_says_of_itself_counts(begins: str, text: str, encoding: str) -> None:
    assert decoded((begins + text).encode(encoding)) == (begins + text, "")


def test_a_wrong_name_does_not_count() -> None:
    assert in_encoding("порт закрыт".encode("cp1251"), "utf-8") is None
    assert in_encoding(b"x", "no-such-encoding") is None
    assert in_encoding("日本".encode("cp932"), '"Shift_JIS"') == "日本"
