"""Files and folders that are read one after the other, for callers that have no event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from app.ingest.types import Document
from app.session.collecting import collect, notice_lines
from model.errors import IngestError
from model.messages import Message, msg

NO_FILE = msg("folder.no-file", "This folder has no files that Lectern can read.")


@dataclass
class ReadFiles:
    """The result of reading files and folders: nothing that was named is missing here."""

    documents: list[Document] = field(default_factory=list)
    failed: list[tuple[Path, Message]] = field(default_factory=list)
    """Files that could not be read, each with one sentence; and folders without any that could."""
    unsupported: list[str] = field(default_factory=list)
    """Names of files in folders that are of no kind that is read."""


def read_files(
    paths: Iterable[Path],
    read: Callable[[Path], Document],
    notice: Callable[[Path, str], object] = lambda path, words: None,
    done: Callable[[Document], object] = lambda document: None,
) -> ReadFiles:
    """Read what is named, whatever it is called, and in folders what can be read.

    ``read`` raises ``IngestError`` for a file that cannot be read; ``notice`` hears of each of these and of what was
    left out of a folder. Raises what else ``read`` does, as ``CancelledError``.
    """
    result = ReadFiles()
    for path in _files(paths, result, notice):
        try:
            document = read(path)
        except IngestError as error:
            result.failed.append((path, error.message))
            notice(path, str(error))
            continue
        result.documents.append(document)
        done(document)
    return result


def _files(paths: Iterable[Path], result: ReadFiles, notice: Callable[[Path, str], object]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            files[path] = None
            continue
        found = collect([path])
        files.update(dict.fromkeys(found.files))
        result.unsupported += found.unsupported
        for line in notice_lines(found):
            notice(path, line)
        if not found.files:
            result.failed.append((path, NO_FILE))
    return list(files)
