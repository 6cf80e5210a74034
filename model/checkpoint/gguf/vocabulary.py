"""The tokenizer and the chat template of a model in a GGUF file, as files of a model folder.

The words, their merges and which of them are control tokens come from the file. The template is our own
(``model.prompt.gemma4_template``): files in circulation hold older ones, with which the model's tools do not work.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from model.checkpoint.gguf.header import Array, GgufHeader
from model.errors import CheckpointError
from model.messages import msg
from model.prompt.gemma4_template import chat_template
from model.prompt.gemma_tokenizer import TOKENIZER_CONFIG, gemma_tokenizer

_UNKNOWN, _CONTROL, _USER_DEFINED = 2, 3, 4
_CONTROL_LOOK = re.compile(r"<\|[^<>\s]*>|<[^<>\s]*\|>")
"""llama.cpp shows some control tokens to its chat parser and calls them ``USER_DEFINED`` for that."""
_NEEDED = ("<bos>", "<eos>", "<unk>", "<|turn>", "<turn|>")
_LARGEST_VOCABULARY = 1 << 20
_MOST_MERGES = 4 << 20


def write_vocabulary(text: GgufHeader, folder: Path, hidden_size: int) -> None:
    """Write tokenizer.json, tokenizer_config.json and chat_template.jinja into ``folder``.

    Raises ``CheckpointError`` where the file's vocabulary is not one of Gemma's kind, and ``OSError``.
    """
    words = _strings(text, "tokens", _LARGEST_VOCABULARY)
    vocabulary = {word: number for number, word in enumerate(words)}
    missing = [word for word in _NEEDED if word not in vocabulary]
    if missing:
        raise CheckpointError(
            msg(
                "gguf.vocabulary-token",
                "{path} has a vocabulary without {name}, which is not Gemma 4's; download the model again.",
                path=text.path,
                name=missing[0],
            )
        )
    if len(vocabulary) != len(words):
        raise CheckpointError(
            msg(
                "gguf.vocabulary-twice",
                "{path} has a vocabulary that names a token twice; download the model again.",
                path=text.path,
            )
        )
    merges = [_pair(text, merge, vocabulary) for merge in _strings(text, "merges", _MOST_MERGES)]
    try:
        tokenizer = gemma_tokenizer(vocabulary, merges, _control(text, words))
        tokenizer.save(str(folder / "tokenizer.json"))
    except OSError:
        raise
    except Exception as error:  # the library raises whatever odd words lead it to
        raise CheckpointError(
            msg(
                "gguf.vocabulary",
                "The vocabulary in {path} cannot be used ({why}); download the model again.",
                path=text.path,
                why=type(error).__name__,
            )
        ) from error
    (folder / "tokenizer_config.json").write_text(json.dumps(TOKENIZER_CONFIG, indent=2), encoding="utf-8")
    (folder / "chat_template.jinja").write_text(chat_template(hidden_size), encoding="utf-8")


def _strings(text: GgufHeader, name: str, most: int) -> list[str]:
    value = text.metadata.get(f"tokenizer.ggml.{name}")
    found = value.values() if isinstance(value, Array) and 0 < len(value) <= most else []
    if not found or not all(isinstance(word, str) for word in found):
        raise CheckpointError(
            msg(
                "gguf.no-vocabulary",
                "{path} holds no vocabulary of Gemma's kind (tokenizer.ggml.{name}); choose a file of the "
                "model with its tokenizer, as llama.cpp writes it.",
                path=text.path,
                name=name,
            )
        )
    return [str(word) for word in found]


def _pair(text: GgufHeader, merge: str, vocabulary: dict[str, int]) -> tuple[str, str]:
    """The two words of a merge, with a blank between them: the first that is not its first letter."""
    rest, blank, second = merge[1:].partition(" ")
    first = merge[:1] + rest
    if not blank or first not in vocabulary or second not in vocabulary or first + second not in vocabulary:
        raise CheckpointError(
            msg(
                "gguf.merges",
                "{path} has merges that do not fit its vocabulary; download the model again.",
                path=text.path,
            )
        )
    return first, second


def _control(text: GgufHeader, words: list[str]) -> list[str]:
    value = text.metadata.get("tokenizer.ggml.token_type")
    kinds = value.values() if isinstance(value, Array) and len(value) == len(words) else [1] * len(words)
    return [word for word, kind in zip(words, kinds, strict=True) if _is_control(word, kind)]


def _is_control(word: str, kind: object) -> bool:
    looks = _CONTROL_LOOK.fullmatch(word) is not None
    return kind in (_UNKNOWN, _CONTROL) or (kind == _USER_DEFINED and looks) or word in _NEEDED
