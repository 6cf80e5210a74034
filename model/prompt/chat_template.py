"""Renders a checkpoint's chat template as transformers' ``apply_chat_template`` does, with Jinja's sandbox alone.

A template is text from a model folder: it sees plain data only, runs in a sandbox that lets it change nothing, and
any failure inside is an exception of Jinja's or of Python's, for the caller to report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.exceptions import SecurityError
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.utils import Namespace

from model.types import ToolSpec

FILE = "chat_template.jinja"
FOLDER = "additional_chat_templates"
"""Where transformers keeps the templates beside the default one, each in a file of its own."""
WITH_TOOLS = "tool_use"


def read_templates(folder: Path, config: Mapping[str, Any]) -> dict[str, str]:
    """The templates of the model in ``folder`` by name: from their files, else from its ``tokenizer_config.json``."""
    found = {}
    if (folder / FILE).is_file():
        found["default"] = (folder / FILE).read_text(encoding="utf-8")
    if (folder / FOLDER).is_dir():
        found |= {path.stem: path.read_text(encoding="utf-8") for path in sorted((folder / FOLDER).glob("*.jinja"))}
    if found:
        return found
    inside = config.get("chat_template")
    if isinstance(inside, list):
        return {str(one["name"]): str(one["template"]) for one in inside}
    return {"default": inside} if isinstance(inside, str) and inside else {}


class ChatTemplate:
    """A model's templates, and the special tokens that they may name (``bos_token`` and others)."""

    def __init__(self, templates: Mapping[str, str], special_tokens: Mapping[str, str]) -> None:
        self._templates, self._special_tokens = templates, special_tokens
        self._compiled: dict[str, Template] = {}

    def render(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[Mapping[str, Any]] | None, **options: object
    ) -> str:
        """``messages`` as text, up to where the model answers. Raises whatever the template leads to."""
        plain = [{key: value for key, value in message.items() if value is not None} for message in messages]
        return self._chosen(bool(tools)).render(
            messages=_plain(plain),
            tools=_plain(tools),
            documents=None,
            add_generation_prompt=True,
            **{**self._special_tokens, **options},
        )

    def conversation(
        self, messages: Sequence[Mapping[str, Any]], tools: Sequence[ToolSpec] = (), *, thinking: bool
    ) -> str:
        """``messages``, with ``tools`` declared, up to where the model answers. Raises as ``render``."""
        declared = [{"name": t.name, "description": t.description, "parameters": t.parameters} for t in tools]
        functions = [{"type": "function", "function": function} for function in declared]
        return self.render(messages, functions or None, enable_thinking=thinking)

    def _chosen(self, with_tools: bool) -> Template:
        name = WITH_TOOLS if with_tools and WITH_TOOLS in self._templates else "default"
        if name not in self._templates:
            raise ValueError("there are several templates and none is the default one")
        if name not in self._compiled:
            self._compiled[name] = _environment().from_string(self._templates[name])
        return self._compiled[name]


def _environment() -> ImmutableSandboxedEnvironment:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_GenerationBlocks, "jinja2.ext.loopcontrols"]
    )
    environment.filters["tojson"] = _to_json
    environment.globals |= {
        "raise_exception": _raise,
        "strftime_now": lambda form: datetime.now().strftime(form),
        "namespace": _PlainNamespace,
        "dict": lambda *pairs, **named: dict(*pairs, **named),
    }
    return environment


class _GenerationBlocks(Extension):
    """``{% generation %}`` marks what a model wrote, for training; here it has no effect."""

    tags = {"generation"}  # noqa: RUF012  # as Jinja declares it

    def parse(self, parser: Parser) -> nodes.Node | list[nodes.Node]:
        """The block's own body."""
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _PlainNamespace(Namespace):
    """A namespace whose names do not reach into Python."""

    def __init__(*args: Any, **named: Any) -> None:
        for name in dict(*args[1:], **named):
            _check_name(name)
        Namespace.__init__(*args, **named)

    def __setitem__(self, name: str, value: object) -> None:
        _check_name(name)
        super().__setitem__(name, value)


def _check_name(name: object) -> None:
    if str(name).startswith("_"):
        raise SecurityError(f"a chat template must not set {name!r}")


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _to_json(
    value: object,
    ensure_ascii: bool = False,
    indent: int | None = None,
    separators: tuple[str, str] | None = None,
    sort_keys: bool = False,
) -> str:
    """Jinja's own filter escapes for HTML."""
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def _plain(value: Any) -> Any:
    """Mappings, sequences and scalars made new, of built-in types only: nothing else has methods in the sandbox."""
    if isinstance(value, Mapping):
        return {_plain(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    raise TypeError(f"a chat template takes no {type(value).__name__}")
