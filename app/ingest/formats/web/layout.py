"""The content of a saved web page: its words, tables, links and the pictures that are part of the file."""

from __future__ import annotations

import html
import re
from pathlib import Path

from app.ingest.formats.laid_out.content import CUT, Content, Note, escaped, hidden_text
from app.ingest.formats.text.decoding import decoded
from app.ingest.formats.web.clean import Cleaned, clean
from app.ingest.limits import MIB
from app.ingest.types import WHOLE_FILE
from model.errors import IngestError
from model.messages import msg, msg_n

_MOST_BYTES = 64 * MIB
_HEAD = 1 << 18
_TITLE = re.compile(r"<title[^>]{0,200}>([^<]{1,2000})</title", re.IGNORECASE)


def lay_out(path: Path, form: str) -> Content:
    """The page's content. Raises ``IngestError``."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    text = decoded(data[:_MOST_BYTES])[0]
    cleaned = clean(text)
    if not re.sub(r"<(?!img)[^>]*>|&#160;", "", cleaned.body).strip():
        raise IngestError(msg("web.empty", "The web page shows nothing without the network or its scripts."))
    notes = list(notes_on(cleaned))
    if len(data) > _MOST_BYTES or cleaned.cut:
        notes.append(CUT)
    return Content(_title(text, cleaned.body) + cleaned.body, tuple(notes))


def _title(text: str, body: str) -> str:
    """What a browser writes above the page, where the page itself does not say it."""
    found = _TITLE.search(text[:_HEAD])
    words = " ".join(html.unescape(found[1]).split())[:500] if found is not None else ""
    return f'<p class="aside">Title: {escaped(words)}</p>' if words and escaped(words) not in body else ""


def notes_on(cleaned: Cleaned) -> list[Note]:
    """Notes on everything that cleaning left out."""
    notes = []
    if cleaned.hidden:
        notes.append(hidden_text(cleaned.hidden))
    if cleaned.pictures:
        why = msg_n(
            "web.pictures",
            "{n} picture that is not in the file, or cannot be shown, was left out; nothing is fetched.",
            "{n} pictures that are not in the file, or cannot be shown, were left out; nothing is fetched.",
            cleaned.pictures,
        )
        notes.append(Note(WHOLE_FILE, why))
    return notes
