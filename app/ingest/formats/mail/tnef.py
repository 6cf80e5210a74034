"""What Outlook packs into ``winmail.dat`` ([MS-OXTNEF]): a mail's words and attached files, as a usual mail."""

from __future__ import annotations

import email.policy
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import EmailMessage

from app.ingest.formats.mail.outlook import DAMAGED, add_file, set_field, sound, unpacked
from app.ingest.formats.rich.layout import content_of
from app.ingest.formats.text.decoding import decoded, in_encoding
from model.errors import IngestError

SIGNATURE = b"\x78\x9f\x3e\x22"
_SUBJECT, _BODY, _PROPERTIES, _CODE_PAGE = 0x8004, 0x800C, 0x9003, 0x9007
_BEGINS, _TITLE, _DATA, _ATTACHED = 0x9002, 0x8010, 0x800F, 0x9005
"""The lower halves of the attributes' names (section 2.1.3.1)."""

_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 10: 4, 11: 4, 20: 8, 64: 8, 72: 16}
_OBJECT, _STRING8, _STRING, _BINARY = 0x0D, 0x1E, 0x1F, 0x102
_MOST = 100_000
"""Attributes and properties."""

_SENDER, _SENDER_ADDRESS, _TO, _CC = 0x0C1A, 0x0C1F, 0x0E04, 0x0E03
_WORDS, _RICH, _HTML, _HEAD = 0x1000, 0x1009, 0x1013, 0x0037
_NAME, _SHORT_NAME, _CONTENTS, _MIME = 0x3707, 0x3704, 0x3701, 0x370E


@dataclass(slots=True)
class _Attached:
    title: str = ""
    data: bytes = b""
    about: dict[int, str | bytes] = field(default_factory=dict)


def packed_mail(data: bytes) -> EmailMessage:
    """The mail that is packed in ``data``. Raises ``IngestError``."""
    made = EmailMessage(policy=email.policy.default)
    about: dict[int, str | bytes] = {}
    attached: list[_Attached] = []
    encoding = "cp1252"
    try:
        if not data.startswith(SIGNATURE):
            raise IngestError(DAMAGED)
        at = 6
        for _ in range(_MOST):
            if at + 9 > len(data):
                break
            name, _, length = struct.unpack_from("<HHI", data, at + 1)
            value = data[at + 9 : at + 9 + length]
            at += 9 + length + 2
            if name == _CODE_PAGE and len(value) >= 4:
                encoding = f"cp{struct.unpack_from('<I', value)[0]}"
            elif name == _BEGINS:
                attached.append(_Attached())
            elif name == _PROPERTIES:
                about |= _properties(value, encoding)
            elif name == _SUBJECT:
                about.setdefault(_HEAD, _text(value, encoding))
            elif name == _BODY:
                about.setdefault(_WORDS, _text(value, encoding))
            elif attached and name == _TITLE:
                attached[-1].title = _text(value, encoding)
            elif attached and name == _DATA:
                attached[-1].data = value
            elif attached and name == _ATTACHED:
                attached[-1].about = _properties(value, encoding)
    except struct.error:
        raise IngestError(DAMAGED) from None
    if not about and not attached:
        raise IngestError(DAMAGED)
    _fill(made, about)
    for one in attached:
        name_of = _said(one.about, _NAME) or _said(one.about, _SHORT_NAME) or one.title
        inner = one.about.get(_CONTENTS)
        contents = one.data or (inner if isinstance(inner, bytes) else b"")
        if contents[16:].startswith(SIGNATURE):  # a mail in it, behind the name of its interface
            contents, name_of = contents[16:], f"{name_of or 'mail'}.tnef"
        add_file(made, contents, name_of, _said(one.about, _MIME))
    return made


def _fill(made: EmailMessage, about: dict[int, str | bytes]) -> None:
    sender, address = _said(about, _SENDER), _said(about, _SENDER_ADDRESS)
    set_field(made, "From", f'"{sender}" <{address}>' if sender and "@" in address else sender or address)
    for name, which in (("To", _TO), ("Cc", _CC), ("Subject", _HEAD)):
        set_field(made, name, _said(about, which))
    text, html = _said(about, _WORDS), about.get(_HTML, "")
    words = decoded(html)[0] if isinstance(html, bytes) else html
    rich = about.get(_RICH)
    if isinstance(rich, bytes) and not words and not text.strip():
        with suppress(IngestError, IndexError, struct.error):  # rich text without text: so is the mail
            words = content_of(unpacked(rich)).body
    if text or words:
        made.set_content(sound(text))
    if words:
        made.add_alternative(sound(words), subtype="html")


def _said(about: dict[int, str | bytes], which: int) -> str:
    value = about.get(which, "")
    return value if isinstance(value, str) else ""


def _text(value: bytes, encoding: str) -> str:
    value = value.rstrip(b"\0")
    known = in_encoding(value, encoding)
    return decoded(value)[0] if known is None else known


def _properties(data: bytes, encoding: str) -> dict[int, str | bytes]:
    """The texts and bytes among the properties (section 2.1.3.4); the others are passed over."""
    found: dict[int, str | bytes] = {}
    (count,) = struct.unpack_from("<I", data)
    at = 4
    for _ in range(min(count, _MOST)):
        kind, name = struct.unpack_from("<HH", data, at)
        at += 4
        if name >= 0x8000:
            (how,) = struct.unpack_from("<I", data, at + 16)
            at += 24 if not how else 24 + _padded(struct.unpack_from("<I", data, at + 20)[0])
        many, kind = kind & 0x1000, kind & 0xEFFF
        values = 1
        if many or kind in (_OBJECT, _STRING8, _STRING, _BINARY):
            (values,) = struct.unpack_from("<I", data, at)
            at += 4
        if kind in _FIXED:
            at += _FIXED[kind] * values
            continue
        if kind not in (_OBJECT, _STRING8, _STRING, _BINARY):
            break  # its length is unknown
        for _ in range(min(values, _MOST)):
            (length,) = struct.unpack_from("<I", data, at)
            value = data[at + 4 : at + 4 + length]
            at += 4 + _padded(length)
            if kind == _STRING:
                found[name] = value.decode("utf-16-le", errors="replace").rstrip("\0")
            else:
                found[name] = _text(value, encoding) if kind == _STRING8 else value
    return found


def _padded(length: int) -> int:
    return -(-length // 4) * 4
