"""A model folder from a stick into the user's own models folder: checked, with progress, and resumable.

Files arrive below ``NAME.partial`` and the folder gets its name when all are there and right; so what was cut off is
never taken for a model, and the next attempt continues where this one ended. No Qt, no torch.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from app import paths
from app.library import checksums
from app.library.models import look_at, model_needs, problem_of
from model.cancel import Cancel
from model.checkpoint.folder_names import actual_folder, repository_name
from model.errors import CancelledError, CheckpointError
from model.messages import Message, msg
from model.types import LoadProgress

PARTIAL = ".partial"
_SUFFIXES = (".safetensors", ".json", ".jinja", ".txt", ".model", ".md")
"""The files of a model; nothing that could run, and no pickles."""
_AGAIN = 256 << 20
"""Bytes at the end of a cut-off file that are copied again: a power failure may have left them empty."""
_RESERVE = 200_000_000
"""Bytes of disk that stay free for the rest of the system."""


def import_model(
    source: Path,
    into: Path | None = None,
    on_progress: Callable[[LoadProgress], None] = lambda progress: None,
    cancel: Cancel | None = None,
) -> Path:
    """Copy the model in ``source`` below ``into`` (default: the user's models); its new folder.

    Raises ``CheckpointError`` with one sentence, and ``CancelledError``; both leave what was copied for another try.
    """
    source = actual_folder(source)
    if problem := problem_of(source):
        raise CheckpointError(problem)
    root = into or paths.models_dir()
    target = root / repository_name(source)
    if target.exists():
        raise CheckpointError(
            msg("import.exists", "{folder} exists already; remove it first, or choose it as the model.", folder=target)
        )
    partial = root / f"{target.name}{PARTIAL}"
    names = _files(source)
    try:
        _copy_all(source, partial, names, on_progress, cancel)
        sums = checksums.read_sums(partial)
        if sums:
            checksums.check(partial, {name: sums[name] for name in sums if name in names}, on_progress, cancel)
        if problem := problem_of(partial):
            raise CheckpointError(problem)
        partial.rename(target)
    except OSError as error:
        raise CheckpointError(why_not_copied(error, root)) from error
    return target


def remove_model(folder: Path) -> int:
    """Delete a model folder of the user's own; the bytes that became free. Raises ``CheckpointError``.

    Only folders below the models folder and the quantised store go: what was chosen elsewhere is not ours to delete.
    """
    folder = folder.resolve()
    homes = [paths.models_dir().resolve(), paths.quantised_store().resolve()]
    if folder.parent not in homes:
        raise CheckpointError(
            msg(
                "import.foreign",
                "{folder} is not in Lectern's own models folder; delete it there yourself.",
                folder=folder,
            )
        )
    size = look_at(folder).bytes
    gone = folder.with_name(f"{folder.name}.removed{PARTIAL}")
    try:
        folder.rename(gone)  # at once no model any more, whatever happens while it is deleted
        shutil.rmtree(gone)
    except OSError as error:
        raise CheckpointError(
            msg("import.not-deleted", "{folder} could not be deleted ({why}).", folder=folder, why=error.strerror)
        ) from error
    return size


def _files(source: Path) -> list[str]:
    """The files of a model, small ones first; never what could run."""
    entries = [entry for entry in source.iterdir() if entry.is_file() and not entry.name.startswith(".")]
    wanted = [entry for entry in entries if entry.suffix in _SUFFIXES or entry.name in (checksums.SUMS, "LICENSE")]
    return [entry.name for entry in sorted(wanted, key=lambda entry: (entry.stat().st_size, entry.name))]


def _copy_all(
    source: Path,
    partial: Path,
    names: list[str],
    on_progress: Callable[[LoadProgress], None],
    cancel: Cancel | None,
) -> None:
    sizes = {name: (source / name).stat().st_size for name in names}
    total = sum(sizes.values())
    partial.mkdir(parents=True, exist_ok=True)
    left = check_room(partial, total)
    later = _later(source, partial)
    if later + _RESERVE > left:
        free = shutil.disk_usage(partial).free
        raise CheckpointError(
            msg(
                "import.no-room-quantised",
                "The model takes {size} GB and its quantised form {quantised} GB more, and {folder} has {free} GB "
                "free; free some space, or open the model where it is, which takes space for the quantised form "
                "only.",
                size=total / 1e9,
                quantised=later / 1e9,
                free=free / 1e9,
                folder=partial.parent,
            )
        )
    done = 0
    for name in names:
        for copied in _copy(source / name, partial / name, sizes[name]):
            on_progress(LoadProgress(msg("stage.copying", "Copying the model"), done + copied, total))
            if cancel is not None and cancel.is_set():
                raise CancelledError(
                    msg("cancelled.copying", "Copying the model was stopped; import it again to continue from here.")
                )
        done += sizes[name]


def check_room(partial: Path, total: int) -> int:
    """Bytes that will be free when ``partial`` holds ``total``. Raises ``CheckpointError`` where they are too few."""
    there = sum(entry.stat().st_size for entry in partial.iterdir() if entry.is_file())
    free = shutil.disk_usage(partial).free
    if total - there + _RESERVE > free:
        raise CheckpointError(
            msg(
                "import.no-room",
                "The model takes {size} GB, and {folder} has {free} GB free; free some space.",
                size=total / 1e9,
                free=free / 1e9,
                folder=partial.parent,
            )
        )
    return free - max(0, total - there)


def _later(source: Path, partial: Path) -> int:
    """Bytes that quantising the copy will take on the same disk."""
    store = paths.quantised_store()
    existing = next(path for path in (store, *store.parents) if path.exists())
    return model_needs(source).disk if existing.stat().st_dev == partial.stat().st_dev else 0


def _copy(source: Path, target: Path, size: int) -> Iterator[int]:
    """Copy what is still missing of one file; how many bytes of it are there, again and again."""
    there = _there(source, target, size)
    if there == size and target.exists():
        yield there
        return
    with source.open("rb", buffering=0) as file, target.open("r+b" if there else "wb", buffering=0) as copy:
        file.seek(there)
        copy.seek(there)
        buffer = memoryview(bytearray(checksums.BLOCK))
        while count := file.readinto(buffer):
            copy.write(buffer[:count])
            there += count
            yield there
        copy.truncate()
        os.fsync(copy.fileno())
    if there != size:
        raise OSError(errno.EIO, "the file changed while it was copied")
    yield there


def _there(source: Path, target: Path, size: int) -> int:
    """Bytes of an earlier attempt that can be kept."""
    if not target.exists() or source.stat().st_mtime > target.stat().st_mtime:
        return 0
    there = target.stat().st_size
    return there if there == size else max(0, there - _AGAIN) if there < size else 0


def why_not_copied(error: OSError, root: Path) -> Message:
    """One sentence on what kept a model from being written below ``root``."""
    if error.errno == errno.ENOSPC:
        return msg(
            "import.disk-full",
            "The disk that holds {folder} is full; free some space and import again to continue.",
            folder=root,
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return msg(
            "import.not-writable",
            "{folder} cannot be written to ({why}); choose another folder.",
            folder=root,
            why=error.strerror,
        )
    return msg(
        "import.failed",
        "The model could not be copied ({why}); check the USB drive and import again to continue.",
        why=error.strerror,
    )
