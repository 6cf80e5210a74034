"""Functions, thoughts, stop sequences, errors and ends: an engine that does what the test says, real clients."""

from __future__ import annotations

import base64
import io
import json
import math
import struct
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest

from app.engine.model.faults import NOT_ANSWERED
from model.messages import msg
from model.types import (
    Event,
    Failed,
    Finished,
    Request,
    SoundPart,
    TakenBack,
    TextDelta,
    TextPart,
    ThoughtDelta,
    Timings,
    ToolCall,
    Usage,
)
from tests.app.engine.scripted import cancelled, finished
from tests.app.server.serving import scripted

WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "The weather of a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"type": ["string", "null"]}, "days": {"type": "integer"}},
            "required": ["town"],
            "additionalProperties": False,
        },
        "strict": True,
    },
}
QUESTION = {"role": "user", "content": "How is it?"}


def says(*pieces: str, reason: str = "stop") -> object:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        for piece in pieces:
            yield TextDelta(piece)
        yield finished("cancelled" if cancel.is_set() else reason)

    return script


def test_a_function_is_called_and_the_model_continues_behind_its_own_words(tmp_path: Path) -> None:
    asked: list[Request] = []

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        asked.append(request)
        if not request.steps:
            yield ToolCall("weather", '{town:<|"|>Rome<|"|>,days:2}', (5, 6, 7))
            yield finished("tool")
        else:
            yield TextDelta("It rains.")
            yield finished()

    with scripted(tmp_path, script, tools=True) as (server, _):
        first = server.openai.chat.completions.create(model="lectern", messages=[QUESTION], tools=[WEATHER])
        choice = first.choices[0]
        assert choice.finish_reason == "tool_calls" and choice.message.tool_calls
        call = choice.message.tool_calls[0]
        assert call.type == "function" and call.function.name == "weather"
        assert json.loads(call.function.arguments) == {"town": "Rome", "days": 2}
        result = {"role": "tool", "tool_call_id": call.id, "content": "rain"}
        messages = [QUESTION, choice.message.model_dump(exclude_none=True), result]
        second = server.openai.chat.completions.create(model="lectern", messages=messages, tools=[WEATHER])
        assert second.choices[0].message.content == "It rains."
        stranger = [QUESTION, {**messages[1], "tool_calls": [call.model_dump() | {"id": "call_of_old"}]}]
        stranger.append(result | {"tool_call_id": "call_of_old"})
        server.openai.chat.completions.create(model="lectern", messages=stranger, tools=[WEATHER])
        chunks = list(
            server.openai.chat.completions.create(model="lectern", messages=[QUESTION], tools=[WEATHER], stream=True)
        )
        calls = [one for chunk in chunks for one in chunk.choices[0].delta.tool_calls or ()]
        assert [one.function and one.function.name for one in calls] == ["weather"]
        assert chunks[-1].choices[0].finish_reason == "tool_calls"
    (spec,) = asked[0].tools
    assert spec.parameters["properties"] == {"town": {"type": "string"}, "days": {"type": "integer"}}
    (step,) = asked[1].steps
    assert step.call.written == (5, 6, 7) and step.result == (TextPart("rain"),)
    assert not asked[2].steps  # after a restart the call is told in words
    words = "".join(part.text for message in asked[2].messages for part in message.parts if isinstance(part, TextPart))
    assert '[called weather with {"town": "Rome", "days": 2}]' in words and "rain" in words


def test_functions_in_responses(tmp_path: Path) -> None:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        if not request.steps:
            yield ThoughtDelta("A tool.")
            yield ToolCall("weather", "{town:'Rome'}" if request.thinking else "{days:2}", (5,))
            yield finished("tool")
        else:
            yield TextDelta("It rains.")
            yield finished()

    tool = {"type": "function", **WEATHER["function"]}
    with scripted(tmp_path, script, tools=True) as (server, _):
        events = list(server.openai.responses.create(model="lectern", input="How?", tools=[tool], stream=True))
        assert events[-1].type == "response.completed"
        first = events[-1].response
        assert [item.type for item in first.output] == ["reasoning", "function_call"]
        call = first.output[1]
        assert call.type == "function_call" and json.loads(call.arguments) == {"days": 2}
        result = {"type": "function_call_output", "call_id": call.call_id, "output": "rain"}
        second = server.openai.responses.create(
            model="lectern", input=[result], previous_response_id=first.id, tools=[tool]
        )
        assert second.output_text == "It rains."


def test_thoughts_are_apart_and_only_where_they_are_wanted(tmp_path: Path) -> None:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        if request.thinking:
            yield ThoughtDelta("Hm. ")
            yield ThoughtDelta("Yes.")
        yield TextDelta("Fine.")
        yield Finished("stop", Usage(9, 4, 7, thinking_tokens=5), Timings(0.1, 0.2, 30.0))

    with scripted(tmp_path, script) as (server, _):
        create = server.openai.chat.completions.create
        plain = create(model="lectern", messages=[QUESTION])
        assert not hasattr(plain.choices[0].message, "reasoning_content")
        thought = create(model="lectern", messages=[QUESTION], reasoning_effort="low")
        assert thought.choices[0].message.reasoning_content == "Hm. Yes."  # type: ignore[attr-defined]
        assert thought.choices[0].message.content == "Fine."
        assert thought.usage and thought.usage.completion_tokens_details
        assert thought.usage.completion_tokens_details.reasoning_tokens == 5
        more = {"chat_template_kwargs": {"enable_thinking": True}}
        chunks = list(create(model="lectern", messages=[QUESTION], extra_body=more, stream=True))
        deltas = [chunk.choices[0].delta.model_dump().get("reasoning_content") or "" for chunk in chunks]
        assert "".join(deltas) == "Hm. Yes."
        events = server.openai.responses.create(model="lectern", input="?", reasoning={"effort": "high"}, stream=True)
        kinds = [event.type for event in events]
        assert kinds.index("response.reasoning_text.delta") < kinds.index("response.output_text.delta")


@pytest.mark.parametrize("stream", [False, True])
def test_stop_sequences_end_the_answer_and_are_never_sent(tmp_path: Path, stream: bool) -> None:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        for piece in ("One. E", "N", "D Two. ", "EN", "DE"):
            yield TextDelta(piece)
        yield finished("cancelled" if cancelled(cancel) else "stop")

    with scripted(tmp_path, script) as (server, _):
        answer = server.openai.chat.completions.create(
            model="lectern", messages=[QUESTION], stop=["ENDE", "Three"], stream=stream
        )
        if stream:
            chunks = list(answer)
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            reason = chunks[-1].choices[0].finish_reason
        else:
            text, reason = answer.choices[0].message.content, answer.choices[0].finish_reason
        assert (text, reason) == ("One. END Two. ", "stop")


def test_a_beginning_of_a_stop_sequence_is_sent_where_it_was_none(tmp_path: Path) -> None:
    with scripted(tmp_path, says("One. EN")) as (server, _):
        answer = server.openai.chat.completions.create(model="lectern", messages=[QUESTION], stop="END")
        assert answer.choices[0].message.content == "One. EN"


def test_repeated_words_are_taken_back(tmp_path: Path) -> None:
    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("so so so so")
        yield TakenBack(9, 0)
        yield finished("repetition")

    with scripted(tmp_path, script) as (server, _):
        answer = server.openai.chat.completions.create(model="lectern", messages=[QUESTION])
        assert (answer.choices[0].message.content, answer.choices[0].finish_reason) == ("so", "stop")
        *_, last = server.openai.chat.completions.create(model="lectern", messages=[QUESTION], stream=True)
        assert last.model_dump()["lectern"]["taken_back"] is True


def test_errors_of_the_engine_have_a_status_and_a_code(tmp_path: Path) -> None:
    failures = {
        "long": (400, msg("context.too-long", "The request has too many tokens.")),
        "memory": (503, msg("memory.request", "There is not enough memory.")),
        "broken": (500, NOT_ANSWERED),
    }

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        part = request.messages[-1].parts[-1]
        assert isinstance(part, TextPart)
        yield TextDelta("A")
        yield Failed(failures[part.text][1])

    with scripted(tmp_path, script) as (server, _):
        for question, (status, message) in failures.items():
            messages = [{"role": "user", "content": question}]
            with pytest.raises(openai.APIStatusError, match=str(message)) as failed:
                server.openai.chat.completions.create(model="lectern", messages=messages)
            assert failed.value.status_code == status
            with pytest.raises(openai.APIError, match=str(message)):
                list(server.openai.chat.completions.create(model="lectern", messages=messages, stream=True))
            answer = list(server.openai.responses.create(model="lectern", input=question, stream=True))
            assert answer[-1].type == "response.failed"


@pytest.mark.parametrize("stream", [False, True])
def test_a_client_that_goes_away_stops_its_answer(tmp_path: Path, stream: bool) -> None:
    began, stopped = threading.Event(), threading.Event()

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("Half")
        began.set()
        if cancelled(cancel):
            stopped.set()
        yield finished("cancelled")

    with scripted(tmp_path, script) as (server, engine):
        body = json.dumps({"messages": [QUESTION], "stream": stream}).encode()
        head = (
            f"POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1:{server.server.port}\r\n"
            f"Authorization: {server.http.headers['authorization']}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        import socket

        with socket.create_connection(("127.0.0.1", server.server.port)) as connection:
            connection.sendall(head.encode() + body)
            assert began.wait(30)
        assert stopped.wait(30)
        engine.script = says("Whole.")  # type: ignore[assignment]
        again = server.openai.chat.completions.create(model="lectern", messages=[QUESTION])
        assert again.choices[0].message.content == "Whole."


def test_a_server_that_ends_in_the_middle_says_so(tmp_path: Path) -> None:
    began = threading.Event()

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        yield TextDelta("Half")
        began.set()
        cancelled(cancel)
        yield finished("cancelled")

    with scripted(tmp_path, script) as (server, _):
        end = threading.Thread(target=lambda: (began.wait(30), server.server.end(20)))
        end.start()
        with pytest.raises(openai.APIStatusError) as said:
            server.openai.chat.completions.create(model="lectern", messages=[QUESTION])
        end.join()
    assert said.value.status_code == 503 and said.value.code == "closing"
    assert "Lectern is closing." in said.value.message


def test_an_answer_that_is_stopped_in_the_window_says_so(tmp_path: Path) -> None:
    half = says("Half", reason="cancelled")
    with scripted(tmp_path, half) as (server, _), pytest.raises(openai.APIStatusError, match="stopped in Lectern"):
        server.openai.chat.completions.create(model="lectern", messages=[QUESTION])


def test_messages_of_every_kind_become_turns(tmp_path: Path) -> None:
    seen: list[Request] = []

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        seen.append(request)
        yield finished()

    with scripted(tmp_path, script) as (server, _):
        server.openai.chat.completions.create(
            model="lectern",
            max_completion_tokens=77,
            temperature=0.5,
            top_p=0.9,
            seed=4,
            user="me",
            messages=[
                {"role": "assistant", "content": "Hello!"},
                {"role": "system", "content": "S1"},
                {"role": "developer", "content": [{"type": "text", "text": "S2"}]},
                {"role": "user", "content": "A"},
                {"role": "user", "content": [{"type": "text", "text": "B"}, {"type": "text", "text": "C"}]},
                {"role": "assistant", "content": "D"},
                {"role": "user", "content": "E"},
            ],
        )
        with pytest.raises(openai.BadRequestError, match="last message"):
            server.openai.chat.completions.create(
                model="lectern", messages=[QUESTION, {"role": "assistant", "content": "D"}]
            )
    (request,) = seen
    told = [
        (one.role, "".join(part.text for part in one.parts if isinstance(part, TextPart))) for one in request.messages
    ]
    assert told == [
        ("system", "S1\n\nS2"),
        ("user", "(no question)"),
        ("assistant", "Hello!"),
        ("user", "A\n\nBC"),
        ("assistant", "D"),
        ("user", "E"),
    ]
    sampling = request.sampling
    assert (request.max_new_tokens, sampling.temperature, sampling.top_p, sampling.seed) == (77, 0.5, 0.9, 4)


def test_sound_reaches_a_model_that_hears_and_is_refused_by_one_that_does_not(tmp_path: Path) -> None:
    heard: list[Request] = []

    def script(request: Request, cancel: threading.Event) -> Iterator[Event]:
        heard.append(request)
        yield finished()

    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"".join(struct.pack("<h", round(9000 * math.sin(at / 3))) for at in range(16_000)))
    sound = {"type": "input_audio", "input_audio": {"data": base64.b64encode(out.getvalue()).decode(), "format": "wav"}}
    messages = [{"role": "user", "content": [sound, {"type": "text", "text": "What is said?"}]}]
    with scripted(tmp_path, script, sound=True) as (server, _):
        server.openai.chat.completions.create(model="lectern", messages=messages)
        silent = {"type": "input_audio", "input_audio": {"data": base64.b64encode(b"words").decode(), "format": "txt"}}
        with pytest.raises(openai.BadRequestError, match="no sound"):
            server.openai.chat.completions.create(model="lectern", messages=[{"role": "user", "content": [silent]}])
    (request,) = heard
    piece, words = request.messages[-1].parts
    assert isinstance(piece, SoundPart) and abs(piece.sound.seconds - 2) < 0.2 and words == TextPart("What is said?")
    with scripted(tmp_path, script) as (server, _), pytest.raises(openai.BadRequestError, match="does not take sound"):
        server.openai.chat.completions.create(model="lectern", messages=messages)
