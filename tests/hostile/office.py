"""Hostile office files: bombs, entities, deep nesting, links to elsewhere, parts that lie, archives cut anywhere."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.app.ingest.formats.sheet.books import prices
from tests.app.ingest.formats.slides.decks import harbour
from tests.app.ingest.formats.word.documents import lease
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd"><!ENTITY d SYSTEM "http://127.0.0.1:9/x">]>"""


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` files."""
    seeds = list(_valid())
    for name, data, main in seeds:
        yield Case(name, data, "read", "valid")
        yield from _parts(name, data, main)
    each = max(1, size // (4 * len(seeds)))
    for name, data, _ in seeds:
        yield from truncated(rng, name, data, spread(rng, len(data), each // 3 + 1))
        yield from flipped(rng, name, data, each)
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each // 2 + 1)


def _valid() -> Iterator[tuple[str, bytes, str]]:
    with TemporaryDirectory() as folder:
        yield "lease.docx", lease(Path(folder) / "a.docx").read_bytes(), "word/document.xml"
        yield "prices.xlsx", prices(Path(folder) / "a.xlsx").read_bytes(), "xl/workbook.xml"
        yield "harbour.pptx", harbour(Path(folder) / "a.pptx").read_bytes(), "ppt/presentation.xml"


def changed(data: bytes, part: str, new: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An office file with one of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", method) as made:
        for entry in old.infolist():
            if entry.filename != part:
                made.writestr(entry.filename, old.read(entry))
        made.writestr(part, new)
    return out.getvalue()


def _parts(name: str, data: bytes, main: str) -> Iterator[Case]:
    stem, _, suffix = name.rpartition(".")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = archive.read(main)
        relations = f"{main.rpartition('/')[0]}/_rels/{main.rpartition('/')[2]}.rels"
        related = archive.read(relations)
    start = body.index(b"?>") + 2 if body.startswith(b"<?xml") else 0
    new = {
        "entities": (_ENTITIES + body[start:], "refused"),
        "empty": (b"", "refused"),
        "noise": (random.Random(4).randbytes(5000), "refused"),
        "nested": (b"<a>" * 100_000, "refused"),
        "bomb": (b"<a>" + b" " * 60_000_000 + b"</a>", "refused"),
        "root": (b"<other/>", "either"),
    }
    for what, (part, expected) in new.items():
        yield Case(f"{stem}-{what}.{suffix}", changed(data, main, part), expected, "office")  # type: ignore[arg-type]
    away = related.replace(b'Target="', b'TargetMode="External" Target="http://127.0.0.1:9/')
    yield Case(f"{stem}-away.{suffix}", changed(data, relations, away), "either", "office")
    up = related.replace(b'Target="', b'Target="../../../../etc/passwd')
    yield Case(f"{stem}-up.{suffix}", changed(data, relations, up), "either", "office")
    yield Case(f"{stem}-no-relations.{suffix}", changed(data, relations, b"<Relationships/>"), "either", "office")
    yield Case(f"{stem}-spare.{suffix}", changed(data, "spare.bin", bytes(50_000_000)), "refused", "office")
    many = io.BytesIO(data)
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(21_000):
            archive.writestr(f"x/{number}", b"")
    yield Case(f"{stem}-many.{suffix}", many.getvalue(), "refused", "office")
