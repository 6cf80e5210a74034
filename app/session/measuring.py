"""Whether a question may go: what may cost much is measured by the engine first, and held for the user to choose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.chat.plan import Plan, Verdict, judge, plans
from app.chat.scan_costs import ScanCosts, scan_costs
from app.ingest.types import Document
from app.session.conversation import Conversation, Exchange
from model.types import Preflight

SHORT_TALK = 20_000
"""Characters of a conversation without files that is not worth measuring first."""


@dataclass(frozen=True)
class Held:
    """A question that waits for the user: what it costs, and what would make it fit."""

    key: int
    costs: Preflight
    verdict: Verdict
    plans: tuple[Plan, ...]
    scans: ScanCosts | None = None
    """Both costs of pages whose text was read from pictures."""


def is_small(talk: Conversation, exchange: Exchange, known: Preflight | None, files: bool) -> bool:
    """Whether nothing needs to be measured: a short talk, or one whose costs are ``known`` from a quiet moment."""
    own = len(exchange.question.encode())  # a token is at least a byte
    if known is not None and own < SHORT_TALK:
        return judge(known).kind == "go" and known.prompt_tokens + own < judge(known).limit
    said = sum(len(question) + len(answer) for question, answer in talk.history(exchange))
    return not files and own + said + len(talk.instructions) < SHORT_TALK


def decide(exchange: Exchange, costs: Preflight, documents: Sequence[Document]) -> Held | None:
    """What the user has to choose from; ``None`` where the question can go."""
    verdict = judge(costs)
    if verdict.kind == "go" or (exchange.approved and verdict.kind != "too long"):
        return None
    found: tuple[Plan, ...] = ()
    if verdict.kind != "large":
        found = plans(documents, costs, verdict.limit)
    return Held(exchange.key, costs, verdict, found, scan_costs(documents, costs))
