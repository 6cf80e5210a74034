"""A conversation as a Markdown file: questions, answers, and what their quotations rest on. No Qt.

The file is opened by other programs, which load what Markdown names. An answer may have been led by a document to name
a picture on some server: so pictures and HTML in it become text, and code is in new fences.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from app.chat.evidence.citing import SIGNS, Names, file_name, marks, state_words, where_long
from app.chat.evidence.places import Evidence
from app.chat.tools.uses import ToolUse
from app.session.conversation import Conversation, Exchange
from app.text.fences import Block, blocks
from model import atomic
from model.errors import LecternError
from model.messages import Message, msg

_SPAN = re.compile(r"(?<![`\\])(`+)(?!`)([^|\n]*?[^`|\n])\1(?!`)")
_AUTOLINK = r"<https?://[^\s<>]*>"
_HARMFUL = re.compile(rf"\\.|{_AUTOLINK}|!\[|\[\^|<(?=[A-Za-z/!?])")
_RISKY = re.compile(r"!\[|<\s*(?:!|/?\s*(?:style|script)|\w[^>]*[=:/])", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\`*_\[\]<>#|~!])")
_LANGUAGE = re.compile(r"[^\w+#.-]")
_PRIVATE = range(0xE000, 0xF900)


Tell = Callable[[Message], str]
"""Puts a message into the language of the file."""

UNTITLED = msg("export.conversation", "Conversation")
INSTRUCTIONS = msg("export.instructions", "Instructions")
ANSWER = msg("export.answer", "Answer")


def question_heading(number: int) -> Message:
    """What a question is called; they are counted from 1."""
    return msg("export.question", "Question {number}", number=str(number))


class ExportError(LecternError):
    """The file could not be written."""


def save_markdown(talk: Conversation, path: Path, name_of: Names = lambda _: "", tell: Tell = str) -> None:
    """Write the conversation to ``path``; raises ``ExportError`` with one sentence, and then leaves no file behind."""
    write(path, to_markdown(talk, name_of, tell).encode())


def write(path: Path, content: bytes) -> None:
    """All of it or nothing: into a file beside it first."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name to write to; it takes ``path``'s place once everything is on the disk. Raises ``ExportError``."""
    try:
        with atomic.replacing(path) as temporary:
            yield temporary
    except OSError as error:
        why = error.strerror or str(error)
        raise ExportError(
            msg("export.not-written", "{name} could not be written: {why}.", name=path.name, why=why)
        ) from error


def to_markdown(talk: Conversation, name_of: Names = lambda _: "", tell: Tell = str) -> str:
    """The conversation as a Markdown document with footnotes for its evidence."""
    exchanges = list(talk)
    title = talk.title or tell(UNTITLED)
    parts = [_front_matter(title, talk, exchanges), f"# {plain(title)}"]
    if talk.instructions.strip():
        parts += [f"## {tell(INSTRUCTIONS)}", _quoted(talk.instructions)]
    number = 1
    for count, one in enumerate(exchanges, 1):
        parts += [f"## {tell(question_heading(count))}", _quoted(one.question)]
        parts += [f"*{plain(small_print(one))}*"] if small_print(one) else []
        parts.append("\n".join(f"- {plain(tool_words(use, tell))}" for use in one.tool_uses))
        if one.answer.strip():
            notes = tuple(one.evidence)
            parts += [f"### {tell(ANSWER)}", answer(one.answer, notes, number).strip("\n")]
            parts += [_note(found, number + index, name_of, tell) for index, found in enumerate(notes)]
            number += len(notes)
        if one.error:
            parts.append(f"*{plain(tell(one.error))}*")
    return "\n\n".join(part for part in parts if part) + "\n"


def answer(text: str, evidence: Sequence[Evidence], first: int) -> str:
    """An answer that names its notes and cannot load anything."""
    places = {mark.end: first + mark.index for mark in marks(text, evidence)}
    parts = [_code(piece) if piece.kind == "code" else _prose(piece, places) for piece in blocks(text)]
    return "\n\n".join(part.strip("\n") for part in parts if part.strip())


def plain(text: str) -> str:
    """Words on one line that no Markdown reader takes for markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))


def tool_words(use: ToolUse, tell: Tell) -> str:
    """One call of a tool in a sentence."""
    return " · ".join(part for part in (tell(use.words) or use.name, tell(use.error)) if part)


def note_words(one: Evidence, name_of: Names, tell: Tell) -> str:
    """The result for a quotation: state, words, file and page, reason."""
    name = file_name(one.place, name_of)
    quote = f"“{' '.join(one.quote.split())}”" if one.quote else ""
    state, where = tell(state_words(one)), tell(where_long(one.place, name))
    words = " · ".join(part for part in (state, where, quote) if part)
    return f"{SIGNS[one.state]} {words}. {tell(one.reason)}".strip()


def _note(one: Evidence, number: int, name_of: Names, tell: Tell) -> str:
    return f"[^{number}]: {plain(note_words(one, name_of, tell))}"


def _front_matter(title: str, talk: Conversation, exchanges: Sequence[Exchange]) -> str:
    """YAML; JSON's strings and lists are YAML's too, whatever is in them."""
    fields: dict[str, object] = {"title": title}
    if talk.created:
        fields["created"] = _time(talk.created)
    fields["models"] = _distinct(one.model for one in exchanges)
    fields["files"] = _distinct(name for one in exchanges for name in one.sources)
    fields["application"] = "Lectern"
    return "\n".join(["---", *(f"{key}: {_json(value)}" for key, value in fields.items()), "---"])


def _json(value: object) -> str:
    """Not every reader knows front matter: what would be markup there is written as an escape."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c").replace("!", "\\u0021")


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(word for word in words if word))


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")


def small_print(one: Exchange) -> str:
    """When it was asked, and whom."""
    when = datetime.fromtimestamp(one.created).strftime("%Y-%m-%d %H:%M") if one.created else ""
    return " · ".join(part for part in (when, one.model) if part)


def _quoted(text: str) -> str:
    """A question as it was written, line by line."""
    return "\n".join(f"> {harmless(line)}  ".rstrip("\n") if line.strip() else ">" for line in text.strip().split("\n"))


def _code(piece: Block) -> str:
    """A block in a separate fence: longer than any inside, at the line's beginning, after an empty line."""
    longest = max((len(run) for run in re.findall(r"`+", piece.text)), default=0)
    fence = "`" * max(3, longest + 1)
    body = piece.text if piece.text.endswith("\n") else f"{piece.text}\n"
    return f"{fence}{_LANGUAGE.sub('', piece.language)}\n{body}{fence}"


def _prose(piece: Block, places: dict[int, int]) -> str:
    """Prose with its notes' numbers. A number is never inside code: it goes behind it."""
    text, end = piece.text, piece.start + len(piece.text)
    inside = [(place - piece.start, number) for place, number in places.items() if piece.start < place <= end]
    spans = [match.span() for match in _SPAN.finditer(text)]
    free = (chr(code) for code in _PRIVATE if chr(code) not in text)
    numbers: dict[str, int] = {}
    parts, at = [], 0
    for place, number in sorted(inside):
        place = next((stop for start, stop in spans if start < place < stop), place)
        numbers[sign := next(free)] = number
        parts += [text[at : max(at, place)], sign]
        at = max(at, place)
    marked = harmless("".join([*parts, text[at:]]))
    for sign, number in numbers.items():
        marked = marked.replace(f"]{sign}", f"] {sign}").replace(sign, f"[^{number}]")  # ][ would be a link
    return marked


def harmless(text: str) -> str:
    """Markdown in which pictures and HTML are text; links and code stay what they are."""
    parts, at = [], 0
    for span in _SPAN.finditer(text):
        if not _RISKY.search(span[2]):
            parts += [_escaped(text[at : span.start()]), span[0]]
            at = span.end()
    return "".join([*parts, _escaped(text[at:])])


def _escaped(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        found = match[0]
        return found if found.startswith("\\") or len(found) > 2 else f"\\{found}"

    return _HARMFUL.sub(one, text)
