"""What is in a mail: who wrote to whom and when, its words, the pictures in them, and the names of what is attached.

The attached files themselves are taken out by ``attached``, one by one, when somebody wants them.

A mailbox is its mails one after the other, each on a separate page. Nothing that a mail names is fetched.
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable, Sequence
from email.message import Message
from functools import partial
from pathlib import Path

from app.ingest.attached import MAX_ATTACHED, AttachedFile
from app.ingest.formats.laid_out.content import CUT, MAX_CHARACTERS, PAGE_BREAK, SPOT, Content, Note, escaped
from app.ingest.formats.mail.kind import DEEPEST
from app.ingest.formats.mail.parts import MAX_PARTS, Parts, bytes_of, name_of, parts_of
from app.ingest.formats.web.clean import Cleaned, clean
from app.ingest.formats.web.layout import notes_on
from app.ingest.limits import MIB
from model.errors import IngestError
from model.messages import msg, plain

MAX_MAILS = 1000
_MOST_BYTES = 256 * MIB
_FROM = re.compile(rb"^From [^\n]{1,200}\d{4}[ \t]*\r?\n", re.MULTILINE)
_FIELDS = ("From", "To", "Cc", "Date", "Subject")
NOT_READ = msg(
    "mail.attachments", "Attached files are not part of this text; open them from the list of attached files."
)
_SIGNED = msg("mail.signed", "The email is signed (S/MIME); it is read without checking the signature.")
_ENCRYPTED = msg(
    "mail.encrypted",
    "The email is encrypted (S/MIME); open it with a mail program and save its contents to have them read.",
)
_DAMAGED = msg("mail.damaged", "The email is damaged and cannot be read; try to get it again from its source.")


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    try:
        return _content(mails_in(path, form), form != "msg" and path.stat().st_size > _MOST_BYTES)
    except (IngestError, MemoryError):
        raise
    except Exception:  # the parser of the standard library raises nearly anything on damaged data
        raise IngestError(_DAMAGED) from None


def mails_in(path: Path, form: str) -> Sequence[Callable[[], Message]]:
    """The mails in a file, each made when it is called; of a large file those at its beginning."""
    if form == "msg":
        from app.ingest.formats.mail.outlook import outlook_mail  # with its libraries

        return [partial(outlook_mail, path)]
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES)
    if form == "tnef":
        from app.ingest.formats.mail.tnef import packed_mail  # with the libraries of Outlook's mails

        return [partial(packed_mail, data)]
    raw = _FROM.split(data)[1:] if form == "mbox" else [data]
    return [partial(email.message_from_bytes, one, policy=email.policy.default) for one in raw]


def _content(raw: Sequence[Callable[[], Message]], cut: bool) -> Content:
    notes: list[Note] = []
    if len(raw) > MAX_MAILS:
        why = msg(
            "mail.too-many", "Only the first {limit} emails are read; split the file to read the rest.", limit=MAX_MAILS
        )
        where = msg("where.mails", "emails {first} to {last}", first=str(MAX_MAILS + 1), last=str(len(raw)))
        notes.append(Note(where, why))
    pages, spots, length = [], [], 0
    attached: list[tuple[str, int]] = []
    for one in raw[:MAX_MAILS]:
        mail = _Mail(one(), 0)
        pages.append(f"{SPOT}{mail.html()}")
        spots.append(mail.name)
        notes += mail.notes
        attached += mail.attached
        length += len(pages[-1])
        if length > MAX_CHARACTERS:
            cut = True
            break
    if cut:
        notes.append(CUT)
    if not pages:
        raise IngestError(msg("mail.empty", "The mailbox is empty."))
    files = tuple(AttachedFile(number, *one) for number, one in enumerate(attached[:MAX_ATTACHED]))
    return Content(PAGE_BREAK.join(pages), tuple(notes[:1000]), spots=tuple(spots), attached=files)


class _Mail:
    """One mail. ``depth`` is how many mails it is nested in."""

    def __init__(self, message: Message, depth: int) -> None:
        self._message, self._depth = message, depth
        self.notes: list[Note] = []
        self.attached: list[tuple[str, int]] = []
        """Names and sizes, in the order of ``attached_to``."""
        self._fields = {name: _field(message, name) for name in _FIELDS}
        date = self._fields["Date"]
        when = re.search(r"\d{1,2} \w{3,9} \d{4}", date)
        subject = " ".join(self._fields["Subject"].split())[:120] or "(no subject)"
        self.name = f"{subject} (mail, {when[0].lstrip('0')})" if when is not None else f"{subject} (mail)"

    def html(self) -> str:
        """The mail as HTML: header, text, list of attachments."""
        head = "".join(f"<p>{name}: {escaped(value)}</p>" for name, value in self._fields.items() if value)
        found = parts_of(self._message)
        if found.cut:
            why = msg("mail.parts", "Only {limit} parts of the email are read.", limit=MAX_PARTS)
            self.notes.append(Note(plain(self.name), why))
        if found.signed:
            self.notes.append(Note(plain(self.name), _SIGNED))
        if found.encrypted:
            self.notes.append(Note(plain(self.name), _ENCRYPTED))
        parts = [f"<div>{head}</div><hr/>", self._body(found)]
        if found.attached:
            listed = [_listed(part) for part in found.attached]
            self.attached += listed
            kinds = [part.get_content_type() for part in found.attached]
            words = (
                f"{name} ({kind}, {max(1, round(size / 1000)):,} kB)"
                for (name, size), kind in zip(listed, kinds, strict=True)
            )
            parts.append(f"<hr/><p>Attachments: {escaped('; '.join(words))}</p>")
            self.notes.append(Note(msg("where.attachments", "attachments of {mail}", mail=self.name), NOT_READ))
        for inner in found.mails:
            if self._depth < DEEPEST:
                mail = _Mail(inner, self._depth + 1)
                parts.append(f"<blockquote>{mail.html()}</blockquote>")
                self.notes += mail.notes
                self.attached += mail.attached
            else:
                why = msg("mail.deep", "Emails nested this deep are not read.")
                self.notes.append(Note(plain(self.name), why))
        return "".join(parts)

    def _body(self, parts: Parts) -> str:
        """The mail's own words."""
        if parts.pages:
            return self._clean("<hr>".join(parts.pages), parts.pictures)
        return "".join(f"<pre>{escaped(text)}</pre>" for text in parts.texts)

    def _clean(self, page: str, pictures: dict[str, bytes]) -> str:
        cleaned: Cleaned = clean(page, lambda address: pictures.get(address.removeprefix("cid:"), b""))
        self.notes += [Note(plain(self.name), note.why) for note in notes_on(cleaned)]
        if cleaned.cut:
            self.notes.append(CUT)
        return cleaned.body


def _field(message: Message, name: str) -> str:
    try:
        return str(message.get(name) or "")
    except (ValueError, IndexError, AttributeError, TypeError, LookupError):  # the header parser's own faults
        return ""


def _listed(part: Message) -> tuple[str, int]:
    """An attached file's name and its size in bytes."""
    return name_of(part) or "without a name", len(bytes_of(part))
