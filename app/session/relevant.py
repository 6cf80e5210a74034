"""Answering from the most relevant pages: the plan that is offered, and what an answer says it rests on. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.chat.plan import Plan, Verdict
from app.chat.relevance.choosing import choose, rests_on, usual_cost
from app.chat.tools.uses import ToolUse
from app.ingest.types import Document
from app.session.conversation import Exchange
from model.messages import msg
from model.types import Preflight

RELEVANT = "relevant_pages"
"""The name of the ``ToolUse`` that tells which pages an answer rests on."""

_FEWEST_PAGES = 8
ROOM = 16_000
_LEAST = 4_000
"""Tokens of the chosen pages."""

_WANTED_S = 45.0
"""Seconds until the first word that the choice of pages aims at."""


def relevant_plan(question: str, documents: Sequence[Document], costs: Preflight, verdict: Verdict) -> Plan | None:
    """The plan to answer from the pages that fit the question best; ``None`` where that is no help.

    Takes up to a second for hundreds of files: not for the main thread.
    """
    total = sum(max(1, len(one.pages)) for one in documents)
    elsewhere = costs.prompt_tokens - sum(report.tokens for report in costs.documents)
    room = _room(costs, verdict.limit - elsewhere)
    if total < _FEWEST_PAGES or room < _LEAST // 2:
        return None
    scale = _scale(documents, costs)
    room = round(room / scale)
    chosen = choose(documents, question, room)
    if chosen is None or chosen.count >= total:
        return None
    tokens = round(chosen.tokens * scale) + max(0, elsewhere)
    seconds = costs.rates.seconds(tokens, _looks(documents, chosen.pages)) if costs.rates is not None else None
    words = msg(
        "plan.relevant",
        "Answer from the {pages} most relevant of {total} pages now, and read the rest in the background",
        pages=chosen.count,
        total=total,
    )
    return Plan(words, tokens, (), seconds, chosen.pages, room)


def apply(
    exchange: Exchange, documents: Sequence[Document], room: int, further: Iterable[str] = ()
) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Choose the pages for a question, with other words for the same things; what it gives is also the exchange's.

    Empty where no page has any of the words: then everything has to be read.
    """
    chosen = choose(documents, exchange.question, room, further)
    rest(exchange, documents, chosen.pages if chosen is not None else ())
    return exchange.pages


def rest(exchange: Exchange, documents: Sequence[Document], pages: tuple[tuple[str, tuple[int, ...]], ...]) -> None:
    """Let an answer rest on these pages, and say so."""
    exchange.pages = pages
    exchange.tool_uses = (ToolUse(RELEVANT, "{}", rests_on(documents, pages)),) if pages else ()


def is_partial(exchange: Exchange) -> bool:
    """Whether an answer rests on a part of the files only."""
    return any(use.name == RELEVANT for use in exchange.tool_uses)


def _scale(documents: Sequence[Document], costs: Preflight) -> float:
    """How many times more tokens than usual these files take: the vocabulary may be small, or the language rare."""
    keys = {report.key for report in costs.documents}
    usual = sum(
        usual_cost(one, page)
        for one in documents
        if one.content_hash in keys
        for page in ((None,) if one.file_kind.timed else one.pages)
    )
    return max(1.0, sum(report.tokens for report in costs.documents) / usual) if usual else 1.0


def _room(costs: Preflight, most: int) -> int:
    room = ROOM
    if costs.rates is not None:
        thousand = costs.rates.seconds(1000, ())
        room = round(1000 * _WANTED_S / thousand) if thousand else ROOM
    return min(max(_LEAST, min(room, ROOM)), most)


def _looks(documents: Sequence[Document], pages: Sequence[tuple[str, tuple[int, ...]]]) -> list[int]:
    """Soft tokens of each picture on the chosen pages."""
    by_key = {one.content_hash: one for one in documents}
    shown = [by_key[key].pages[number].picture for key, numbers in pages for number in numbers if by_key[key].pages]
    return [picture.soft_tokens for picture in shown if picture is not None]
