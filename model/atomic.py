"""Files that appear whole or not at all, whatever happens meanwhile: a crash, a full disk, a second process.

The contents are written to a file beside the target, flushed to the disk, and renamed to the target in one step.
For single files of any size that nothing reads before they are complete. Three things are different and stay where
they are: a *folder* that appears at once (``model.checkpoint.quantised_folder.atomic_folder``), a copy that continues
where it was cut off (``app.library.importing``), and files that grow by lines (``app.chat.extract.store``).

Neither torch nor Qt: the engine and the application use it alike, on any thread.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

SUFFIX = ".tmp"
"""Of the names beside the target; what a killed process left behind ends so."""

_MOST_NAME = 40
"""Characters of the target's name that its temporary name repeats: names of 255 bytes are as long as one may be."""

_NO_FLUSH = {errno.EINVAL, errno.ENOTSUP, errno.EACCES, errno.EPERM}
"""Errors of file systems that cannot flush folders, and of folders that may be written to but not read."""


@contextlib.contextmanager
def replacing(path: Path, *, durable: bool = True) -> Iterator[Path]:
    """A name to write to, in the same folder; its file takes ``path``'s place when the block ends without an error.

    Where the block or the disk fails, ``path`` is as it was before and nothing is left beside it. ``durable``: it is
    on the disk before it gets its name. A symbolic link stays one, and its target is replaced; what is neither a file
    nor a folder (a pipe, ``/dev/null``) is written to directly. Raises ``OSError``, and whatever the block raises.
    """
    path = Path(os.path.realpath(path))
    if path.exists() and not path.is_file() and not path.is_dir():
        yield path
        return
    temporary = path.with_name(f".{path.name[:_MOST_NAME]}.{os.getpid()}-{threading.get_ident()}{SUFFIX}")
    try:
        yield temporary
        with contextlib.suppress(OSError):
            shutil.copymode(path, temporary)  # a file that only its owner may read stays one
        if durable:
            with temporary.open("rb+") as file:  # Windows flushes only what may be written to
                os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def write(path: Path, content: bytes | str, *, durable: bool = True) -> None:
    """Write a file of which all content is there; text becomes UTF-8, its line ends stay. Raises ``OSError``."""
    with replacing(path, durable=durable) as temporary:
        temporary.write_bytes(content.encode() if isinstance(content, str) else content)


def flush_folder(folder: Path) -> None:
    """Make renames and deletions in ``folder`` durable, where the system has that notion. Raises ``OSError``."""
    if os.name != "posix":
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _NO_FLUSH:
            raise
