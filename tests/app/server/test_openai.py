"""OpenAI's own client, the sample model really answering: chats, responses, files, pictures, streams."""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path

import jsonschema
import openai
import pytest

from app.paths import resource
from tests.app.server.serving import Running

INVOICE = resource("samples", "invoice.pdf")
DUE = '8 April 2026 [page 1: "Due date: 8 April 2026"]'


@pytest.fixture(scope="module")
def invoice(real: Running) -> str:
    with INVOICE.open("rb") as file:
        return real.openai.files.create(file=file, purpose="user_data").id


def asked(invoice: str, question: str) -> list[dict[str, object]]:
    parts = [{"type": "text", "text": question}, {"type": "file", "file": {"file_id": invoice}}]
    return [{"role": "user", "content": parts}]


def test_the_open_model_is_listed(real: Running) -> None:
    assert [one.id for one in real.openai.models.list()] == [real.model]
    assert real.openai.models.retrieve(real.model).id == real.model
    with pytest.raises(openai.NotFoundError, match="The open model is"):
        real.openai.models.retrieve("gpt-4o")


def test_a_chat_about_an_upload_and_again_out_of_the_cache(real: Running, invoice: str) -> None:
    first = real.openai.chat.completions.create(model=real.model, messages=asked(invoice, "What is the due date?"))
    assert first.choices[0].message.content == DUE
    assert first.choices[0].finish_reason == "stop"
    again = real.openai.chat.completions.create(model="lectern", messages=asked(invoice, "What is the due date?"))
    assert again.choices[0].message.content == DUE
    assert first.usage and again.usage and again.usage.prompt_tokens_details
    assert again.usage.prompt_tokens == first.usage.prompt_tokens > 900
    assert (again.usage.prompt_tokens_details.cached_tokens or 0) > 900
    assert again.usage.total_tokens == again.usage.prompt_tokens + again.usage.completion_tokens


def test_a_stream_gives_the_same_words_and_the_counts(real: Running, invoice: str) -> None:
    chunks = list(
        real.openai.chat.completions.create(
            model=real.model,
            messages=asked(invoice, "What is the due date?"),
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == DUE
    assert [chunk.choices[0].finish_reason for chunk in chunks if chunk.choices][-1] == "stop"
    assert chunks[-1].usage is not None and chunks[-1].usage.completion_tokens > 5


def test_limits_and_seeds(real: Running) -> None:
    def ask(**more: object) -> openai.types.chat.ChatCompletion:
        return real.openai.chat.completions.create(
            model=real.model,
            messages=[
                {"role": "system", "content": "You are brief."},
                {"role": "user", "content": "Tell me something."},
            ],
            **more,
        )

    cut = ask(max_tokens=2)
    assert (cut.choices[0].finish_reason, cut.usage and cut.usage.completion_tokens) == ("length", 2)
    wild = {"temperature": 2.0, "top_p": 1.0, "extra_body": {"top_k": 10_000}, "max_tokens": 12}
    answers = [ask(seed=seed, **wild).choices[0].message.content for seed in (0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5)]
    assert answers[:6] == answers[6:] and len(set(answers)) > 1


def test_a_picture_and_a_document_inside_the_request(real: Running) -> None:
    uri = "data:image/png;base64," + base64.b64encode(resource("samples", "settings.png").read_bytes()).decode()
    parts = [{"type": "image_url", "image_url": {"url": uri, "detail": "low"}}, {"type": "text", "text": "What is it?"}]
    seen = real.openai.chat.completions.create(model=real.model, messages=[{"role": "user", "content": parts}])
    assert seen.choices[0].message.content and seen.usage and 40 < seen.usage.prompt_tokens < 120
    data = base64.b64encode(INVOICE.read_bytes()).decode()
    file = {"type": "file", "file": {"filename": "mine.pdf", "file_data": f"data:application/pdf;base64,{data}"}}
    parts = [file, {"type": "text", "text": "What is the due date?"}]
    read = real.openai.chat.completions.create(model=real.model, messages=[{"role": "user", "content": parts}])
    assert read.choices[0].message.content == DUE


def test_a_video(real: Running) -> None:
    uri = "data:video/mp4;base64," + base64.b64encode(resource("samples", "lamp.mp4").read_bytes()).decode()
    parts = [{"type": "video_url", "video_url": {"url": uri}}, {"type": "text", "text": "What happens?"}]
    seen = real.openai.chat.completions.create(
        model=real.model, messages=[{"role": "user", "content": parts}], max_tokens=8
    )
    assert seen.usage and seen.usage.prompt_tokens > 500


def test_responses_are_answered_continued_fetched_and_deleted(real: Running, invoice: str) -> None:
    content = [{"type": "input_file", "file_id": invoice}, {"type": "input_text", "text": "What is the due date?"}]
    first = real.openai.responses.create(model=real.model, input=[{"role": "user", "content": content}])
    assert (first.output_text, first.status) == (DUE, "completed")
    second = real.openai.responses.create(
        model=real.model, input="What is the invoice date?", previous_response_id=first.id
    )
    assert second.output_text == '9 March 2026 [page 1: "Invoice date: 9 March 2026"]'
    assert second.usage and second.usage.input_tokens_details.cached_tokens > 900
    assert real.openai.responses.retrieve(first.id).output_text == DUE
    real.openai.responses.delete(first.id)
    with pytest.raises(openai.NotFoundError, match="no answer with this id"):
        real.openai.responses.retrieve(first.id)


def test_a_stream_of_responses(real: Running, invoice: str) -> None:
    content = [{"type": "input_file", "file_id": invoice}, {"type": "input_text", "text": "What is the due date?"}]
    with real.openai.responses.stream(model=real.model, input=[{"role": "user", "content": content}]) as stream:
        events = list(stream)
        final = stream.get_final_response()
    assert final.output_text == DUE
    assert "".join(event.delta for event in events if event.type == "response.output_text.delta") == DUE
    assert [event.sequence_number for event in events] == sorted({event.sequence_number for event in events})
    assert events[-1].type == "response.completed"


def test_files_are_listed_given_back_and_deleted(real: Running, tmp_path: Path) -> None:
    text = tmp_path / "Grüße 1.txt"
    text.write_text("The number is 5.\n", encoding="utf-8")
    with text.open("rb") as file:
        sent = real.openai.files.create(file=file, purpose="user_data")
    assert (sent.filename, sent.bytes) == (text.name, text.stat().st_size)
    assert sent.id in [one.id for one in real.openai.files.list()]
    assert real.openai.files.content(sent.id).read() == text.read_bytes()
    assert real.openai.files.delete(sent.id).deleted
    with pytest.raises(openai.NotFoundError, match="no file with this id"):
        real.openai.files.retrieve(sent.id)


def test_answers_have_the_form_that_is_asked_for(real: Running) -> None:
    schema = {
        "type": "object",
        "properties": {"town": {"enum": ["Rome", "Oslo"]}, "days": {"type": "integer", "minimum": 1, "maximum": 9}},
        "required": ["town", "days"],
        "additionalProperties": False,
    }
    messages = [{"role": "user", "content": "Which town, and how many days?"}]
    form = {"type": "json_schema", "json_schema": {"name": "trip", "schema": schema, "strict": True}}
    create = real.openai.chat.completions.create
    for stream in (False, True):
        answer = create(model=real.model, messages=messages, response_format=form, stream=stream)
        text = (
            "".join(one.choices[0].delta.content or "" for one in answer)
            if stream
            else answer.choices[0].message.content
        )
        jsonschema.validate(json.loads(text or ""), schema)
    more = {"type": "json_schema", "name": "trip", "schema": schema}
    jsonschema.validate(
        json.loads(real.openai.responses.create(input="Where?", text={"format": more}).output_text), schema
    )
    for extra, pattern in (
        ({"structured_outputs": {"regex": "[0-9]{3}-[a-f]{2}"}}, "[0-9]{3}-[a-f]{2}"),
        ({"structured_outputs": {"choice": ["yes", "no."]}}, r"yes|no\."),
        ({"grammar": 'root ::= "A" [b-d] "E"'}, "A[b-d]E"),
    ):
        answer = create(model=real.model, messages=messages, extra_body=extra)
        assert re.fullmatch(pattern, answer.choices[0].message.content or "")
    for extra in (
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "nothing"}}}},
        {"response_format": {"type": "json_schema"}},
        {"structured_outputs": {"regex": "["}},
        {"grammar": "root ::= ("},
        {"grammar": 'root ::= "A"', "structured_outputs": {"choice": ["A"]}},
    ):
        with pytest.raises(openai.BadRequestError):
            create(model=real.model, messages=messages, extra_body=extra)


def test_what_is_not_possible_is_said(real: Running) -> None:
    sound = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}
    with pytest.raises(openai.BadRequestError, match="does not take sound"):
        real.openai.chat.completions.create(model=real.model, messages=[{"role": "user", "content": [sound]}])
    with pytest.raises(openai.BadRequestError, match="cannot call functions"):
        real.openai.chat.completions.create(
            model=real.model,
            messages=[{"role": "user", "content": "?"}],
            tools=[{"type": "function", "function": {"name": "f", "parameters": {}}}],
        )
    far = {"type": "image_url", "image_url": {"url": "https://example.invalid/a.png"}}
    with pytest.raises(openai.BadRequestError, match="fetches nothing"):
        real.openai.chat.completions.create(model=real.model, messages=[{"role": "user", "content": [far]}])
    broken = {"type": "file", "file": {"filename": "a.pdf", "file_data": base64.b64encode(b"%PDF-1.7 no").decode()}}
    with pytest.raises(openai.BadRequestError):
        real.openai.chat.completions.create(model=real.model, messages=[{"role": "user", "content": [broken]}])
