"""From ranked pages to those that are read now: as many as there is room for, with their neighbours, in document order.

A document of which nothing is chosen is left out; the pages of the others that are not read are openly marked, for the
model as well as for the user.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from app.chat.relevance.ranking import Ranking
from app.ingest.types import Document, Page
from model.messages import Message, joined, msg, msg_n

NOT_RELEVANT = msg(
    "chat.not-relevant", "It was not read for this question, because other pages fit the question's words better."
)
_AROUND_PAGE = 12
"""Tokens of a page's heading."""

_CHARACTERS_EACH = 3.0
"""Of a token, on the safe side."""

_SURE = 3
"""The best pages whose neighbours are read too."""

_MOST_RUNS = 12

Cost = Callable[[Document, Page | None], int]
"""Tokens of a page; of a whole video without one."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Pages that are read, by document (its content's hash); numbers count from 0, in order. ``tokens``: of all."""

    pages: tuple[tuple[str, tuple[int, ...]], ...]
    tokens: int

    @property
    def count(self) -> int:
        """How many pages there are."""
        return sum(len(pages) for _, pages in self.pages)


def usual_cost(document: Document, page: Page | None) -> int:
    """Tokens of a page by its characters and its picture; of a video by its frames and cues."""
    if page is None:
        frames = sum(frame.picture.soft_tokens + 8 for frame in document.frames)
        return frames + round(sum(len(cue.text) + 8 for cue in document.cues) / _CHARACTERS_EACH)
    picture = page.picture.soft_tokens if page.picture is not None else 0
    return picture + _AROUND_PAGE + round(len(page.text) / _CHARACTERS_EACH)


def choose(
    documents: Sequence[Document],
    question: str,
    room: int,
    further: Iterable[str] = (),
    cost: Cost = usual_cost,
) -> Chosen | None:
    """The pages that fit the question best, in at most ``room`` tokens; ``None`` where none of its words is found."""
    ranking = Ranking(documents)
    try:
        ranked = ranking.rank(question, further)
    finally:
        ranking.close()
    taken: dict[int, set[int]] = {}
    used = 0

    def take(at: int, page: int) -> bool:
        nonlocal used
        document = documents[at]
        timed = document.file_kind.timed
        if page in taken.get(at, ()) or not (page == 0 if timed else 0 <= page < len(document.pages)):
            return True
        if not timed and document.pages[page].state == "skipped":
            return True
        tokens = cost(document, None if timed else document.pages[page])
        if used and used + tokens > room:
            return False
        taken.setdefault(at, set()).add(page)
        used += tokens
        return True

    for place, one in enumerate(ranked):
        fits = take(one.document, one.page)
        if fits and place < _SURE:
            take(one.document, one.page + 1)
            take(one.document, one.page - 1)
        if not fits and used > 0.9 * room:
            break
    if not taken:
        return None
    pages = tuple((documents[at].content_hash, tuple(sorted(taken[at]))) for at in sorted(taken))
    return Chosen(pages, used)


def only(documents: Sequence[Document], pages: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[Document, ...]:
    """The documents with these pages only; all of them, whole, where no pages are named."""
    if not pages:
        return tuple(documents)
    chosen = {key: frozenset(numbers) for key, numbers in pages}
    return tuple(_only(one, chosen[one.content_hash]) for one in documents if one.content_hash in chosen)


def _only(document: Document, numbers: frozenset[int]) -> Document:
    if document.file_kind.timed:
        return document
    pages = (
        page if index in numbers else replace(page, picture=None, state="skipped", reason=NOT_RELEVANT)
        for index, page in enumerate(document.pages)
    )
    return replace(document, pages=tuple(pages))


def rests_on(documents: Sequence[Document], pages: Sequence[tuple[str, tuple[int, ...]]]) -> Message:
    """Which pages an answer rests on, and what was not read: ``contract.pdf (3–7, 12)``."""
    by_key = {one.content_hash: one for one in documents}
    named = []
    read = 0
    for key, numbers in pages:
        document = by_key.get(key)
        if document is not None:
            read += len(numbers)
            whole = len(numbers) >= max(1, len(document.pages))
            named.append(document.name if whole else f"{document.name} ({_runs([page + 1 for page in numbers])})")
    total = sum(max(1, len(one.pages)) for one in documents)
    files = len(documents) - len(named)
    shown = "; ".join(named[:_MOST_RUNS]) + (" …" if len(named) > _MOST_RUNS else "")
    said = [
        msg(
            "relevant.pages",
            "Based on the {read} most relevant of {total} pages: {pages}.",
            read=read,
            total=total,
            pages=shown,
        ),
        msg_n("relevant.not-read", "{n} page was not read.", "{n} pages were not read.", total - read),
    ]
    if files:
        said.append(
            msg_n("relevant.no-page", "{n} file was not read at all.", "{n} files were not read at all.", files)
        )
    return joined(*said)


def _runs(numbers: Sequence[int]) -> str:
    """``3–7, 12``."""
    runs: list[list[int]] = []
    for one in numbers:
        if runs and one == runs[-1][1] + 1:
            runs[-1][1] = one
        else:
            runs.append([one, one])
    words = [f"{first}" if first == last else f"{first}–{last}" for first, last in runs[:_MOST_RUNS]]
    return ", ".join(words) + (" …" if len(runs) > _MOST_RUNS else "")
