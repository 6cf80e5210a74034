"""Thoughts and the answer are counted apart; at their limit thoughts are ended, and the answer begins."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.chat.growing import ending
from app.chat.plan import judge
from model.engine.engine import Engine
from model.types import Request
from tests.model.engines import Run, ask, dictated, opened, parts, run, user, write_model

WORDS = "the rent is due on the third day of each month and not later than noon unless both agree"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with opened(write_model(tmp_path_factory.mktemp("model")), chunk=256) as engine:
        yield engine


def thinking(answer: int, thoughts: int) -> Request:
    return replace(ask(user("what?"), limit=answer, thinking=True), max_thinking_tokens=thoughts)


def saying(engine: Engine, request: Request, written: str) -> Run:
    with dictated(parts(engine).tokenizer.encode_control(written)):
        return run(engine, request)


def test_thoughts_take_nothing_from_the_answer(engine: Engine) -> None:
    answer = len(parts(engine).tokenizer.encode_data(WORDS))
    found = saying(engine, thinking(answer, 500), f"<|channel>thought\n{WORDS * 3}<channel|>{WORDS} and more")
    usage = found.finished.usage
    assert (found.finished.reason, found.answer, found.thought) == ("length", WORDS, WORDS * 3)
    assert usage.answer_tokens - usage.thinking_tokens == answer and not found.finished.thinking_cut


def test_at_their_limit_thoughts_are_ended_and_the_answer_begins(engine: Engine) -> None:
    own = parts(engine)
    found = saying(engine, thinking(8, 20), f"<|channel>thought\n{WORDS * 9}")
    usage = found.finished.usage
    assert found.finished.thinking_cut and found.finished.reason == "length"
    assert (usage.thinking_tokens, usage.answer_tokens) == (20, 28)
    assert found.thought and WORDS.startswith(found.thought[:20]) and found.answer
    # The cache holds the written tokens, not those drawn in their place.
    assert own.residency.length == usage.prompt_tokens + usage.answer_tokens - 1
    assert str(ending(found.finished)[0]) == "Thinking stopped at its limit"


def test_thoughts_that_end_by_themselves_at_the_limit_are_not_cut(engine: Engine) -> None:
    inside = parts(engine).tokenizer.encode_control("<|channel>thought\nhm, yes<channel|>")
    found = saying(engine, thinking(8, len(inside)), "<|channel>thought\nhm, yes<channel|>So.<turn|>")
    assert (found.answer, found.finished.reason, found.finished.thinking_cut) == ("So.", "stop", False)
    assert found.finished.usage.thinking_tokens == len(inside)


def test_a_model_that_thinks_again_and_again_comes_to_an_end(engine: Engine) -> None:
    found = saying(engine, thinking(12, 10), "<|channel>thought\nhm<channel|>a" * 40)
    assert found.finished.usage.answer_tokens <= 22


def test_unasked_thoughts_count_as_the_answer(engine: Engine) -> None:
    found = saying(engine, ask(user("what?"), limit=9), f"<|channel>thought\n{WORDS * 3}")
    assert (found.finished.usage.answer_tokens, found.finished.reason) == (9, "length")
    assert not found.finished.thinking_cut


def test_what_may_be_written_is_told_before(engine: Engine) -> None:
    assert engine.preflight(thinking(100, 300)).answer_tokens == 400
    assert engine.preflight(ask(user("what?"), limit=100)).answer_tokens == 100
    costs = replace(engine.preflight(thinking(100, 300)), context_tokens=8000)
    assert judge(costs).limit == 8000 - 400
