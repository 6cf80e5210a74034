"""Gemma's tokenizer in C: opens the published vocabulary in a sixth of the library's time, without Python's lock.

The library (``tokenizers``) is the plain twin: it is what the tests compare with, and what reads every
``tokenizer.json`` that is not exactly of Gemma's form.
"""

from __future__ import annotations

import ctypes
import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model.kernels import native

_WORDS = re.compile(rb'"vocab"\s*:\s*(?=\{)')
_MERGES = re.compile(rb'"merges"\s*:\s*(?=\[)')
_REST = 64 << 20
"""The largest file, without words and merges, that is examined, in bytes."""

_NORMAL = {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}
_SPLIT = {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False}
_MODEL = {
    "type": ("BPE",),
    "dropout": (None,),
    "continuing_subword_prefix": (None, ""),
    "end_of_word_suffix": (None, ""),
    "byte_fallback": (True,),
    "ignore_merges": (None, False),
}
_PLAIN = ("single_word", "lstrip", "rstrip", "normalized")


class PairEncoder:
    """An ``Encoder`` (``model.prompt.encoder``) over the tables in C."""

    def __init__(self, library: ctypes.CDLL, handle: int, added: Mapping[int, str]) -> None:
        """``added``: special tokens by id. Owns ``handle``."""
        self._library, self._handle = library, handle
        self._special = dict(added)
        self._control = _any_of(self._special.values())

    def __del__(self) -> None:
        self._library.lectern_pairs_close(self._handle)

    def added(self) -> dict[int, tuple[str, bool]]:
        """See ``Encoder``."""
        return {number: (text, True) for number, text in self._special.items()}

    def make_special(self, texts: Iterable[str]) -> None:
        """See ``Encoder``."""
        found = {number: text for text in texts if text and (number := self.id_of(text)) is not None}
        if found:
            self._special |= found
            self._control = _any_of(self._special.values())

    def id_of(self, word: str) -> int | None:
        """See ``Encoder``."""
        data = word.encode("utf-8", "replace")
        found = int(self._library.lectern_pairs_id(self._handle, data, len(data)))
        return None if found < 0 else found

    def word(self, token_id: int) -> str | None:
        """See ``Encoder``."""
        start = ctypes.c_void_p()
        length = self._library.lectern_pairs_word(self._handle, token_id, ctypes.byref(start))
        return None if length < 0 else ctypes.string_at(start, length).decode()

    def encode(self, text: str, *, as_data: bool) -> list[int]:
        """See ``Encoder``."""
        if as_data or self._control is None:
            return self._joined(text)
        ids: list[int] = []
        at = 0
        for found in self._control.finditer(text):
            number = self.id_of(found[0])
            assert number is not None
            ids += self._joined(text[at : found.start()])
            ids.append(number)
            at = found.end()
        return ids + self._joined(text[at:])

    def _joined(self, text: str) -> list[int]:
        data = text.replace(" ", "\u2581").encode()
        ids = np.empty(len(data), np.int32)
        count = self._library.lectern_pairs_encode(self._handle, data, len(data), ids.ctypes.data)
        if count < 0:
            raise MemoryError("out of memory for a text's tokens")
        return ids[:count].tolist()


def open_pairs(path: Path) -> PairEncoder | None:
    """The tokenizer in a ``tokenizer.json``; ``None`` where it is not of Gemma's form, or there are no kernels."""
    library = native.functions()
    if library is None or not hasattr(library, "lectern_pairs_open"):
        return None
    _declare(library)
    data = path.read_bytes()
    words = _WORDS.search(data)
    merges = _MERGES.search(data, words.end()) if words is not None else None
    if words is None or merges is None:
        return None
    ends = (ctypes.c_int64 * 2)()
    handle = library.lectern_pairs_open(data, len(data), words.end(), merges.end(), ends)
    if handle is None:
        return None
    rest = b"".join((data[: words.end()], b"{}", data[ends[0] : merges.end()], b"[]", data[ends[1] :]))
    encoder = PairEncoder(library, handle, {})  # frees the tables, whatever happens
    special = _special(json.loads(rest), encoder) if ends[0] <= merges.start() and len(rest) < _REST else None
    if special is None:
        return None
    encoder.make_special(special)
    return encoder


def _special(value: Any, encoder: PairEncoder) -> list[str] | None:
    """The control tokens that the file names beside words and merges; ``None`` where anything is not Gemma's."""
    model = value.get("model") if isinstance(value, dict) else None
    if not isinstance(model, dict) or model.get("vocab") != {} or model.get("merges") != []:
        return None
    if value.get("normalizer") != _NORMAL or value.get("pre_tokenizer") not in (None, _SPLIT):
        return None
    if any(model.get(name) not in allowed for name, allowed in _MODEL.items()):
        return None
    added = value.get("added_tokens") or []
    for token in added:
        plain = token["special"] is True and not any(token.get(name) for name in _PLAIN)
        if not plain or not token["content"] or encoder.id_of(token["content"]) != token["id"]:
            return None
    return [token["content"] for token in added]


def _any_of(texts: Iterable[str]) -> re.Pattern[str] | None:
    """Of several that begin at one place the longest."""
    longest_first = sorted(texts, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first))) if longest_first else None


def _declare(library: ctypes.CDLL) -> None:
    pointer, number, text = ctypes.c_void_p, ctypes.c_int64, ctypes.c_char_p
    for name, result, arguments in (
        ("open", pointer, (text, number, number, number, pointer)),
        ("close", None, (pointer,)),
        ("id", number, (pointer, text, number)),
        ("word", number, (pointer, number, pointer)),
        ("encode", number, (pointer, text, number, pointer)),
    ):
        function = getattr(library, f"lectern_pairs_{name}")
        function.restype, function.argtypes = result, arguments
