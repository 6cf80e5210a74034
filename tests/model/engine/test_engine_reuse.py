"""Prefix reuse: whatever was asked before, the answer is that of a fresh engine, and little is read twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from model.engine.engine import Engine
from model.types import ChatMessage, PrefillProgress, Request
from tests.model.engines import ask, assert_same, dictated, forget, opened, parts, picture, run, said, user, write_model
from tests.model.prompt.test_building import STRICT_TEMPLATE

# Longer than the tiny model's window, so that sliding layers have moved on.
LONG = "the rent is due on the third day of each month and the tenant " * 6
OTHER = "a paper on the reading of old letters in the north " * 5


@pytest.fixture(scope="module", params=["own", "strict"])
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With Lectern's template, and with the habits of the published one."""
    template = STRICT_TEMPLATE if request.param == "strict" else None
    return write_model(tmp_path_factory.mktemp("model"), template=template)


@dataclass(frozen=True)
class Pair:
    engine: Engine
    fresh: Engine


@pytest.fixture(scope="module")
def opened_pair(folder: Path) -> Iterator[Pair]:
    with opened(folder) as engine, opened(folder, chunk=64) as fresh:
        yield Pair(engine, fresh)


@pytest.fixture
def pair(opened_pair: Pair) -> Pair:
    return Pair(forget(opened_pair.engine), forget(opened_pair.fresh))


SYSTEM = ChatMessage("system", user("Be brief.").parts)
DOCUMENTS = ("Document 1\n", LONG, "Document 2\n", OTHER)
SEEN = ("Page 1\n", picture("a"), LONG, "Page 2\n", picture("b", 48, 480), "Frame 00:01 ", picture("c", 96, 96))

BEFORE_AND_AFTER: dict[str, tuple[list[Request], Request, float]] = {
    "the same again": ([ask(SYSTEM, user(*DOCUMENTS, "when?"))], ask(SYSTEM, user(*DOCUMENTS, "when?")), 0.9),
    "another question": ([ask(SYSTEM, user(*DOCUMENTS, "when?"))], ask(SYSTEM, user(*DOCUMENTS, "who pays?")), 0.9),
    "the next turn": (
        [ask(SYSTEM, user(*DOCUMENTS, "when?"))],
        ask(SYSTEM, user(*DOCUMENTS, "when?"), said("On the third."), user("and who?")),
        0.8,
    ),
    "an edited first question": (
        [
            ask(SYSTEM, user(*DOCUMENTS, "when?")),
            ask(SYSTEM, user(*DOCUMENTS, "when?"), said("On the third."), user("and who?")),
        ],
        ask(SYSTEM, user(*DOCUMENTS, "where is it?")),
        0.9,
    ),
    "an edited second question": (
        [ask(SYSTEM, user(*DOCUMENTS, "when?"), said("On the third."), user("and who?"))],
        ask(SYSTEM, user(*DOCUMENTS, "when?"), said("On the third."), user("why?")),
        0.9,
    ),
    "another document added": (
        [ask(SYSTEM, user(*DOCUMENTS, "when?"))],
        ask(SYSTEM, user(*DOCUMENTS, "Document 3\n", "short", "when?")),
        0.8,
    ),
    "a document taken out": ([ask(SYSTEM, user(*DOCUMENTS, "when?"))], ask(SYSTEM, user(*DOCUMENTS[:2], "when?")), 0.7),
    "other documents in between": (
        [ask(SYSTEM, user(*DOCUMENTS, "when?")), ask(user(OTHER, LONG, "what?")), ask(user("hello"))],
        ask(SYSTEM, user(*DOCUMENTS, "who pays?")),
        0.9,
    ),
    "nothing in common": ([ask(SYSTEM, user(*DOCUMENTS, "when?"))], ask(user(OTHER, "what?")), 0.0),
    "thinking switched on": (
        [ask(SYSTEM, user(*DOCUMENTS, "when?"))],
        ask(SYSTEM, user(*DOCUMENTS, "when?"), thinking=True),
        0.0,
    ),
    "pictures, another question": ([ask(user(*SEEN, "what is it?"))], ask(user(*SEEN, "and that?")), 0.9),
    "pictures, the next turn": (
        [ask(user(*SEEN, "what is it?"))],
        ask(user(*SEEN, "what is it?"), said("a rent"), user(picture("d"), "and this?")),
        0.8,
    ),
    "one picture replaced": (
        [ask(user(*SEEN, "what is it?"))],
        ask(user(*SEEN[:-1], picture("x", 96, 96), "what is it?")),
        0.4,
    ),
}


@pytest.mark.parametrize("name", BEFORE_AND_AFTER)
def test_after_reuse_as_from_a_fresh_engine(name: str, pair: Pair) -> None:
    before, request, share = BEFORE_AND_AFTER[name]
    for earlier in before:
        assert run(pair.engine, earlier).finished
    got, expected = run(pair.engine, request), run(pair.fresh, request)
    assert_same(got, expected)
    usage = got.finished.usage
    assert expected.finished.usage.reused_tokens == 0
    assert usage.prompt_tokens == expected.finished.usage.prompt_tokens
    assert usage.reused_tokens >= share * usage.prompt_tokens
    assert got.of(PrefillProgress)[0] == PrefillProgress(usage.reused_tokens, usage.prompt_tokens, usage.reused_tokens)


def stop_at_chunk(number: int) -> Callable[[Engine, Request], None]:
    def interrupt(engine: Engine, request: Request) -> None:
        cancel = threading.Event()
        for event in engine.generate(request, cancel):
            if isinstance(event, PrefillProgress) and event.done >= number * 16:
                cancel.set()

    return interrupt


def walk_away(engine: Engine, request: Request) -> None:
    """The caller stops listening in the middle of the prompt."""
    events = engine.generate(request, threading.Event())
    for _ in range(4):
        next(events)
    events.close()  # type: ignore[attr-defined]


@pytest.mark.parametrize("interrupt", [stop_at_chunk(0), stop_at_chunk(3), stop_at_chunk(8), walk_away])
def test_an_interrupted_prompt_goes_on_where_it_stopped(
    interrupt: Callable[[Engine, Request], None], pair: Pair
) -> None:
    request = ask(SYSTEM, user(*SEEN, "when?"))
    interrupt(pair.engine, request)
    read = parts(pair.engine).residency.length
    got = run(pair.engine, request)
    assert_same(got, run(pair.fresh, request))
    assert got.finished.usage.reused_tokens == read


@pytest.mark.parametrize("folder", ["own"], indirect=True)
def test_the_answer_itself_is_reused_where_the_history_repeats_it(pair: Pair) -> None:
    first = ask(user(LONG, "when?"), limit=50)
    tokenizer = parts(pair.engine).tokenizer
    words = tokenizer.encode_data("on the third day, or later")
    with dictated([*words, tokenizer.encode_control("<turn|>")[0]]):
        told = run(pair.engine, first).finished
    assert told.reason == "stop"
    second = ask(user(LONG, "when?"), said("on the third day, or later"), user("why?"))
    got = run(pair.engine, second)
    assert_same(got, run(pair.fresh, second))
    assert got.finished.usage.reused_tokens == told.usage.prompt_tokens + len(words)


def test_a_thought_is_dropped_from_the_history_and_the_rest_is_reused(pair: Pair) -> None:
    first = ask(user(LONG, "when?"), limit=50)
    words = parts(pair.engine).tokenizer.encode_control("<|channel>thought\nlet me see<channel|>on the third<turn|>")
    with dictated(words):
        said_first = run(pair.engine, first)
    assert (said_first.thought.strip(), said_first.answer) == ("let me see", "on the third")
    second = ask(user(LONG, "when?"), said(said_first.answer), user("why?"))
    got = run(pair.engine, second)
    assert_same(got, run(pair.fresh, second))
    assert got.finished.usage.reused_tokens == parts(pair.engine).prompt(first).landmarks[1]


@pytest.mark.gpu
@pytest.mark.parametrize("folder", ["own"], indirect=True)
@pytest.mark.parametrize("name", ["another question", "the next turn", "pictures, another question"])
def test_a_gpu_reuses_and_agrees_with_the_processor(name: str, folder: Path, pair: Pair) -> None:
    before, request, share = BEFORE_AND_AFTER[name]
    with opened(folder, device="cuda") as engine:
        for earlier in before:
            assert run(engine, earlier).finished
        got, expected = run(engine, request), run(pair.fresh, request)
    assert got.finished.usage.reused_tokens >= share * got.finished.usage.prompt_tokens
    for own, other in zip(got.logits, expected.logits, strict=True):
        assert (own.cpu() - other).abs().max() <= 1e-3
