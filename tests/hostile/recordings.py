"""Hostile recordings: damaged headers and frames of every format, lies about lengths, tags and covers out of bounds."""

from __future__ import annotations

import random
import struct
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.files.recordings import recording
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_SUFFIXES = (".wav", ".mp3", ".m4a", ".ogg", ".flac", ".aac", ".aiff", ".mka")


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` recordings."""
    each = max(2, size // (4 * len(_SUFFIXES)))
    wave = b""
    with TemporaryDirectory() as folder:
        for suffix in _SUFFIXES:
            data = recording(Path(folder) / f"a{suffix}", ((0.2, 0.9),), 1.0, tags={"title": "x" * 3000}).read_bytes()
            wave = wave or data
            name = f"sound{suffix}"
            yield Case(name, data, "read", "valid")
            yield from flipped(rng, name, data, 2 * each)
            yield from truncated(rng, name, data, spread(rng, len(data), each))
            yield from spliced(rng, name, data, wave, each)
    yield from _shapes(wave)


def _shapes(wave: bytes) -> Iterator[Case]:
    family = "sound"
    yield Case("header.wav", b"RIFF\x10\0\0\0WAVEfmt " + bytes(40), "refused", family)
    yield Case("header.flac", b"fLaC" + bytes(100), "refused", family)
    yield Case("header.ogg", b"OggS" + bytes(100), "refused", family)
    yield Case("header.mp3", b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(100), "refused", family)
    yield Case("noise.mp3", (b"\xff\xfb\x90\0" + bytes(413)) * 2 + random.Random(3).randbytes(4000), "either", family)
    yield Case("header.m4a", b"\0\0\0\x18ftypM4A " + bytes(12), "refused", family)
    at = wave.index(b"fmt ") + 8
    for name, place, value in (
        ("channels", at + 2, struct.pack("<H", 65_535)),
        ("no-channels", at + 2, struct.pack("<H", 0)),
        ("rate", at + 4, struct.pack("<I", 0xFFFFFFFF)),
        ("no-rate", at + 4, struct.pack("<I", 0)),
        ("bits", at + 14, struct.pack("<H", 0)),
        ("codec", at, struct.pack("<H", 0xABCD)),
        ("length", wave.index(b"data") + 4, struct.pack("<I", 0xFFFFFFFF)),
    ):
        yield Case(f"{name}.wav", wave[:place] + value + wave[place + len(value) :], "either", family)
