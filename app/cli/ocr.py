"""``lectern ocr``: scans and pictures become PDF files whose words can be searched, one file after the other."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.common.arguments import UsageError
from app.cli.common.files import read_files
from app.cli.common.outputs import (
    OutputError,
    add_overwrite,
    check_folder,
    check_not_input,
    check_output,
    exists,
    is_file_name,
    make_folder,
)
from app.cli.common.passwords import password_from
from app.cli.common.terminal import Status, one_line, say, stoppable
from app.ingest.searchable.saving import Saved, Saver, has_words
from app.ingest.types import Document, ReadOptions
from app.text.number_lists import numbers_in_words
from model.cancel import Cancel
from model.errors import IngestError

if TYPE_CHECKING:
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``lectern ocr``."""
    parser.description = (
        "Recognise the text on scanned pages and pictures and add it as an invisible layer, so that the PDF can be "
        "searched and its text copied. The pages look the same. Pictures become PDF/A-2b; a PDF keeps its format."
    )
    parser.epilog = (
        "Ctrl-C stops; run it again to continue: existing files are not overwritten, and pages that were read are not "
        "read again."
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="PDFs and pictures, or folders of them")
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        type=Path,
        metavar="OUT",
        help="the PDF to write for one file, or a folder for several, created if it does not exist",
    )
    add_overwrite(parser)
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the password of encrypted PDFs (default: ask on the terminal)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; the exit status."""
    from app.ingest.ocr.recogniser import Recogniser
    from app.ingest.read.reader import Reader

    output: Path = options.output
    single = len(options.files) == 1 and not options.files[0].is_dir()
    if single and output.suffix.lower() == ".pdf" and not output.is_dir():
        folder, name = output.parent, output.name
        if not output.exists():
            check_output(output, options.files, overwrite=False)
    elif single and is_file_name(output):
        raise UsageError(f"--output needs a name that ends in .pdf, or a folder, not {output.name}")
    elif is_file_name(output) or (output.exists() and not output.is_dir()):
        raise UsageError("--output must be a folder when there is more than one file")
    else:
        folder, name = output, ""
        check_folder(folder)
        make_folder(folder)
    with stoppable() as cancel, Reader() as reader, Recogniser() as recogniser, Saver() as saver:
        work = _Work(options, folder, name, reader, recogniser, saver, cancel)
        for path in options.files:
            work.all_of(path)
    return work.report()


class _Work:
    """The progress so far."""

    def __init__(
        self,
        options: argparse.Namespace,
        folder: Path,
        name: str,
        reader: Reader,
        recogniser: Recogniser,
        saver: Saver,
        cancel: Cancel,
    ) -> None:
        """``name``: that of the only file, or empty where each is called as what it is made of."""
        self._options, self._folder, self._name = options, folder, name
        self._reader, self._recogniser, self._saver, self._cancel = reader, recogniser, saver, cancel
        self._read = ReadOptions(password=password_from(options.password_file))
        self._status = Status()
        self._taken: set[Path] = set()
        self._written = self._there = self._without = self._failed = 0

    def all_of(self, path: Path) -> None:
        """A file, or all files of a folder, in folders of the same names."""
        if not path.is_dir():
            self._one(path, path.parent)
            return
        files = sorted(file for file in path.rglob("*") if file.is_file() and _readable(file))
        if self._folder.resolve() != path.resolve():
            files = [file for file in files if not _inside(file, self._folder)]
        if not files:
            self._fail(path, "There is no PDF and no picture in this folder.")
        for file in files:
            self._one(file, path)

    def report(self) -> int:
        """Report the result for every file; returns the exit status."""
        parts = [f"{self._written:,} written"]
        parts += [f"{self._there:,} there already"] if self._there else []
        parts += [f"{self._without:,} without words on pictures"] if self._without else []
        parts += [f"{self._failed:,} failed"] if self._failed else []
        say(f"lectern: {', '.join(parts)}.")
        return 1 if self._failed else 0

    def _one(self, path: Path, root: Path) -> None:
        target = self._target(path, root)
        if target.exists() and not self._options.overwrite:
            self._there += 1
            say(f"lectern: {exists(target)}")
            return
        try:
            check_not_input(target, [path, *self._options.files])
        except OutputError as error:
            self._fail(path, str(error))
            return
        found = read_files(self._reader, [path], self._read, self._cancel, self._status, recogniser=self._recogniser)
        self._failed += len(found.failed)
        for document in found.documents:
            self._save(document, target)

    def _save(self, document: Document, target: Path) -> None:
        for page in document.pages:
            if page.recognition in ("part", "failed"):
                say(f"lectern: {document.path}, page {page.number}: {page.reason}")
        if not has_words(document):
            self._without += 1
            say(f"lectern: {document.path}: no words were read from pictures, so there is nothing to add.")
            return

        def progress(done: int, total: int) -> None:
            self._status.show(f"Saving {target.name}: page {done:,} of {total:,}")

        try:
            make_folder(target.parent)
            saved = self._saver.save(document, target, self._cancel, progress)
        except (IngestError, OutputError) as error:
            self._fail(document.path, str(error))
            return
        finally:
            self._status.clear()
        self._written += 1
        print(one_line(f"{document.path} → {target}: {_about(saved)}"), flush=True)
        if hard := document.hard_pages:
            pages = f", page{'' if len(hard) == 1 else 's'} {numbers_in_words(hard)}"
            where = pages if document.file_kind.paged else ""
            say(f"lectern: {document.path}{where}: hard to read; compare the words with the picture.")

    def _target(self, path: Path, root: Path) -> Path:
        """Where a file goes; two that differ only in their endings keep them."""
        target = self._folder / (self._name or path.relative_to(root).with_suffix(".pdf"))
        if target in self._taken:
            target = target.with_name(f"{path.name}.pdf")
        self._taken.add(target)
        return target

    def _fail(self, path: Path, why: str) -> None:
        self._failed += 1
        say(f"lectern: {path}: {why}")


def _readable(path: Path) -> bool:
    """Whether a file's name is that of a PDF or a picture."""
    from app.ingest.kinds import KINDS

    formats = [one for kind in KINDS.values() if kind.searchable for one in kind.formats]
    suffixes = {suffix for one in formats for suffix in one.suffixes}
    return path.suffix.lower() in suffixes and not path.name.startswith(".")


def _inside(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())


def _about(saved: Saved) -> str:
    words = f"words on {saved.pages:,} page{'' if saved.pages == 1 else 's'}"
    words += ", PDF/A-2b" if saved.archival else ""
    return words + ("; the original's digital signature does not hold for the copy" if saved.signed else "")
