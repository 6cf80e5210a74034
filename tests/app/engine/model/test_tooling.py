"""The loop of calls and results: with scripted rounds, and with the real engine, reader and bridge."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.chat.growing import grown
from app.chat.request import AskOptions, Turn, build_request
from app.chat.tools.declared import MAX_CALLS, TOOLS, offered
from app.chat.tools.uses import ToolUse
from app.engine.model.bridge import EngineBridge
from app.engine.model.tooling import MAX_REFUSED, Told, Tooling
from app.ingest.read.reader import Reader
from app.ingest.types import Box, Document
from app.library.model_ref import SampleModel
from model.engine.engine import Engine
from model.engine.sampling import Sampler
from model.errors import CancelledError
from model.messages import plain
from model.synthetic.writing import write_checkpoint
from model.types import (
    Event,
    Failed,
    Finished,
    LoadProgress,
    Picture,
    PicturePart,
    Request,
    Sampling,
    TakenBack,
    TextDelta,
    TextPart,
    Timings,
    ToolCall,
    Usage,
)
from tests.fakes import document
from tests.files import samples

FIND = '{document:<|"|>a.pdf<|"|>,text:<|"|>Page 2<|"|>}'
FILE = document(Path("/files/a.pdf"))
ASKED = Request((), tools=TOOLS)


class Rounds:
    """An engine whose every round is written down; it keeps what it was asked."""

    def __init__(self, *rounds: Sequence[Event]) -> None:
        self.rounds = list(rounds)
        self.requests: list[Request] = []

    def __call__(self, request: Request, cancel: threading.Event) -> Iterator[Event]:
        self.requests.append(request)
        yield from self.rounds[min(len(self.requests), len(self.rounds)) - 1]


class Looker:
    def __init__(self) -> None:
        self.closed = False

    def region(
        self,
        path: Path,
        box: Box,
        budget: int,
        *,
        page: int = 1,
        time_s: float = 0.0,
        turn: int = 0,
        password: str | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Picture, float | None]:
        assert cancel is not None
        cancel.set()
        raise CancelledError(plain("Reading was stopped."))

    def close(self) -> None:
        self.closed = True


def end(reason: str = "stop", prompt: int = 100, reused: int = 0, answered: int = 10) -> Finished:
    return Finished(reason, Usage(prompt, reused, answered), Timings(1.0, 1.5, 10.0))  # type: ignore[arg-type]


def calling(arguments: str = FIND, name: str = "find", **counts: int) -> list[Event]:
    return [TextDelta("Let me look."), ToolCall(name, arguments, (1, 2, 3)), end("tool", **counts)]


ANSWER: list[Event] = [TextDelta("Page 2."), end(prompt=130, reused=109, answered=4)]


def all_of(rounds: Rounds, request: Request = ASKED, cancel: threading.Event | None = None) -> list[Told]:
    return list(Tooling(Looker).answer(rounds, request, (FILE,), cancel or threading.Event()))


def text(events: Sequence[Told]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def test_an_answer_without_calls_is_handed_on_as_it_is() -> None:
    assert all_of(Rounds(ANSWER)) == ANSWER


def test_a_call_is_run_and_the_answer_goes_on_behind_it() -> None:
    rounds = Rounds(calling(), ANSWER)
    events = all_of(rounds)
    (use,) = [event for event in events if isinstance(event, ToolUse)]
    assert str(use.words) == "Searched a.pdf for “Page 2”: 1 page" and not use.error
    assert text(events) == "Let me look.\n\nPage 2."
    first, second = rounds.requests
    assert second == replace(first, steps=second.steps, max_new_tokens=2045)
    (step,) = second.steps
    assert step.call.written == (1, 2, 3)
    assert isinstance(step.result[0], TextPart) and "page 2:" in step.result[0].text


def test_a_loop_behind_a_call_is_taken_back_from_its_own_round() -> None:
    events = all_of(Rounds(calling(), [TextDelta(" No"), TextDelta(" no no"), TakenBack(6, 0), end("repetition")]))
    answer = ""
    for event in events:
        answer, _ = grown(answer, "", event)
    assert answer == "Let me look.\n\nNo"
    assert isinstance(events[-1], Finished) and events[-1].reason == "repetition"


def test_thoughts_of_a_round_are_taken_from_the_thoughts_that_are_left() -> None:
    ids = tuple(range(500))
    usage = Usage(100, 0, 500, thinking_tokens=450)
    first = [ToolCall("find_words", FIND, ids), Finished("tool", usage, Timings(1, 1, 1), thinking_cut=True)]
    rounds = Rounds(first, ANSWER)
    last = all_of(rounds)[-1]
    assert (rounds.requests[1].max_new_tokens, rounds.requests[1].max_thinking_tokens) == (2048 - 50, 8192 - 450)
    assert isinstance(last, Finished) and last.thinking_cut and last.usage.thinking_tokens == 450


def test_the_rounds_end_as_one_with_the_counts_added_up() -> None:
    last = all_of(Rounds(calling(prompt=100, reused=20, answered=10), ANSWER))[-1]
    assert isinstance(last, Finished)
    # 80 tokens were read in the first round and 21 in the second.
    assert last.usage == Usage(130, 130 - 80 - 21, 14)
    assert last.reason == "stop"
    assert (last.timings.prefill_s, last.timings.first_token_s) == (2.0, 1.5)
    assert last.timings.decode_tokens_per_s == pytest.approx(10.0)


def test_after_the_last_call_the_model_is_told_to_answer_and_then_stopped() -> None:
    rounds = Rounds(calling())
    events = all_of(rounds)
    assert len([event for event in events if isinstance(event, ToolUse)]) == MAX_CALLS
    results = [step.result[0].text for step in rounds.requests[-1].steps if isinstance(step.result[0], TextPart)]
    assert "last call" in results[MAX_CALLS - 1] and "No calls are left" in results[MAX_CALLS]
    assert len(results) == MAX_CALLS + MAX_REFUSED
    assert isinstance(events[-1], Failed) and "instead of answering" in str(events[-1].message)
    assert len([event for event in events if isinstance(event, Finished | Failed)]) == 1


def test_a_call_that_cannot_be_read_goes_back_as_a_sentence() -> None:
    rounds = Rounds(calling("nonsense", ""), ANSWER)
    events = all_of(rounds)
    (use,) = [event for event in events if isinstance(event, ToolUse)]
    assert use.error and str(use.words) == "Asked for a tool that Lectern does not have"
    (step,) = rounds.requests[1].steps
    assert isinstance(step.result[0], TextPart) and step.result[0].text.startswith("Error: ")


def test_cancelling_a_look_ends_the_answer_as_cancelled() -> None:
    cancel = threading.Event()
    arguments = "{document:1,page:1,box:[0,0,9,9]}"
    events = all_of(Rounds(calling(arguments, "look_closer"), ANSWER), cancel=cancel)
    assert isinstance(events[-1], Finished) and events[-1].reason == "cancelled"
    assert cancel.is_set()


@pytest.mark.parametrize("last", [Failed(plain("Broken.")), end("cancelled"), end("length"), end("repetition")])
def test_every_other_end_of_a_round_is_the_end(last: Event) -> None:
    rounds = Rounds([TextDelta("x"), last])
    assert all_of(rounds)[-1] == last
    later = all_of(Rounds(calling(), [last]))
    assert type(later[-1]) is type(last)
    assert len([event for event in later if isinstance(event, Finished | Failed)]) == 1


def test_the_process_is_started_for_the_first_look_and_ended() -> None:
    made: list[Looker] = []

    def opened() -> Looker:
        made.append(Looker())
        return made[-1]

    tooling = Tooling(opened)
    list(tooling.answer(Rounds(ANSWER), ASKED, (FILE,), threading.Event()))
    assert not made
    list(tooling.answer(Rounds(calling(), ANSWER), ASKED, (FILE,), threading.Event()))
    assert len(made) == 1
    tooling.close()
    tooling.close()
    assert made[0].closed


# The real thing: random weights whose sampled ids are written down, a real PDF and clip, the real reading process.


@pytest.fixture(scope="module")
def noise(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("noise"), "tiny")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Document, ...]]:
    folder = tmp_path_factory.mktemp("files")
    with Reader() as reader:
        yield tuple(
            reader.read(path)
            for path in (samples.text_pdf(folder / "a.pdf", lines=6), samples.clip(folder / "b.mp4", seconds=3))
        )


def dictate(patch: pytest.MonkeyPatch, engine: Engine, words: Sequence[str]) -> None:
    """The model says ``words``, one after the other, whatever it thinks."""
    assert engine._model is not None
    tokenizer = engine._model.tokenizer
    ids = iter([token for piece in words for token in tokenizer.encode_control(piece)])
    patch.setattr(Sampler, "draw", lambda self, logits: next(ids))


CALLS = (
    '<|tool_call>call:look_closer{box:[0,0,300,900],document:<|"|>a.pdf<|"|>,page:2}<tool_call|>',
    '<|tool_call>call:go_to{document:<|"|>b.mp4<|"|>,time:<|"|>00:02<|"|>}<tool_call|>',
    '<|tool_call>call:find{document:<|"|>a.pdf<|"|>,text:<|"|>Page 2 of<|"|>}<tool_call|>',
    "It is on page 2.<turn|>",
)


def listening(bridge: EngineBridge) -> tuple[list[Told], Callable[[], bool]]:
    events: list[Told] = []
    bridge.event.connect(lambda number, event: events.append(event))
    return events, lambda: any(isinstance(event, Finished | Failed) for event in events)


def test_a_real_engine_looks_closer_goes_to_a_time_and_finds(
    noise: Path, files: tuple[Document, ...], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Request] = []

    def opener(folder: Path | None, on_progress: Callable[[LoadProgress], None], cancel: threading.Event) -> Engine:
        engine = Engine.open(noise, device="cpu", quantise=False, dtype="float32")
        dictate(monkeypatch, engine, CALLS)
        generate = engine.generate

        def watched(request: Request, stop: threading.Event) -> Iterator[Event]:
            seen.append(request)
            return generate(request, stop)

        monkeypatch.setattr(engine, "generate", watched)
        return engine

    bridge = EngineBridge(opener)
    events, over = listening(bridge)
    try:
        bridge.load(SampleModel())
        qtbot.waitUntil(lambda: bridge.info is not None, timeout=60_000)
        assert bridge.info is not None
        assert offered(bridge.info, files) == ()  # it says that it is a sample; here it is asked all the same
        options = AskOptions(sampling=Sampling(seed=1), max_new_tokens=400, tools=TOOLS)
        bridge.ask(build_request(files, [Turn("Where?")], options), files)
        qtbot.waitUntil(over, timeout=60_000)
    finally:
        bridge.shutdown()
    assert not bridge.running
    assert text(events) == "It is on page 2.", events[-3:]
    uses = [event for event in events if isinstance(event, ToolUse)]
    assert not any(use.error for use in uses)
    assert [str(use.words) for use in uses] == [
        "Looked closer at page 2 of a.pdf",
        "Looked at 00:01 in b.mp4" if "00:01" in str(uses[1].words) else "Looked at 00:02 in b.mp4",
        "Searched a.pdf for “Page 2 of”: 1 page",
    ]
    looked, went, found = (step.result for step in seen[-1].steps)
    assert [type(part) for part in looked] == [type(part) for part in went] == [TextPart, PicturePart]
    assert isinstance(looked[0], TextPart) and "Page 2 of 2" in looked[0].text
    assert isinstance(found[0], TextPart) and "1 pages of a.pdf" in found[0].text
    end = events[-1]
    assert isinstance(end, Finished) and end.reason == "stop"
    # Behind the first call nothing is read twice: only the results are new.
    shown = sum(part.picture.soft_tokens for part in (*looked, *went) if isinstance(part, PicturePart))
    new = end.usage.prompt_tokens - end.usage.reused_tokens
    written = sum(len(step.call.written) for step in seen[-1].steps)
    first = end.usage.prompt_tokens - new  # what came out of the cache
    # Of each call the last token that was drawn, and the closing mark, which is written without a pass.
    assert shown > 100 and first >= written - 2 * len(seen[-1].steps)
