"""Files on their way into a conversation: what was dropped, pasted or cut out, listed a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QImage

from app.chat.evidence.places import Place
from app.engine.threads.background import Background
from app.i18n import tr, translated
from app.ingest.types import ReadOptions
from app.session.collecting import Collected, Spool, collect, notice_lines, resolve

ADD_AT_ONCE = 8


@dataclass(frozen=True)
class Coming:
    """A file that is about to be listed."""

    path: Path
    spooled: bool = False
    options: ReadOptions = field(default_factory=ReadOptions)
    label: str = ""
    origin: Place | None = None
    quiet: bool = False
    """No notice where it is attached already: the user did not choose it by hand."""
    folder: int | None = None
    """The key of the folder that it comes with."""


class Arrivals(QObject):
    """Belongs to the open conversation: ``clear`` drops what was on its way into an earlier one."""

    notice = Signal(str)
    coming = Signal()
    """The user has chosen more files."""
    advanced = Signal()
    """Some have been listed, or there were none."""

    def __init__(
        self,
        background: Background,
        spool: Spool,
        take: Callable[[Coming], None],
        add_folder: Callable[[Path], object],
    ) -> None:
        """``take`` lists one file, ``add_folder`` a folder."""
        super().__init__()
        self.pictures: set[Path] = set()
        """Files of the application's own that have been attached."""
        self._background, self._spool, self._take, self._add_folder = background, spool, take, add_folder
        self._waiting: list[Coming] = []
        self._collecting = 0
        self._set = 0
        self._adder = QTimer(self, singleShot=True, interval=0)
        self._adder.timeout.connect(self._add_some)

    @property
    def count(self) -> int:
        """How many files are still to be listed; a drop whose files are not known yet counts as one."""
        return len(self._waiting) + self._collecting

    def add_paths(self, paths: Iterable[Path], *, quiet: bool = False) -> None:
        """Files and folders that the user dropped or chose."""
        self._collect(partial(_sorted_out, tuple(paths)), partial(self._on_collected, quiet), self._not_listed)

    def add_image(self, image: QImage) -> None:
        """A picture from the clipboard."""
        self._collect(partial(_save, image, self._spool), self._on_saved, self._not_saved)

    def add(self, files: Iterable[Coming]) -> None:
        """Files that are known to exist; the first few are listed at once."""
        files = list(files)
        self.pictures.update(one.path for one in files if one.spooled)
        self._waiting += files
        self._add_some()

    def drop_folder(self, key: int) -> None:
        """A folder was removed while its files were still to be listed."""
        self._waiting = [one for one in self._waiting if one.folder != key]

    def clear(self) -> None:
        """Another conversation is opened."""
        self._set += 1
        self._waiting.clear()
        self._collecting = 0

    def close(self) -> None:
        """The window closes."""
        self._adder.stop()

    def _collect(self, work: Callable[[], object], done: Callable[..., None], failed: Callable[..., None]) -> None:
        self.coming.emit()
        self._collecting += 1
        self._background.run(work, partial(self._ended, self._set, done), partial(self._ended, self._set, failed))

    def _ended(self, set: int, then: Callable[[object], None], result: object) -> None:
        """The only result kept for an earlier conversation is a picture, so that it is deleted in the end."""
        if isinstance(result, Path):
            self.pictures.add(result)
        if set == self._set:
            self._collecting -= 1
            then(result)

    def _on_collected(self, quiet: bool, found: tuple[Collected, tuple[Path, ...]]) -> None:
        result, folders = found
        for folder in folders:
            self._add_folder(folder)
        if lines := notice_lines(result):
            self.notice.emit("\n".join(map(translated, lines)))
        self.add(Coming(path, quiet=quiet) for path in result.files)

    def _not_listed(self, error: Exception) -> None:
        self.notice.emit(tr("The files could not be listed: {reason}", reason=error))
        self._add_some()

    def _on_saved(self, path: Path) -> None:
        self.add([Coming(path, True)])

    def _not_saved(self, error: Exception) -> None:
        self.notice.emit(tr("The pasted picture could not be saved: {reason}", reason=error))
        self._add_some()

    def _add_some(self) -> None:
        """A few rows at a time: a thousand files must not stop the event loop."""
        some = self._waiting[:ADD_AT_ONCE]
        del self._waiting[:ADD_AT_ONCE]
        for one in some:
            self._take(one)
        if self._waiting:
            self._adder.start()
        self.advanced.emit()


def _sorted_out(paths: Sequence[Path]) -> tuple[Collected, tuple[Path, ...]]:
    """The files among what was dropped, and the folders."""
    found = [(path, *resolve(path)) for path in paths]
    folders = dict.fromkeys(resolved for _, resolved, is_folder in found if is_folder)
    return collect(path for path, _, is_folder in found if not is_folder), tuple(folders)


def _save(image: QImage, spool: Spool) -> Path:
    path = spool.new_path()
    if not image.save(str(path)):
        raise OSError(f"{path.parent} cannot be written to.")
    return path
