"""Hostile files through the real reading process: read, or refused with a sentence; never a crash of the app.

A sample of what ``bench_hostile`` does with thousands: every family, and as many changed files as take
some seconds. The slowest bombs have a test of their own in ``tests/app/ingest``.
"""

from __future__ import annotations

import io
import threading
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

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
from tests.hostile.scans import recognition_cases, watching_cases

SLOW = ("forms-10-to-12", "flate-twice", "pages-100000", "value-3-mb")
EACH = {"flipped bits": 30, "cut off": 30, "spliced": 20, "boxes": 15, "forms and comments": 200}


PARTS = 8
"""Tests that share the files between them."""


@pytest.fixture(scope="module")
def everything() -> list[Case]:
    """Made when the first test asks: gathering the tests makes no files."""
    return list(corpus(seed=7, size=120))


class Files:
    """A sample of the cases, each of which is written and read once for all tests."""

    def __init__(self, everything: list[Case], reader: Reader, folder: Path) -> None:
        self.reader, self._folder = reader, folder
        self._found: dict[str, Document | str] = {}
        taken: defaultdict[str, int] = defaultdict(int)
        self.cases: list[Case] = []
        for case in everything:
            taken[case.family] += 1
            if taken[case.family] <= EACH.get(case.family, 1000) and not any(name in case.name for name in SLOW):
                self.cases.append(case)

    def outcome(self, case: Case) -> Document | str:
        """The document, or the sentence with which it was refused."""
        if case.name not in self._found:
            self.place(case).write_bytes(case.data)
            self._found[case.name] = read_or_refused(self.reader, self.place(case))
        return self._found[case.name]

    def place(self, case: Case) -> Path:
        return self._folder / case.name


@pytest.fixture(scope="module")
def files(everything: list[Case]) -> Iterator[Files]:
    with TemporaryDirectory() as folder, Reader(Timeouts(unit_s=20.0)) as reader:
        yield Files(everything, reader, Path(folder))


def read_or_refused(reader: Reader, path: Path) -> Document | str:
    try:
        return reader.read(path)
    except IngestError as error:
        return str(error)


@pytest.mark.parametrize("part", range(PARTS))
def test_each_file_is_read_or_refused_with_a_sentence(part: int, files: Files) -> None:
    wrong = []
    for case in files.cases[part::PARTS]:
        found = files.outcome(case)
        refused = isinstance(found, str)
        if case.expected != "either" and refused != (case.expected == "refused"):
            wrong.append(f"{case.name} should be {case.expected}: {found!r:.200}")
        if isinstance(found, str) and not is_a_sentence(found):
            wrong.append(f"{case.name}: {found!r}")
    assert not wrong, "\n".join(wrong)


def test_whatever_a_hostile_file_lists_is_taken_out_or_refused(files: Files, tmp_path: Path) -> None:
    """Names never leave the folder, and no more than the limit is ever written."""
    wrong, tried, out = [], 0, tmp_path / "out"
    for case in (case for case in files.cases if case.name.endswith((".eml", ".mbox", ".msg", ".pdf"))):
        found = files.outcome(case)
        for file in () if isinstance(found, str) else found.attached[:3]:
            tried += 1
            try:
                taken = files.reader.take_out(files.place(case), file, out)
            except IngestError as error:
                if not is_a_sentence(str(error)):
                    wrong.append(f"{case.name}: {error}")
                continue
            if taken.parent != out or taken.stat().st_size > MAX_ATTACHED_BYTES:
                wrong.append(f"{case.name}: {taken}")
    assert tried > 10
    assert not wrong, "\n".join(wrong)


def test_the_same_seed_gives_the_same_files(everything: list[Case]) -> None:
    again = list(corpus(seed=7, size=120))
    assert [case.name for case in everything] == [case.name for case in again]
    same = sum(_contents(one.data) == _contents(other.data) for one, other in zip(everything, again, strict=True))
    assert same >= 0.9 * len(again)  # encrypted PDFs carry a random key, and archives that are cut off their time


def _contents(data: bytes) -> bytes | dict[str, bytes]:
    """Of an archive what is in it, without the time at which it was made."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(one.file_size for one in archive.infolist()) > 1 << 20:
                return data
            return {one.filename: archive.read(one) for one in archive.infolist()}
    except Exception:  # whatever a hostile archive does
        return data


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


def test_what_can_be_read_is_saved_as_a_searchable_pdf_or_refused(files: Files, tmp_path: Path) -> None:
    """Made-up words on the first pages of some files of each family; the written files can be opened."""
    taken: defaultdict[str, int] = defaultdict(int)
    wrong, saved = [], 0
    with Saver() as saver:
        for case in files.cases:
            document = files.outcome(case)
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
                if isinstance(again := read_or_refused(files.reader, target), str) and "blank" not in again:
                    wrong.append(f"{case.name}: {again}")
    assert not wrong and saved > 10, "\n".join(wrong)


def test_words_are_looked_for_in_what_can_be_read(files: Files, tmp_path: Path) -> None:
    """Some files of each family and wide, tall and noisy pictures through the recognition: none hurts the app."""
    taken: defaultdict[str, int] = defaultdict(int)
    wrong, asked = [], 0
    cases = [*recognition_cases(), *files.cases]
    with Recogniser(RecognitionStore(tmp_path / "recognised")) as recogniser:
        for case in cases:
            if taken[case.family] >= 2 or not case.name.endswith(("pdf", "png", "jpg", "tif", "webp", "bmp", "gif")):
                continue
            taken[case.family] += 1
            document = files.outcome(case)
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


def test_text_is_looked_for_on_the_frames_of_what_can_be_read(files: Files, tmp_path: Path) -> None:
    """A video of each family and some with restless frames: text, or none, or a sentence on why it was not read."""
    wanted = {"valid", "flipped bits", "cut off", "spliced", "boxes", "turned", "huge frames"}
    wrong, asked = [], 0
    with Recogniser(RecognitionStore(tmp_path / "recognised")) as recogniser:
        for case in [*watching_cases(), *files.cases]:
            known = case.family in wanted or case.family.startswith("watching")
            if not known or not case.name.endswith(("mp4", "mkv", "webm", "avi", "mov")):
                continue
            document = files.outcome(case)
            if isinstance(document, str) or document.screen != "waiting":
                continue
            wanted.discard(case.family)
            asked += 1
            found = recogniser.recognise(document)
            if found.screen not in ("read", "part", "failed"):
                wrong.append(f"{case.name}: {found.screen}")
            wrong += [f"{case.name}: {note.why!s}" for note in found.skipped if not is_a_sentence(str(note.why))]
    assert not wrong and asked > 6, "\n".join(wrong)
