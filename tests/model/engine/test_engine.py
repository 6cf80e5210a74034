"""The engine's events: their order, how they end, and failures."""

from __future__ import annotations

import json
import logging
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
import torch

from model.engine.engine import Engine, is_out_of_memory, pick_device, pick_dtype
from model.engine.sampling import Sampler
from model.errors import CancelledError, CheckpointError, ContextLengthError, LecternError, ModelError
from model.family.decoder import Decoder
from model.family.vision import Encoding, VisionTower
from model.messages import msg
from model.types import (
    EncodeProgress,
    Event,
    Failed,
    Finished,
    Picture,
    PrefillProgress,
    Sampling,
    TextDelta,
    ThoughtDelta,
    ToolCall,
    ToolSpec,
)
from tests.model.engines import ask, dictated, forget, opened, parts, picture, run, user, write_model

CONTEXT = 400
TEXT = "the rent is due on the third day of the month " * 4


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_model(tmp_path_factory.mktemp("model"), context=CONTEXT)


@pytest.fixture(scope="module")
def shared(folder: Path) -> Iterator[Engine]:
    with opened(folder) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Engine:
    return forget(shared)


def control(engine: Engine, text: str) -> list[int]:
    return parts(engine).tokenizer.encode_control(text)


def test_events_come_in_order_and_counts_are_right(engine: Engine) -> None:
    request = ask(user(TEXT, picture("a"), "what?"), limit=200)
    words = parts(engine).tokenizer.encode_data("on the third")
    with dictated([*words, *control(engine, "<turn|>")]):
        result = run(engine, request)
    kinds = [type(event) for event in result.events]
    assert kinds[:2] == [PrefillProgress, EncodeProgress]
    assert kinds[-1] is Finished
    assert kinds.index(TextDelta) > max(i for i, kind in enumerate(kinds) if kind is PrefillProgress)
    done = [e.done for e in result.events if isinstance(e, PrefillProgress)]
    total = engine.count_tokens(request)
    assert done == sorted(set(done))
    assert (done[0], done[-1]) == (0, total)
    assert max(b - a for a, b in pairwise(done)) <= 16
    usage, timings = result.finished.usage, result.finished.timings
    assert (usage.prompt_tokens, usage.reused_tokens, usage.answer_tokens) == (total, 0, len(words))
    assert result.answer == "on the third"
    assert 0 < timings.prefill_s <= timings.first_token_s
    assert timings.decode_tokens_per_s > 0


def test_thought_answer_and_tool_call_come_apart(engine: Engine) -> None:
    written = '<|channel>thought\nhm<channel|>yes<|tool_call>call:zoom{page:<|"|>2<|"|>}<tool_call|><turn|>'
    with dictated(control(engine, written)):
        result = run(engine, ask(user("q"), limit=50))
    assert (result.thought, result.answer) == ("hm", "yes")
    ids = tuple(control(engine, written)[:-1])
    assert result.of(ToolCall) == [ToolCall("zoom", '{page:<|"|>2<|"|>}', ids)]
    order = [type(e) for e in result.events if isinstance(e, TextDelta | ThoughtDelta | ToolCall)]
    assert order == sorted(order, key=[ThoughtDelta, TextDelta, ToolCall].index)


@pytest.mark.parametrize("stop", ["<turn|>", "<eos>"])
def test_stop_tokens_end_the_answer(stop: str, engine: Engine) -> None:
    with dictated([*control(engine, f"ok{stop}never")]):
        result = run(engine, ask(user("q"), limit=50))
    assert (result.answer, result.finished.reason) == ("ok", "stop")


def test_a_turn_ends_where_the_files_name_only_the_end_of_text(tmp_path: Path) -> None:
    folder = write_model(tmp_path)
    for name in ("config.json", "generation_config.json"):
        value = json.loads((folder / name).read_text())
        (folder / name).write_text(json.dumps(value | {"eos_token_id": 1}))
    tool = ToolSpec("look", "Looks.", {"type": "object", "properties": {}})
    with opened(folder) as engine:
        for stop, tools in (("<turn|>", ()), ("<|tool_response>", (tool,))):
            with dictated(control(engine, f"Paris.{stop}never")):
                result = run(engine, replace(ask(user("q"), limit=50), tools=tools))
            assert (result.answer, result.finished.reason) == ("Paris.", "stop")


def test_a_character_cut_by_the_limit_is_shown_as_such(engine: Engine) -> None:
    euro = [parts(engine).tokenizer._encoder.id_of(f"<0x{byte:02X}>") for byte in "€".encode()]
    with dictated(euro):
        result = run(engine, ask(user("q"), limit=2))
    assert (result.answer, result.finished.reason) == ("\ufffd", "length")


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_the_answer_s_limit(limit: int, engine: Engine) -> None:
    letter = parts(engine).tokenizer.encode_data("x")
    with dictated(letter * 10):
        finished = run(engine, ask(user("q"), limit=limit)).finished
    assert (finished.reason, finished.usage.answer_tokens) == ("length", limit)


def test_the_context_s_end(engine: Engine) -> None:
    letter = parts(engine).tokenizer.encode_data("x")
    request = ask(user("x" * (CONTEXT - 40), "q"), limit=1000)
    with dictated(letter * CONTEXT):
        usage = run(engine, request).finished.usage
    assert usage.prompt_tokens + usage.answer_tokens == CONTEXT
    assert parts(engine).residency.length == CONTEXT - 1


def test_a_request_longer_than_the_context_is_refused_with_the_numbers(engine: Engine) -> None:
    first = run(engine, ask(user(TEXT, "q"))).finished
    request = ask(user("x" * 2000, "q"))
    result = run(engine, request)
    message = str(ContextLengthError(result.events[0].message)) if isinstance(result.events[0], Failed) else ""
    assert f"{engine.count_tokens(request):,}" in message
    assert f"{CONTEXT:,}" in message
    assert "attach fewer" in message
    assert len(result.events) == 1
    again = run(engine, ask(user(TEXT, "q"))).finished.usage
    assert again.reused_tokens > 0.8 * first.usage.prompt_tokens, "a refused request costs nobody the cache"


def test_seeded_runs_repeat(engine: Engine) -> None:
    def answer(seed: int) -> str:
        return run(engine, ask(user("q"), limit=20, sampling=Sampling(temperature=1.5, seed=seed))).answer

    assert answer(1) == answer(1)
    assert len({answer(seed) for seed in range(5)}) > 1


@pytest.mark.parametrize("when", ["before", "in the prompt", "between pictures", "in the answer"])
def test_cancel_stops_within_one_step_and_keeps_what_was_said(when: str, engine: Engine) -> None:
    request = ask(user(TEXT, picture("a"), picture("b"), "q"), limit=30)
    cancel, steps = threading.Event(), 0
    after: list[Event] = []

    def due() -> bool:
        return {
            "before": True,
            "in the prompt": any(isinstance(e, PrefillProgress) and e.done > 20 for e in after),
            "between pictures": EncodeProgress(1, 2) in after,
            "in the answer": sum(isinstance(e, TextDelta) for e in after) == 3,
        }[when]

    forward = Decoder.forward_steps
    begin = VisionTower.begin

    def counted(original: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object, **kwargs: object) -> object:
            nonlocal steps
            steps += cancel.is_set()
            return original(*args, **kwargs)

        return call

    with pytest.MonkeyPatch.context() as patch, dictated(parts(engine).tokenizer.encode_data("x y z u v w") * 9):
        patch.setattr(Decoder, "forward_steps", counted(forward))
        patch.setattr(VisionTower, "begin", counted(begin))
        if when == "before":
            cancel.set()
        for event in engine.generate(request, cancel):
            after.append(event)
            if due():
                cancel.set()
    finished = after[-1]
    assert isinstance(finished, Finished)
    assert finished.reason == "cancelled"
    assert steps == 0
    assert finished.usage.answer_tokens == sum(isinstance(e, TextDelta) for e in after)
    assert finished.usage.prompt_tokens == engine.count_tokens(request)


def test_no_picture_is_encoded_twice(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    begin = VisionTower.begin

    def counted(self: VisionTower, shown: Picture) -> Encoding:
        seen.append(f"{shown.content_hash}{shown.budget}")
        return begin(self, shown)

    monkeypatch.setattr(VisionTower, "begin", counted)
    first = run(engine, ask(user(picture("a"), picture("b"), picture("a"), "q")))
    assert first.of(EncodeProgress) == [EncodeProgress(done, 2) for done in (0, 1, 2)]
    assert seen == ["a70", "b70"]
    second = run(engine, ask(user("first", picture("b"), picture("a", budget=140), "q")))
    assert second.of(EncodeProgress) == [EncodeProgress(done, 1) for done in (0, 1)]
    assert seen == ["a70", "b70", "a140"]


def test_pictures_are_encoded_before_the_chunk_that_needs_them(engine: Engine) -> None:
    request = ask(user(TEXT, picture("a"), TEXT, picture("b"), "q"))
    prompt = parts(engine).prompt(request)
    done = 0
    for event in run(engine, request).events:
        if isinstance(event, PrefillProgress):
            done = event.done
        elif isinstance(event, EncodeProgress) and event.done:
            span = prompt.spans[event.done - 1]
            assert span.start - 16 <= done <= span.start


def test_a_picture_that_is_gone_is_a_clear_failure_and_the_rest_stays_resident(engine: Engine, tmp_path: Path) -> None:
    gone = Picture(tmp_path / "gone.rgb", 96, 144, 70, "gone")
    result = run(engine, ask(user(TEXT, gone, "q")))
    assert isinstance(result.events[-1], Failed)
    assert "attach its file again" in str(result.events[-1].message)
    short = replace(gone, pixels=b"123")
    result = run(engine, ask(user(TEXT, short, "q")))
    assert isinstance(result.events[-1], Failed)
    assert "could no longer be read" in str(result.events[-1].message)
    kept = run(engine, ask(user(TEXT, "q"))).finished.usage
    assert kept.reused_tokens > 20


OUT_OF_MEMORY = [
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"),
    MemoryError(),
    RuntimeError("[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory: you tried"),
    OSError(12, "Cannot allocate memory"),
]


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("at", [2, 15])
def test_out_of_memory_is_a_sentence_and_gives_everything_back(error: Exception, at: int, engine: Engine) -> None:
    """In the prompt and in the answer. The traceback must not keep the tensors."""
    held: list[weakref.ref[torch.Tensor]] = []
    forward = Decoder.forward_steps

    def fails(self: Decoder, hidden: torch.Tensor, *args: object, **kwargs: object) -> torch.Tensor:
        large = torch.zeros(10)
        held.append(weakref.ref(large))
        if len(held) >= at:  # in the prompt it is tried twice
            raise type(error)(*error.args)
        return forward(self, hidden, *args, **kwargs)  # type: ignore[arg-type]

    request = ask(user(TEXT, "q"), limit=30)
    letter = parts(engine).tokenizer.encode_data("x")
    with pytest.MonkeyPatch.context() as patch, dictated(letter * 40):
        patch.setattr(Decoder, "forward_steps", fails)
        events = list(engine.generate(request, threading.Event()))
    assert isinstance(events[-1], Failed)
    assert "not enough memory" in str(events[-1].message)
    assert "attach fewer pages" in str(events[-1].message)
    assert [ref() for ref in held] == [None] * len(held)
    assert parts(engine).residency.length == 0
    assert run(engine, request).finished.usage.reused_tokens == 0


def test_other_errors_are_words_of_their_own() -> None:
    assert not is_out_of_memory(RuntimeError("shape mismatch"))
    assert not is_out_of_memory(ValueError("out of memory"))


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (RuntimeError("shapes do not fit\nsecond line"), "internal error (RuntimeError)"),
        (KeyError("x"), "internal error (KeyError)"),
        (RuntimeError("CUDA error: device-side assert triggered"), "The graphics device stopped working"),
    ],
)
def test_any_error_becomes_failed(
    error: Exception, words: str, engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(*args: object) -> int:
        raise error

    monkeypatch.setattr(Sampler, "draw", fails)
    with caplog.at_level(logging.ERROR):
        events = list(engine.generate(ask(user("q")), threading.Event()))
    assert isinstance(events[-1], Failed)
    assert words in str(events[-1].message)
    assert "\n" not in str(events[-1].message)
    assert "a request failed" in caplog.text
    assert parts(engine).residency.length == 0


def test_wrong_requests_fail_with_their_own_sentence(engine: Engine) -> None:
    for request, words in ((ask(), "no question"), (ask(user("q"), sampling=Sampling(top_p=2)), "change the settings")):
        (event,) = engine.generate(request, threading.Event())
        assert isinstance(event, Failed)
        assert words in str(event.message)


def test_a_closed_engine_says_so_and_gives_its_memory_back(folder: Path) -> None:
    with opened(folder) as engine:
        run(engine, ask(user("q")))
        decoder = weakref.ref(parts(engine).decoder)
        engine.close()  # at once, without the collector, which the window's process runs on another thread
        assert decoder() is None
        (event,) = engine.generate(ask(user("q")), threading.Event())
        assert event == Failed(msg("model.closed", "The model is closed; open it again."))
        with pytest.raises(ModelError, match="closed"):
            engine.count_tokens(ask(user("q")))


def test_what_the_model_is(folder: Path) -> None:
    with opened(folder) as engine:
        info = engine.info
    assert (info.folder, info.device, info.dtype, info.quantisation) == (folder, "cpu", "float32", "none")
    assert (info.context_tokens, info.capabilities.pictures, info.sample) == (CONTEXT, True, True)
    assert info.parameters > 100_000
    assert info.weight_bytes > info.parameters


def test_a_quantised_model_answers_too(folder: Path, tmp_path: Path) -> None:
    threads = threading.active_count()
    progress: list[object] = []
    engine = Engine.open(folder, device="cpu", store=tmp_path, on_progress=progress.append)
    try:
        assert engine.info.quantisation == "NF4"
        assert engine.info.dtype == "bfloat16"
        request = ask(user(TEXT, picture("a"), "q"), limit=8, sampling=Sampling(seed=1))
        first, second = run(engine, request), run(engine, request)
        assert first.finished.usage.answer_tokens > 0
        assert second.finished.usage.reused_tokens > 0.8 * first.finished.usage.prompt_tokens
    finally:
        engine.close()
    assert progress
    assert threading.active_count() == threads


def test_threads_are_a_setting(folder: Path) -> None:
    before = torch.get_num_threads()
    try:
        Engine.open(folder, device="cpu", quantise=False, threads=before + 1).close()
        assert torch.get_num_threads() == before + 1
    finally:
        torch.set_num_threads(before)


def test_opening_what_cannot_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        Engine.open(tmp_path / "nothing")
    with pytest.raises(ModelError, match="choose cpu or cuda"):
        pick_device("warp")
    with pytest.raises(ModelError, match="choose cpu"):
        pick_device("mps")
    with pytest.raises(ModelError, match="choose bfloat16 or float32"):
        pick_dtype("int3")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert pick_device(None).type == "cpu"
    with pytest.raises(ModelError, match="choose cpu"):
        pick_device("cuda")


def test_opening_can_be_cancelled_and_can_run_out_of_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        Engine.open(folder, device="cpu", store=tmp_path, cancel=cancel)

    def fails(*args: object) -> None:
        raise OUT_OF_MEMORY[2]

    monkeypatch.setattr(Decoder, "__init__", fails)
    with pytest.raises(LecternError, match="not enough memory to open"):
        Engine.open(folder, device="cpu", quantise=False)
