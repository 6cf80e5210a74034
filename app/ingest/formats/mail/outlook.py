"""Outlook's own mails (.msg) as the mails that they are sent as, so that everything else is the same for both."""

from __future__ import annotations

import email.policy
import struct
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from typing import Any

from olefile import OleFileIO
from oxmsg.domain import constants as pid
from oxmsg.properties import Properties
from oxmsg.recipient import Recipient
from oxmsg.storage import Storage

from app.ingest.formats.mail.kind import DEEPEST
from app.ingest.formats.rich.layout import content_of
from app.ingest.formats.text.decoding import decoded, in_encoding
from app.ingest.limits import MIB
from model.errors import IngestError
from model.messages import msg

_MOST_UNPACKED = 64 * MIB
_EMBEDDED = "__substg1.0_3701000D"
_HEADER, _EMBEDDED_HEADER, _ATTACHED_HEADER = 32, 24, 8
"""Bytes before the properties, of a file, of a mail in it and of something that is attached ([MS-OXMSG] 2.4.1)."""

_TO, _CC = 1, 2
_RECIPIENT_TYPE = 0x0C15
_STRING8 = 0x001E
_PERSON = (pid.PID_DISPLAY_NAME, pid.PID_SMTP_ADDRESS, pid.PID_EMAIL_ADDRESS)
_MESSAGE_CODE_PAGE, _INTERNET_CODE_PAGE = 0x3FFD, 0x3FDE
_CODE_PAGES = {
    65001: "utf-8",
    20127: "ascii",
    20866: "koi8_r",
    21866: "koi8_u",
    936: "gb18030",
    54936: "gb18030",
    50220: "iso2022_jp",
    51932: "euc_jp",
    51949: "euc_kr",
} | {28590 + part: f"iso8859_{part}" for part in range(1, 16)}
"""Windows's numbers for encodings, where Python's name is not ``cp`` and the number."""

DAMAGED = msg("mail.damaged", "The email is damaged and cannot be read; try to get it again from its source.")


def outlook_mail(path: Path) -> EmailMessage:
    """The mail in the file. Raises ``IngestError``."""
    try:
        with OleFileIO(str(path)) as file:
            storage = Storage.from_ole(file)
        return _mail(storage, _HEADER, 0)
    except (IngestError, MemoryError):
        raise
    except Exception:  # olefile and oxmsg raise nearly anything on damaged data
        raise IngestError(DAMAGED) from None


def _mail(storage: Any, header: int, depth: int) -> EmailMessage:
    properties = Properties(storage, properties_header_offset=header)
    made = EmailMessage(policy=email.policy.default)
    set_field(made, "From", _sender(properties))
    kinds = {_TO: "To", _CC: "Cc"}
    people: dict[str, list[str]] = {"To": [], "Cc": []}
    for one in storage.iter_recipient_storages():
        person = Recipient(one)
        name = kinds.get(person.properties.int_prop_value(_RECIPIENT_TYPE) or _TO)
        if name is not None:
            known = [_string(person.properties, which, properties) or "" for which in _PERSON]
            people[name].append(_address(known[0], known[1] or known[2]))
    for name, shown in (("To", pid.PID_DISPLAY_TO), ("Cc", pid.PID_DISPLAY_CC)):
        set_field(made, name, ", ".join(people[name]) or _string(properties, shown) or "")
    when = properties.date_prop_value(pid.PID_CLIENT_SUBMIT_TIME) or properties.date_prop_value(
        pid.PID_MESSAGE_DELIVERY_TIME
    )
    set_field(made, "Date", format_datetime(when) if when is not None else "")
    set_field(made, "Subject", _string(properties, pid.PID_SUBJECT) or "")
    html = _words(made, properties)
    for one in storage.iter_attachment_storages():
        _attach(made, one, html, depth)
    return made


def _words(made: EmailMessage, properties: Any) -> str:
    """Put the mail's words in; what there is of them as HTML."""
    data = properties.binary_prop_value(pid.PID_HTML)
    html = _decoded(data, properties) if data else ""
    html = html or _string(properties, pid.PID_BODY_HTML) or ""
    text = _string(properties, pid.PID_BODY) or ""
    packed = properties.binary_prop_value(pid.PID_RTF_COMPRESSED)
    if packed and not html and not text.strip():
        with suppress(IngestError):  # rich text without text: so is the mail
            html = content_of(unpacked(packed)).body
    made.set_content(sound(text))
    if html:
        made.add_alternative(sound(html), subtype="html")
    return html


def _attach(made: EmailMessage, storage: Any, html: str, depth: int) -> None:
    inner = next((one for one in storage.storages if one.name == _EMBEDDED), None)
    if inner is not None:
        if depth < DEEPEST + 1:
            made.add_attachment(_mail(inner, _EMBEDDED_HEADER, depth + 1))
        return
    properties = Properties(storage, properties_header_offset=_ATTACHED_HEADER)
    data = properties.binary_prop_value(pid.PID_ATTACH_DATA_BINARY) or b""
    name = _string(properties, pid.PID_ATTACH_LONG_FILENAME) or _string(properties, pid.PID_ATTACH_FILENAME)
    content_id = _string(properties, pid.PID_ATTACH_CONTENT_ID) or ""
    shown = content_id if f"cid:{content_id}" in html else ""
    add_file(made, data, name or "", _string(properties, pid.PID_ATTACH_MIME_TAG) or "", shown)


def add_file(made: EmailMessage, data: bytes, name: str, mime: str, content_id: str = "") -> None:
    """Attach a file; ``content_id``: the name by which the mail's words show it, where it is a picture."""
    kind, _, subkind = mime.partition("/")
    usual = kind.isalnum() and subkind.replace("-", "").replace(".", "").replace("+", "").isalnum()
    if not usual or not mime.isascii() or kind in ("text", "message", "multipart"):
        kind, subkind = "application", "octet-stream"
    about: dict[str, Any] = {"filename": " ".join(sound(name).split()) or None}
    if content_id and kind == "image":
        about |= {"disposition": "inline", "cid": f"<{content_id}>"}
    made.add_attachment(data, kind, subkind, **about)


def _string(properties: Any, which: int, mail: Any = None) -> str | None:
    """A text, in UTF-16 or in an older encoding, which ``mail`` names: by itself the properties of the mail."""
    try:
        data = properties._storage.property_stream_bytes(which, _STRING8)
    except KeyError:
        found: str | None = properties.str_prop_value(which)
        return found
    return _decoded(data, properties if mail is None else mail)


def _decoded(data: bytes, properties: Any) -> str:
    """Text in the first of the code pages that the mail names which fits it; else a guess."""
    for which in (_MESSAGE_CODE_PAGE, _INTERNET_CODE_PAGE):
        number = properties.int_prop_value(which)
        text = in_encoding(data, _CODE_PAGES.get(number, f"cp{number}")) if number else None
        if text is not None:
            return text
    return decoded(data)[0]


def _sender(properties: Any) -> str:
    name = _string(properties, pid.PID_SENDER_NAME) or ""
    address = _string(properties, pid.PID_SENDER_SMTP_ADDRESS) or (
        _string(properties, pid.PID_SENDER_EMAIL_ADDRESS) or ""
    )
    return _address(name or _string(properties, pid.PID_SENT_REPRESENTING_NAME) or "", address)


def _address(name: str, address: str) -> str:
    """As in a mail's header; addresses inside of Exchange, which are no mail addresses, are left out."""
    name, address = (name or "").strip().strip("'\""), (address or "").strip()
    if "@" not in address:
        return f'"{name}"' if any(sign in name for sign in ",;<>") else name
    return f'"{name}" <{address}>' if name and name != address else address


def set_field(made: EmailMessage, name: str, value: str) -> None:
    """Give the mail a field of its header, where there is something in it."""
    value = " ".join(sound(value).split())
    if value:
        try:
            made[name] = value
        except Exception:  # the header parser's own faults
            made[name] = value.encode("ascii", errors="ignore").decode("ascii").replace("<", "").replace(">", "")


def sound(text: str) -> str:
    """Text without what a mail cannot hold."""
    return text.replace("\0", "").encode("utf-8", errors="replace").decode("utf-8")


def unpacked(data: bytes) -> bytes:
    """Rich text as mails store it ([MS-OXRTFCP]): LZ77 over a ring of 4,096 bytes that begins with usual words."""
    size, kind = struct.unpack_from("<I4s", data, 4)
    if kind == b"MELA":
        return data[16:]
    if kind != b"LZFu" or size > _MOST_UNPACKED:
        raise IngestError(DAMAGED)
    ring = bytearray(_USUAL + bytes(4096 - len(_USUAL)))
    write, at, out = len(_USUAL), 16, bytearray()
    while at < len(data) and len(out) < size:
        control, at = data[at], at + 1
        for bit in range(8):
            if at >= len(data):
                break
            if not control >> bit & 1:
                piece, at = data[at : at + 1], at + 1
                out += piece
                ring[write] = piece[0]
                write = (write + 1) % 4096
                continue
            if at + 1 >= len(data):
                break
            token, at = data[at] << 8 | data[at + 1], at + 2
            start, length = token >> 4, (token & 15) + 2
            if start == write:
                return bytes(out[:size])
            for offset in range(length):
                letter = ring[(start + offset) % 4096]
                out.append(letter)
                ring[write] = letter
                write = (write + 1) % 4096
    return bytes(out[:size])


_USUAL = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    b"\\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    b"\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
