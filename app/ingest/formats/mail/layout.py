"""What is in a mail: who wrote to whom and when, its words, the pictures in them, and the names of what is attached.

A mailbox is its mails one after the other, each on a separate page. Nothing that a mail names is fetched.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage, Message
from pathlib import Path

from app.ingest.formats.laid_out.content import CUT, MAX_CHARACTERS, PAGE_BREAK, SPOT, Content, Note, escaped
from app.ingest.formats.text.decoding import decoded
from app.ingest.formats.web.clean import Cleaned, clean
from app.ingest.formats.web.layout import notes_on
from app.ingest.limits import MIB
from model.errors import IngestError
from model.messages import msg, plain

MAX_MAILS = 1000
_DEEPEST = 5
"""Mails within mails."""

_MAX_PARTS = 500
_MOST_BYTES = 256 * MIB
_FROM = re.compile(rb"^From [^\n]{1,200}\d{4}[ \t]*\r?\n", re.MULTILINE)
_FIELDS = ("From", "To", "Cc", "Date", "Subject")
_DAMAGED = msg("mail.damaged", "The email is damaged and cannot be read; try to get it again from its source.")


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    try:
        return _content(data[:_MOST_BYTES], form, len(data) > _MOST_BYTES)
    except (IngestError, MemoryError):
        raise
    except Exception:  # the parser of the standard library raises nearly anything on damaged data
        raise IngestError(_DAMAGED) from None


def _content(data: bytes, form: str, cut: bool) -> Content:
    raw = _FROM.split(data)[1:] if form == "mbox" else [data]
    notes: list[Note] = []
    if len(raw) > MAX_MAILS:
        why = msg(
            "mail.too-many", "Only the first {limit} emails are read; split the file to read the rest.", limit=MAX_MAILS
        )
        where = msg("where.mails", "emails {first} to {last}", first=str(MAX_MAILS + 1), last=str(len(raw)))
        notes.append(Note(where, why))
    pages, spots, length = [], [], 0
    for one in raw[:MAX_MAILS]:
        mail = _Mail(email.message_from_bytes(one, policy=email.policy.default), 0)
        pages.append(f"{SPOT}{mail.html()}")
        spots.append(mail.name)
        notes += mail.notes
        length += len(pages[-1])
        if length > MAX_CHARACTERS:
            cut = True
            break
    if cut:
        notes.append(CUT)
    if not pages:
        raise IngestError(msg("mail.empty", "The mailbox is empty."))
    return Content(PAGE_BREAK.join(pages), tuple(notes[:1000]), spots=tuple(spots))


class _Mail:
    """One mail. ``depth`` is how many mails it is nested in."""

    def __init__(self, message: Message, depth: int) -> None:
        self._message, self._depth = message, depth
        self.notes: list[Note] = []
        self._fields = {name: _field(message, name) for name in _FIELDS}
        date = self._fields["Date"]
        when = re.search(r"\d{1,2} \w{3,9} \d{4}", date)
        subject = " ".join(self._fields["Subject"].split())[:120] or "(no subject)"
        self.name = f"{subject} (mail, {when[0].lstrip('0')})" if when is not None else f"{subject} (mail)"

    def html(self) -> str:
        """The mail as HTML: header, text, list of attachments."""
        head = "".join(f"<p>{name}: {escaped(value)}</p>" for name, value in self._fields.items() if value)
        body, attached, mails = self._parts()
        parts = [f"<div>{head}</div><hr/>", body]
        if attached:
            parts.append(f"<hr/><p>Attachments: {escaped('; '.join(attached))}</p>")
            why = msg(
                "mail.attachments", "Attachments are named but not read; save them and add them as separate files."
            )
            self.notes.append(Note(msg("where.attachments", "attachments of {mail}", mail=self.name), why))
        for inner in mails:
            if self._depth < _DEEPEST:
                mail = _Mail(inner, self._depth + 1)
                parts.append(f"<blockquote>{mail.html()}</blockquote>")
                self.notes += mail.notes
            else:
                why = msg("mail.deep", "Emails nested this deep are not read.")
                self.notes.append(Note(plain(self.name), why))
        return "".join(parts)

    def _parts(self) -> tuple[str, list[str], list[Message]]:
        """The words as HTML, what is attached, and the mails in it."""
        texts: list[str] = []
        pages: list[str] = []
        attached: list[str] = []
        mails: list[Message] = []
        pictures: dict[str, bytes] = {}
        for number, part in enumerate(_leaves(self._message)):
            kind = part.get_content_type()
            if number >= _MAX_PARTS:
                why = msg("mail.parts", "Only {limit} parts of the email are read.", limit=_MAX_PARTS)
                self.notes.append(Note(plain(self.name), why))
                break
            if kind == "message/rfc822":
                mails += [one for one in part.get_payload() if isinstance(one, Message)]
            elif (part.get_filename() and not part.get("Content-ID")) or part.get_content_disposition() == "attachment":
                attached.append(_named(part))
            elif kind == "text/html":
                pages.append(_text(part))
            elif kind.startswith("text/"):
                texts.append(_text(part))
            elif kind.startswith("image/") and part.get("Content-ID"):
                pictures[str(part["Content-ID"]).strip(" <>")] = _bytes(part)
            else:
                attached.append(_named(part))
        if pages:
            return self._clean("<hr>".join(pages), pictures), attached, mails
        return "".join(f"<pre>{escaped(text)}</pre>" for text in texts), attached, mails

    def _clean(self, page: str, pictures: dict[str, bytes]) -> str:
        cleaned: Cleaned = clean(page, lambda address: pictures.get(address.removeprefix("cid:"), b""))
        self.notes += [Note(plain(self.name), note.why) for note in notes_on(cleaned)]
        if cleaned.cut:
            self.notes.append(CUT)
        return cleaned.body


def _leaves(message: Message) -> Iterator[Message]:
    """The parts that hold something, in order; a mail in the mail is one of them."""
    waiting = [message]
    while waiting:
        part = waiting.pop(0)
        if part.is_multipart() and part.get_content_type() != "message/rfc822":
            waiting[:0] = [one for one in part.get_payload() if isinstance(one, Message)]
        else:
            yield part


def _field(message: Message, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # the header parser's own faults
        return ""


def _bytes(part: Message) -> bytes:
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _text(part: Message) -> str:
    data = _bytes(part)
    charset = part.get_content_charset()
    if charset:
        try:
            return data.decode(charset)
        except (LookupError, ValueError):
            return decoded(data)[0]
    return decoded(data)[0]


def _named(part: Message) -> str:
    size = len(_bytes(part))
    name = part.get_filename() if isinstance(part, EmailMessage) else None
    return f"{name or 'without a name'} ({part.get_content_type()}, {max(1, round(size / 1000)):,} kB)"
