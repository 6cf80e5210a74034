"""What a mail is made of: its words, the pictures in them, the mails in it, and what is attached.

Reading and taking out an attached file both go through here, so that a number means the same file to both.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage, Message

from app.ingest.formats.mail.kind import DEEPEST
from app.ingest.formats.mail.signed import signed_contents
from app.ingest.formats.text.decoding import decoded, in_encoding
from model.errors import IngestError

MAX_PARTS = 500
_PACKED = ("application/ms-tnef", "application/vnd.ms-tnef")
_SEALED = ("application/pkcs7-mime", "application/x-pkcs7-mime")


@dataclass(slots=True)
class Parts:
    """The parts of one mail, each in the order of the file. ``cut``: there were more than ``MAX_PARTS``.

    ``signed``: they were taken out of a signature, which nobody checked. ``encrypted``: some are in an encrypted part.
    """

    texts: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    attached: list[Message] = field(default_factory=list)
    mails: list[Message] = field(default_factory=list)
    pictures: dict[str, bytes] = field(default_factory=dict)
    cut: bool = False
    signed: bool = False
    encrypted: bool = False


def parts_of(message: Message) -> Parts:
    """The parts, without those of the mails in it."""
    parts = Parts()
    packed: list[Message] = []
    for number, part in enumerate(_leaves(message, parts)):
        kind = part.get_content_type()
        if number >= MAX_PARTS:
            parts.cut = True
            break
        if inner := _unpacked(part, kind):
            packed.append(inner)
        elif kind == "message/rfc822":
            parts.mails += [one for one in part.get_payload() if isinstance(one, Message)]
        elif (part.get_filename() and not part.get("Content-ID")) or part.get_content_disposition() == "attachment":
            parts.attached.append(part)
        elif kind == "text/html":
            parts.pages.append(text_of(part))
        elif kind.startswith("text/"):
            parts.texts.append(text_of(part))
        elif kind.startswith("image/") and part.get("Content-ID"):
            parts.pictures[str(part["Content-ID"]).strip(" <>")] = bytes_of(part)
        else:
            parts.attached.append(part)
    for one in packed:
        _join(parts, parts_of(one))
    return parts


def _join(parts: Parts, packed: Parts) -> None:
    """Add what Outlook packed; its words only where the mail has none, for they are the same."""
    if not parts.texts and not parts.pages:
        parts.texts, parts.pages = packed.texts, packed.pages
    room = max(0, MAX_PARTS - len(parts.attached))
    parts.cut = parts.cut or packed.cut or len(packed.attached) > room
    parts.attached += packed.attached[:room]
    parts.pictures = packed.pictures | parts.pictures


def _unpacked(part: Message, kind: str) -> Message | None:
    """What is in a ``winmail.dat``; nothing where the part is none, or a damaged one."""
    if kind not in _PACKED and name_of(part).casefold() != "winmail.dat":
        return None
    from app.ingest.formats.mail.tnef import packed_mail  # with the libraries of Outlook's mails

    try:
        return packed_mail(bytes_of(part))
    except IngestError:
        return None


def attached_to(message: Message, depth: int = 0) -> Iterator[Message]:
    """What is attached to a mail, then to the mails in it: in the order in which they are laid out."""
    parts = parts_of(message)
    yield from parts.attached
    for inner in parts.mails if depth < DEEPEST else ():
        yield from attached_to(inner, depth + 1)


def _leaves(message: Message, parts: Parts) -> Iterator[Message]:
    """The parts that hold something, in order; a mail in the mail is one of them."""
    waiting, opened = [message], 0
    while waiting:
        part = waiting.pop(0)
        if part.get_content_type() in _SEALED and opened < DEEPEST:
            contents = signed_contents(bytes_of(part))
            parts.signed = parts.signed or contents is not None
            parts.encrypted = parts.encrypted or (contents is None and _kept_secret(part))
            if contents is not None:
                opened += 1
                waiting.insert(0, email.message_from_bytes(contents, policy=email.policy.default))
                continue
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            waiting[:0] = [one for one in part.get_payload() if isinstance(one, Message)]
        else:
            yield part


def _kept_secret(part: Message) -> bool:
    return str(part.get_param("smime-type") or "").casefold() in ("enveloped-data", "authenveloped-data")


def bytes_of(part: Message) -> bytes:
    """A part's contents, decoded as far as it says how."""
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def text_of(part: Message) -> str:
    """A part's words; where its encoding is unknown, a guess."""
    data = bytes_of(part)
    charset = part.get_content_charset()
    text = in_encoding(data, charset) if charset else None
    return decoded(data)[0] if text is None else text


def name_of(part: Message) -> str:
    """The name that the sender gave it; empty where there is none."""
    try:
        name = part.get_filename() if isinstance(part, EmailMessage) else None
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # the header parser's own faults
        name = None
    return name or ""
