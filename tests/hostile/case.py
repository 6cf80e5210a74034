"""A hostile file: bytes with a name, and the result that reading it must give."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

Expected = Literal["read", "refused", "either"]


@dataclass(frozen=True, slots=True)
class Case:
    """``either``: reading as far as it goes is as right as refusing with a sentence."""

    name: str
    data: bytes
    expected: Expected = "either"
    family: str = ""


Family = Callable[[random.Random], Iterator[Case]]


def flipped(rng: random.Random, name: str, data: bytes, count: int) -> Iterator[Case]:
    """``count`` copies of a valid file, each with one to sixteen bits turned, half of them in the first kilobytes."""
    stem, _, suffix = name.rpartition(".")
    for number in range(count):
        copy = bytearray(data)
        reach = min(len(data), 2048) if rng.random() < 0.5 else len(data)
        for _ in range(rng.choice((1, 1, 2, 4, 16))):
            copy[rng.randrange(reach)] ^= 1 << rng.randrange(8)
        yield Case(f"{stem}-flip{number}.{suffix}", bytes(copy), "either", "flipped bits")


def truncated(rng: random.Random, name: str, data: bytes, cuts: list[int]) -> Iterator[Case]:
    """A valid file cut at each of ``cuts``, and a byte before and after."""
    stem, _, suffix = name.rpartition(".")
    places = sorted({place for cut in cuts for place in (cut - 1, cut, cut + 1) if 0 < place < len(data)})
    for place in places:
        yield Case(f"{stem}-cut{place}.{suffix}", data[:place], "either", "cut off")


def spliced(rng: random.Random, name: str, data: bytes, other: bytes, count: int) -> Iterator[Case]:
    """A piece of another file in the middle, a piece twice, or a piece missing."""
    stem, _, suffix = name.rpartition(".")
    for number in range(count):
        start = rng.randrange(len(data))
        stop = min(len(data), start + rng.randrange(1, max(2, len(data) // 4)))
        where = rng.randrange(len(other))
        middle = rng.choice((other[where : where + stop - start], data[start:stop] * 2, b"", bytes(stop - start)))
        yield Case(f"{stem}-splice{number}.{suffix}", data[:start] + middle + data[stop:], "either", "spliced")


def spread(rng: random.Random, length: int, count: int) -> list[int]:
    """``count`` places in a file of ``length`` bytes."""
    return [rng.randrange(1, length) for _ in range(count)]
