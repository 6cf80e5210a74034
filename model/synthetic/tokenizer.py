"""A tokenizer, a chat template and a generation config for generated checkpoints.

The tokenizer works like Gemma's (BPE with byte fallback, blanks as ``▁``) and has all of Gemma 4's
control tokens; its pieces are made up: letters, then pairs, triples and quadruples of letters until the
vocabulary is full. The chat template is Lectern's own text for Gemma 4's turns.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from model.prompt.gemma_tokenizer import TOKENIZER_CONFIG, gemma_tokenizer

PUBLISHED_IDS: dict[str, int] = {
    "<pad>": 0,
    "<eos>": 1,
    "<bos>": 2,
    "<unk>": 3,
    "<mask>": 4,
    "<|tool>": 46,
    "<tool|>": 47,
    "<|tool_call>": 48,
    "<tool_call|>": 49,
    "<|tool_response>": 50,
    "<tool_response|>": 51,
    '<|"|>': 52,
    "<|think|>": 98,
    "<|channel>": 100,
    "<channel|>": 101,
    "<|turn>": 105,
    "<turn|>": 106,
    "<|image>": 255999,
    "<|audio>": 256000,
    "<|image|>": 258880,
    "<|audio|>": 258881,
    "<image|>": 258882,
    "<audio|>": 258883,
    "<|video|>": 258884,
}
"""Control tokens at the ids of the published vocabulary of 262,144."""

PUBLISHED_VOCABULARY = 262_144
SMALLEST_VOCABULARY = 400
_COMMON_PAIRS = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le"
_LETTERS = "etaoinshrdlucmfwypvbgkqjxzETAOINSHRDLUCMFWYPVBGKQJXZ"


def special_ids(vocabulary: int) -> dict[str, int]:
    """The control tokens' ids: the published ones, or the first few of a small vocabulary."""
    if vocabulary >= PUBLISHED_VOCABULARY:
        return dict(PUBLISHED_IDS)
    if vocabulary < SMALLEST_VOCABULARY:
        raise ValueError(f"A vocabulary needs at least {SMALLEST_VOCABULARY} tokens.")
    return {token: index for index, token in enumerate(PUBLISHED_IDS)}


def quiet_ids(vocabulary: int) -> list[int]:
    """Ids that a random model should seldom write: control tokens, single bytes, and text outside ASCII."""
    vocab, _ = _pieces(vocabulary)
    return [i for piece, i in vocab.items() if piece.startswith("<") or not piece.lstrip("▁").isascii()]


def write_tokenizer(folder: Path, config: Mapping[str, Any]) -> None:
    """Write tokenizer.json, tokenizer_config.json, chat_template.jinja and generation_config.json."""
    vocabulary = config["text_config"]["vocab_size"]
    ids = special_ids(vocabulary)
    _tokenizer(vocabulary, ids).save(str(folder / "tokenizer.json"))
    _write_json(folder / "tokenizer_config.json", TOKENIZER_CONFIG)
    _write_json(
        folder / "generation_config.json",
        {
            "bos_token_id": ids["<bos>"],
            "do_sample": True,
            "eos_token_id": [ids["<eos>"], ids["<turn|>"], ids["<|tool_response>"]],
            "pad_token_id": ids["<pad>"],
            "temperature": 1.0,
            "top_k": 64,
            "top_p": 0.95,
        },
    )
    (folder / "chat_template.jinja").write_text(CHAT_TEMPLATE, encoding="utf-8")


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _tokenizer(vocabulary: int, ids: Mapping[str, int]) -> Any:
    from tokenizers import processors

    tokenizer = gemma_tokenizer(*_pieces(vocabulary), list(ids))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<bos> $A", pair="<bos> $A <bos> $B", special_tokens=[("<bos>", ids["<bos>"])]
    )
    return tokenizer


def _pieces(vocabulary: int) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges: control tokens at their ids, everything else in the gaps in order."""
    taken = {index: token for token, index in special_ids(vocabulary).items()}
    merges: list[tuple[str, str]] = []
    vocab: dict[str, int] = {}
    pieces = _generate(merges)
    for index in range(vocabulary):
        vocab[taken[index] if index in taken else next(pieces)] = index
    return vocab, [(a, b) for a, b in merges if a + b in vocab]


def _generate(merges: list[tuple[str, str]]) -> Iterator[str]:
    """Pieces in order of usefulness; each made of two earlier ones also appends its merge."""
    yield from (f"<0x{byte:02X}>" for byte in range(256))
    singles = ["▁", "\n", *(chr(code) for code in range(33, 127))]
    yield from singles
    made = set(singles)

    def joined(pairs: Iterator[tuple[str, str]]) -> Iterator[str]:
        for first, second in pairs:
            if first + second not in made:
                made.add(first + second)
                merges.append((first, second))
                yield first + second

    yield from joined(iter([("\n", "\n"), ("▁", "▁"), *((pair[0], pair[1]) for pair in _COMMON_PAIRS.split())]))
    accents = [chr(code) for code in (*range(0xA1, 0x180), *range(0x391, 0x3CA), *range(0x410, 0x450), 0x20AC)]
    yield from accents
    yield from joined(("▁", letter) for letter in _LETTERS)
    pairs = [a + b for a, b in itertools.product(_LETTERS[:26], repeat=2)]
    yield from joined((pair[0], pair[1]) for pair in pairs)
    yield from joined(itertools.product(pairs, _LETTERS[:26]))
    yield from joined(itertools.product(pairs, pairs))


CHAT_TEMPLATE = """\
{%- macro content_of(message) -%}
    {%- if message.content is string -%}
        {{- message.content | trim -}}
    {%- elif message.content -%}
        {%- for part in message.content -%}
            {%- if part.type == 'text' -%}{{- part.text | trim -}}
            {%- elif part.type == 'image' -%}{{- '<|image|>' -}}
            {%- elif part.type == 'video' -%}{{- '<|video|>' -}}
            {%- elif part.type == 'audio' -%}{{- '<|audio|>' -}}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
{%- macro value_of(value) -%}
    {%- if value is string -%}{{- '<|"|>' ~ value ~ '<|"|>' -}}
    {%- elif value is boolean -%}{{- 'true' if value else 'false' -}}
    {%- elif value is none -%}{{- 'null' -}}
    {%- elif value is mapping -%}
        {{- '{' -}}
        {%- for key, item in value | dictsort -%}
            {{- key ~ ':' -}}{{- value_of(item) -}}{{- '' if loop.last else ',' -}}
        {%- endfor -%}
        {{- '}' -}}
    {%- elif value is sequence -%}
        {{- '[' -}}
        {%- for item in value -%}{{- value_of(item) -}}{{- '' if loop.last else ',' -}}{%- endfor -%}
        {{- ']' -}}
    {%- else -%}{{- value -}}
    {%- endif -%}
{%- endmacro -%}
{%- macro schema_of(schema) -%}
    {{- '{' -}}
    {%- if schema.description -%}{{- 'description:' ~ value_of(schema.description) ~ ',' -}}{%- endif -%}
    {%- if schema.enum -%}{{- 'enum:' ~ value_of(schema.enum) ~ ',' -}}{%- endif -%}
    {%- if schema['items'] is mapping -%}{{- 'items:' ~ schema_of(schema['items']) ~ ',' -}}{%- endif -%}
    {%- if schema.properties -%}
        {{- 'properties:{' -}}
        {%- for name, property in schema.properties | dictsort -%}
            {{- name ~ ':' ~ schema_of(property) -}}{{- '' if loop.last else ',' -}}
        {%- endfor -%}
        {{- '},' -}}
    {%- endif -%}
    {%- if schema.required -%}{{- 'required:' ~ value_of(schema.required) ~ ',' -}}{%- endif -%}
    {{- 'type:' ~ value_of((schema.type or 'object') | upper) ~ '}' -}}
{%- endmacro -%}
{{- bos_token -}}
{%- set ns = namespace(rest=messages, before='') -%}
{%- set system = messages and messages[0].role in ('system', 'developer') -%}
{%- if system or tools or enable_thinking -%}
    {{- '<|turn>system\\n' -}}
    {%- if enable_thinking -%}{{- '<|think|>\\n' -}}{%- endif -%}
    {%- if system -%}
        {{- content_of(messages[0]) -}}
        {%- set ns.rest = messages[1:] -%}
    {%- endif -%}
    {%- for tool in tools or [] -%}
        {%- set function = tool.function if tool.function else tool -%}
        {{- '<|tool>declaration:' ~ function.name ~ '{description:' ~ value_of(function.description or '') -}}
        {%- if function.parameters -%}{{- ',parameters:' ~ schema_of(function.parameters) -}}{%- endif -%}
        {{- '}<tool|>' -}}
    {%- endfor -%}
    {{- '<turn|>\\n' -}}
{%- endif -%}
{%- for message in ns.rest -%}
    {%- set role = 'model' if message.role == 'assistant' else message.role -%}
    {%- if role == 'tool' -%}
        {{- '<|tool_response>response:' ~ (message.name or 'tool') ~ '{value:<|"|>' -}}
        {%- if message.content is string -%}
            {{- message.content -}}
        {%- else -%}
            {%- for part in message.content if part.type == 'text' -%}{{- part.text -}}{%- endfor -%}
        {%- endif -%}
        {{- '<|"|>}<tool_response|>' -}}
        {%- if message.content is not string -%}
            {%- for part in message.content if part.type in ('image', 'audio') -%}
                {{- '<|' ~ part.type ~ '|>' -}}
            {%- endfor -%}
        {%- endif -%}
        {%- set ns.before = 'result' -%}
    {%- else -%}
        {%- if ns.before and role != 'model' -%}{{- '<turn|>\\n' -}}{%- endif -%}
        {%- if not (ns.before and role == 'model') -%}{{- '<|turn>' ~ role ~ '\\n' -}}{%- endif -%}
        {{- content_of(message) -}}
        {%- for call in message.tool_calls or [] -%}
            {{- '<|tool_call>call:' ~ call.function.name -}}
            {{- value_of(call.function.arguments) ~ '<tool_call|>' -}}
        {%- endfor -%}
        {%- set ns.before = 'call' if message.tool_calls else '' -%}
        {{- '' if message.tool_calls else '<turn|>\\n' -}}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt and not ns.before -%}{{- '<|turn>model\\n' -}}{%- endif -%}
"""
