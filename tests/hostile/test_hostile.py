"""Hostile files through the real reading process: read, or refused with a sentence; never a crash of the app.

A sample of what ``tests/bench/bench_hostile`` does with thousands: every family, and as many changed files as take
some seconds. The slowest bombs have a test of their own in ``tests/app/ingest``.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.ingest.attached import MAX_ATTACHED_BYTES
from app.ingest.limits import Timeouts
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.ocr.store import RecognitionStore
from app.ingest.read.reader import Reader
from app.ingest.searchable.saving import Saver
from app.ingest.types import Document
from model.errors import IngestError
from tests.app.chat.evidence.papers import scanned
from tests.hostile.case import Case
from tests.hostile.corpus import corpus, is_a_sentence
from tests.hostile.scans import recognition_cases

SLOW = ("forms-10-to-12", "flate-twice", "pages-100000", "value-3-mb")
EACH = {"flipped bits": 30, "cut off": 30, "spliced": 20, "boxes": 15, "forms and comments": 200}


def sample() -> list[Case]:
    """All special files, and some of the changed ones."""
    taken: defaultdict[str, int] = defaultdict(int)
    cases = []
    for case in corpus(seed=7, size=120):
        taken[case.family] += 1
        if taken[case.family] <= EACH.get(case.family, 1000) and not any(name in case.name for name in SLOW):
            cases.append(case)
    return cases


CASES = sample()


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader(Timeouts(unit_s=5.0)) as made:
        yield made


def outcome(reader: Reader, path: Path) -> Document | str:
    try:
        return reader.read(path)
    except IngestError as error:
        return str(error)


@pytest.mark.parametrize("family", sorted({case.family for case in CASES}))
def test_each_file_is_read_or_refused_with_a_sentence(family: str, reader: Reader, tmp_path: Path) -> None:
    wrong = []
    for case in (case for case in CASES if case.family == family):
        path = tmp_path / case.name
        path.write_bytes(case.data)
        found = outcome(reader, path)
        refused = isinstance(found, str)
        if case.expected != "either" and refused != (case.expected == "refused"):
            wrong.append(f"{case.name} should be {case.expected}: {found!r:.200}")
        if isinstance(found, str) and not is_a_sentence(found):
            wrong.append(f"{case.name}: {found!r}")
    assert not wrong, "\n".join(wrong)


def test_whatever_a_hostile_file_lists_is_taken_out_or_refused(reader: Reader, tmp_path: Path) -> None:
    """Names never leave the folder, and no more than the limit is ever written."""
    wrong, tried, out = [], 0, tmp_path / "out"
    for case in (case for case in CASES if case.name.endswith((".eml", ".mbox", ".msg", ".pdf"))):
        path = tmp_path / case.name
        path.write_bytes(case.data)
        found = outcome(reader, path)
        for file in () if isinstance(found, str) else found.attached[:3]:
            tried += 1
            try:
                taken = reader.take_out(path, file, out)
            except IngestError as error:
                if not is_a_sentence(str(error)):
                    wrong.append(f"{case.name}: {error}")
                continue
            if taken.parent != out or taken.stat().st_size > MAX_ATTACHED_BYTES:
                wrong.append(f"{case.name}: {taken}")
    assert tried > 10
    assert not wrong, "\n".join(wrong)


def test_the_same_seed_gives_the_same_files() -> None:
    first, second = list(corpus(3, 60)), list(corpus(3, 60))
    assert [case.name for case in first] == [case.name for case in second]
    same = sum(one.data == other.data for one, other in zip(first, second, strict=True))
    assert same >= 0.9 * len(first)  # encrypted PDFs carry a random key


@pytest.mark.parametrize(
    ("words", "good"),
    [
        ("The PDF is damaged and cannot be repaired; try to get it again.", True),
        ("damaged", False),
        ("ValueError('x') was raised while reading the file.", False),
        ("The file /tmp/lectern-x/page.raw could not be read.", False),
    ],
)
def test_what_counts_as_a_sentence(words: str, good: bool) -> None:
    assert is_a_sentence(words) is good


def test_what_can_be_read_is_saved_as_a_searchable_pdf_or_refused(reader: Reader, tmp_path: Path) -> None:
    """Made-up words on the first pages of some files of each family; the written files can be opened."""
    taken: defaultdict[str, int] = defaultdict(int)
    wrong, saved = [], 0
    with Saver() as saver:
        for case in CASES:
            path = tmp_path / case.name
            path.write_bytes(case.data)
            document = outcome(reader, path)
            if isinstance(document, str) or document.file_kind.view == "player" or taken[case.family] >= 3:
                continue
            taken[case.family] += 1
            pages = tuple(
                replace(page, lines=scanned(page.number, "Made-up words").lines) for page in document.pages[:3]
            )
            target = tmp_path / "saved.pdf"
            try:
                saver.save(replace(document, pages=pages), target, threading.Event())
            except IngestError as error:
                if not is_a_sentence(str(error)):
                    wrong.append(f"{case.name}: {error}")
            else:
                saved += 1
                if isinstance(again := outcome(reader, target), str) and "blank" not in again:
                    wrong.append(f"{case.name}: {again}")
    assert not wrong and saved > 10, "\n".join(wrong)


def test_words_are_looked_for_in_what_can_be_read(reader: Reader, tmp_path: Path) -> None:
    """Some files of each family and wide, tall and noisy pictures through the recognition: none hurts the app."""
    taken: defaultdict[str, int] = defaultdict(int)
    wrong, asked = [], 0
    cases = [*recognition_cases(), *CASES]
    with Recogniser(RecognitionStore(tmp_path / "recognised")) as recogniser:
        for case in cases:
            if taken[case.family] >= 2 or not case.name.endswith(("pdf", "png", "jpg", "tif", "webp", "bmp", "gif")):
                continue
            taken[case.family] += 1
            path = tmp_path / case.name
            path.write_bytes(case.data)
            document = outcome(reader, path)
            waiting = not isinstance(document, str) and any(page.recognition == "waiting" for page in document.pages)
            if isinstance(document, str) or not waiting:
                continue
            asked += 1
            for page in recogniser.recognise(document).pages:
                if page.recognition == "failed" and not is_a_sentence(str(page.reason)):
                    wrong.append(f"{case.name}: {page.reason!s}")
                if page.recognition == "waiting":
                    wrong.append(f"{case.name}: page {page.number} was forgotten")
    assert not wrong and asked > 6, "\n".join(wrong)
