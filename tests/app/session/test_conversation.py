import pytest

from app.session.conversation import Conversation, Exchange, ModelPhase, ModelState, Stage, readiness
from app.session.costs import duration
from app.ui.look.status import footer, model_short, progress_line, size
from model.messages import plain
from model.types import (
    EncodeProgress,
    Event,
    Failed,
    Finished,
    LoadProgress,
    PrefillProgress,
    TakenBack,
    TextDelta,
    ThoughtDelta,
    Timings,
    Usage,
)
from tests.fakes import finished, model_info

READY = ModelState(ModelPhase.READY, info=model_info())


def test_an_exchange_goes_through_its_stages() -> None:
    one = Exchange(1, "Why?")
    stages = []
    for event in (
        EncodeProgress(1, 2),
        PrefillProgress(5, 10, 0),
        ThoughtDelta("Hm"),
        TextDelta("Be"),
        TextDelta("cause"),
        finished(),
    ):
        one.apply(event, 0.0)
        stages.append(one.stage)
    assert stages == [Stage.LOOKING, Stage.READING, Stage.THINKING, Stage.ANSWERING, Stage.ANSWERING, Stage.DONE]
    assert (one.thinking, one.answer) == ("Hm", "Because")


def test_cancelled_and_failed_are_over_and_keep_what_was_written() -> None:
    one, two = Exchange(1, "a"), Exchange(2, "b")
    one.apply(TextDelta("part"), 0)
    one.apply(finished("cancelled"), 0)
    two.apply(Failed(plain("No.")), 0)
    assert (one.stage, one.answer) == (Stage.STOPPED, "part")
    assert (two.stage, str(two.error)) == (Stage.FAILED, "No.")
    assert one.stage.over and two.stage.over


def test_a_loop_s_tail_is_taken_back_and_said() -> None:
    one = Exchange(1, "a")
    for event in (ThoughtDelta("Hm, hm, hm"), TextDelta("It is, is, is"), TakenBack(8, 4), finished("repetition")):
        one.apply(event, 0)
    assert (one.stage, one.answer, one.thinking) == (Stage.DONE, "It is", "Hm, hm")
    assert footer(finished("repetition")).startswith("The model started repeating itself, so the answer was stopped")


def test_time_left_counts_only_what_is_not_reused() -> None:
    one = Exchange(1, "a")
    one.apply(PrefillProgress(1000, 5000, 1000), 10.0)
    assert one.seconds_left is None
    one.apply(PrefillProgress(2000, 5000, 1000), 12.0)
    assert one.seconds_left == pytest.approx(6.0)
    assert progress_line(one) == "Reading: 2,000 of 5,000 tokens, 1,000 reused · about 6 s left"


def test_history_leaves_out_what_has_no_answer() -> None:
    talk = Conversation()
    for question, answer in (("a", "A"), ("b", ""), ("c", "C")):
        one = talk.add(question)
        one.answer, one.stage = answer, Stage.DONE
    last = talk.add("d")
    assert talk.history(last) == [("a", "A"), ("c", "C")]


def test_restart_forgets_the_answer_and_keeps_the_question() -> None:
    one = Exchange(7, "Why?")
    one.apply(TextDelta("x"), 0)
    one.apply(finished(), 0)
    one.restart()
    assert (one.key, one.question, one.stage, one.answer, one.finished) == (7, "Why?", Stage.WAITING, "", None)


@pytest.mark.parametrize(
    ("model", "reading", "allowed", "words"),
    [
        (READY, 0, True, ""),
        (READY, 2, True, "Enter queues it until the files have been read."),
        (ModelState(ModelPhase.LOADING), 0, True, "Enter queues it until the model has loaded."),
        (ModelState(), 0, False, "No model is loaded. Choose a model folder, or try the sample model."),
        (ModelState(ModelPhase.FAILED, error=plain("x")), 0, False, "No model is loaded."),
    ],
)
def test_readiness_says_why_not_or_when(model: ModelState, reading: int, allowed: bool, words: str) -> None:
    state = readiness(model, reading, Conversation())
    assert state.allowed is allowed
    assert str(state.reason).startswith(words)


@pytest.mark.parametrize(
    ("events", "words"),
    [
        ((PrefillProgress(7191, 31353, 3095),), "Stopped · 7,191 tokens read · 3,095 reused · 0 written"),
        ((), "Stopped · 0 tokens read · 0 written"),
    ],
)
def test_of_a_prompt_that_was_stopped_only_what_was_read_is_counted(events: tuple[Event, ...], words: str) -> None:
    one = Exchange(1, "Why?")
    for event in (*events, Finished("cancelled", Usage(31353, 3095, 0), Timings(0.0, 0.0, 0.0))):
        one.apply(event, 0)
    assert one.finished is not None and footer(one.finished) == words


def test_an_answer_that_was_stopped_keeps_its_figures() -> None:
    one = Exchange(1, "Why?")
    one.apply(PrefillProgress(100, 100, 0), 0)
    one.apply(Finished("cancelled", Usage(100, 0, 3), Timings(0.5, 0.6, 9.0)), 0)
    assert one.finished is not None
    assert footer(one.finished) == "Stopped · 100 tokens read · 3 written · 9.0 tokens/s · first word in under 1 s"


def test_only_one_question_waits() -> None:
    talk = Conversation()
    talk.add("a")
    assert not readiness(READY, 1, talk).allowed


def test_words() -> None:
    assert [str(duration(s)) for s in (0.4, 5, 100, 4800)] == ["less than a second", "5 s", "2 min", "1 h 20 min"]
    assert [size(n) for n in (12, 14_200_000_000, 512_000_000_000)] == ["12 bytes", "14.2 GB", "512 GB"]
    assert "10 reused" in footer(finished(reused=10))
    assert footer(finished("cancelled")).startswith("Stopped")
    assert isinstance(finished(), Finished)
    loading = ModelState(ModelPhase.LOADING, progress=LoadProgress(plain("Reading"), 1, 4))
    assert model_short(loading) == "Loading the model… 25 %"
