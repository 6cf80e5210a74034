"""Hostile texts: strange encodings, endless lines, Markdown that is nested or built to take for ever."""

from __future__ import annotations

import random
from collections.abc import Iterator

from tests.hostile.case import Case, flipped, truncated

_LINE = "Größe: 12,5 m – “quoted” \u202eright to left\u202c \u200b\n"


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` texts."""
    yield from _encodings()
    yield from _shapes()
    yield from _markdown()
    yield from _tables()
    for name, data in (("a.txt", _LINE.encode() * 40), ("b.txt", _LINE.encode("utf-16") * 20), ("c.md", b"# a\n" * 50)):
        yield from flipped(rng, name, data, max(1, size // 6))
        yield from truncated(rng, name, data, rng.sample(range(2, len(data)), max(1, size // 12)))


def _encodings() -> Iterator[Case]:
    family = "encodings"
    for encoding in ("utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-7", "cp1251", "shift_jis", "cp037"):
        data = ("Привет 漢字 text\n" * 30).encode(encoding, errors="replace")
        yield Case(f"{encoding}.txt", data, "either", family)
    yield Case("bom.txt", b"\xef\xbb\xbf", "refused", family)
    yield Case("half.txt", b"\xff\xfe\x00\xd8" * 500, "either", family)
    yield Case("surrogates.txt", "\ud800\udfff".encode("utf-16-le", "surrogatepass") * 100, "either", family)
    yield Case("high.txt", bytes(range(128, 256)) * 100, "read", family)
    yield Case("nul.txt", b"text " * 2000 + b"\0" * 100, "read", family)


def _shapes() -> Iterator[Case]:
    family = "texts"
    yield Case("one-line.txt", b"a b " * 50_000, "read", family)
    yield Case("one-word.txt", b"a" * 100_000, "read", family)
    yield Case("lines.txt", b"\n" * 30_000 + b"x", "read", family)
    yield Case("feeds.txt", b"\f" * 300 + b"x", "read", family)
    yield Case("blank.txt", b" \t\r\n" * 100, "refused", family)
    yield Case("marks.txt", ("e" + "\u0301" * 300).encode() * 20, "either", family)
    yield Case(
        "markup.txt",
        b"<img src='http://127.0.0.1:9/x.png'><style>@import 'http://127.0.0.1:9/y'</style>",
        "read",
        family,
    )
    yield Case("entities.txt", b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>", "read", family)


def _tables() -> Iterator[Case]:
    family = "tables"
    yield Case("wide.csv", b",".join(b"%d" % number for number in range(3000)), "read", family)
    yield Case("long.csv", b"x,y\n" * 3000, "read", family)
    yield Case("open.csv", b'a,"never closed\n' * 200, "either", family)
    yield Case("field.csv", b"x" * 200_000 + b",y", "either", family)
    yield Case("signs.csv", b",;\t|" * 300, "either", family)
    yield Case("formula.csv", b"=WEBSERVICE(\"http://127.0.0.1:9\"),=cmd|' /C calc'!A0\n", "read", family)


def _markdown() -> Iterator[Case]:
    family = "markdown"
    yield Case("quotes.md", b">" * 20_000 + b" x", "either", family)
    yield Case("lists.md", b"".join(b" " * (2 * depth) + b"- x\n" for depth in range(500)), "either", family)
    yield Case("brackets.md", b"[" * 20_000 + b"x" + b"](y)" * 5000, "either", family)
    yield Case("stars.md", b"*a **b " * 5000, "either", family)
    yield Case("ticks.md", b"".join(b"`" * number + b"x" for number in range(1500)), "either", family)
    yield Case("table.md", b"|a" * 500 + b"\n" + b"|-" * 500 + b"\n" + (b"|x" * 500 + b"\n") * 30, "either", family)
    yield Case("references.md", b"".join(b"[a%d]: /x\n" % n for n in range(3000)) + b"[a1] " * 3000, "either", family)
    yield Case("image.md", b"![x](file:///etc/passwd) ![y](http://127.0.0.1:9/z.png)", "read", family)
    yield Case("html.md", b"<iframe src='http://127.0.0.1:9'></iframe><div style='x'>" * 200, "read", family)
