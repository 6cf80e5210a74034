"""What programs send to OpenAI's endpoints. A field that is not here is refused by name, so that nothing is ignored.

Fields that only matter to a service on the internet (``user``, ``store``, ``metadata`` …) are taken and change nothing.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MOST_TOKENS = 131_072
Text = Annotated[str, Field(max_length=32_000_000)]


class Body(BaseModel):
    """A part of a request: exactly these fields."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Cacheable(Body):
    """A part that other servers let a client mark; here every part is cached."""

    cache_control: dict[str, Any] | None = None


class TextPart(Cacheable):
    """Words."""

    type: Literal["text"]
    text: Text


class ImageUrl(Body):
    """A picture, as a data URI."""

    url: Text
    detail: Literal["auto", "low", "high", "original"] | None = None


class ImagePart(Cacheable):
    """A picture."""

    type: Literal["image_url"]
    image_url: ImageUrl


class FileData(Body):
    """A file that was uploaded, or one that comes with the request."""

    file_id: str | None = None
    file_data: Text | None = None
    filename: str | None = Field(None, max_length=200)


class FilePart(Cacheable):
    """A document."""

    type: Literal["file"]
    file: FileData


class Url(Body):
    """A video, as a data URI."""

    url: Text


class VideoPart(Cacheable):
    """A video, as vLLM takes it."""

    type: Literal["video_url"]
    video_url: Url


class Audio(Body):
    """Sound, in base64."""

    data: Text
    format: str = Field(max_length=20)


class AudioPart(Cacheable):
    """Sound."""

    type: Literal["input_audio"]
    input_audio: Audio


Part = Annotated[TextPart | ImagePart | FilePart | VideoPart | AudioPart, Field(discriminator="type")]


class SystemMessage(Body):
    """Instructions."""

    role: Literal["system", "developer"]
    content: Text | list[TextPart]
    name: str | None = None


class UserMessage(Body):
    """A question, with what it is about."""

    role: Literal["user"]
    content: Text | list[Part] = Field(min_length=1)
    name: str | None = None


class FunctionCall(Body):
    """Which function, and its arguments as JSON."""

    name: str = Field(max_length=64)
    arguments: Text


class Call(Body):
    """A function that the model asked for."""

    id: str = Field(max_length=100)
    type: Literal["function"] = "function"
    function: FunctionCall
    index: int | None = None


class AssistantMessage(Body):
    """An earlier answer. Its thoughts are not told to the model again."""

    role: Literal["assistant"]
    content: Text | list[TextPart] | None = None
    reasoning_content: Text | None = None
    tool_calls: list[Call] | None = Field(None, max_length=16)
    refusal: str | None = None
    name: str | None = None
    audio: None = None
    function_call: None = None
    annotations: list[Any] | None = None


class ToolMessage(Body):
    """What a function gave."""

    role: Literal["tool"]
    tool_call_id: str = Field(max_length=100)
    content: Text | list[TextPart]
    name: str | None = None


ChatMessage = Annotated[
    SystemMessage | UserMessage | AssistantMessage | ToolMessage,
    Field(discriminator="role"),
]


class Function(Body):
    """A function that the model may ask for."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str | None = Field(None, max_length=4000)
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class Tool(Body):
    """A tool; only functions are."""

    type: Literal["function"]
    function: Function


class NamedFunction(Body):
    """The name of a function."""

    name: str = Field(max_length=64)


class NamedTool(Body):
    """The one function that has to be called."""

    type: Literal["function"]
    function: NamedFunction


class JsonSchema(Body):
    """A schema with its name."""

    name: str = Field("answer", max_length=64)
    description: str | None = None
    schema_: dict[str, Any] | None = Field(None, alias="schema")
    strict: bool | None = None


class ResponseFormat(Body):
    """What form the answer has to have."""

    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class Structured(Body):
    """What form the answer has to have, as vLLM takes it: one of these."""

    json_: dict[str, Any] | Text | None = Field(None, alias="json")
    regex: Text | None = None
    grammar: Text | None = None
    """In Lark's form."""
    choice: list[str] | None = Field(None, min_length=1, max_length=1000)


class StreamOptions(Body):
    """Whether the counts come at the end of a stream."""

    include_usage: bool | None = None
    include_obfuscation: bool | None = None


class TemplateArguments(Body):
    """As vLLM and llama.cpp take it."""

    enable_thinking: bool | None = None


Effort = Literal["none", "minimal", "low", "medium", "high", "xhigh"]


class Common(Body):
    """What both endpoints take."""

    model: str = Field("", max_length=500)
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, gt=0, le=1)
    top_k: int | None = Field(None, ge=1, le=10_000)
    seed: int | None = Field(None, ge=0, lt=1 << 63)
    stream: bool | None = None
    parallel_tool_calls: bool | None = None
    # Without effect on one's own machine:
    user: str | None = Field(None, max_length=200)
    safety_identifier: str | None = Field(None, max_length=200)
    metadata: dict[str, Any] | None = None
    store: bool | None = None
    service_tier: str | None = None
    prompt_cache_key: str | None = None
    prompt_cache_retention: str | None = None


class ChatBody(Common):
    """A request to ``/v1/chat/completions``."""

    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    max_tokens: int | None = Field(None, ge=1, le=MOST_TOKENS)
    max_completion_tokens: int | None = Field(None, ge=1, le=MOST_TOKENS)
    stop: str | list[str] | None = None
    stream_options: StreamOptions | None = None
    tools: list[Tool] | None = Field(None, max_length=64)
    tool_choice: Literal["none", "auto", "required"] | NamedTool | None = None
    response_format: ResponseFormat | None = None
    structured_outputs: Structured | None = None
    grammar: Text | None = None
    """In llama.cpp's form (GBNF), as its server takes it."""
    reasoning_effort: Effort | None = None
    chat_template_kwargs: TemplateArguments | None = None
    n: Literal[1] | None = None
    modalities: list[Literal["text"]] | None = None
    logprobs: Literal[False] | None = None
    frequency_penalty: float | None = Field(None, ge=0, le=0)
    presence_penalty: float | None = Field(None, ge=0, le=0)
    logit_bias: dict[str, float] | None = Field(None, max_length=0)
    verbosity: None = None
