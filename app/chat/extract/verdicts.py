"""One question about many files, answered for each of them: a table with a row for a file, its answer and its evidence.

It is a run like the one over pages (``app.chat.extract.run``), so window, command line and exports are the same. Of a
file that is too long for that, the most relevant pages are read, and a note says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from app.chat.evidence.closer import check_closely
from app.chat.evidence.places import Evidence, Place
from app.chat.extract.asking import Asked
from app.chat.extract.rows import Row, Segment, SegmentResult
from app.chat.extract.run import Run
from app.chat.extract.schema import Column, Schema
from app.chat.extract.store import RunStore
from app.chat.extract.values import Cell
from app.chat.relevance.choosing import choose, only, usual_cost
from app.chat.request import AskOptions, Turn, build_request
from app.ingest.types import Document
from model.messages import Message, msg
from model.types import ModelInfo, Sampling

ANSWER = Schema((Column("answer", description="the answer for this file"),))
ROOM = 12_000
"""Tokens of one file that are read."""

_MOST_TOKENS = 400
_WISH = (
    "Answer for this one document only, in one or two sentences, and quote the words that the answer rests on with "
    "their page. If the document does not say, answer that it does not say."
)


class Verdicts(Run):
    """Goes through the files in order, with one request for each."""

    def __init__(
        self, documents: Sequence[Document], question: str, model: ModelInfo, store: RunStore | None = None
    ) -> None:
        super().__init__(documents, ANSWER, question, model, store, merge=False, kind="file")

    def _list(self, documents: Sequence[Document]) -> Iterator[Segment]:
        return (Segment(document, 1) for document in documents)

    def _ask(self, segment: Segment) -> Asked:
        return ask_file(segment, self.question)


def ask_file(segment: Segment, question: str) -> Asked:
    """The request about one file; returns its row."""
    document = segment.document
    problems: tuple[Message, ...] = ()
    if document.pages and all(page.state == "skipped" for page in document.pages):
        why = msg("table.not-read", "Not read: {reason}", reason=document.pages[0].reason)
        return SegmentResult(segment.place, problems=(why,), read=False)
    read = document
    if not document.file_kind.timed and sum(usual_cost(document, page) for page in document.pages) > ROOM:
        chosen = choose([document], question, ROOM)
        pages = chosen.pages if chosen is not None else ((document.content_hash, tuple(range(8))),)
        (read,) = only([document], pages)
        problems = (msg("verdict.long", "The file is long, so only its most relevant pages were read."),)
    options = AskOptions(sampling=Sampling(temperature=0.0), max_new_tokens=_MOST_TOKENS)
    reply = yield build_request([read], [Turn(f"{question.strip()}\n\n{_WISH}")], options)
    text = reply.text.strip()
    if not text:
        return SegmentResult(
            segment.place, problems=(*problems, msg("verdict.no-answer", "The model gave no answer for this file."))
        )
    evidence = check_closely(text, [read], question)
    return SegmentResult(segment.place, (_row(document, text, evidence),), problems)


def _row(document: Document, text: str, evidence: Sequence[Evidence]) -> Row:
    """The answer with its first quotation; one that was not found spoils it."""
    quoted = [one for one in evidence if one.quote] or list(evidence)
    doubtful = next((one for one in quoted if one.state == "unverified"), None)
    first = doubtful or (quoted[0] if quoted else None)
    whole = Place(document.content_hash, None if document.file_kind.timed else 1)
    cell = Cell(text, text)
    if first is None:
        reason = msg("verdict.no-quotation", "The answer quotes nothing from this file.")
        return Row(document.content_hash, document.name, (cell,), "", "unverified", (whole,), reason)
    places = tuple(dict.fromkeys(one.place for one in quoted if one.place is not None)) or (whole,)
    return Row(document.content_hash, document.name, (cell,), first.quote, first.state, places, first.reason)
