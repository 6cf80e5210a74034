"""The files that a command names: read one after the other, each failure one line on standard error."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from app.cli.common.passwords import password_from, read_unlocked
from app.cli.common.terminal import Status, say
from app.ingest.attached import AttachedFile
from app.ingest.types import Document, Page, ReadOptions, ReadProgress
from app.session import reading
from app.session.reading import ReadFiles
from app.text.times import clock
from model.cancel import Cancel

if TYPE_CHECKING:
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader


def read_options(options: argparse.Namespace) -> ReadOptions:
    """How the command wants files to be read. Raises ``LecternError``."""
    return ReadOptions(budget=options.budget, password=password_from(options.password_file))


class PictureOptions(TypedDict):
    """What ``read_files`` does about pictures of text and about attached files."""

    recogniser: Recogniser | None
    on_card: bool
    attachments: bool


def picture_options(options: argparse.Namespace, recogniser: Recogniser) -> PictureOptions:
    """How the command wants the words on pictures to be read."""
    on_card = str(getattr(options, "device", None) or "").startswith("cuda")
    return PictureOptions(
        recogniser=recogniser if options.recognise else None,
        on_card=on_card,
        attachments=getattr(options, "attachments", False),
    )


def read_files(
    reader: Reader,
    paths: Sequence[Path],
    options: ReadOptions,
    cancel: Cancel,
    status: Status,
    on_document: Callable[[Document], object] = lambda document: None,
    *,
    recogniser: Recogniser | None = None,
    on_card: bool = False,
    attachments: bool = False,
) -> ReadFiles:
    """Read files and what is in folders. Raises ``CancelledError``.

    ``recogniser`` reads the words on scans and pictures; ``on_card``: the model will run on a graphics card;
    ``attachments``: files that are attached to others are read too.
    """

    def read(path: Path) -> Document:
        def try_with(options: ReadOptions) -> Document:
            try:
                return reader.read(path, options, _reporter(path, status), cancel)
            finally:
                status.clear()

        document = read_unlocked(path, options, try_with)
        if recogniser is None:
            return document
        return _recognised(recogniser, document, options, on_card, cancel, status)

    def notice(path: Path, words: str) -> None:
        say(f"lectern: {path}: {words}")

    def take_out(document: Document, file: AttachedFile) -> Path:
        return reader.take_out(document.path, file, password=document.password, cancel=cancel)

    return reading.read_files(paths, read, notice, on_document, take_out if attachments else None)


def _recognised(
    recogniser: Recogniser, document: Document, options: ReadOptions, on_card: bool, cancel: Cancel, status: Status
) -> Document:
    waiting = sum(page.recognition == "waiting" for page in document.pages)
    done = 0

    def on_page(_page: Page) -> None:
        nonlocal done
        done += 1
        status.show(f"Reading the words on pictures in {document.name}: page {done:,} of {waiting:,}")

    def on_screen(_document: Document, upto_s: float) -> None:
        status.show(f"Reading text on frames of {document.name}: {clock(upto_s)} of {clock(document.duration_s or 0)}")

    try:
        return recogniser.recognise(
            document, options, on_card=on_card, on_page=on_page, on_screen=on_screen, cancel=cancel
        )
    finally:
        status.clear()


def _reporter(path: Path, status: Status) -> Callable[[ReadProgress], None]:
    def report(progress: ReadProgress) -> None:
        total = f" of {progress.total:,}" if progress.total else ""
        status.show(f"Reading {path.name}: {progress.unit} {progress.done:,}{total}")

    return report
