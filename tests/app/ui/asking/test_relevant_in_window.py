"""A long read: the most relevant pages are offered, answered from, named under the answer, and the rest is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from app.ingest.types import Document
from app.session.conversation import Stage as Step
from model.types import TextPart
from tests.app.ui.conftest import Stage
from tests.fakes import costs, document, finished

FACT = "The crane may lift 4,180 kg at most."


def long_document(stage: Stage) -> Document:
    number = max(stage.reading.jobs)
    made = document(stage.reading.jobs[number][0], content_hash="c" * 64)
    page = made.pages[0]
    texts = [f"Nothing of interest happened on day {at}." for at in range(60)]
    texts[41] = FACT
    pages = tuple(replace(page, number=at, text=text) for at, text in enumerate(texts, 1))
    return replace(made, pages=pages)


def held(make_stage: Callable[..., Stage]) -> Stage:
    stage = make_stage()
    stage.reading.auto = False
    stage.engine.price = partial(costs, tokens=30_000, seconds=742.0)
    stage.window.add_paths([stage.file("long.pdf")])
    stage.until(lambda: bool(stage.reading.jobs))
    stage.reading.done.emit(max(stage.reading.jobs), long_document(stage))
    stage.until(lambda: not stage.window.attachments.busy)
    stage.ask("How much may the crane lift?")
    panel = stage.window.talk.preflight
    stage.until(lambda: panel.isVisible() and len(panel.plans) == 1)
    return stage


def told(stage: Stage) -> str:
    """The text of the newest request."""
    parts = (part for message in stage.engine.requests[-1].messages for part in message.parts)
    return "".join(part.text for part in parts if isinstance(part, TextPart))


def test_it_is_offered_answered_named_and_improved(make_stage: Callable[..., Stage]) -> None:
    stage = held(make_stage)
    panel = stage.window.talk.preflight
    assert "most relevant of 60 pages now" in panel.plans[0].text()
    panel.plans[0].click()
    stage.until(lambda: bool(stage.engine.requests))
    assert "other words" in told(stage)
    stage.engine.answer("hoist, load")
    stage.until(lambda: len(stage.engine.requests) == 2)
    words = told(stage)
    assert FACT in words
    assert "day 3." not in words
    exchange = stage.window.asking.conversation.last
    assert exchange is not None
    stage.engine.answer(f'At most "{FACT}" (long.pdf, page 42).')
    stage.until(lambda: exchange.stage is Step.DONE)
    assert str(exchange.tool_uses[0].words).startswith("Based on the ")
    assert "long.pdf (" in str(exchange.tool_uses[0].words)
    view = stage.view
    stage.until(view.whole_button.isVisible)
    stage.until(lambda: stage.engine.requests[-1].max_new_tokens == 1)
    whole = told(stage)
    assert "day 3." in whole
    before = len(stage.engine.requests)
    view.whole_button.click()
    stage.until(lambda: len(stage.engine.requests) > before)
    last = stage.window.asking.conversation.last
    assert last is not None
    assert last is not exchange
    assert not last.pages


def test_words_that_are_late_are_not_waited_for(make_stage: Callable[..., Stage]) -> None:
    """The pages are chosen with what came by then."""
    stage = held(make_stage)
    stage.window.asking._relevant._patience.setInterval(0)
    stage.window.talk.preflight.plans[0].click()
    stage.until(lambda: stage.engine.stops == [1])
    assert "other words" in told(stage)
    stage.engine.say(finished("cancelled"))
    stage.until(lambda: len(stage.engine.requests) == 2)
    assert FACT in told(stage)
