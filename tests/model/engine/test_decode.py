"""Drafted tokens change how many passes an answer takes, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.engine import decode
from model.engine.engine import Engine
from model.engine.generation import LoadedModel
from model.engine.lookup import Draft, PromptLookup
from model.engine.sampling import Sampler
from model.engine.speculation import Speculation
from model.training.data.held_out import cases
from model.types import Event, Finished, Request, Sampling, TextDelta, ToolCall
from tests.model.engines import (
    GREEDY,
    Run,
    ask,
    assert_same,
    dictated,
    forget,
    opened,
    parts,
    picture,
    run,
    user,
    write_model,
)

TEXT = "the rent is due on the third day of the month, and the rent is paid on the third day of the month. " * 3


class Always(Speculation):
    """Drafts as much as it can, whatever it costs."""

    def positions(self, matched: int, agreed: bool, drafted: int) -> int:
        return drafted + 1


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with opened(write_model(tmp_path_factory.mktemp("model"), context=500)) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Engine:
    return forget(shared)


@contextmanager
def lookup(engine: Engine, on: bool, speculation: Speculation | None = None) -> Iterator[LoadedModel]:
    """With or without drafts, as many of them as possible."""
    before = parts(engine)
    engine._model = replace(before, lookup=on, speculation=speculation or Always())
    try:
        yield engine._model
    finally:
        engine._model = before


def with_and_without(engine: Engine, request: Request, words: Sequence[int] | None = None) -> tuple[Run, Run]:
    """The same request with drafts and plainly, each from an empty cache; ``words`` is the model's text."""
    runs = []
    for on in (True, False):
        forget(engine)
        with lookup(engine, on):
            if words is None:
                runs.append(run(engine, request))
            else:
                with dictated(words):
                    runs.append(Run(list(engine.generate(request, threading.Event()))))
    return runs[0], runs[1]


class Wrong(PromptLookup):
    """Its drafts are right up to a place that changes from one to the next."""

    count = 0

    def draft(self, limit: int) -> Draft | None:
        found = super().draft(limit)
        Wrong.count += 1
        if found is None:
            return Draft((5,) * limit, 2, False)
        cut = Wrong.count % (len(found.tokens) + 1)
        return replace(found, tokens=found.tokens[:cut] + (5,) * (limit - cut)) if limit > cut else found


@pytest.fixture(params=["right as they come", "wrong somewhere"])
def drafts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "wrong somewhere":
        monkeypatch.setattr("model.engine.generation.PromptLookup", Wrong)


@pytest.mark.usefixtures("drafts")
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("temperature", [0.0, 0.3, 1.0])
def test_the_same_tokens_as_one_by_one(seed: int, temperature: float, engine: Engine) -> None:
    """Greedy and drawn: from the same logits with the same random numbers, in fp32."""
    request = ask(
        user(TEXT, picture("a"), f"when is it due? {seed}"),
        limit=90,
        sampling=Sampling(temperature=temperature, seed=seed),
    )
    got, expected = with_and_without(engine, request)
    assert_same(got, expected)
    usage = got.finished.usage
    assert usage.answer_tokens == expected.finished.usage.answer_tokens
    assert usage.drafted_tokens >= max(1, usage.accepted_tokens)
    assert expected.finished.usage.drafted_tokens == 0


@pytest.mark.usefixtures("drafts")
def test_a_quotation_takes_few_passes_and_leaves_the_cache_as_one_by_one(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    passes = 0
    plain = decode.decode_pass

    def counted(*args: object) -> torch.Tensor:
        nonlocal passes
        passes += 1
        return plain(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(decode, "decode_pass", counted)
    words = parts(engine).tokenizer.encode_data(TEXT)[:100]
    request = ask(user(TEXT, "say it again"), limit=100)
    rows, signatures, counts = [], [], []
    for on in (True, False):
        forget(engine)
        passes = 0
        with lookup(engine, on) as model, dictated(words):
            finished = Run(list(engine.generate(request, threading.Event()))).finished
            cache = model.residency.cache
            layers = [torch.cat(list(layer.views()), dim=1) for layer in cache.global_layers()]
            rings = [t[:, : ring.filled] for ring in cache.sliding_layers() for t in (ring.keys, ring.values)]
            rows.append([t.clone() for t in (*layers, *rings)])
            signatures.append(model.residency._signature)
            counts.append(passes)
        assert finished.usage.answer_tokens == 100
        assert passes == 99 - finished.usage.accepted_tokens
    assert signatures[0] == signatures[1]
    assert counts[1] == 99
    assert counts[0] < 60
    for own, other in zip(*rows, strict=True):
        torch.testing.assert_close(own, other, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("stop", ["<turn|>", "<eos>"])
@pytest.mark.parametrize("length", [1, 2, 7, 20])
def test_stop_tokens_end_the_answer(stop: str, length: int, engine: Engine) -> None:
    tokenizer = parts(engine).tokenizer
    words = [*tokenizer.encode_data(TEXT)[:length], *tokenizer.encode_control(stop)]
    got, expected = with_and_without(engine, ask(user(TEXT, "q"), limit=50), words)
    assert (got.answer, got.finished.reason) == (expected.answer, "stop")
    assert got.finished.usage.answer_tokens == length


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 9, 17])
def test_the_answer_s_limit(limit: int, engine: Engine) -> None:
    words = parts(engine).tokenizer.encode_data(TEXT)
    got, expected = with_and_without(engine, ask(user(TEXT, "q"), limit=limit), words)
    assert (got.answer, got.finished.reason) == (expected.answer, "length")
    assert got.finished.usage.answer_tokens == limit


def test_the_context_s_end(engine: Engine) -> None:
    """No drafted position is beyond it."""
    words = parts(engine).tokenizer.encode_data(TEXT) * 9
    with lookup(engine, True) as model, dictated(words):
        usage = Run(list(engine.generate(ask(user(TEXT, "q"), limit=1000), threading.Event()))).finished.usage
    assert usage.prompt_tokens + usage.answer_tokens == 500
    assert usage.accepted_tokens > 50
    assert model.residency.length == model.residency.cache.length == 499


def test_events_are_those_of_one_by_one(engine: Engine) -> None:
    """Thoughts, answer, a call, in the same pieces and the same order."""
    tokenizer = parts(engine).tokenizer
    quoted = TEXT[:60]
    call = f'<|tool_call>call:find{{words:<|"|>{quoted}<|"|>}}<tool_call|>'
    written = f"<|channel>thought\n{quoted}<channel|>{quoted}{call}"
    words = tokenizer.encode_control(written)
    stop = tokenizer.encode_control("<turn|>")
    got, expected = with_and_without(engine, ask(user(TEXT, "q"), limit=200), [*words, *stop])

    def told(result: Run) -> list[Event]:
        return [event for event in result.events if not isinstance(event, Finished)]

    assert told(got) == told(expected)
    assert (got.finished.reason, expected.finished.reason) == ("stop", "stop")
    (asked,) = got.of(ToolCall)
    assert isinstance(asked, ToolCall)
    assert asked.written == tuple(words)
    assert got.finished.usage.accepted_tokens > 0


@pytest.mark.parametrize("after", [1, 2, 5, 30])
def test_cancel_between_tokens_leaves_only_what_was_said(after: int, engine: Engine) -> None:
    words = parts(engine).tokenizer.encode_data(TEXT)
    request = ask(user(TEXT, "q"), limit=100)
    cancel, seen = threading.Event(), 0
    with lookup(engine, True) as model, dictated(words):
        for event in engine.generate(request, cancel):
            seen += isinstance(event, TextDelta)
            if seen == after:
                cancel.set()
        assert isinstance(event, Finished)
        assert event.reason == "cancelled"
        assert event.usage.answer_tokens == after
        assert model.residency.length == model.residency.cache.length == event.usage.prompt_tokens + after - 1
    got = run(engine, ask(user(TEXT, "another?")))
    assert_same(got, run(forget(engine), ask(user(TEXT, "another?"))))


def test_a_listener_who_walks_away_does_not_spoil_the_next_answer(engine: Engine) -> None:
    words = parts(engine).tokenizer.encode_data(TEXT)
    with lookup(engine, True) as model:
        with dictated(words):
            events = engine.generate(ask(user(TEXT, "q"), limit=100), threading.Event())
            while not model.residency._drafted:
                next(events)
        got = run(engine, ask(user(TEXT, "another?")))
        events.close()  # type: ignore[attr-defined]
        assert got.finished.usage.reused_tokens > 0
        again = run(engine, ask(user(TEXT, "another?"), limit=20))
    with lookup(forget(engine), False):
        assert_same(got, run(engine, ask(user(TEXT, "another?"))))
    with lookup(forget(engine), False):
        assert_same(again, run(engine, ask(user(TEXT, "another?"), limit=20)))


def test_many_questions_on_one_document(engine: Engine) -> None:
    """Snapshots that share blocks with answers that were drafted and rolled back."""
    questions = ["when?", "who pays?", "on which day?", "when?"]
    with lookup(engine, True):
        got = [run(engine, ask(user(TEXT, question), limit=40)) for question in questions]
    for question, one in zip(questions, got, strict=True):
        with lookup(forget(engine), False):
            assert_same(one, run(engine, ask(user(TEXT, question), limit=40)))
    assert sum(one.finished.usage.reused_tokens for one in got) > 0
    assert sum(one.finished.usage.drafted_tokens for one in got) > 0


def test_draws_are_made_once_a_token(engine: Engine) -> None:
    """Each token takes one draw, so the random numbers are those of one by one."""
    draws = 0
    draw = Sampler.draw

    def counted(self: Sampler, logits: torch.Tensor) -> int:
        nonlocal draws
        draws += 1
        return draw(self, logits)

    with pytest.MonkeyPatch.context() as patch, lookup(engine, True):
        patch.setattr(Sampler, "draw", counted)
        request = ask(user(TEXT, "q"), limit=60, sampling=Sampling(temperature=1.0, seed=3))
        events = list(engine.generate(request, threading.Event()))
    assert isinstance(events[-1], Finished)
    assert draws == events[-1].usage.answer_tokens + (events[-1].reason == "stop")


SAMPLE = Path(__file__).parents[3] / "resources" / "sample_model"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_sample_model_s_own_answers(dtype: str) -> None:
    """Token by token in fp32. In bf16 an answer may part only where two words are as good as equally likely."""
    engine = Engine.open(SAMPLE, quantise=False, dtype=dtype)
    drafted = 0
    for case in cases("text, one page", 3):
        request = replace(case.request, sampling=GREEDY, max_new_tokens=40)
        got, expected = with_and_without(engine, request)
        drafted += got.finished.usage.drafted_tokens
        if dtype == "float32":
            assert_same(got, expected)
            continue
        for own, other in zip(got.logits, expected.logits, strict=False):
            if int(own.argmax()) != int(other.argmax()):
                first, second = other.topk(2).values.tolist()
                assert first - second <= 0.02 * abs(first)
                break
    engine.close()
    assert drafted > 10


def test_a_seed_repeats_itself_in_bf16_so_nothing_is_drafted() -> None:
    engine = Engine.open(SAMPLE, quantise=False, dtype="bfloat16")
    case = next(iter(cases("text, one page", 1)))
    request = replace(case.request, sampling=Sampling(temperature=0.7, seed=4), max_new_tokens=40)
    got, expected = with_and_without(engine, request)
    assert got.finished.usage.drafted_tokens == 0
    assert_same(got, expected)
