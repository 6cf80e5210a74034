"""Hostile office files: bombs, entities, deep nesting, external links, parts with false sizes, truncated archives."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.app.ingest.formats.book.books import comic, epub, fictionbook, mobi, tiff_pages, xps
from tests.app.ingest.formats.mail.outlook_files import Storage, compound
from tests.app.ingest.formats.opendocument.documents import letter, talk
from tests.app.ingest.formats.opendocument.documents import prices as cells
from tests.app.ingest.formats.packed import native_object
from tests.app.ingest.formats.sheet.books import prices
from tests.app.ingest.formats.slides.decks import harbour
from tests.app.ingest.formats.word.documents import lease
from tests.hostile.case import Case, flipped, spliced, spread, truncated

_ENTITIES = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd"><!ENTITY d SYSTEM "http://127.0.0.1:9/x">]>"""


def cases(rng: random.Random, size: int) -> Iterator[Case]:
    """About ``size`` files."""
    seeds = [*_valid()]
    for name, data, main in seeds:
        yield Case(name, data, "read", "valid")
        yield from _parts(name, data, main)
    yield from _book_cases()
    seeds += [(name, data, "") for name, data in _books()]
    each = max(1, size // (4 * len(seeds)))
    for name, data, _ in seeds:
        yield from truncated(rng, name, data, spread(rng, len(data), each // 3 + 1))
        yield from flipped(rng, name, data, each)
        yield from spliced(rng, name, data, rng.choice(seeds)[1], each // 2 + 1)


@cache
def _valid() -> tuple[tuple[str, bytes, str], ...]:
    with TemporaryDirectory() as folder:
        at = Path(folder) / "a"
        return (
            ("lease.docx", lease(at).read_bytes(), "word/document.xml"),
            ("prices.xlsx", prices(at).read_bytes(), "xl/workbook.xml"),
            ("harbour.pptx", harbour(at).read_bytes(), "ppt/presentation.xml"),
            ("letter.odt", letter(), "content.xml"),
            ("prices.ods", cells(), "content.xml"),
            ("talk.odp", talk(), "content.xml"),
        )


def _books() -> Iterator[tuple[str, bytes]]:
    with TemporaryDirectory() as folder:
        yield "tides.epub", epub(Path(folder) / "a.epub").read_bytes()
        yield "tides.fb2", fictionbook(Path(folder) / "a.fb2").read_bytes()
    yield "fax.tif", tiff_pages()
    yield "tides.mobi", mobi()
    yield "tides.xps", xps()
    yield "story.cbz", comic()


def _book_cases() -> Iterator[Case]:
    family = "books"
    for name, data in _books():
        yield Case(name, data, "read", "valid")
    (_, book), (_, fiction), *_ = _books()
    start = fiction.index(b"?>") + 2
    yield Case("entities.fb2", _ENTITIES + fiction[start:].replace(b"34", b"&a;&c;&d;"), "either", family)
    yield Case("nested.fb2", fiction.replace(b"<section>", b"<section>" * 20_000), "either", family)
    for name, words, expected in (
        ("zipped", fiction, "read"),
        ("bomb", fiction.replace(b"34", b" " * 9_000_000), "refused"),
        ("other", b"%PDF-1.7", "either"),
    ):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("../../a.fb2", words)
        yield Case(f"{name}.fb2.zip", packed.getvalue(), expected, family)  # type: ignore[arg-type]
    for part, words in (
        ("c1.xhtml", b"<html><body>" + b"<div>" * 20_000 + b"x"),
        ("c1.xhtml", b"<html><body><img src='file:///etc/passwd'/><img src='http://127.0.0.1:9/x'/>x</body></html>"),
        ("c1.xhtml", _ENTITIES + b"<html><body>&a;&c;&d;x</body></html>"),
        ("c1.xhtml", b"<html><head><style>" + b"@import 'x.css';" * 9000 + b"</style></head><body>x</body></html>"),
        ("book.opf", b"<package>" * 30_000),
        ("book.opf", b"<package/>"),
        (
            "META-INF/container.xml",
            b"<container><rootfiles><rootfile full-path='../../etc/passwd'/></rootfiles></container>",
        ),
        ("spare.bin", bytes(8_000_000)),
    ):
        yield Case(f"{len(words)}-{part.replace('/', '-')}.epub", changed(book, part, words), "either", family)


def changed(data: bytes, part: str, new: bytes, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An office file with one of its parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", method) as made:
        for entry in old.infolist():
            if entry.filename != part:
                made.writestr(entry.filename, old.read(entry), entry.compress_type)
        made.writestr(part, new)
    return out.getvalue()


def _parts(name: str, data: bytes, main: str) -> Iterator[Case]:
    stem, _, suffix = name.rpartition(".")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        body = archive.read(main)
    start = body.index(b"?>") + 2 if body.startswith(b"<?xml") else 0
    new = {
        "entities": (_ENTITIES + body[start:], "refused"),
        "empty": (b"", "refused"),
        "noise": (random.Random(4).randbytes(5000), "refused"),
        "nested": (b"<a>" * 100_000, "refused"),
        "bomb": (b"<a>" + b" " * 8_000_000 + b"</a>", "refused"),
        "root": (b"<other/>", "either"),
    }
    for what, (part, expected) in new.items():
        yield Case(f"{stem}-{what}.{suffix}", changed(data, main, part), expected, "office")  # type: ignore[arg-type]
    yield Case(f"{stem}-spare.{suffix}", changed(data, "spare.bin", bytes(8_000_000)), "refused", "office")
    if main == "content.xml":
        yield from _open_parts(stem, data, body, suffix)
        return
    relations = f"{main.rpartition('/')[0]}/_rels/{main.rpartition('/')[2]}.rels"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        related = archive.read(relations)
    away = related.replace(b'Target="', b'TargetMode="External" Target="http://127.0.0.1:9/')
    yield Case(f"{stem}-away.{suffix}", changed(data, relations, away), "either", "office")
    up = related.replace(b'Target="', b'Target="../../../../etc/passwd')
    yield Case(f"{stem}-up.{suffix}", changed(data, relations, up), "either", "office")
    yield Case(f"{stem}-no-relations.{suffix}", changed(data, relations, b"<Relationships/>"), "either", "office")
    folder = main.partition("/")[0]
    for what, inside in _inside():
        yield Case(
            f"{stem}-{what}.{suffix}", changed(data, f"{folder}/embeddings/{what}.bin", inside), "read", "office"
        )
    if suffix != "docx":
        return  # the check is the same for all of them
    many = io.BytesIO(data)
    with zipfile.ZipFile(many, "a") as archive:
        for number in range(21_000):
            archive.writestr(f"x/{number}", b"")
    yield Case(f"{stem}-many.{suffix}", many.getvalue(), "refused", "office")


def _inside() -> Iterator[tuple[str, bytes]]:
    """Files inside of office files: sound objects with false lengths, and what only begins like one."""
    begins = native_object("tides.txt", b"high at 06:12")
    for name, stream in (
        ("false-length", begins[:-17] + b"\xff\xff\xff\x7f" + begins[-13:]),
        ("no-end", b"\0" * 6 + b"x" * 500),
        ("cut", begins[:12]),
    ):
        yield name, compound(Storage({"\x01Ole10Native": stream}))
    yield "only-begins", compound(Storage({"Package": b"x"}))[:40]
    yield "short", b"PK"


def _open_parts(stem: str, data: bytes, body: bytes, suffix: str) -> Iterator[Case]:
    """What OpenDocument has of its own: repeated cells, nested lists and tables, pictures that are elsewhere."""
    family = "OpenDocument"
    away = body.replace(b"Pictures/a.png", b"http://127.0.0.1:9/x").replace(b"Water", b"Water")
    yield Case(f"{stem}-away.{suffix}", changed(data, "content.xml", away), "read", family)
    up = body.replace(b"Pictures/a.png", b"../../../../etc/passwd")
    yield Case(f"{stem}-up.{suffix}", changed(data, "content.xml", up), "read", family)
    for name, old, new in (
        ("repeated", b"<table:table-row>", b'<table:table-row table:number-rows-repeated="99999999">'),
        ("columns", b"<table:table-cell>", b'<table:table-cell table:number-columns-repeated="999999999">'),
        ("spanned", b'number-columns-spanned="2"', b'number-columns-spanned="99999999"'),
        ("lists", b"<text:list>", b"<text:list><text:list-item>" * 5000 + b"</text:list-item></text:list>" * 4999),
        ("spans", b"<text:p>", b"<text:p>" + b"<text:span>" * 900 + b"x" + b"</text:span>" * 900),
        ("blanks", b"<text:p>", b'<text:p><text:s text:c="99999999"/>'),
    ):
        yield Case(f"{stem}-{name}.{suffix}", changed(data, "content.xml", body.replace(old, new)), "either", family)
    locked = b"<manifest><file-entry><encryption-data/></file-entry></manifest>"
    yield Case(f"{stem}-locked.{suffix}", changed(data, "META-INF/manifest.xml", locked), "refused", family)
