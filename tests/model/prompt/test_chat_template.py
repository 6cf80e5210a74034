"""Lectern's rendering of chat templates, and its reading of tokenizer files, against transformers'."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import TemplateError
from transformers import AutoTokenizer

from model.prompt.chat_template import ChatTemplate, read_templates
from model.prompt.tokenizer import Tokenizer
from model.synthetic.tokenizer import CHAT_TEMPLATE, write_tokenizer

SAMPLE = Path("resources/sample_model")
TOOL = {
    "type": "function",
    "function": {
        "name": "look_closer",
        "description": 'Looks at <a part> & "more" of a page – größer.',
        "parameters": {
            "type": "object",
            "properties": {
                "page": {"type": "integer", "description": "which"},
                "box": {"type": "array", "items": {"type": "number"}},
                "how": {"type": "string", "enum": ["near", "far"]},
                "deep": {"type": "object", "properties": {"on": {"type": "boolean"}}},
            },
            "required": ["page"],
        },
    },
}
CALL = {
    "id": "1",
    "type": "function",
    "function": {"name": "look_closer", "arguments": {"page": 2, "box": [0.5, None]}},
}
PICTURE = [{"type": "text", "text": " one "}, {"type": "image"}, {"type": "text", "text": "two"}]
CONVERSATIONS: dict[str, list[dict[str, Any]]] = {
    "question": [{"role": "user", "content": " What is <this>?\n"}],
    "system": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    "pictures": [{"role": "user", "content": PICTURE}],
    "turns": [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": PICTURE},
        {"role": "assistant", "content": "<|channel>thought\nhm<channel|>Three."},
        {"role": "user", "content": "And 你好, 𝄞?"},
    ],
    "nothing": [
        {"role": "user", "content": ""},
        {"role": "assistant", "content": None},
        {"role": "user", "content": "?"},
    ],
    "call": [
        {"role": "user", "content": "Look"},
        {"role": "assistant", "content": "", "tool_calls": [CALL], "reasoning_content": None},
        {"role": "tool", "tool_call_id": "1", "name": "look_closer", "content": 'a {"b": 1}'},
    ],
    "call with a picture": [
        {"role": "user", "content": "Look"},
        {"role": "assistant", "content": "", "tool_calls": [CALL]},
        {"role": "tool", "tool_call_id": "1", "name": "look_closer", "content": PICTURE},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "Thanks"},
    ],
}
TEMPLATES = {
    "ours": CHAT_TEMPLATE,
    "everything": """
    {%- set ns = namespace(n=0, seen=[]) %}
    {% for message in messages %}
        {% if message.role == 'tool' %}{% continue %}{% endif %}
        {% set ns.n = ns.n + 1 %}
        {{ bos_token }}{{ ns.n }}:{{ message | tojson }}|{{ message | tojson(indent=2) }}
        {% generation %}{{ message.role | upper }}{% endgeneration %}
        {% if ns.n > 3 %}{% break %}{% endif %}
    {% endfor %}
    {% for tool in tools or [] %}{{ tool | tojson(separators=(',', ':'), sort_keys=true) }}{% endfor %}
    {{ dict(a=1, b='x') | tojson }} {{ tools is none }} {{ documents is none }} {{ enable_thinking }}
    {{ eos_token }}{{ unk_token }}{{ pad_token }}{{ image_token }}{{ boi_token }}{{ add_generation_prompt }}
    """,
}


def folder_with(template: str, folder: Path) -> Path:
    write_tokenizer(folder, {"text_config": {"vocab_size": 600}})
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    return folder


@pytest.fixture(scope="module", params=[*TEMPLATES, "sample model"])
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[ChatTemplate, Any]:
    name = request.param
    folder = SAMPLE if name == "sample model" else folder_with(TEMPLATES[name], tmp_path_factory.mktemp("template"))
    return Tokenizer.open(folder)._template, AutoTokenizer.from_pretrained(str(folder), local_files_only=True)


@pytest.mark.parametrize("thinking", [False, True])
@pytest.mark.parametrize("tools", [None, [TOOL], [TOOL, TOOL]], ids=["no tools", "a tool", "two tools"])
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_conversations_are_written_as_transformers_writes_them(
    name: str, tools: list[dict[str, Any]] | None, thinking: bool, pair: tuple[ChatTemplate, Any]
) -> None:
    ours, theirs = pair
    messages = CONVERSATIONS[name]
    expected = theirs.apply_chat_template(
        messages, tools=tools, tokenize=False, add_generation_prompt=True, enable_thinking=thinking
    )
    assert ours.render(messages, tools, enable_thinking=thinking) == expected


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Tokenizer, Any]]:
    folders = [folder_with(CHAT_TEMPLATE, tmp_path_factory.mktemp("tokenizer")), SAMPLE]
    return [(Tokenizer.open(f), AutoTokenizer.from_pretrained(str(f), local_files_only=True)) for f in folders]


@given(st.text(max_size=60) | st.text(alphabet="<|turn>e image\n▁ä", max_size=40))
def test_text_becomes_the_same_tokens(opened: list[tuple[Tokenizer, Any]], text: str) -> None:
    for ours, theirs in opened:
        clean = text.encode("utf-8", "replace").decode("utf-8")
        assert ours.encode_control(text) == theirs.encode(clean, add_special_tokens=False)
        special = ours.control_ids
        assert special == {i for i, token in theirs.added_tokens_decoder.items() if token.special}


def test_a_template_in_the_configuration_is_found(tmp_path: Path) -> None:
    config = {"chat_template": [{"name": "default", "template": "a"}, {"name": "tool_use", "template": "b"}]}
    template = ChatTemplate(read_templates(tmp_path, config), {})
    assert template.render([], None) == "a"
    assert template.render([], [TOOL]) == "b"
    assert read_templates(tmp_path, {"chat_template": "c"}) == {"default": "c"}
    assert read_templates(tmp_path, {}) == {}


def test_templates_in_files_come_first(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text("file")
    (tmp_path / "additional_chat_templates").mkdir()
    (tmp_path / "additional_chat_templates" / "tool_use.jinja").write_text("tools")
    assert read_templates(tmp_path, {"chat_template": "config"}) == {"default": "file", "tool_use": "tools"}


def test_tokens_that_only_the_configuration_calls_special_are(tmp_path: Path) -> None:
    folder = folder_with(CHAT_TEMPLATE, tmp_path)
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text())
    value["added_tokens"] = [token for token in value["added_tokens"] if token["content"] != "<|image>"]
    path.write_text(json.dumps(value))
    tokenizer = Tokenizer.open(folder)
    assert len(tokenizer.encode_control("<|image>")) == 1
    assert not set(tokenizer.encode_data("<|image>")) & tokenizer.control_ids


@pytest.mark.parametrize(
    "attack",
    [
        "{{ messages.append(1) }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ dict.__init__.__globals__ }}",
        "{{ namespace(__class__=1) }}",
        "{% set ns = namespace() %}{% set ns.__class__ = 1 %}",
        "{{ strftime_now.__globals__.os }}",
        "{{ cycler.__init__.__globals__.os }}",
    ],
)
def test_a_template_cannot_leave_the_sandbox(attack: str) -> None:
    with pytest.raises((TemplateError, TypeError)):
        assert "object" not in ChatTemplate({"default": attack}, {}).render([{"role": "user", "content": "x"}], None)


def test_only_plain_data_reaches_a_template() -> None:
    with pytest.raises(TypeError, match="takes no"):
        ChatTemplate({"default": "x"}, {}).render([{"role": "user", "content": Path()}], None)
