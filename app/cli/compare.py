"""``lectern compare``: what is different between two documents, without a model; with ``--explain``, what it means."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from app.chat.compare.aligning import Change, compare
from app.chat.compare.explaining import Explaining
from app.chat.compare.export import NONE, NOUNS, as_objects, marked, to_markdown, where
from app.chat.parts import go_through
from app.cli.common.arguments import add_model, add_reading
from app.cli.common.engine import opened
from app.cli.common.files import picture_options, read_files, read_options
from app.cli.common.outputs import add_overwrite, check_output, saved
from app.cli.common.terminal import Status, harmless, one_line, say, stoppable
from app.ingest.types import Document
from model import atomic
from model.cancel import Cancel
from model.errors import LecternError
from model.messages import msg


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern compare``."""
    parser.description = (
        "Show the differences between two documents: changed words, those with numbers first, and paragraphs that "
        "were added, removed or moved. Removed words are printed as [-removed-] and added ones as {+added+}."
    )
    parser.add_argument("first", type=Path, metavar="A", help="the earlier document")
    parser.add_argument("second", type=Path, metavar="B", help="the later document")
    parser.add_argument("--explain", action="store_true", help="let the model say what each change means")
    parser.add_argument("--save", type=Path, metavar="FILE", help="also write the differences as Markdown")
    add_overwrite(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON object to standard output at the end")
    add_reading(parser)
    add_model(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status: 0 also where there are differences."""
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader

    status, paths = Status(), [options.first, options.second]
    if options.save is not None:
        check_output(options.save, paths, overwrite=options.overwrite)
    with stoppable() as cancel, Reader() as reader, Recogniser() as recogniser:
        pictures = picture_options(options, recogniser)
        read = read_files(reader, paths, read_options(options), cancel, status, **pictures)
        if len(read.documents) == 1 and not read.failed and all(path.is_file() for path in paths):
            read.documents.append(replace(read.documents[0], path=paths[1], name=paths[1].name))  # one file, twice
        if len(read.documents) != 2:
            raise LecternError(msg("compare.unreadable", "The documents were not compared, because one was not read."))
        first, second = read.documents
        changes = compare(first, second)
        meanings = _explained(options, changes, cancel, status) if options.explain and changes else []
    if options.save is not None:
        try:
            atomic.write(options.save, to_markdown(first.name, second.name, changes, meanings).encode())
        except OSError as error:
            raise LecternError(
                msg("compare.not-written", "{path} cannot be written: {why}.", path=options.save, why=error.strerror)
            ) from None
        saved(options.save)
    if options.json:
        report = {"first": str(first.path), "second": str(second.path), "changes": as_objects(changes, meanings)}
        print(json.dumps(report, ensure_ascii=False, indent=2), flush=True)
    else:
        _show(first, second, changes, meanings)
    return 0


def _explained(options: argparse.Namespace, changes: tuple[Change, ...], cancel: Cancel, status: Status) -> list[str]:
    explaining = Explaining(changes)
    with opened(options, cancel, status) as engine:
        for _ in go_through(
            explaining,
            engine.generate,
            cancel,
            lambda: status.show(f"Explaining {explaining.done + 1:,} of {len(changes):,}"),
        ):
            pass
    status.clear()
    return explaining.meanings


def _show(first: Document, second: Document, changes: tuple[Change, ...], meanings: list[str]) -> None:
    for number, change in enumerate(changes):
        mark = " (a number)" if change.numbers else ""
        print(f"{NOUNS[change.kind]}, {where(change)}{mark}")
        print(f"  {harmless(marked(change.pieces))}")
        if number < len(meanings) and meanings[number]:
            print(f"  = {one_line(meanings[number])}")
    unread = [page for one in (first, second) for page in one.pages if page.state == "skipped"]
    if unread:
        told = "1 page was" if len(unread) == 1 else f"{len(unread):,} pages were"
        say(f"lectern: {told} not read, so differences there are missing.")
    if first.content_hash == second.content_hash:
        say("lectern: Both are the same: the files have the same contents.")
        return
    told = "1 difference" if len(changes) == 1 else f"{len(changes):,} differences"
    say(f"lectern: {told}." if changes else f"lectern: {NONE}")
