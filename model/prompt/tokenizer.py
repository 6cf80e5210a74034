"""The checkpoint's tokenizer: control text and data text are encoded in two different ways.

Control text is what the chat template writes, and its ``<|turn>`` is one special token. Data text is what
a user or a document brought, and its ``<|turn>`` must stay seven harmless characters: special tokens are
disabled while it is encoded, and the result is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from model.engine import offline
from model.errors import CheckpointError
from model.messages import msg
from model.prompt.chat_template import ChatTemplate, read_templates
from model.prompt.encoder import Encoder, LibraryEncoder, Opening
from model.types import ToolSpec

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CONTROL_LOOK = re.compile(r"<\|[^<>\s]*>|<[^<>\s]*\|>")
_BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_SPACE_PIECE = "\u2581"
_USUAL_TOKENS = {
    "bos_token": "<bos>",
    "eos_token": "<eos>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}

NAMED_TOKENS = {
    "turn_start": "<|turn>",
    "turn_end": "<turn|>",
    "channel_start": "<|channel>",
    "channel_end": "<channel|>",
    "tool_call_start": "<|tool_call>",
    "tool_call_end": "<tool_call|>",
    "tool_response_start": "<|tool_response>",
    "quote": '<|"|>',
}
"""The control tokens that mean something in what a model writes."""


class Tokenizer:
    """Text to token ids and back, for the one thread that owns the engine."""

    def __init__(self, encoder: Encoder, config: Mapping[str, Any], template: ChatTemplate, folder: Path) -> None:
        self._encoder = encoder
        self._template = template
        self._folder = folder
        self._declare_special(config)
        unknown = special_tokens(config).get("unk_token")
        self.unk_id = encoder.id_of(unknown) if unknown else None
        self.control_ids = self._mark_control_tokens()
        self.named: Mapping[str, int | None] = {name: encoder.id_of(text) for name, text in NAMED_TOKENS.items()}
        self._forbidden = self.control_ids - {self.unk_id}

    @classmethod
    def open(cls, folder: Path, sooner: Opening = lambda path: None) -> Tokenizer:
        """The tokenizer in ``folder``. Raises ``CheckpointError`` when it is missing or damaged.

        ``sooner`` is tried before the library that reads every form.
        """
        offline.go_offline()
        if not (folder / "tokenizer.json").is_file():
            raise CheckpointError(
                msg(
                    "model.no-tokenizer",
                    "{folder} holds no tokenizer.json; copy all files of the published model into the folder.",
                    folder=folder,
                )
            )
        path = folder / "tokenizer.json"
        try:
            config = read_tokenizer_config(folder)
            templates = read_templates(folder, config)
            tokenizer = cls(
                sooner(path) or LibraryEncoder.open(path),
                config,
                ChatTemplate(templates, special_tokens(config)),
                folder,
            )
        except CheckpointError:
            raise
        except Exception as error:  # the libraries below raise whatever a damaged file leads them to
            raise CheckpointError(
                msg(
                    "tokenizer.unreadable",
                    "The tokenizer in {folder} cannot be read ({why}); copy tokenizer.json and "
                    "tokenizer_config.json from the published model again.",
                    folder=folder,
                    why=_one_line(error),
                )
            ) from error
        if not templates:
            raise CheckpointError(
                msg(
                    "template.missing",
                    "{folder} holds no chat template; copy chat_template.jinja from the published model.",
                    folder=folder,
                )
            )
        return tokenizer

    def _declare_special(self, config: Mapping[str, Any]) -> None:
        """Those named in ``tokenizer_config.json`` are special, also if ``tokenizer.json`` omits it; none is added."""
        known = {text for text, special in self._encoder.added().values() if special}
        wanted = dict.fromkeys([*special_tokens(config).values(), *_more_special_tokens(config)])
        new = [text for text in wanted if text not in known and self._encoder.id_of(text) is not None]
        self._encoder.make_special(new)

    def _mark_control_tokens(self) -> frozenset[int]:
        """Every control token's id. One that the file forgot to call special becomes special here."""
        added = self._encoder.added()
        forgotten = [text for text, special in added.values() if not special and _CONTROL_LOOK.fullmatch(text)]
        if forgotten:
            self._encoder.make_special(forgotten)
            added = self._encoder.added()
        return frozenset(i for i, (_, special) in added.items() if special)

    def encode_control(self, text: str) -> list[int]:
        """The ids of text that the chat template wrote: special tokens are obeyed, none is added."""
        return self._encode(text, as_data=False)

    def encode_data(self, text: str) -> list[int]:
        """The ids of text that is data: no control token can come out of it."""
        ids = self._encode(text, as_data=True)
        if not self._forbidden.isdisjoint(ids):
            raise CheckpointError(
                msg(
                    "tokenizer.control-tokens",
                    "The tokenizer in {folder} turns ordinary text into control tokens; copy tokenizer.json "
                    "from the published model again.",
                    folder=self._folder,
                )
            )
        return ids

    def _encode(self, text: str, *, as_data: bool) -> list[int]:
        if not text:
            return []
        # A lone surrogate (from a broken text layer) cannot be UTF-8.
        clean = text.encode("utf-8", "replace").decode("utf-8")
        return self._encoder.encode(clean, as_data=as_data)

    def piece(self, token_id: int) -> bytes:
        """The bytes that one ordinary token encodes; a byte token may be part of a character."""
        text = self._encoder.word(token_id)
        if text is None:  # a row of the embedding that the vocabulary does not name
            return b""
        byte = _BYTE_PIECE.fullmatch(text)
        return bytes([int(byte[1], 16)]) if byte else text.replace(_SPACE_PIECE, " ").encode("utf-8", "replace")

    def last_turn(self, prompt_ids: Sequence[int] | NDArray[Any]) -> list[int]:
        """The ids of a prompt from where its last turn begins, which is the model's."""
        ids = np.asarray(prompt_ids, np.int64)
        turns = np.flatnonzero(ids == (self.named["turn_start"] or -1))
        return list(ids[turns[-1] if len(turns) else 0 :].tolist())

    def text_of(self, token_id: int) -> str:
        """A token as the vocabulary writes it, control tokens too."""
        return self._encoder.word(token_id) or ""

    def render(self, messages: Sequence[Mapping[str, Any]], *, thinking: bool, tools: Sequence[ToolSpec] = ()) -> str:
        """``messages`` through the checkpoint's own chat template, up to where the model answers."""
        try:
            return self._template.conversation(messages, tools, thinking=thinking)
        except Exception as error:  # Jinja runs the checkpoint's own text
            raise CheckpointError(
                msg(
                    "template.fails",
                    "The chat template in {folder} cannot write this conversation ({why}); copy "
                    "chat_template.jinja from the published model again.",
                    folder=self._folder,
                    why=_one_line(error),
                )
            ) from error


def read_tokenizer_config(folder: Path) -> dict[str, Any]:
    """``tokenizer_config.json``; an older folder may do without."""
    path = folder / "tokenizer_config.json"
    if not path.is_file():
        return {}
    config = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(config, dict):
        raise ValueError("tokenizer_config.json is not an object")
    return config


def special_tokens(config: Mapping[str, Any]) -> dict[str, str]:
    """``bos_token`` and the like, which a template may name; Gemma's own where the file does not name them."""
    named = {name: _content(value) for name, value in config.items() if name.endswith("_token")}
    more = config.get("extra_special_tokens")
    if isinstance(more, dict):
        named |= {str(name): _content(value) for name, value in more.items()}
    return {**_USUAL_TOKENS, **{name: text for name, text in named.items() if text}}


def _more_special_tokens(config: Mapping[str, Any]) -> list[str]:
    """Special tokens without a name of their own."""
    lists = [config.get("additional_special_tokens"), config.get("extra_special_tokens")]
    found = [_content(value) for values in lists if isinstance(values, list) for value in values]
    added = config.get("added_tokens_decoder")
    if isinstance(added, dict):
        found += [_content(value) for value in added.values() if isinstance(value, dict) and value.get("special")]
    return [text for text in found if text]


def _content(value: object) -> str:
    """A token's text, given alone or in an object that describes it."""
    if isinstance(value, dict):
        value = value.get("content")
    return value if isinstance(value, str) else ""


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__
