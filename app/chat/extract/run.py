"""One run over every page: what is done, what comes next, and the table so far: a ``Pass`` of ``app.chat.parts``.

``next_request`` gives what to ask now, ``take`` gets the answer. What is done is kept page by page, so that a run that
was stopped, by the user or by a crash, continues where it stopped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from app.chat.evidence.places import Place
from app.chat.extract.asking import Asked, ask_segment, segments
from app.chat.extract.export import where
from app.chat.extract.rows import Segment, SegmentResult, Table
from app.chat.extract.schema import Column, Schema
from app.chat.extract.store import RunKey, RunStore
from app.chat.parts import Reply
from app.ingest.types import Document
from model.messages import NOTHING, Message, msg, msg_n
from model.types import ModelInfo, Request

GIVE_UP = 3
"""This many failures in a row end the run: something is wrong with more than a page."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A part that failed, with its place and the reason."""

    name: str
    place: Place
    words: Message

    @property
    def said(self) -> Message:
        """File, place and problem in one line."""
        if self.place.page is None:
            return msg(
                "table.note-at-time",
                "{name}, {time}: {words}",
                name=self.name,
                time=where(self.place),
                words=self.words,
            )
        return msg(
            "table.note-on-page",
            "{name}, page {page}: {words}",
            name=self.name,
            page=str(self.place.page),
            words=self.words,
        )


class Run:
    """Goes through the segments in order. Not for two threads."""

    def __init__(
        self,
        documents: Sequence[Document],
        schema: Schema,
        question: str,
        model: ModelInfo,
        store: RunStore | None = None,
        *,
        merge: bool = True,
        kind: str = "",
    ) -> None:
        """``kind`` tells runs apart that go through the same files in other ways."""
        self.schema, self.question = schema, question
        self.table = Table(schema, merge=merge)
        self.problems: list[Problem] = []
        self.changed: list[int] = []
        """Rows that are new or have changed since somebody looked; who looks empties it."""
        self.lacking: Counter[str] = Counter()
        """On how many pages a row was left out for want of a required column."""
        self.done = 0
        self.failure = NOTHING
        """Why the run cannot go on."""
        self._segments = list(self._list(documents))
        self._names = {document.content_hash: document.name for document in documents}
        self._sample = model.sample
        self._store = store
        self._key = RunKey(schema, f"{kind}: {question}" if kind else question, model.answers_as)
        self._todo: Iterator[Segment] = iter(self._segments)
        self._segment: Segment | None = None
        self._asking: Asked | None = None
        self._request: Request | None = None
        self._failed_in_a_row = 0

    @property
    def total(self) -> int:
        """Pages and stretches in all."""
        return len(self._segments)

    @property
    def over(self) -> bool:
        """Whether nothing is left to be asked."""
        return bool(self.failure) or self.done >= self.total

    @property
    def whole(self) -> bool:
        """Whether every page was checked, without a note."""
        return self.done >= self.total and not self.problems and not self.failure

    @property
    def where(self) -> Message:
        """The part being asked about."""
        if self._segment is None:
            return NOTHING
        place, name = self._segment.place, self._segment.document.name
        if place.page is None:
            return msg("place.time-of", "{name}, {time}", name=name, time=where(place))
        return msg("place.page-of", "{name}, page {page}", name=name, page=str(place.page))

    def resume(self) -> int:
        """Take over what an earlier run found; how many segments that spares."""
        known = {
            _bare(result.place): result
            for document in self._names
            for result in (self._store.load(self._key, document) if self._store else ())
        }
        found = [segment for segment in self._segments if _bare(segment.place) in known]
        for segment in found:
            self._finish(known[_bare(segment.place)])
        left = [segment for segment in self._segments if _bare(segment.place) not in known]
        self._todo = iter(left)
        return len(found)

    def begin_anew(self) -> None:
        """Discard the results of an earlier run."""
        if self._store is not None:
            for document in self._names:
                self._store.forget(self._key, document)

    def next_request(self) -> Request | None:
        """The next request to the model; ``None`` when the run is over."""
        while self._request is None and not self.failure:
            self._segment = next(self._todo, None)
            if self._segment is None:
                return None
            self._asking = self._ask(self._segment)
            self._step(None)
        return self._request

    def grow(self, text: str) -> None:
        """Nothing is taken of an answer before it is whole."""

    def take(self, reply: Reply) -> None:
        """The answer to the last request."""
        if self._asking is not None:
            self._failed_in_a_row = 0
            self._step(reply)

    def fail(self, message: Message) -> None:
        """The last request ended in an error. Its page is missing, and is asked about again when the run is resumed."""
        if self._segment is None:
            return
        self._request = self._asking = None
        self._failed_in_a_row += 1
        self.done += 1
        self._note(self._segment.place, message)
        if self._failed_in_a_row >= GIVE_UP:
            self.failure = message

    def summary(self) -> tuple[Message, ...]:
        """How it went: rows, pages, notes."""
        rows = msg_n("table.rows", "{n} row", "{n} rows", len(self.table.rows))
        unsure = len(self.table.rows) - self.table.sure
        said = [
            rows
            if not unsure
            else msg("table.rows-to-check", "{rows}, {unsure} of them to check", rows=rows, unsure=unsure)
        ]
        said.append(msg("table.pages-checked", "{done} of {total} pages checked", done=self.done, total=self.total))
        if self.problems:
            said.append(msg_n("table.notes", "{n} note", "{n} notes", len(self.problems)))
        return tuple(said)

    @property
    def blocking(self) -> tuple[Column, ...]:
        """The required columns that left the table empty, the one that was missing most often first."""
        required = [] if self.table.rows else [column for column in self.schema.columns if column.required]
        missed = [column for column in required if self.lacking[column.name]]
        return tuple(sorted(missed or required, key=lambda column: -self.lacking[column.name]))

    def why_empty(self) -> Message:
        """Why a finished run has no rows and what would help, in a sentence or two; empty where it has some."""
        if self.table.rows or not self.done or self.failure:
            return NOTHING
        match self.blocking:
            case []:
                return msg(
                    "table.nothing-found", "Nothing was found. Try other columns, or describe what to look for in them."
                )
            case [column]:
                return msg("table.required", "“{column}” is required, but no page has it.", column=column.name)
        names = ", ".join(f"“{column.name}”" for column in self.blocking)
        return msg("table.required-several", "{columns} are required, but no page has all of them.", columns=names)

    def _list(self, documents: Sequence[Document]) -> Iterator[Segment]:
        """What there is to go through, in order."""
        return segments(documents)

    def _ask(self, segment: Segment) -> Asked:
        """The requests about one of them."""
        return ask_segment(segment, self.schema, self.question, sample=self._sample)

    def _step(self, reply: Reply | None) -> None:
        assert self._asking is not None
        self._request = None
        try:
            self._request = next(self._asking) if reply is None else self._asking.send(reply)
        except StopIteration as done:
            self._asking = None
            result: SegmentResult = done.value
            self._finish(result)
            if self._store is not None and result.read:  # a page that was not read may be read another time
                self._store.add(self._key, result)

    def _finish(self, result: SegmentResult) -> None:
        self.done += 1
        name = self._names.get(result.place.document, "")
        # A copy of the file may be called otherwise now.
        rows = [replace(row, name=name) if row.name != name else row for row in result.rows]
        self.changed += self.table.add(rows)
        self.lacking.update(result.lacking)
        for words in result.problems:
            self._note(result.place, words)

    def _note(self, place: Place, words: Message) -> None:
        self.problems.append(Problem(self._names.get(place.document, ""), place, words))


def _bare(place: Place) -> Place:
    return Place(place.document, place.page, place.time_s)
