"""Saved web pages as a kind of file."""

from __future__ import annotations

import re

from app.ingest.filekind import FileKind, Form, Format
from app.ingest.limits import MIB
from model.messages import msg

_BEGINS = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)


def _is_page(head: bytes) -> bool:
    return _BEGINS.match(head.removeprefix(b"\xef\xbb\xbf").removeprefix(b"\xff\xfe").replace(b"\0", b"")) is not None


WEB = FileKind(
    name="web",
    title=msg("kind.web-page", "Web page"),
    noun="web page",
    icon="pdf",
    formats=(
        Format(
            Form("web", "html"),
            (".html", ".htm", ".xhtml"),
            matches=_is_page,
            text=True,
            mime=("text/html", "application/xhtml+xml"),
            uti=("public.html",),
        ),
    ),
    most_bytes=256 * MIB,
    view="pages",
    modes=True,
    layout="app.ingest.formats.web.layout:lay_out",
)
