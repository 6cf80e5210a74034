"""Answers under a schema, an expression or a grammar: valid whenever they end, and the same with drafts and without."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
import torch

from model.engine.engine import Engine
from model.types import Constraint, Failed, Request, Sampling, ToolCall, ToolSpec
from tests.model.constraint.schemas import random_schema
from tests.model.engine.test_decode import Always, lookup
from tests.model.engines import GREEDY, Run, ask, assert_same, dictated, forget, opened, parts, run, user, write_model

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": "string", "maxLength": 6},
        "total": {"type": "integer", "minimum": 0, "maximum": 99},
        "due": {"enum": ["now", "later"]},
    },
    "required": ["invoice_number", "total"],
    "additionalProperties": False,
}
KINDS = [
    Constraint("json_schema", json.dumps(SCHEMA)),
    Constraint("regex", "[a-c]{3,5}x|yes ä€"),
    Constraint("lark", 'start: "a" c{2,9} "."\nc: /[0-9]{2}/ | "bb"'),
    Constraint("gbnf", 'root ::= "x" [a-z] [a-z] "y"'),
]
PATTERNS = {"regex": "[a-c]{3,5}x|yes ä€", "lark": r"a([0-9]{2}|bb){2,9}\.", "gbnf": "x[a-z][a-z]y"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with opened(write_model(tmp_path_factory.mktemp("model"), context=900)) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Engine:
    return forget(shared)


def held(constraint: Constraint, *, seed: int = 0, limit: int = 160, thinking: bool = False) -> Request:
    request = ask(user("what is it?"), limit=limit, sampling=Sampling(temperature=1.0, seed=seed), thinking=thinking)
    return replace(request, constraint=constraint, max_thinking_tokens=12)


def fits(constraint: Constraint, answer: str) -> bool:
    if constraint.kind == "json_schema":
        jsonschema.validate(json.loads(answer), json.loads(constraint.text))
        return True
    return re.fullmatch(PATTERNS[constraint.kind], answer) is not None


@pytest.mark.parametrize("thinking", [False, True])
@pytest.mark.parametrize("constraint", KINDS, ids=lambda one: one.kind)
def test_an_answer_that_ends_is_whole_and_fits(constraint: Constraint, thinking: bool, engine: Engine) -> None:
    for seed in range(6):
        result = run(engine, held(constraint, seed=seed, thinking=thinking))
        assert result.finished.reason == "stop", result.answer
        assert fits(constraint, result.answer)


@pytest.mark.parametrize("part", range(4))
def test_random_schemas_hold(part: int, engine: Engine) -> None:
    """A few; ``python -m tests.bench.engine.bench_constraint`` goes through 1,000."""
    ended = 0
    for seed in range(10 * part, 10 * part + 10):
        schema = random_schema(seed)
        result = run(engine, held(Constraint("json_schema", json.dumps(schema)), seed=seed, limit=400))
        if result.finished.reason == "stop":
            ended += 1
            jsonschema.validate(json.loads(result.answer), schema)
    assert ended > 5


@pytest.mark.parametrize("constraint", KINDS, ids=lambda one: one.kind)
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_drafts_change_nothing(temperature: float, constraint: Constraint, engine: Engine) -> None:
    """Forced text and words of the prompt, in one pass each, against one token at a time."""
    sampling = Sampling(temperature=temperature, seed=3)
    request = replace(ask(user(json.dumps(SCHEMA) * 2), limit=120, sampling=sampling), constraint=constraint)
    runs = []
    for on in (True, False):
        forget(engine)
        with lookup(engine, on, Always()):
            runs.append(run(engine, request))
    assert runs[0].answer == runs[1].answer
    for own, other in zip(runs[0].logits, runs[1].logits, strict=True):
        assert torch.equal(own == -torch.inf, other == -torch.inf)
        assert torch.allclose(own, other, atol=1e-4)
    assert runs[1].finished.usage.drafted_tokens == 0
    if constraint.kind == "json_schema":
        assert runs[0].finished.usage.accepted_tokens > 5


@pytest.mark.parametrize("thinking", [False, True])
def test_only_the_answer_is_held(thinking: bool, engine: Engine) -> None:
    """Thoughts are free until they end, and then the first token already is the answer's."""
    constraint = Constraint("regex", "yes|no")
    tokenizer = parts(engine).tokenizer
    thought = tokenizer.encode_control("<|channel>thought\nwell, it depends<channel|>")
    asked = replace(ask(user("is it?"), limit=20, thinking=thinking), constraint=constraint)
    if thinking:
        with dictated([*thought, *tokenizer.encode_data("no")]):
            result = Run(list(engine.generate(asked, threading.Event())))
        assert (result.thought, result.answer, result.finished.reason) == ("well, it depends", "no", "stop")
    rows = run(engine, asked).logits
    allowed = {i for i, x in enumerate(rows[0].tolist()) if x > -float("inf")}
    assert (tokenizer.named["channel_start"] in allowed) == thinking
    assert allowed - {tokenizer.named["channel_start"]} <= {
        i
        for i in range(512)
        if "yes".startswith(text := tokenizer.piece(i).decode("utf-8", "replace")) or "no".startswith(text)
    }


def test_thoughts_at_their_limit_give_way_to_the_answer(engine: Engine) -> None:
    request = replace(held(KINDS[0], thinking=True), max_thinking_tokens=5)
    words = parts(engine).tokenizer
    start = words.named["channel_start"]
    assert start is not None
    for seed in range(3):
        result = run(engine, replace(request, sampling=Sampling(temperature=1.0, seed=seed)))
        assert result.finished.usage.thinking_tokens <= 6
        assert fits(KINDS[0], result.answer)


def test_control_tokens_are_never_inside(engine: Engine) -> None:
    """Whatever a pattern could match letter by letter, a control token is no letter."""
    result = run(engine, replace(ask(user("go"), limit=60), constraint=Constraint("regex", r"(.|\n){50}")))
    control = parts(engine).tokenizer.control_ids
    stops = set(parts(engine).stops(ask(user("go"))))
    for row in result.logits:
        allowed = {i for i, x in enumerate(row.tolist()) if x > -float("inf")}
        assert allowed & control <= stops
        assert allowed


@pytest.mark.parametrize(
    ("constraint", "code"),
    [
        (Constraint("json_schema", '{"type": "array", "uniqueItems": true}'), "constraint.schema"),
        (Constraint("json_schema", '{"type": "string", "format": "color"}'), "constraint.schema"),
        (Constraint("json_schema", '{"x-guidance": {"lenient": true}, "not": {}}'), "constraint.schema"),
        (Constraint("json_schema", '{"$ref": "http://example.com/schema.json"}'), "constraint.schema"),
        (Constraint("json_schema", "[1, 2]"), "constraint.schema"),
        (Constraint("json_schema", "{"), "constraint.schema"),
        (Constraint("json_schema", "false"), "constraint.schema"),
        (Constraint("json_schema", '{"a":' * 5000 + "1" + "}" * 5000), "constraint.schema"),
        (Constraint("json_schema", '{"$ref": "#"}'), "constraint.schema"),
        (Constraint("regex", "(?=a)b"), "constraint.regex"),
        (Constraint("regex", "[a"), "constraint.regex"),
        (Constraint("lark", "start: other"), "constraint.grammar"),
        (Constraint("gbnf", "root ::= other"), "constraint.grammar"),
        (Constraint("lark", "start: <eos>"), "constraint.tokens"),
        (Constraint("lark", "start: <[106]>"), "constraint.tokens"),
        (Constraint("lark", "start: <[*]>"), "constraint.tokens"),
        (Constraint("xml", ""), "constraint.kind"),  # type: ignore[arg-type]
        (Constraint("regex", "a" * (1 << 20 | 1)), "constraint.too-long"),
    ],
    ids=lambda value: f"{value.kind}-{value.text[:20]}" if isinstance(value, Constraint) else value,
)
def test_what_cannot_be_followed_is_said_before_anything_is_read(
    constraint: Constraint, code: str, engine: Engine
) -> None:
    (event,) = engine.generate(held(constraint), threading.Event())
    assert isinstance(event, Failed)
    assert event.message.cause == code
    assert len(str(event.message)) < 400
    assert "\n" not in str(event.message)


TOOL = ToolSpec(
    "look_closer",
    "Shows a part of a page.",
    {
        "type": "object",
        "properties": {
            "page": {"type": "integer", "minimum": 1, "maximum": 40},
            "document": {"type": "string"},
            "box": {
                "type": "array",
                "items": {"type": "integer", "minimum": 0, "maximum": 9},
                "minItems": 4,
                "maxItems": 4,
            },
            "why": {"enum": ["small", "blurred"]},
        },
        "required": ["page", "box"],
    },
)


def test_a_call_follows_its_function_s_schema(engine: Engine) -> None:
    """Opened by the model, or here for it; then its own choice among what the schema allows."""
    start = parts(engine).tokenizer.named["tool_call_start"]
    assert start is not None
    seen = set()
    for seed in range(12):
        request = replace(ask(user("look"), limit=200, sampling=Sampling(temperature=1.0, seed=seed)), tools=(TOOL,))
        with lookup(engine, seed % 2 == 0, Always()), opening(start):
            result = Run(list(engine.generate(request, threading.Event())))
        calls = [event for event in result.events if isinstance(event, ToolCall)]
        if result.finished.reason == "length":  # inside a string, which may be of any length
            continue
        assert result.finished.reason == "tool"
        (call,) = calls
        seen.add(call.arguments)
        assert call.name == "look_closer"
        assert re.fullmatch(
            r'\{box:\[\d,\d,\d,\d\](,document:<\|"\|>[^<]*<\|"\|>)?,page:([1-9]|[1-3]\d|40)'
            r'(,why:<\|"\|>(small|blurred)<\|"\|>)?\}',
            call.arguments,
            re.DOTALL,
        ), call.arguments
    assert len(seen) > 3


class opening:
    """The first token drawn is ``token``; the rest are the sampler's own."""

    def __init__(self, token: int) -> None:
        self._token, self._patch = token, pytest.MonkeyPatch()

    def __enter__(self) -> None:
        from model.engine.sampling import Sampler

        draw, first = Sampler.draw, iter([self._token])
        self._patch.setattr(Sampler, "draw", lambda sampler, logits: next(first, None) or draw(sampler, logits))

    def __exit__(self, *error: object) -> None:
        self._patch.undo()


def test_without_a_constraint_nothing_is_masked(engine: Engine) -> None:
    plainly = run(engine, ask(user("hello"), limit=20))
    offered = run(forget(engine), replace(ask(user("hello"), limit=20), constraint=None))
    assert_same(plainly, offered)
    assert all(bool(torch.isfinite(row).all()) for row in plainly.logits)
    assert GREEDY.temperature == 0


def test_a_call_is_allowed_before_the_answer_only(engine: Engine) -> None:
    tokenizer = parts(engine).tokenizer
    request = replace(held(KINDS[1]), tools=(TOOL,))
    rows = run(engine, request).logits
    start = tokenizer.named["tool_call_start"]
    assert start is not None
    assert rows[0][start] > -torch.inf
    assert all(row[start] == -torch.inf for row in rows[1:])
