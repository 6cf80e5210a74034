"""The part of a prompt that follows a function call: the result, as the checkpoint's own chat template writes it.

The call itself is never rendered again: it stays as the model wrote it, token by token, so that the KV cache continues
behind it. The result is taken from the end of a small conversation of its own, because it depends on nothing
before it; so a second step finds the first one unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from model.errors import CheckpointError, LecternError
from model.messages import msg
from model.prompt.tokenizer import NAMED_TOKENS
from model.types import Part, Picture, PicturePart, TextPart, ToolCall, ToolSpec, ToolStep

UNKNOWN = "unknown"
"""A function's name in its result where the model called one that does not exist."""


class Renderer(Protocol):
    """A tokenizer, as far as its chat template is concerned."""

    @property
    def named(self) -> Mapping[str, int | None]:
        """The ids of the control tokens that mean something in what a model writes."""

    def render(self, messages: Sequence[Mapping[str, Any]], *, thinking: bool, tools: Sequence[ToolSpec] = ()) -> str:
        """``messages`` as the template writes them. Raises ``LecternError``."""


Split = Callable[[str, Sequence[Part], Mapping[str, type[Part]]], Iterator[str | Part]]
Item = Callable[[Part, int], dict[str, str]]
_PROBE = ToolSpec(
    "probe",
    "A probe.",
    {"type": "object", "properties": {"box": {"type": "array", "items": {"type": "integer"}}}, "required": ["box"]},
)


def result_parts(step: ToolStep) -> tuple[Part, ...]:
    """A result's parts as they are in the prompt: text comes first, and empty text has no place."""
    texts = [part for part in step.result if isinstance(part, TextPart) and part.text]
    return (*texts, *(part for part in step.result if not isinstance(part, TextPart)))


def render_result(name: str, parts: Sequence[Part], tokenizer: Renderer, *, thinking: bool, item: Item) -> str:
    """The result of a call of ``name``, from behind the call up to where the model continues."""
    items = [item(part, index) for index, part in enumerate(parts)]
    plain = all(item["type"] == "text" for item in items)
    content: object = "".join(item["text"] for item in items) if plain else items
    call = {"id": "call", "type": "function", "function": {"name": name, "arguments": {}}}
    messages: list[Mapping[str, Any]] = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call", "name": name, "content": content},
    ]
    rendered = tokenizer.render(messages, thinking=thinking)
    _, end, behind = rendered.rpartition(NAMED_TOKENS["tool_call_end"])
    if not end or NAMED_TOKENS["turn_start"] in behind:
        raise CheckpointError(
            msg(
                "template.no-calls",
                "The model's chat template cannot continue after a function call; copy a newer chat_template.jinja "
                "from the published model.",
            )
        )
    return behind


def known_name(call: ToolCall, tools: Sequence[ToolSpec]) -> str:
    """The name that the template may write: it is control text there, so only our own names will do."""
    return call.name if any(call.name == tool.name for tool in tools) else UNKNOWN


def can_use_tools(tokenizer: Renderer, split: Split, item: Item, marks: Mapping[str, type[Part]]) -> bool:
    """Whether the chat template declares functions and writes results, pictures included, as a prompt needs them."""
    if None in (tokenizer.named["tool_call_start"], tokenizer.named["tool_call_end"]):
        return False
    parts: tuple[Part, ...] = (TextPart("seen"), PicturePart(Picture(b"", 48, 48, 70, "probe")))
    try:
        declared = tokenizer.render([{"role": "user", "content": "?"}], thinking=False, tools=(_PROBE,))
        behind = render_result("probe", parts, tokenizer, thinking=False, item=item)
        list(split(behind, parts, marks))
    except LecternError:
        return False
    return re.search(r"<\|tool>.*probe.*<tool\|>", declared, re.DOTALL) is not None
