"""The interface of an engine for text recognition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from app.ingest.types import Box


@dataclass(slots=True)
class FoundWord:
    """One word: ``box`` in pixels of the picture that was read, ``confidence`` from 0 to 1."""

    text: str
    box: Box
    confidence: float


@dataclass(slots=True)
class FoundLine:
    """One line of words from left to right; lines of one ``block`` belong together."""

    words: list[FoundWord]
    block: int

    @property
    def text(self) -> str:
        """The words, apart by spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def box(self) -> Box:
        """The smallest box that encloses all words of the line."""
        lefts, tops, rights, bottoms = zip(*(word.box for word in self.words), strict=True)
        return min(lefts), min(tops), max(rights), max(bottoms)

    @property
    def confidence(self) -> float:
        """The mean over the characters."""
        return sureness(self.words)


def sureness(words: list[FoundWord]) -> float:
    """The mean confidence over the characters of some words; 0 without any."""
    characters = sum(len(word.text) for word in words)
    return sum(len(word.text) * word.confidence for word in words) / characters if characters else 0.0


class Engine(Protocol):
    """Reads upright, dark print on light paper. Not for use by two threads at once."""

    @property
    def name(self) -> str:
        """Engine and version: what it has read is cached under it."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages that it can read, the usual one first."""
        ...

    def read(self, picture: Image.Image, language: str, seconds: float, *, block: bool = False) -> list[FoundLine]:
        """The lines of a grey picture (mode L). ``block``: the picture is one block of lines, without columns.

        After ``seconds`` it stops, with what it has. Raises ``IngestError`` where the language's data are damaged.
        """
        ...
