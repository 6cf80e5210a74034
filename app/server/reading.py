"""What programs send becomes ``Document``s, by the confined child processes, and stays for the next question.

Pictures of a document are files; they belong to its ``Parsed``, and are deleted with the last holder of that.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
import weakref
from collections import OrderedDict
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from app.ingest.ocr.recogniser import Recogniser
from app.ingest.process.spool import SpoolFolder
from app.ingest.read.reader import Reader
from app.ingest.types import Document, Page, ReadOptions
from app.server.errors import ApiError, of_error
from app.server.uploads import Upload
from model.errors import CancelledError, LecternError
from model.types import Picture, Sound

READERS = 2
MOST_KEPT = 64
"""Documents that stay parsed, those used last."""
_T = TypeVar("_T")


class Parsed:
    """A document with the pictures that are its own."""

    def __init__(self, document: Document, pictures: list[Path]) -> None:
        self.document = document
        weakref.finalize(self, _delete, pictures)


Key = tuple[str, str, ReadOptions, bool]


class Documents:
    """Reads, and keeps what was read last. For the server's loop; the work is done on threads of its own."""

    def __init__(self) -> None:
        self._readers = [Reader() for _ in range(READERS)]
        self._free = list(self._readers)
        self._recogniser = Recogniser()
        self._recognising = threading.Lock()
        self._pool = ThreadPoolExecutor(READERS, "ThreadPoolExecutor-api")
        self._kept: OrderedDict[Key, Parsed] = OrderedDict()
        self._coming: dict[Key, asyncio.Future[Parsed]] = {}
        self._folder: SpoolFolder | None = None
        self._count = 0
        self.stop = threading.Event()

    async def run(self, work: Callable[[], _T]) -> _T:
        """Do something that takes a moment on one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    async def read(
        self, upload: Upload, options: ReadOptions | None = None, *, recognise: bool = True, param: str | None = None
    ) -> Parsed:
        """The document in a file that was sent. Raises ``ApiError``.

        ``recognise``: whether the words on pictures are read too. Who waits for the same file gets the same document.
        """
        key = (upload.sha256, upload.name, options or ReadOptions(), recognise)
        if (known := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return known
        coming = self._coming.get(key)
        if coming is None:
            task = asyncio.ensure_future(self.run(lambda: self._parse(Path(upload.path), key)))
            self._coming[key] = coming = task
            task.add_done_callback(lambda done: self._arrived(key, done))
        try:
            return await asyncio.shield(coming)
        except CancelledError:
            raise ApiError(503, "Lectern is closing.", "closing") from None
        except LecternError as error:
            raise of_error(error, param=param) from None

    async def read_bytes(
        self, data: bytes, name: str, options: ReadOptions, *, recognise: bool, param: str | None
    ) -> Parsed:
        """The document in bytes that came inside a request. Raises ``ApiError``."""
        digest = hashlib.sha256(data).hexdigest()
        path = self._place().path / f"inline-{self._number()}{Path(name).suffix[:10]}"
        try:
            await self.run(lambda: path.write_bytes(data))
            upload = Upload("", name, len(data), 0, "inline", digest, str(path))
            return await self.read(upload, options, recognise=recognise, param=param)
        except OSError as error:
            raise ApiError(507, f"The file could not be stored ({error.strerror or error}).", "disk.full") from error
        finally:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def parsed(self) -> set[str]:
        """The hashes of the files that are kept parsed."""
        return {key[0] for key in self._kept}

    def drop(self, sha256: str) -> None:
        """Keep nothing that was read of a file."""
        for key in [key for key in self._kept if key[0] == sha256]:
            del self._kept[key]

    def close(self) -> None:
        """End the processes and remove the pictures."""
        self.stop.set()
        for reader in self._readers:
            reader.close()
        self._recogniser.close()
        self._pool.shutdown(cancel_futures=True)
        self._kept.clear()
        if self._folder is not None:
            self._folder.remove()

    def _arrived(self, key: Key, done: asyncio.Future[Parsed]) -> None:
        self._coming.pop(key, None)
        if not done.cancelled() and done.exception() is None:
            self._kept[key] = done.result()
            while len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)

    def _place(self) -> SpoolFolder:
        if self._folder is None:
            try:
                self._folder = SpoolFolder.made()
            except LecternError as error:
                raise of_error(error) from None
        return self._folder

    def _number(self) -> int:
        self._count += 1
        return self._count

    # On the threads

    def _parse(self, path: Path, key: Key) -> Parsed:
        _, name, options, recognise = key
        reader = self._free.pop()  # as many threads as readers
        try:
            document = reader.read(path, options, cancel=self.stop)
            if recognise:
                with self._recognising:
                    document = self._recogniser.recognise(document, options, cancel=self.stop)
            moved: dict[Path, Path] = {}
            number = id(document)
            pages = tuple(self._own(page, moved, number) for page in document.pages)
            frames = tuple(replace(one, picture=self._moved(one.picture, moved, number)) for one in document.frames)
            sound = tuple(self._heard(piece, moved, number) for piece in document.sound)
        finally:
            self._free.append(reader)
        document = replace(document, name=name, pages=pages, frames=frames, sound=sound)
        return Parsed(document, list(moved.values()))

    def _own(self, page: Page, moved: dict[Path, Path], number: int) -> Page:
        return page if page.picture is None else replace(page, picture=self._moved(page.picture, moved, number))

    def _moved(self, picture: Picture, moved: dict[Path, Path], number: int) -> Picture:
        return replace(picture, pixels=self._away(picture.pixels, moved, number))

    def _heard(self, piece: Sound, moved: dict[Path, Path], number: int) -> Sound:
        return replace(piece, samples=self._away(piece.samples, moved, number))

    def _away(self, content: bytes | Path, moved: dict[Path, Path], number: int) -> bytes | Path:
        """The file leaves the reader's folder, where another document's may have the same name."""
        if not isinstance(content, Path):
            return content
        if content not in moved:
            with _NUMBERS:
                self._count += 1
                place = self._place().path / f"{self._count}-{number:x}{content.suffix}"
            content.rename(place)
            moved[content] = place
        return moved[content]


_NUMBERS = threading.Lock()


def _delete(pictures: Iterable[Path]) -> None:
    for path in pictures:
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
