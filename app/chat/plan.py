"""Before a large read: whether to ask the user first, and what would make a request fit. No Qt, no torch.

The engine's own report gives what a request costs as it is; what it would cost otherwise is estimated from
it: pictures exactly, from their sizes at each visual budget, text by its share of the characters.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import Literal

from app.ingest.types import Document, Mode, Page
from model.messages import Message, msg
from model.soft_tokens import SOFT_TOKEN_PX, VISUAL_BUDGETS
from model.types import Picture, Preflight

LARGE_SECONDS = 60.0
"""A read of a minute is worth a question."""
LARGE_TOKENS = 20_000
"""What is asked about while the machine's speed is not known."""
MEMORY_SHARE = 0.9
"""Of the free memory; other programs breathe too."""
_AROUND_PICTURE = 2
_FRAMES = (24, 16, 12, 8, 4, 2, 1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do with a request. ``limit`` is the number of tokens that would do."""

    kind: Literal["go", "large", "no memory", "too long"]
    new_tokens: int
    new_bytes: int
    limit: int


@dataclass(frozen=True, slots=True)
class Change:
    """Another way to read one document; what is ``None`` stays as it is."""

    key: str
    budget: int | None = None
    mode: Mode | None = None
    max_frames: int | None = None
    max_pages: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """One way to make a request fit: in words, the tokens that it would have, and what to change.

    ``seconds`` until the first word then; ``None`` while this machine's speed is not known.
    """

    words: Message
    tokens: int
    changes: tuple[Change, ...]
    seconds: float | None = None
    pages: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """The only pages that are read for this question, by document; numbers count from 0. Nothing else changes then."""
    room: int = 0
    """Tokens that those pages may take."""


def judge(costs: Preflight) -> Verdict:
    """Whether a request can simply go."""
    resident = sum(report.tokens for report in costs.documents if report.state == "resident")
    per_token = costs.cache_bytes / max(1, costs.prompt_tokens)
    new = costs.prompt_tokens - costs.reused_tokens
    new_bytes = round(per_token * max(0, costs.prompt_tokens - resident))
    context = costs.context_tokens - min(costs.answer_tokens, costs.context_tokens // 8)
    if costs.prompt_tokens >= costs.context_tokens:
        return Verdict("too long", new, new_bytes, context)
    if new_bytes > costs.free_bytes:
        fits = resident + int(MEMORY_SHARE * costs.free_bytes / per_token)
        return Verdict("no memory", new, new_bytes, min(context, fits))
    large = new > LARGE_TOKENS if costs.seconds is None else costs.seconds >= LARGE_SECONDS
    return Verdict("large" if large else "go", new, new_bytes, context)


def plans(documents: Sequence[Document], costs: Preflight, limit: int) -> tuple[Plan, ...]:
    """The mildest plan of each kind that brings the request to ``limit`` tokens, where there is one."""
    sizes = _Sizes(documents, costs)
    found = [
        _first(_lower_budgets(sizes), limit, sizes),
        _first(_text_only(sizes), limit, sizes),
        _first(_fewer_frames(sizes), limit, sizes),
        _first(_fewer_pages(sizes, limit), limit, sizes),
    ]
    kept = tuple(plan for plan in found if plan is not None)
    if kept:
        return kept
    everything = _first(_everything(sizes), limit, sizes)
    return (everything,) if everything is not None else ()


def first_pages(document: Document, number: int | None) -> Document:
    """``document`` with only its first ``number`` pages read; the others are openly marked as left out."""
    if number is None or number >= len(document.pages):
        return document
    left_out = msg(
        "chat.left-out-to-fit",
        "It was left out so that the question fits; to use all pages again, open the file's menu.",
    )
    pages = [
        page if index < number else replace(page, picture=None, state="skipped", reason=left_out)
        for index, page in enumerate(document.pages)
    ]
    return replace(document, pages=tuple(pages))


class _Sizes:
    """The cost of each document now, and with other options."""

    def __init__(self, documents: Sequence[Document], costs: Preflight) -> None:
        tokens = {report.key: report.tokens for report in costs.documents}
        self.documents = [document for document in documents if document.content_hash in tokens]
        self._tokens = {document.content_hash: tokens[document.content_hash] for document in self.documents}
        self._costs = costs
        self._elsewhere = costs.prompt_tokens - sum(self._tokens.values())

    def total(self, changes: Iterable[Change]) -> int:
        """Tokens of the whole request with these changes."""
        by_key = {change.key: change for change in changes}
        return self._elsewhere + sum(
            self._cost(document, by_key.get(document.content_hash)) for document in self.documents
        )

    def seconds(self, changes: Iterable[Change]) -> float | None:
        """Until the first word with these changes: everything behind the first file that changes is read anew."""
        if self._costs.rates is None:
            return None
        by_key = {change.key: change for change in changes}
        before = list(takewhile(lambda report: report.key not in by_key, self._costs.documents))
        reused = min(self._costs.reused_tokens, sum(report.tokens for report in before))
        looks: dict[tuple[str, int], int] = {}
        for document in self.documents:
            change = by_key.get(document.content_hash)
            budget = change.budget if change is not None else None
            for picture in _left(document, change):
                if picture.content_hash in self._costs.unseen or (budget is not None and budget < picture.budget):
                    looks[picture.content_hash, budget or picture.budget] = _soft_tokens(picture, budget)
        return self._costs.rates.seconds(self.total(by_key.values()) - reused, looks.values())

    def _cost(self, document: Document, change: Change | None) -> int:
        now = self._tokens[document.content_hash]
        if change is None:
            return now
        words = now - sum(_picture_cost(picture) for picture in _left(document))
        share = 1.0
        if change.max_pages is not None:
            share = _characters(document.pages[: change.max_pages]) / max(1, _characters(document.pages))
        if change.max_frames is not None and len(document.frames) > change.max_frames:
            share = change.max_frames / len(document.frames)
        return round(words * share) + sum(_picture_cost(each, change.budget) for each in _left(document, change))


def _left(document: Document, change: Change | None = None) -> list[Picture]:
    """The pictures that a change leaves of a document, as they are now."""
    change = change or Change(document.content_hash)
    if change.mode == "text":
        return []
    pages = [page.picture for page in document.pages[: change.max_pages] if page.picture is not None]
    return pages + [frame.picture for frame in document.frames[: change.max_frames]]


def _picture_cost(picture: Picture, budget: int | None = None) -> int:
    return _soft_tokens(picture, budget) + _AROUND_PICTURE


def _soft_tokens(picture: Picture, budget: int | None) -> int:
    """Of a picture at a budget that is not above its own; it was fitted to its own already."""
    if budget is None or budget >= picture.budget:
        return picture.soft_tokens
    from app.ingest.sizes import picture_size  # numpy, which the window's start does without

    height, width = picture_size(picture.height, picture.width, budget)
    return height * width // SOFT_TOKEN_PX**2


def _characters(pages: Sequence[Page]) -> int:
    """A page costs its heading too."""
    return sum(len(page.text) + 12 for page in pages if page.state != "skipped")


Candidates = Iterator[tuple[Message, tuple[Change, ...], int]]


def _first(candidates: Candidates, limit: int, sizes: _Sizes) -> Plan | None:
    fitting = ((words, changes, tokens) for words, changes, tokens in candidates if tokens <= limit)
    return next((Plan(words, tokens, changes, sizes.seconds(changes)) for words, changes, tokens in fitting), None)


def _with_pictures(sizes: _Sizes) -> list[Document]:
    return [d for d in sizes.documents if d.frames or any(page.picture is not None for page in d.pages)]


def _lower_budgets(sizes: _Sizes) -> Candidates:
    documents = _with_pictures(sizes)
    for budget in sorted(VISUAL_BUDGETS, reverse=True):
        touched = [document for document in documents if _highest_budget(document) > budget]
        if touched:
            changes = tuple(Change(document.content_hash, budget=budget) for document in touched)
            words = msg("plan.less-detail", "Lower image detail: {budget} tokens per picture", budget=budget)
            yield words, changes, sizes.total(changes)


def _highest_budget(document: Document) -> int:
    pictures = [page.picture for page in document.pages] + [frame.picture for frame in document.frames]
    return max((picture.budget for picture in pictures if picture is not None), default=0)


def _text_only(sizes: _Sizes) -> Candidates:
    """Only for files whose every picture has its text beside it: a scan without its picture has no content."""
    touched = [d for d in _with_pictures(sizes) if d.file_kind.modes and all(p.state != "image" for p in d.pages)]
    if touched:
        changes = tuple(Change(document.content_hash, mode="text") for document in touched)
        yield msg("plan.text-only", "Text only: pages without their pictures"), changes, sizes.total(changes)


def _fewer_frames(sizes: _Sizes) -> Candidates:
    for number in _FRAMES:
        touched = [document for document in sizes.documents if len(document.frames) > number]
        if touched:
            changes = tuple(Change(document.content_hash, max_frames=number) for document in touched)
            words = msg("plan.fewer-frames", "Fewer frames: {frames} per video", frames=number)
            yield words, changes, sizes.total(changes)


def _fewer_pages(sizes: _Sizes, limit: int) -> Candidates:
    """The same share of each file that has more than one page: the largest that fits. Fewer pages never take more
    tokens, so that it is found by halving: a folder has hundreds of files."""
    touched = [document for document in sizes.documents if len(document.pages) > 1]
    if not touched:
        return
    longest = max(len(document.pages) for document in touched)

    def changes(percent: int) -> tuple[Change, ...]:
        return tuple(Change(d.content_hash, max_pages=max(1, percent * len(d.pages) // 100)) for d in touched)

    shares = range(95, 0, -1)
    at = bisect_left(shares, True, key=lambda percent: sizes.total(changes(percent)) <= limit)
    for percent in shares[at : at + 1]:
        most = max(1, percent * longest // 100)
        words = msg("plan.fewer-pages", "Fewer pages: the first {first} of {pages}", first=most, pages=longest)
        if len(touched) > 1:
            words = msg(
                "plan.fewer-pages-of-all",
                "Fewer pages: the first {first} of {pages}, and the same share of the other files",
                first=most,
                pages=longest,
            )
        yield words, changes(percent), sizes.total(changes(percent))


def _everything(sizes: _Sizes) -> Candidates:
    """All of it together, for what nothing alone makes fit."""
    for percent in (75, 50, 33, 25, 15, 10, 5, 2, 1):
        changes = tuple(_all_of(document, percent) for document in sizes.documents)
        words = msg(
            "plan.least-detail",
            "Lowest image detail: {budget} tokens per picture, {percent} % of pages and frames",
            budget=min(VISUAL_BUDGETS),
            percent=percent,
        )
        yield words, changes, sizes.total(changes)


def _all_of(document: Document, percent: int) -> Change:
    def part(number: int) -> int | None:
        return max(1, percent * number // 100) if number > 1 else None

    least = min(VISUAL_BUDGETS)
    return Change(document.content_hash, least, None, part(len(document.frames)), part(len(document.pages)))
