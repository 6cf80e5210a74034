"""Hostile subtitles: files of strange times, endless cues and markup, and tracks whose packets are damaged."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.files.subtitles import Words, subtitled
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_SRT = "".join(
    f"{number}\r\n00:00:{number:02d},000 --> 00:00:{number:02d},900\r\n<i>Größe</i> {number}\r\n\r\n"
    for number in range(1, 40)
).encode()
_CUE = b"00:00:01,000 --> 00:00:02,000\n"


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` subtitle files and videos with subtitles."""
    yield Case("plain.srt", _SRT, "read", "valid")
    yield from _files()
    yield from flipped(rng, "a.srt", _SRT, max(2, size // 6))
    yield from truncated(rng, "a.srt", _SRT, spread(rng, len(_SRT), max(1, size // 12)))
    with TemporaryDirectory() as folder:
        for name, codec in (("a.mp4", "mov_text"), ("b.mkv", "srt"), ("c.mkv", "ass"), ("d.mkv", "webvtt")):
            chapters = ((0.0, 1.0, "One"), (1.0, 2.0, "Two \x00 \u202e"))
            path = subtitled(Path(folder) / name, [Words(codec)], seconds=2, chapters=chapters)
            data = path.read_bytes()
            yield Case(name, data, "read", "valid")
            yield from flipped(rng, name, data, max(2, size // 6))
            yield from spliced(rng, name, data, _SRT, max(1, size // 12))
            yield from truncated(rng, name, data, spread(rng, len(data), max(1, size // 24)))
        drawing = (1.0, 1.0, "{\\p1}m 0 0 l 9 9{\\p0}")
        odd = ((0.0, 1e5, "long"), drawing, (1.1, 1.2, "{" * 5000), (1.3, 1.4, "\\N" * 900))
        data = subtitled(Path(folder) / "odd.mkv", [Words("ass", odd)], seconds=2).read_bytes()
        yield Case("odd.mkv", data, "read", "tracks")


def _files() -> Iterator[Case]:
    family = "subtitles"
    yield Case("empty.vtt", b"WEBVTT\n\n", "refused", family)
    yield Case("no-times.srt", b"1\nHello\n\n2\nagain\n", "refused", family)
    yield Case("backwards.srt", b"00:00:05,000 --> 00:00:01,000\nx\n" * 50, "refused", family)
    yield Case("far.srt", b"9999:59:59,999 --> 9999:59:59,999\nx\n", "read", family)
    yield Case("many.srt", b"".join(_CUE + b"x%d\n\n" % number for number in range(4000)), "read", family)
    yield Case("one-long.srt", _CUE + b"word " * 100_000, "read", family)
    yield Case("arrows.srt", b"--> " * 30_000, "refused", family)
    yield Case("tags.vtt", b"WEBVTT\n\n" + _CUE.replace(b",", b".") + b"<v " * 8000 + b"<c.a" * 8000, "either", family)
    yield Case("braces.srt", _CUE + b"{\\" * 20_000 + b"x", "read", family)
    yield Case("digits.srt", b"1" * 50_000 + b":00:00,000 --> " + b"2" * 50_000 + b"\nx", "refused", family)
    yield Case("wide.srt", _SRT.decode().encode("utf-32"), "read", family)
    yield Case("entities.vtt", b"WEBVTT\n\n" + _CUE.replace(b",", b".") + b"&#x110000;&#0;&amp" * 500, "read", family)
