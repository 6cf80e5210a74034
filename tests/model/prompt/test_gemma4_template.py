"""Lectern's own chat template: its output, word by word, and that the application's functions work with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from model.prompt.chat_template import ChatTemplate
from model.prompt.gemma4_template import chat_template
from model.prompt.template_probe import template_remarks

CALL = {"id": "c", "type": "function", "function": {"name": "look", "arguments": {"page": 3, "all": True}}}
TOOL = {
    "type": "function",
    "function": {
        "name": "look",
        "description": "Looks.",
        "parameters": {
            "type": "object",
            "properties": {
                "page": {"type": "integer", "description": "Which one."},
                "box": {"type": "array", "items": {"type": "number"}},
                "how": {"type": "string", "enum": ["near", "far"], "nullable": True},
                "place": {"type": "object", "properties": {"x": {"type": "number"}}, "required": ["x"]},
            },
            "required": ["page"],
        },
    },
}


def written(messages: list[dict[str, Any]], tools: list[dict[str, Any]] | None = None, **options: object) -> str:
    template = ChatTemplate({"default": chat_template(int(options.pop("width", 2816)))}, {"bos_token": "<bos>"})  # type: ignore[call-overload]
    return template.render(messages, tools, **options)


def test_a_question() -> None:
    question = [{"role": "system", "content": " Be short. "}, {"role": "user", "content": " Why? "}]
    start = "<bos><|turn>system\nBe short.<turn|>\n<|turn>user\nWhy?<turn|>\n<|turn>model\n"
    assert written(question) == f"{start}<|channel>thought\n<channel|>"
    assert written(question, width=1536) == start
    assert written(question, enable_thinking=True) == start.replace("system\n", "system\n<|think|>\n")


def test_parts_and_earlier_answers() -> None:
    parts = [{"type": kind, "text": " a "} for kind in ("image", "text", "video", "audio")]
    answer = "<|channel>thought\nhm<channel|> Yes. "
    messages = [
        {"role": "user", "content": parts},
        {"role": "assistant", "content": answer, "reasoning": "hm"},
        {"role": "user", "content": "And?"},
    ]
    assert written(messages, width=2560) == (
        "<bos><|turn>user\n<|image|>a<|video|><|audio|><turn|>\n<|turn>model\nYes.<turn|>\n"
        "<|turn>user\nAnd?<turn|>\n<|turn>model\n"
    )


def test_functions() -> None:
    messages: list[dict[str, Any]] = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "seen"}, {"type": "image"}]},
    ]
    declared = (
        '<bos><|turn>system\n<|tool>declaration:look{description:<|"|>Looks.<|"|>,parameters:{properties:{'
        'box:{items:{type:<|"|>NUMBER<|"|>},type:<|"|>ARRAY<|"|>},'
        'how:{enum:[<|"|>near<|"|>,<|"|>far<|"|>],nullable:true,type:<|"|>STRING<|"|>},'
        'page:{description:<|"|>Which one.<|"|>,type:<|"|>INTEGER<|"|>},'
        'place:{properties:{x:{type:<|"|>NUMBER<|"|>}},required:[<|"|>x<|"|>],type:<|"|>OBJECT<|"|>}},'
        'required:[<|"|>page<|"|>],type:<|"|>OBJECT<|"|>}}<tool|><turn|>\n'
    )
    asked = (
        "<|turn>user\n?<turn|>\n<|turn>model\n<|tool_call>call:look{all:true,page:3}<tool_call|>"
        '<|tool_response>response:look{value:<|"|>seen<|"|>}<tool_response|><|image|>'
    )
    assert written(messages, [TOOL]) == declared + asked
    thinking = declared.replace("system\n", "system\n<|think|>\n") + asked
    assert written(messages, [TOOL], enable_thinking=True) == f"{thinking}<|channel>thought\n"
    answered = [*messages, {"role": "assistant", "content": "Done."}, {"role": "user", "content": "Thanks."}]
    ended = "Done.<turn|>\n<|turn>user\nThanks.<turn|>\n<|turn>model\n<|channel>thought\n<channel|>"
    assert written(answered, [TOOL]) == declared + asked + ended


def test_arguments_in_a_string_are_refused() -> None:
    call = {"function": {"name": "look", "arguments": '{"page": 3}'}}
    with pytest.raises(Exception, match="mapping"):
        written([{"role": "assistant", "content": "", "tool_calls": [call]}])


@pytest.mark.parametrize("width", [1536, 2816])
def test_nothing_is_said_against_it(tmp_path: Path, width: int) -> None:
    (tmp_path / "chat_template.jinja").write_text(chat_template(width))
    assert template_remarks(tmp_path) == ()
