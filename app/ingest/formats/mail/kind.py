"""Mails as a kind of file."""

from __future__ import annotations

import re
from typing import BinaryIO

from app.ingest.compound import MAGIC
from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_NAMES = (
    b"from|to|cc|date|subject|message-id|mime-version|received|return-path|delivered-to|content-type|reply-to|sender"
)
_HEADER = re.compile(rb"^(" + _NAMES + rb")[ \t]*:", re.IGNORECASE | re.MULTILINE)
_FIRST = re.compile(rb"[A-Za-z][A-Za-z0-9-]*:[ \t]")
_MAILBOX = re.compile(rb"From [^\n]{1,200}\d{4}\s*\n")
_DATED = re.compile(
    rb"From [^\n]{1,200} (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d"
    rb" (?:[A-Z]{3,4} )?\d{4}[ \t]*\r?\n"
)
"""As every mail program begins a mail in a mailbox, whatever its header is (RFC 4155, appendix A)."""

_PROPERTIES = "__properties_version1.0".encode("utf-16-le")
_MOST_LOOKED = 64 * MIB
DEEPEST = 5
"""Mails within mails."""

_ENOUGH = 3
"""Number of different header fields that tell a mail from plain text."""


def _is_mail(head: bytes) -> bool:
    if _FIRST.match(head) is None:
        return False
    top = re.split(rb"\r?\n\r?\n", head, maxsplit=1)[0]
    return len({name.lower() for name in _HEADER.findall(top)}) >= _ENOUGH


def _is_outlook_mail(file: BinaryIO) -> bool:
    """Whether a compound file has the part that every Outlook item has ([MS-OXMSG], section 2.2)."""
    file.seek(0)
    return _PROPERTIES in file.read(_MOST_LOOKED)


def _is_mailbox(head: bytes) -> bool:
    line = _MAILBOX.match(head)
    return line is not None and (_DATED.match(head) is not None or _is_mail(head[line.end() :].lstrip(b">")))


MAIL = FileKind(
    name="mail",
    title=msg("kind.email", "Email"),
    noun="mail",
    icon="pdf",
    formats=(
        Format(
            Form("mail", "eml"),
            (".eml", ".mht", ".mhtml"),
            matches=_is_mail,
            mime=("message/rfc822", "application/x-mimearchive"),
            uti=("com.apple.mail.email", "public.email-message"),
        ),
        Format(
            Form("mail", "msg"),
            (".msg",),
            (MAGIC,),
            confirms=_is_outlook_mail,
            mime=("application/vnd.ms-outlook",),
        ),
        Format(Form("mail", "tnef"), (".tnef",), (b"\x78\x9f\x3e\x22",), mime=("application/ms-tnef",)),
        Format(Form("mail", "mbox"), (".mbox",), matches=_is_mailbox, mime=("application/mbox",)),
    ),
    most_bytes=1024 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.mail.layout:lay_out",
    attached="app.ingest.formats.mail.attached:take_out",
)
