"""A user's own questions with their answers: how many a model gets right, and how many of these it shows in the files.

For judging a quantisation, an adapter, a prompt or another model on one's own work. The questions are lines of JSON, or
a CSV table with the same names as columns::

    {"files": ["contract.pdf"], "question": "When does it end?", "answer": ["31 March 2027", "31.03.2027"]}

``files`` are relative to the file of questions, ``answer`` is one text or several of which one must be in the answer:
spelled alike but for case, spaces and kinds of quotation marks, with no digit before or behind.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.chat.evidence.searching.fold import fold
from app.chat.request import AskOptions
from app.engine.model.protocols import Engine
from app.session.conversation import Conversation
from app.session.session import Session
from model.cancel import Cancel
from model.errors import CancelledError, IngestError, LecternError
from model.messages import msg
from model.types import Sampling

MOST_QUESTIONS, MOST_BYTES = 10_000, 64 << 20
SEPARATOR = "|"
"""Between several files, and several answers, in a cell of a CSV table."""
_SHOWN = ("found", "scanned", "heard")
"""Results for a quotation that lead to the place in the files."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about files, and the texts of which one must be in its answer."""

    files: tuple[Path, ...]
    text: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Marked:
    """What a model answered, and whether that is right; ``evidenced``: a quotation was found that holds the answer."""

    question: Question
    answer: str
    right: bool
    evidenced: bool
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """As the report holds it."""
        return {
            "files": [path.name for path in self.question.files],
            "question": self.question.text,
            "answer": self.answer,
            "right": self.right,
            "evidenced": self.evidenced,
            "seconds": round(self.seconds, 3),
        }


def read_questions(path: Path) -> list[Question]:
    """The questions in a ``.csv`` or JSONL file. Raises ``LecternError`` that names the line."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise _wrong(path, 1, "the file is too large")
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise LecternError(
            msg(
                "questions.unreadable",
                "The questions in {path} cannot be read ({why}).",
                path=path,
                why=getattr(error, "strerror", error),
            )
        ) from None
    rows = _of_csv(path, text) if path.suffix.lower() == ".csv" else _of_lines(path, text)
    found = [_question(path, number, row) for number, row in rows]
    if not 0 < len(found) <= MOST_QUESTIONS:
        raise _wrong(path, 1, f"there must be 1 to {MOST_QUESTIONS:,} questions")
    return found


def _of_lines(path: Path, text: str) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise _wrong(path, number, "it is not JSON") from None
        if not isinstance(row, dict):
            raise _wrong(path, number, "it is not an object")
        rows.append((number, row))
    return rows


def _of_csv(path: Path, text: str) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    try:
        for row in (table := csv.DictReader(text.splitlines(keepends=True), strict=True)):
            rows.append((table.line_num, {name: value for name, value in row.items() if name}))
    except csv.Error as error:
        raise _wrong(path, 1, str(error)) from None
    return [(number, row | {name: _parts(row.get(name)) for name in ("files", "answer")}) for number, row in rows]


def _parts(cell: Any) -> list[str]:
    return [part.strip() for part in str(cell or "").split(SEPARATOR) if part.strip()]


def _question(path: Path, number: int, row: dict[str, Any]) -> Question:
    text = row.get("question")
    if not isinstance(text, str) or not text.strip():
        raise _wrong(path, number, "it has no question")
    files, answers = _texts(row.get("files")), _texts(row.get("answer"))
    if not files:
        raise _wrong(path, number, "it names no files")
    if not answers or not all(fold(one).strip() for one in answers):
        raise _wrong(path, number, "it has no answer")
    return Question(tuple(path.parent / name for name in files), text.strip(), answers)


def _texts(value: Any) -> tuple[str, ...]:
    """One text or several; nothing where it is anything else."""
    values = value if isinstance(value, list) else [value]
    return tuple(values) if all(isinstance(one, str) and one.strip() for one in values) else ()


def _wrong(path: Path, number: int, why: str) -> LecternError:
    return LecternError(
        msg(
            "questions.line",
            "{path}, line {number}: {why}. Each line needs files, question and answer.",
            path=path.name,
            number=str(number),
            why=why,
        )
    )


def ask_all(questions: Sequence[Question], engine: Engine, tell: Callable[[str], None], cancel: Cancel) -> list[Marked]:
    """Ask each question in a conversation of its own; the files of neighbours that share them are read once.

    Greedy, so that a second run of the same model gives the same answers. Raises ``LecternError``, ``CancelledError``.
    """
    found: list[Marked] = []
    options = AskOptions(sampling=Sampling(temperature=0.0))
    for files, group in itertools.groupby(questions, lambda one: one.files):
        with Session(options=options) as session:
            session.use(engine)
            tell(f"Reading {files[0].name}")
            if failed := session.add(*files, cancel=cancel).failed:
                path, error = failed[0]
                raise IngestError(msg("questions.file", "{path} cannot be asked about: {why}", path=path, why=error))
            for question in group:
                if cancel.is_set():
                    raise CancelledError(msg("cancelled.questions", "Asking was stopped."))
                tell(f"Question {len(found) + 1:,} of {len(questions):,}")
                session.conversation = Conversation()
                started = time.monotonic()
                exchange = session.ask(question.text, cancel)
                quoted = [one.quote for one in exchange.evidence if one.state in _SHOWN]
                found.append(
                    Marked(
                        question,
                        exchange.answer,
                        is_right(exchange.answer, question.answers),
                        any(is_right(quote, question.answers) for quote in quoted),
                        time.monotonic() - started,
                    )
                )
    return found


def is_right(answer: str, accepted: Sequence[str]) -> bool:
    """Whether one of the accepted texts is in the answer, as whole words and whole numbers."""
    folded = _plain(answer)
    return any(re.search(rf"(?<!\w)(?<!\d[.,]){re.escape(_plain(one))}(?!\w)(?![.,]\d)", folded) for one in accepted)


def _plain(text: str) -> str:
    return " ".join(fold(text).casefold().replace("*", "").split())
