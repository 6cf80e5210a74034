"""Opens a model folder, published or quantised; a published one is quantised once while it streams in.

Nothing here runs code from a model, unpickles, or uses the network. The fault of a folder is reported in
one sentence (``CheckpointError``, ``UnsupportedModelError``).
"""

from __future__ import annotations

import errno
import shutil
from collections.abc import Callable
from pathlib import Path

import torch

from model.cancel import Cancel
from model.checkpoint.folder_names import MANIFEST, copy_name, find_copy, repository_name
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import COPIED, atomic_folder, read_manifest, write_files
from model.checkpoint.quantised_source import QuantisedSource
from model.checkpoint.quantising import Job
from model.errors import CheckpointError
from model.formats.forms import bytes_of
from model.formats.weights import DenseSource, WeightSource
from model.messages import Message, msg
from model.types import LoadProgress

Report = Callable[[LoadProgress], None]
_SPARE_DISK = 256 << 20
STORE = "lectern-quantised"
"""Where quantised forms go when no place is given: a folder inside the published one."""


def open_checkpoint(
    folder: Path,
    *,
    device: torch.device | str,
    dtype: torch.dtype,
    store: Path | None = None,
    quantise: bool = True,
    embedding_bits: int = 8,
    fmt: str | None = None,
    on_progress: Report | None = None,
    cancel: Cancel | None = None,
    streams: bool | None = None,
) -> WeightSource:
    """The weights in ``folder``, which is a published model folder or one that Lectern has quantised.

    A published one is quantised into ``store`` the first time and opened from there, in the format ``fmt`` (by default
    the one it was trained for); with ``quantise=False`` it is used as it is. ``streams``: whether a mixture's experts
    stay on the disk until they are chosen, by default where the model is larger than free memory. Raises
    ``CheckpointError``, ``UnsupportedModelError`` or ``CancelledError``.
    """
    device = torch.device(device)
    try:
        if not (folder / MANIFEST).is_file():
            published = PublishedFolder(folder)
            if not quantise:
                return DenseSource(published.mapped(), device, dtype, published.maps)
            folder = quantised_form(published, store, embedding_bits, on_progress, cancel, fmt)
        source = QuantisedSource(folder, device, dtype, streams)
        source.warm(on_progress, cancel)
        return source
    except OSError as error:
        raise CheckpointError(_reason(error, folder)) from error


def _reason(error: OSError, folder: Path) -> Message:
    where = error.filename or folder
    if error.errno == errno.ENOSPC:
        return msg(
            "disk.full", "The disk that holds {path} is full; free some space and open the model again.", path=where
        )
    return msg(
        "disk.unusable",
        "{path} cannot be used ({why}); check the disk and the permissions.",
        path=where,
        why=error.strerror or error,
    )


def quantised_form(
    published: PublishedFolder,
    store: Path | None = None,
    embedding_bits: int = 8,
    on_progress: Report | None = None,
    cancel: Cancel | None = None,
    fmt: str | None = None,
) -> Path:
    """The quantised folder of a published model, made now if it is not there yet.

    Without a format that is asked for, one that is there already will do.
    """
    identity = published.identity()
    formats = (fmt,) if fmt else published.formats()
    place = store or published.folder / STORE
    target = find_copy(place, identity, formats, embedding_bits)
    if target is not None and not published.specs.keys() <= read_manifest(target).forms.keys():
        shutil.rmtree(target)  # by a version that did without some of the model
        target = None
    if target is None:
        published.check_head()
        target = place / copy_name(repository_name(published.folder), identity, formats[0], embedding_bits)
        forms = published.forms(embedding_bits, formats[0])
        _make_room(target, bytes_of(published.specs, forms))
        with atomic_folder(target) as partial, published.stream() as stream:
            with Job(stream, published.nbytes, on_progress, cancel) as job:
                write_files(partial, identity, published.specs, forms, job.write)
            copy_companions(published.folder, partial)
    return target


def copy_companions(folder: Path, target: Path) -> None:
    """Copy the files beside the weights: config, tokenizer, template."""
    for name in COPIED:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)


def _make_room(target: Path, needed: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < needed + _SPARE_DISK:
        raise CheckpointError(
            msg(
                "quantise.no-room",
                "Quantising needs {needed} GB on the disk of {folder}, which has {free} GB free; free some space or "
                "choose another folder.",
                needed=(needed + _SPARE_DISK) / 1e9,
                folder=target.parent,
                free=free / 1e9,
            )
        )
