"""Token ids, one at a time, to the text that a user sees: answer, thoughts and tool calls, in whole characters.

Control tokens are recognised by their ids, never by their spelling, and are never shown: a model that
quotes ``<turn|>`` letter by letter is quoting, not ending its turn.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Sequence
from enum import Enum
from typing import Any

from numpy.typing import NDArray

from model.prompt.tokenizer import Tokenizer
from model.types import TextDelta, ThoughtDelta, ToolCall

Delta = TextDelta | ThoughtDelta | ToolCall

_THOUGHT_HEADER = "thought\n"
_TOOL_CALL = re.compile(r"\s*call:\s*([^\s{]+)\s*(\{.*\})\s*", re.DOTALL)


class _Part(Enum):
    ANSWER = "answer"
    THOUGHT = "thought"
    TOOL_CALL = "tool call"


class TextStream:
    """Pieces of bytes to text. A character that is split over tokens comes out when it is whole."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")

    def push(self, token_id: int) -> str:
        """The text that is whole after one more ordinary token."""
        return self._decoder.decode(self._tokenizer.piece(token_id))

    def flush(self) -> str:
        """The remaining text; bytes that never became a character are U+FFFD."""
        rest = self._decoder.decode(b"", final=True)
        self._decoder.reset()
        return rest


class OutputSplitter:
    """Splits what the model writes into answer, thoughts and tool calls, token by token."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._text = TextStream(tokenizer)
        self._part = _Part.ANSWER
        self._header = ""  # the part of "thought\n" that is still held back
        self._call = ""
        named = tokenizer.named
        self._opens = {named["channel_start"]: _Part.THOUGHT, named["tool_call_start"]: _Part.TOOL_CALL}
        self._closes = {named["channel_end"]: _Part.THOUGHT, named["tool_call_end"]: _Part.TOOL_CALL}

    def resume(self, prompt_ids: Sequence[int] | NDArray[Any]) -> None:
        """Starts in the state in which the prompt's last turn leaves the model: it may be inside a thought."""
        for token_id in self._tokenizer.last_turn(prompt_ids):
            if token_id in self._tokenizer.control_ids or self._part is not _Part.ANSWER:
                for _ in self.push(token_id):
                    pass

    def push(self, token_id: int) -> Iterator[Delta]:
        """The deltas that one more token completes."""
        if token_id not in self._tokenizer.control_ids:
            yield from self._emit(self._text.push(token_id))
        elif token_id in self._opens:
            yield from self._leave()
            self._part = self._opens[token_id]
            self._header = _THOUGHT_HEADER
        elif token_id in self._closes:
            if self._part is self._closes[token_id]:
                yield from self._leave(closed=True)
        elif self._part is _Part.TOOL_CALL and token_id == self._tokenizer.named["quote"]:
            self._call += self._text.flush() + self._tokenizer.text_of(token_id)
        else:
            yield from self._emit(self._text.flush())

    @property
    def thinking(self) -> bool:
        """Whether the model is in the middle of a thought."""
        return self._part is _Part.THOUGHT

    @property
    def calling(self) -> bool:
        """Whether the model is in the middle of a tool call."""
        return self._part is _Part.TOOL_CALL

    def finish(self, *, ended: bool = False) -> Iterator[Delta]:
        """The text still held back at the end. A tool call that was cut off is dropped: half a call is none.

        ``ended``: the model ended its turn by itself, so an open tool call is one that it takes for whole.
        """
        yield from self._leave(closed=ended)

    def _leave(self, *, closed: bool = False) -> Iterator[Delta]:
        yield from self._emit(self._text.flush())
        if self._part is _Part.THOUGHT:
            yield from self._emit_held_header()
        elif self._part is _Part.TOOL_CALL and closed:
            yield _tool_call(self._call)
        self._call = ""
        self._part = _Part.ANSWER

    def _emit_held_header(self) -> Iterator[Delta]:
        if not self._header:
            return
        held = _THOUGHT_HEADER[: len(_THOUGHT_HEADER) - len(self._header)]
        self._header = ""
        # "thought" without its line break is still only the channel's name.
        if held and held != _THOUGHT_HEADER.rstrip():
            yield ThoughtDelta(held)

    def _emit(self, text: str) -> Iterator[Delta]:
        if not text:
            return
        if self._part is _Part.TOOL_CALL:
            self._call += text
        elif self._part is _Part.ANSWER:
            yield TextDelta(text)
        elif shown := self._without_header(text):
            yield ThoughtDelta(shown)

    def _without_header(self, text: str) -> str:
        """A thought channel begins with its name, ``thought`` and a line break, which is not shown."""
        if not self._header:
            return text
        if self._header.startswith(text):
            self._header = self._header[len(text) :]
            return ""
        held = _THOUGHT_HEADER[: len(_THOUGHT_HEADER) - len(self._header)]
        # A channel with another first line is thought from its first letter.
        shown = text[len(self._header) :] if text.startswith(self._header) else held + text
        self._header = ""
        return shown


def _tool_call(written: str) -> ToolCall:
    """``call:name{…}`` apart. What cannot be read has no name, and is handed on as it was written."""
    match = _TOOL_CALL.fullmatch(written)
    return ToolCall(match[1], match[2]) if match else ToolCall("", written)
