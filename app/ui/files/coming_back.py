"""Files that come back: with the conversation that had them, or because a removal is taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from app.engine.threads.background import Background
from app.ingest.types import Document
from app.library.store.records import FileRow
from app.session.folders import FOLDER
from app.session.items import Item, Items, ItemState
from app.session.recording import options_of, origin_of, restore_folder
from app.session.restoring import signatures
from app.session.walking import Signature
from app.ui.files.folder_items import Folders
from app.ui.files.noticing import Noticing


@dataclass(frozen=True)
class Removed:
    """Files and folders that were taken out, with the position of the first one, and in which conversation."""

    rows: tuple[FileRow, ...]
    position: int
    set: int

    @property
    def files(self) -> int:
        """How many files these are."""
        return sum(row.kind != FOLDER for row in self.rows)


class ComingBack:
    """Lists them, checks whether they exist, and begins with each: to be read, read before, or gone."""

    def __init__(
        self,
        items: Items,
        folders: Folders,
        noticing: Noticing,
        background: Background,
        added: Callable[[int], object],
        begin: Callable[[Item, bool, Document | None], None],
    ) -> None:
        """``begin`` is called with each item: whether its file is there, and what was read of it before."""
        self._items, self._folders, self._noticing, self._background = items, folders, noticing, background
        self._added, self._begin = added, begin

    def restore(self, rows: Sequence[FileRow], position: int | None = None) -> None:
        """List files and folders, at their end or from ``position`` on."""
        found: list[Item] = []
        for row in rows:
            if row.kind == FOLDER:
                self._restore_folder(row, rows)
                continue
            item = self._items.add(Path(row.path), row.spooled)
            if item is None:
                continue
            if position is not None:
                self._items.move(item.key, position + len(found))
            item.options, item.max_pages, item.expected, item.kind = (
                options_of(row),
                row.max_pages,
                row.content_hash,
                row.kind,
            )
            item.label, item.origin = row.name if row.name != item.path.name else "", origin_of(row)
            home = self._items.folder_at(Path(row.folder)) if row.folder else None
            if home is not None:
                item.folder = home.key
                home.aside.pop(item.path, None)
            found.append(item)
            self._added(item.key)
        looked = partial(self._on_looked, [item.key for item in found])
        self._background.run(partial(signatures, [item.path for item in found]), looked, lambda _: looked(None))

    def _restore_folder(self, row: FileRow, rows: Sequence[FileRow]) -> None:
        folder = self._items.add_folder(Path(row.path))
        if folder is not None:
            restore_folder(folder, row, rows)
            self._folders.added.emit(folder.key)
            self._folders.look(folder)

    def _on_looked(self, keys: Sequence[int], found: dict[Path, Signature | None] | None) -> None:
        """Which of the files are still there, and which of them need not be read again; with ``None`` all are read."""
        for item in filter(None, map(self._items.get, keys)):
            now = found.get(item.path) if found is not None else (0, 0, 0)
            if item.state is ItemState.READING and item.job is None:
                known = self._noticing.read_before(item, now) if now is not None else None
                self._begin(item, now is not None, known)
