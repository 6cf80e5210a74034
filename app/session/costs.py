"""What a question costs, as messages: for the window and the command line."""

from __future__ import annotations

from app.chat.plan import Verdict
from app.chat.scan_costs import ScanCosts
from app.text.sizes import size
from model.messages import Message, msg, msg_n, plain
from model.types import ModelInfo, Preflight


def duration(seconds: float) -> Message:
    """A rounded time span: ``5 s``, ``2 min``, ``1 h 20 min``."""
    if seconds < 1:
        return msg("time.under-a-second", "less than a second")
    if seconds < 90:
        return msg("time.seconds", "{n} s", n=round(seconds))
    minutes = round(seconds / 60)
    if minutes < 60:
        return msg("time.minutes", "{n} min", n=minutes)
    return msg("time.hours", "{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)


def model_name(info: ModelInfo) -> Message:
    """The model's name with its adapters'; a sample is always named as one."""
    name = " + ".join((info.name, *info.adapters))
    if not info.sample or "sample" in info.name.lower():
        return plain(name)
    return msg("model.sample-name", "{name} (sample)", name=name)


def held_title(kind: str) -> Message:
    """The heading above a request that waits for the user."""
    return {
        "large": msg("held.large", "Reading this will take a while"),
        "no memory": msg("held.no-memory", "This may need more memory than is free"),
        "too long": msg("held.too-long", "This is too long for the model"),
    }[kind]


def scan_words(found: ScanCosts) -> Message:
    """How scans and pictures of text go to the model, and what they would cost as sharp pictures instead."""
    chosen = msg_n(
        "scans.as-text",
        "{n} page is sent as text read from its picture",
        "{n} pages are sent as text read from their pictures",
        found.pages,
    )
    if found.with_picture:
        chosen = msg("scans.with-pictures", "{chosen}, with small pictures", chosen=chosen)
    return msg(
        "scans.costs",
        "{chosen}: {now}; as sharp pictures: {sharp}.",
        chosen=chosen,
        now=_tokens(found.tokens, found.seconds),
        sharp=_tokens(found.sharp_tokens, found.sharp_seconds),
    )


def _tokens(count: int, seconds: float | None) -> Message:
    words = msg_n("tokens.number", "{n} token", "{n} tokens", count)
    if seconds is None:
        return words
    return msg("tokens.with-time", "{words}, about {time}", words=words, time=duration(seconds))


def held_facts(costs: Preflight, verdict: Verdict) -> tuple[Message, ...]:
    """Tokens, memory and minutes of a request that waits for the user."""
    tokens = msg("held.new-tokens", "{n} new tokens", n=verdict.new_tokens)
    if verdict.kind == "too long":
        tokens = msg(
            "held.limit",
            "{needed} tokens; the model's limit is {taken}",
            needed=costs.prompt_tokens,
            taken=costs.context_tokens,
        )
    memory = msg("held.memory", "{size} of memory", size=size(verdict.new_bytes))
    if verdict.kind == "no memory":
        memory = msg("held.free-memory", "{memory}; {free} is free", memory=memory, free=size(costs.free_bytes))
    if verdict.kind == "too long":
        return tokens, memory
    time = msg("held.time-unknown", "time not measured yet")
    if costs.seconds is not None:
        time = msg("held.time", "about {time} on this machine", time=duration(costs.seconds))
    return tokens, memory, time
