"""Gemma 4's chat template, written for Lectern, for models that come without the published one, or with an old one.

It writes what Google's canonical template of 9 July 2026 writes, for all that a request of Lectern can hold: system
text, pictures, videos and sound, functions, their calls and results, thoughts. The large models (12B, 26B-A4B, 31B)
were trained to find an empty thought where they are not to think; the small ones (E2B, E4B) were not.
"""

from __future__ import annotations

_SMALL_WIDTHS = (1536, 2560)
"""Hidden sizes of E2B and E4B."""
_EMPTY_THOUGHT = "{%- if not enable_thinking -%}{{- '<|channel>thought\\n<channel|>' -}}{%- endif -%}"


def chat_template(hidden_size: int) -> str:
    """The template for a Gemma 4 of this width."""
    return _TEMPLATE.replace("EMPTY_THOUGHT", "" if hidden_size in _SMALL_WIDTHS else _EMPTY_THOUGHT)


_TEMPLATE = """\
{#- Gemma 4's chat template, as Lectern writes it. -#}
{%- macro string(text) -%}{{- '<|"|>' ~ text ~ '<|"|>' -}}{%- endmacro -%}
{%- macro strings(texts) -%}
    {{- '[' -}}
    {%- for text in texts -%}{{- string(text) ~ ('' if loop.last else ',') -}}{%- endfor -%}
    {{- ']' -}}
{%- endmacro -%}
{%- macro value(item, quoted_keys) -%}
    {%- if item is none -%}{{- 'null' -}}
    {%- elif item is string -%}{{- string(item) -}}
    {%- elif item is boolean -%}{{- 'true' if item else 'false' -}}
    {%- elif item is mapping -%}{{- '{' ~ pairs(item, quoted_keys) ~ '}' -}}
    {%- elif item is sequence -%}
        {{- '[' -}}
        {%- for one in item -%}{{- value(one, quoted_keys) ~ ('' if loop.last else ',') -}}{%- endfor -%}
        {{- ']' -}}
    {%- else -%}{{- item -}}
    {%- endif -%}
{%- endmacro -%}
{%- macro pairs(mapping, quoted_keys) -%}
    {%- for key, item in mapping | dictsort -%}
        {{- (string(key) if quoted_keys else key) ~ ':' ~ value(item, quoted_keys) ~ ('' if loop.last else ',') -}}
    {%- endfor -%}
{%- endmacro -%}
{%- macro items(schema) -%}
    {%- set ns = namespace(comma='') -%}
    {%- for key, item in schema | dictsort if item is not none -%}
        {{- ns.comma ~ key ~ ':' -}}
        {%- set ns.comma = ',' -%}
        {%- if key == 'properties' -%}
            {{- '{' ~ (properties(item) if item is mapping else '') ~ '}' -}}
        {%- elif key == 'required' -%}{{- strings(item) -}}
        {%- elif key == 'type' -%}
            {{- value(item | upper if item is string else item | map('upper') | list, true) -}}
        {%- else -%}{{- value(item, true) -}}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
{%- macro property(schema) -%}
    {%- set kind = schema['type'] | upper -%}
    {%- if schema['description'] -%}{{- 'description:' ~ string(schema['description']) ~ ',' -}}{%- endif -%}
    {%- if kind == 'STRING' and schema['enum'] -%}{{- 'enum:' ~ value(schema['enum'], true) ~ ',' -}}{%- endif -%}
    {%- if kind == 'ARRAY' and schema['items'] is mapping and schema['items'] -%}
        {{- 'items:{' ~ items(schema['items']) ~ '},' -}}
    {%- endif -%}
    {%- if schema['nullable'] -%}{{- 'nullable:true,' -}}{%- endif -%}
    {%- if kind == 'OBJECT' -%}
        {%- if schema['properties'] is mapping -%}{{- 'properties:{' ~ properties(schema['properties']) ~ '},' -}}
        {%- else -%}{{- 'properties:{' ~ properties(schema, true) ~ '},' -}}
        {%- endif -%}
        {%- if schema['required'] -%}{{- 'required:' ~ strings(schema['required']) ~ ',' -}}{%- endif -%}
    {%- endif -%}
    {{- 'type:' ~ string(kind) -}}
{%- endmacro -%}
{%- macro properties(schemas, apart=false) -%}
    {%- set ns = namespace(comma='') -%}
    {%- for name, schema in schemas | dictsort -%}
        {%- if not apart or name not in ['description', 'type', 'properties', 'required', 'nullable'] -%}
            {{- ns.comma ~ name ~ ':{' ~ property(schema) ~ '}' -}}
            {%- set ns.comma = ',' -%}
        {%- endif -%}
    {%- endfor -%}
{%- endmacro -%}
{%- macro declaration(function) -%}
    {{- 'declaration:' ~ function['name'] ~ '{description:' ~ string(function['description']) -}}
    {%- set schema = function['parameters'] -%}
    {%- if schema -%}
        {{- ',parameters:{' -}}
        {%- if schema['properties'] -%}{{- 'properties:{' ~ properties(schema['properties']) ~ '},' -}}{%- endif -%}
        {%- if schema['required'] -%}{{- 'required:' ~ strings(schema['required']) ~ ',' -}}{%- endif -%}
        {{- 'type:' ~ string((schema['type'] or 'object') | upper) ~ '}' -}}
    {%- endif -%}
    {{- '}' -}}
{%- endmacro -%}
{%- macro medium(part) -%}
    {%- if part['type'] in ['image', 'image_url'] -%}{{- '<|image|>' -}}
    {%- elif part['type'] in ['audio', 'input_audio'] -%}{{- '<|audio|>' -}}
    {%- elif part['type'] == 'video' -%}{{- '<|video|>' -}}
    {%- endif -%}
{%- endmacro -%}
{%- macro without_thoughts(text) -%}
    {%- set ns = namespace(rest='') -%}
    {%- for part in text.split('<channel|>') -%}
        {%- set ns.rest = ns.rest ~ part.split('<|channel>')[0] -%}
    {%- endfor -%}
    {{- ns.rest | trim -}}
{%- endmacro -%}
{%- macro words(text, role) -%}{{- without_thoughts(text) if role == 'model' else text | trim -}}{%- endmacro -%}
{%- macro content(message, role) -%}
    {%- if message['content'] is string -%}{{- words(message['content'], role) -}}
    {%- else -%}
        {%- for part in message['content'] or [] -%}
            {{- words(part['text'], role) if part['type'] == 'text' else medium(part) -}}
        {%- endfor -%}
    {%- endif -%}
{%- endmacro -%}
{%- macro result(message, name) -%}
    {{- '<|tool_response>response:' ~ name ~ '{' -}}
    {%- set body = message['content'] -%}
    {%- if body is mapping -%}{{- pairs(body, false) -}}
    {%- elif body is sequence and body is not string -%}
        {%- set ns = namespace(text='') -%}
        {%- for part in body if part['type'] == 'text' -%}{%- set ns.text = ns.text ~ part['text'] -%}{%- endfor -%}
        {{- 'value:' ~ string(ns.text) -}}
    {%- else -%}{{- 'value:' ~ value(body, false) -}}
    {%- endif -%}
    {{- '}<tool_response|>' -}}
    {%- if body is sequence and body is not string and body is not mapping -%}
        {%- for part in body -%}{{- medium(part) -}}{%- endfor -%}
    {%- endif -%}
{%- endmacro -%}

{{- bos_token -}}
{%- set rest = namespace(messages=messages, question=-1) -%}
{%- set system = messages and messages[0]['role'] in ['system', 'developer'] -%}
{%- if system or tools or enable_thinking -%}
    {{- '<|turn>system\\n' -}}
    {%- if enable_thinking -%}{{- '<|think|>\\n' -}}{%- endif -%}
    {%- if system -%}
        {%- if messages[0]['content'] is string -%}{{- messages[0]['content'] | trim -}}
        {%- else -%}
            {%- for part in messages[0]['content'] or [] -%}{{- part['text'] | trim ~ ' ' -}}{%- endfor -%}
        {%- endif -%}
        {%- set rest.messages = messages[1:] -%}
    {%- endif -%}
    {%- for tool in tools or [] -%}{{- '<|tool>' ~ declaration(tool['function']) ~ '<tool|>' -}}{%- endfor -%}
    {{- '<turn|>\\n' -}}
{%- endif -%}
{%- for message in rest.messages -%}
    {%- if message['role'] == 'user' -%}{%- set rest.question = loop.index0 -%}{%- endif -%}
{%- endfor -%}
{%- set state = namespace(before='', last='') -%}
{%- for message in rest.messages -%}
    {%- if message['role'] != 'tool' -%}
        {%- set role = 'model' if message['role'] == 'assistant' else message['role'] -%}
        {%- if role != 'model' or state.before != 'assistant' -%}{{- '<|turn>' ~ role ~ '\\n' -}}{%- endif -%}
        {%- set thought = message.get('reasoning') or message.get('reasoning_content') -%}
        {%- set calls = message.get('tool_calls') or [] -%}
        {%- if thought and (loop.index0 > rest.question or (preserve_thinking and calls)) -%}
            {{- '<|channel>thought\\n' ~ thought ~ '\\n<channel|>' -}}
        {%- endif -%}
        {%- for call in calls -%}
            {%- set function = call['function'] -%}
            {%- if function['arguments'] is not none and function['arguments'] is not mapping -%}
                {{- raise_exception('the arguments of a call must be a mapping') -}}
            {%- endif -%}
            {{- '<|tool_call>call:' ~ function['name'] ~ '{' ~ pairs(function['arguments'] or {}, false) -}}
            {{- '}<tool_call|>' -}}
        {%- endfor -%}
        {%- set ns = namespace(results=false, next='', behind=true) -%}
        {%- for follow in rest.messages[loop.index:] -%}
            {%- if follow['role'] != 'tool' -%}
                {%- set ns.next = ns.next or follow['role'] -%}
                {%- set ns.behind = false -%}
            {%- elif calls and ns.behind -%}
                {%- set named = namespace(name=follow.get('name') or 'unknown') -%}
                {%- for call in calls if call.get('id') == follow.get('tool_call_id') -%}
                    {%- set named.name = call['function']['name'] -%}
                {%- endfor -%}
                {{- result(follow, named.name) -}}
                {%- set ns.results = true -%}
            {%- endif -%}
        {%- endfor -%}
        {%- set text = content(message, role) -%}
        {{- text -}}
        {%- set state.last = 'result' if ns.results else 'call' if calls else '' -%}
        {%- set goes_on = role == 'model' and ns.next == 'assistant' and (not calls or ns.results) -%}
        {%- if calls and not ns.results -%}{{- '<|tool_response>' -}}
        {%- elif not goes_on and not (ns.results and not text and not ns.next) -%}{{- '<turn|>\\n' -}}
        {%- endif -%}
        {%- set state.before = message['role'] -%}
    {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
    {%- if not state.last -%}
        {{- '<|turn>model\\n' -}}
        EMPTY_THOUGHT
    {%- elif state.last == 'result' and enable_thinking -%}{{- '<|channel>thought\\n' -}}
    {%- endif -%}
{%- endif -%}
"""
