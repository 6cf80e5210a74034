"""What programs send to ``/v1/responses``: the same things as in a chat, in their newer names."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from app.server.errors import ApiError
from app.server.openai import bodies
from app.server.openai.bodies import Body, Common, Effort, NamedFunction, Text


class InputText(Body):
    """Words; of an earlier answer, too."""

    type: Literal["input_text", "output_text"]
    text: Text
    annotations: list[Any] | None = None
    logprobs: list[Any] | None = None


class InputImage(Body):
    """A picture: a data URI, or an upload."""

    type: Literal["input_image"]
    image_url: Text | None = None
    file_id: str | None = None
    detail: Literal["auto", "low", "high", "original"] | None = None


class InputFile(Body):
    """A document or video: an upload, or with the request."""

    type: Literal["input_file"]
    file_id: str | None = None
    file_data: Text | None = None
    filename: str | None = Field(None, max_length=200)


InputPart = Annotated[InputText | InputImage | InputFile, Field(discriminator="type")]


class InputMessage(Body):
    """A message."""

    type: Literal["message"] = "message"
    role: Literal["user", "assistant", "system", "developer"]
    content: Text | list[InputPart] = Field(min_length=1)
    id: str | None = None
    status: str | None = None
    phase: str | None = None


class InputCall(Body):
    """A function that the model asked for."""

    type: Literal["function_call"]
    call_id: str = Field(max_length=100)
    name: str = Field(max_length=64)
    arguments: Text
    id: str | None = None
    status: str | None = None
    namespace: None = None


class InputResult(Body):
    """What the function gave."""

    type: Literal["function_call_output"]
    call_id: str = Field(max_length=100)
    output: Text | list[InputText]
    id: str | None = None
    status: str | None = None


class InputThoughts(Body):
    """Earlier thoughts, which are not told to the model again."""

    type: Literal["reasoning"]
    id: str | None = None
    summary: list[Any] | None = None
    content: list[Any] | None = None
    encrypted_content: str | None = None
    status: str | None = None


Item = InputMessage | InputCall | InputResult | InputThoughts


class ResponseFunction(bodies.Function):
    """A function that the model may ask for."""

    type: Literal["function"]


class ResponseNamed(NamedFunction):
    """The function that has to be called."""

    type: Literal["function"]


class ResponseForm(Body):
    """What form the answer has to have."""

    type: Literal["text", "json_object", "json_schema"]
    name: str | None = Field(None, max_length=64)
    description: str | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


class TextOptions(Body):
    """The form of the answer."""

    format: ResponseForm | None = None
    verbosity: None = None


class Reasoning(Body):
    """Whether the model thinks first."""

    effort: Effort | None = None
    summary: Literal["auto", "concise", "detailed"] | None = None
    generate_summary: None = None


class ResponsesBody(Common):
    """A request to ``/v1/responses``."""

    input: Text | list[Item] = Field(min_length=1, max_length=32_000_000)
    instructions: Text | None = None
    max_output_tokens: int | None = Field(None, ge=1, le=bodies.MOST_TOKENS)
    tools: list[ResponseFunction] | None = Field(None, max_length=64)
    tool_choice: Literal["none", "auto", "required"] | ResponseNamed | None = None
    text: TextOptions | None = None
    reasoning: Reasoning | None = None
    previous_response_id: str | None = Field(None, max_length=100)
    include: list[Literal["reasoning.encrypted_content"]] | None = None
    truncation: Literal["disabled"] | None = None
    background: Literal[False] | None = None
    top_logprobs: Literal[0] | None = None
    stream_options: bodies.StreamOptions | None = None


def as_chat(items: str | list[Item], number: int = 0) -> list[bodies.ChatMessage]:
    """The same as messages of a chat. Raises ``ApiError``."""
    if isinstance(items, str):
        return [bodies.UserMessage(role="user", content=items)]
    return [message for at, item in enumerate(items, number) for message in _message(item, f"input.{at}")]


def _message(item: Item, where: str) -> list[bodies.ChatMessage]:
    match item:
        case InputThoughts():
            return []
        case InputCall():
            function = bodies.FunctionCall(name=item.name, arguments=item.arguments)
            call = bodies.Call(id=item.call_id, function=function)
            return [bodies.AssistantMessage(role="assistant", tool_calls=[call])]
        case InputResult():
            return [bodies.ToolMessage(role="tool", tool_call_id=item.call_id, content=_words(item.output, where))]
        case InputMessage(role="user"):
            if isinstance(item.content, str):
                return [bodies.UserMessage(role="user", content=item.content)]
            return [bodies.UserMessage(role="user", content=[_part(one, where) for one in item.content])]
        case InputMessage(role="assistant"):
            return [bodies.AssistantMessage(role="assistant", content=_words(item.content, where), tool_calls=None)]
    return [bodies.SystemMessage(role="system", content=_words(item.content, where))]


def _words(content: str | list[InputText] | list[InputPart], where: str) -> str:
    if isinstance(content, str):
        return content
    if not all(isinstance(one, InputText) for one in content):
        raise ApiError(400, f"{where}: Only messages of the user may hold pictures and files.", "parts", param=where)
    return "".join(one.text for one in content if isinstance(one, InputText))


def _part(part: InputPart, where: str) -> bodies.Part:
    match part:
        case InputText():
            return bodies.TextPart(type="text", text=part.text)
        case InputImage():
            if (part.image_url is None) == (part.file_id is None):
                raise ApiError(400, f"{where}: A picture needs either image_url or file_id.", "parts", param=where)
            url = bodies.ImageUrl(url=part.image_url or part.file_id or "", detail=part.detail)
            return bodies.ImagePart(type="image_url", image_url=url)
    data = bodies.FileData(file_id=part.file_id, file_data=part.file_data, filename=part.filename)
    return bodies.FilePart(type="file", file=data)
