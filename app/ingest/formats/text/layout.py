"""The content of a text file, to be laid out: its lines as they are, or Markdown as it means to look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from app.ingest.formats.laid_out.content import CUT, MAX_CHARACTERS, PAGE_BREAK, Content, Note, escaped
from app.ingest.formats.text.decoding import decoded
from app.ingest.kinds import FORMATS, KINDS
from app.ingest.types import WHOLE_FILE
from model.errors import IngestError
from model.messages import msg

_MOST_BYTES = 4 * MAX_CHARACTERS
_MOST_MARKDOWN = 1_000_000
"""Characters; a longer file is shown as it is written."""


def lay_out(path: Path, form: str) -> Content:
    """The file's content. Raises ``IngestError``."""
    with path.open("rb") as file:
        data = file.read(_MOST_BYTES + 1)
    text, guessed = decoded(data[:_MOST_BYTES])
    notes = list(_disguise(path))
    if guessed:
        why = msg(
            "text.encoding-guessed",
            "The file does not say how its characters are encoded; it was read as {encoding}.",
            encoding=guessed,
        )
        notes.append(Note(WHOLE_FILE, why))
    if len(data) > _MOST_BYTES or len(text) > MAX_CHARACTERS:
        notes.append(CUT)
    text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise IngestError(msg("text.blank", "The file holds only spaces and empty lines."))
    if form == "markdown" and len(text) <= _MOST_MARKDOWN:
        return Content(_markdown(text), tuple(notes))
    pages = text.strip("\f").split("\f")
    return Content(PAGE_BREAK.join(f"<pre>{escaped(page.expandtabs(8))}</pre>" for page in pages), tuple(notes))


def _disguise(path: Path) -> Iterator[Note]:
    """What is named like something else may not have been downloaded as what it should be."""
    suffix = path.suffix.lower()
    named = next((one.form for one in FORMATS if suffix in one.suffixes and not one.text), None)
    if named is not None:
        yield Note(
            WHOLE_FILE,
            msg("text.other-name", "Its name says {kind}, but the file holds plain text.", kind=KINDS[named.kind].noun),
        )


def _markdown(text: str) -> str:
    """HTML in the file is shown as text, and pictures as their descriptions: nothing is loaded."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.add_render_rule("image", lambda _renderer, tokens, at, *_rest: escaped(tokens[at].content))
    return str(markdown.render("".join(" " if letter in "\x00\f\v" else letter for letter in text)))
