"""Text to token ids and back: by the library that ``tokenizer.json`` is made for, or by a faster equivalent.

The kernels have one (``model.kernels.native.pairs``), which the engine passes to ``Tokenizer.open``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tokenizers import Tokenizer as Library


class Encoder(Protocol):
    """A vocabulary, and how text is cut into its words. Used by one thread."""

    def added(self) -> dict[int, tuple[str, bool]]:
        """The tokens that are matched as a whole in control text, and whether each is special."""

    def make_special(self, texts: Iterable[str]) -> None:
        """Turn words of the vocabulary into special tokens."""

    def id_of(self, word: str) -> int | None:
        """The id of a word of the vocabulary."""

    def word(self, token_id: int) -> str | None:
        """The word with this id, as the vocabulary writes it."""

    def encode(self, text: str, *, as_data: bool) -> list[int]:
        """The ids of a text without lone surrogates; no token is added. ``as_data``: special tokens are plain text."""


Opening = Callable[[Path], "Encoder | None"]
"""Opens a ``tokenizer.json``; ``None`` where this encoder does not read its form."""


class LibraryEncoder:
    """An open tokenizer of the ``tokenizers`` library."""

    def __init__(self, library: Library) -> None:
        # Trainers leave their length here, and transformers resets both for every call: a document is never cut.
        library.no_truncation()
        library.no_padding()
        self._library = library

    @classmethod
    def open(cls, path: Path) -> LibraryEncoder:
        """Read ``path``, holding Python's lock: seconds for a large vocabulary. Raises what the library does."""
        from tokenizers import Tokenizer as Library

        return cls(Library.from_file(str(path)))

    def added(self) -> dict[int, tuple[str, bool]]:
        """See ``Encoder``."""
        found = self._library.get_added_tokens_decoder()
        return {number: (token.content, token.special) for number, token in found.items()}

    def make_special(self, texts: Iterable[str]) -> None:
        """See ``Encoder``."""
        from tokenizers import AddedToken

        self._library.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in texts])

    def id_of(self, word: str) -> int | None:
        """See ``Encoder``."""
        return self._library.token_to_id(word)

    def word(self, token_id: int) -> str | None:
        """See ``Encoder``."""
        return self._library.id_to_token(token_id)

    def encode(self, text: str, *, as_data: bool) -> list[int]:
        """See ``Encoder``."""
        self._library.encode_special_tokens = as_data
        # Unlike ``encode``, this releases Python's lock and makes no table of offsets: six times as fast.
        return list(self._library.encode_batch_fast([text], add_special_tokens=False)[0].ids)
