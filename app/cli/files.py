"""The files that a command names: read one after the other, each failure one line on standard error."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypedDict

from app.cli.passwords import password_from, read_unlocked
from app.cli.terminal import Status, say
from app.ingest.ocr.recogniser import Recogniser
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page, ReadOptions, ReadProgress
from app.session.collecting import collect, notice_lines
from model.cancel import Cancel
from model.errors import IngestError
from model.messages import Message, msg

_NO_FILE = msg("folder.no-file", "There is no file in this folder that Lectern could read.")


@dataclass
class Read:
    """What came of the files."""

    documents: list[Document] = field(default_factory=list)
    failed: list[tuple[Path, Message]] = field(default_factory=list)
    unsupported: list[str] = field(default_factory=list)


def read_options(options: argparse.Namespace) -> ReadOptions:
    """How the command wants files to be read. Raises ``LecternError``."""
    return ReadOptions(budget=options.budget, password=password_from(options.password_file))


class PictureOptions(TypedDict):
    """What ``read_files`` does about pictures of text."""

    recogniser: Recogniser | None
    on_card: bool


def picture_options(options: argparse.Namespace, recogniser: Recogniser) -> PictureOptions:
    """How the command wants the words on pictures to be read."""
    on_card = str(getattr(options, "device", None) or "").startswith("cuda")
    return PictureOptions(recogniser=recogniser if options.recognise else None, on_card=on_card)


def read_files(
    reader: Reader,
    paths: Sequence[Path],
    options: ReadOptions,
    cancel: Cancel,
    status: Status,
    on_document: Callable[[Document], None] | None = None,
    *,
    recogniser: Recogniser | None = None,
    on_card: bool = False,
) -> Read:
    """Read files and what lies in folders. Raises ``CancelledError``.

    ``recogniser`` reads the words on scans and pictures; ``on_card``: the model will run on a graphics card.
    """
    result = Read()
    for path in _files(paths, result):
        try:
            document = read_unlocked(path, options, _reads(reader, path, cancel, status))
        except IngestError as error:
            status.clear()
            result.failed.append((path, error.message))
            say(f"lectern: {path}: {error}")
            continue
        status.clear()
        if recogniser is not None:
            document = _recognised(recogniser, document, options, on_card, cancel, status)
        result.documents.append(document)
        if on_document is not None:
            on_document(document)
    return result


def _recognised(
    recogniser: Recogniser, document: Document, options: ReadOptions, on_card: bool, cancel: Cancel, status: Status
) -> Document:
    waiting = sum(page.recognition == "waiting" for page in document.pages)
    done = 0

    def on_page(_page: Page) -> None:
        nonlocal done
        done += 1
        status.show(f"Reading the words on pictures in {document.name}: page {done:,} of {waiting:,}")

    try:
        return recogniser.recognise(document, options, on_card=on_card, on_page=on_page, cancel=cancel)
    finally:
        status.clear()


def _reads(reader: Reader, path: Path, cancel: Cancel, status: Status) -> Callable[[ReadOptions], Document]:
    def read(options: ReadOptions) -> Document:
        try:
            return reader.read(path, options, _reporter(path, status), cancel)
        finally:
            status.clear()

    return read


def _files(paths: Sequence[Path], result: Read) -> list[Path]:
    """A file that is named is tried whatever it is called; in a folder only what can be read is taken."""
    files: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            files[path] = None
            continue
        found = collect([path])
        files.update(dict.fromkeys(found.files))
        result.unsupported += found.unsupported
        for line in notice_lines(found):
            say(f"lectern: {path}: {line}")
        if not found.files:
            result.failed.append((path, _NO_FILE))
    return list(files)


def _reporter(path: Path, status: Status) -> Callable[[ReadProgress], None]:
    def report(progress: ReadProgress) -> None:
        total = f" of {progress.total:,}" if progress.total else ""
        status.show(f"Reading {path.name}: {progress.unit} {progress.done:,}{total}")

    return report
