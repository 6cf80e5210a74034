"""From what a person drops to the files that can be read. No Qt, no parser: only names and folders."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from app.i18n import number, tr, tr_n

READABLE: dict[str, frozenset[str]] = {
    "pdf": frozenset({".pdf"}),
    "image": frozenset({".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".heif"}),
    "video": frozenset({".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi"}),
}
SUFFIXES = frozenset().union(*READABLE.values())
MAX_FILES = 200
MAX_SEEN = 20_000
MAX_DEPTH = 8


@dataclass(frozen=True)
class Collected:
    """What a drop comes to. ``truncated``: there were too many; ``too_deep``: so many folders were not looked into."""

    files: tuple[Path, ...]
    unsupported: tuple[str, ...]
    truncated: bool
    too_deep: int = 0


def collect(paths: Iterable[Path]) -> Collected:
    """Files as they are, folders walked in order of name; a file of another kind is named, not dropped."""
    files: dict[Path, None] = {}
    unsupported: list[str] = []
    deep: list[Path] = []
    for seen, path in enumerate(_walk_all(paths, deep)):
        if seen >= MAX_SEEN or len(files) >= MAX_FILES:
            return Collected(tuple(files), tuple(unsupported), True, len(deep))
        if path.suffix.lower() in SUFFIXES:
            files[path] = None
        else:
            unsupported.append(path.name)
    return Collected(tuple(files), tuple(unsupported), False, len(deep))


def _walk_all(paths: Iterable[Path], deep: list[Path]) -> Iterator[Path]:
    for path in paths:
        try:
            resolved = path.resolve()
            is_folder = resolved.is_dir()
        except OSError:
            resolved, is_folder = path, False
        if is_folder:
            yield from _walk(resolved, 0, deep)
        else:
            yield resolved


def _walk(folder: Path, depth: int, deep: list[Path]) -> Iterator[Path]:
    """Everything below a folder but hidden entries and symbolic links, which may lead anywhere.

    Folders that lie too deep are put into ``deep``.
    """
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name.casefold())
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.is_symlink():
            continue
        if entry.is_dir():
            if depth < MAX_DEPTH:
                yield from _walk(entry, depth + 1, deep)
            else:
                deep.append(entry)
        else:
            yield entry


def notice_lines(collected: Collected) -> list[str]:
    """What has to be said about a drop: nothing is left out silently."""
    lines = []
    names = collected.unsupported
    if names:
        shown = ", ".join(names[:4])
        if len(names) > 4:
            shown = tr("{names} and {number} more", names=shown, number=number(len(names) - 4))
        lines.append(tr("Not added: {names}. Lectern reads PDF, pictures and video.", names=shown))
    if collected.truncated:
        lines.append(
            tr_n(
                "Only the first file was added; add the others in smaller parts.",
                "Only the first {n} files were added; add the others in smaller parts.",
                len(collected.files),
            )
        )
    if collected.too_deep:
        lines.append(
            tr_n(
                "One folder lies more than {most} folders deep and was left out; add it by itself.",
                "{n} folders lie more than {most} folders deep and were left out; add them by themselves.",
                collected.too_deep,
                most=MAX_DEPTH,
            )
        )
    if not lines and not collected.files:
        lines.append(tr("There is no file in this folder that Lectern could read."))
    return lines


class Spool:
    """A private folder for pasted screenshots and cut-out regions; each lives as long as a conversation has it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def new_path(self, now: float | None = None) -> Path:
        """A name that is free, in a folder that only this user may read."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        stem = time.strftime("Screenshot %Y-%m-%d %H.%M.%S", time.localtime(now))
        number = 1
        while (path := self.folder / f"{stem}{'' if number == 1 else f' ({number})'}.png").exists():
            number += 1
        return path

    def remove(self, path: Path) -> None:
        """Delete a pasted picture that is no longer attached; never anything outside the spool."""
        if path.parent == self.folder:
            path.unlink(missing_ok=True)
