"""Files and folders that are read one after the other, for callers that have no event loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from app.ingest.attached import MAX_ATTACHED_DEPTH, MAX_ATTACHED_FILES, MAX_ATTACHED_TOTAL, AttachedFile
from app.ingest.limits import MIB
from app.ingest.types import Document
from app.session.collecting import NO_FILE, Listing, collect, notice_lines
from app.session.folders import names_apart
from model.errors import IngestError
from model.messages import Message, msg

TakeOut = Callable[[Document, AttachedFile], Path]
_TOO_DEEP = msg(
    "attached.too-deep",
    "It is attached to a file that is attached to another, and so on; the files in it are not read.",
)
_TOO_MANY = msg(
    "attached.too-many",
    "Only the first {files} attached files, and {size} MB of them, are read.",
    files=MAX_ATTACHED_FILES,
    size=MAX_ATTACHED_TOTAL // MIB,
)


@dataclass
class ReadFiles:
    """The result of reading files and folders: nothing that was named is missing here."""

    documents: list[Document] = field(default_factory=list)
    failed: list[tuple[Path, Message]] = field(default_factory=list)
    """Files that could not be read, each with one sentence; and folders without any that could."""
    unsupported: list[str] = field(default_factory=list)
    """Names of files in folders, and of attached files, that are of no kind that is read."""
    within: dict[Path, Path] = field(default_factory=dict)
    """Of a file that was attached to another: the path of that one."""
    folders: list[Listing] = field(default_factory=list)
    """What the folders that were named hold."""


def read_files(
    paths: Iterable[Path],
    read: Callable[[Path], Document],
    notice: Callable[[Path, str], object] = lambda path, words: None,
    done: Callable[[Document], object] = lambda document: None,
    take_out: TakeOut | None = None,
) -> ReadFiles:
    """Read what is named, whatever it is called, and in folders what can be read.

    ``read`` raises ``IngestError`` for a file that cannot be read; ``notice`` hears of each of these and of what was
    left out of a folder. With ``take_out``, attached files are read too, each behind the file that holds it. Raises
    what else ``read`` does, as ``CancelledError``.
    """
    result = ReadFiles()
    attached = _Attached(result, take_out, notice)
    waiting = [(path, 0) for path in _files(paths, result, notice)][::-1]
    names = names_apart(result.folders)
    while waiting:
        path, depth = waiting.pop()
        try:
            document = read(path)
        except IngestError as error:
            if path in result.within:
                result.unsupported.append(path.name)
            else:
                result.failed.append((path, error.message))
            notice(result.within.get(path, path), _told(path, result, error))
            continue
        if path in names:
            document = replace(document, name=names[path])
        result.documents.append(document)
        done(document)
        waiting += [(one, depth + 1) for one in attached.of(document, depth)][::-1]
    return result


def _told(path: Path, result: ReadFiles, error: IngestError) -> str:
    return str(error) if path not in result.within else f"{path.name}, which is attached to it: {error}"


class _Attached:
    """Takes attached files out, as many and as deep as the limits allow; what is left out is told."""

    def __init__(self, result: ReadFiles, take_out: TakeOut | None, notice: Callable[[Path, str], object]) -> None:
        self._result, self._take_out, self._notice = result, take_out, notice
        self._count = self._bytes = 0

    def of(self, document: Document, depth: int) -> list[Path]:
        """The files that are inside of ``document``, taken out."""
        if self._take_out is None or not document.attached:
            return []
        if depth >= MAX_ATTACHED_DEPTH:
            self._notice(document.path, str(_TOO_DEEP))
            return []
        found = []
        for file in document.attached:
            if self._count >= MAX_ATTACHED_FILES or self._bytes >= MAX_ATTACHED_TOTAL:
                self._notice(document.path, str(_TOO_MANY))
                break
            try:
                path = self._take_out(document, file)
            except IngestError as error:
                self._result.unsupported.append(file.name)
                self._notice(document.path, f"{file.name}, which is attached to it: {error}")
                continue
            self._count += 1
            self._bytes += path.stat().st_size
            self._result.within[path] = document.path
            found.append(path)
        return found


def _files(paths: Iterable[Path], result: ReadFiles, notice: Callable[[Path, str], object]) -> list[Path]:
    files: dict[Path, None] = {}
    for path in paths:
        if not path.is_dir():
            files[path] = None
            continue
        found = collect([path])
        result.folders += found.listings
        files.update(dict.fromkeys(found.files))
        result.unsupported += found.unsupported
        for line in notice_lines(found):
            notice(path, str(line))
        if not found.files:
            result.failed.append((path, NO_FILE))
    return list(files)
