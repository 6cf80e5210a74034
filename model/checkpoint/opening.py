"""Opens a model folder, published or quantised; a published one is quantised once while it streams in.

Nothing here runs code from a model, unpickles, or uses the network. What is wrong with a folder is said in
one sentence (``CheckpointError``, ``UnsupportedModelError``).
"""

from __future__ import annotations

import errno
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Self

import torch
from torch import Tensor

from model.cancel import Cancel
from model.checkpoint.folder_names import MANIFEST, copy_name, find_copy, repository_name
from model.checkpoint.published import PublishedFolder, TensorStream
from model.checkpoint.quantised_folder import COPIED, atomic_folder, slots, write_files
from model.checkpoint.quantised_source import QuantisedSource
from model.checkpoint.tensor_file import TensorWriter
from model.errors import CancelledError, CheckpointError
from model.family.inventory import TensorSpec
from model.formats import quantize, table
from model.formats.forms import Form, stored_bytes
from model.formats.weights import DenseSource, WeightSource
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
) -> WeightSource:
    """The weights in ``folder``, which is a published model folder or a quantised one of our own.

    A published one is quantised into ``store`` the first time and opened from there, in the format ``fmt`` (by default
    the one it was trained for); with ``quantise=False`` it is used as it is. Raises ``CheckpointError``,
    ``UnsupportedModelError`` or ``CancelledError``.
    """
    device = torch.device(device)
    try:
        if not (folder / MANIFEST).is_file():
            published = PublishedFolder(folder)
            if not quantise:
                return DenseSource(published.mapped(), device, dtype, published.maps)
            folder = quantised_form(published, store, embedding_bits, on_progress, cancel, fmt)
        source = QuantisedSource(folder, device, dtype)
        source.warm(on_progress, cancel)
        return source
    except OSError as error:
        raise CheckpointError(_sentence(error, folder)) from error


def _sentence(error: OSError, folder: Path) -> str:
    where = error.filename or folder
    if error.errno == errno.ENOSPC:
        return f"The disk of {where} is full; make room and open the model again."
    return f"{where} cannot be used ({error.strerror or error}); check the disk and the permissions."


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
    if target is None:
        published.check_head()
        target = place / copy_name(repository_name(published.folder), identity, formats[0], embedding_bits)
        _make_room(target, stored_bytes(published.specs, embedding_bits, formats[0]))
        with atomic_folder(target) as partial, published.stream() as stream:
            with _Job(stream, published.nbytes, on_progress, cancel) as job:
                write_files(partial, identity, published.specs, embedding_bits, job.write, formats[0])
            copy_companions(published.folder, partial)
    return target


def copy_companions(folder: Path, target: Path) -> None:
    """Copy what lies beside the weights: config, tokenizer, template."""
    for name in COPIED:
        if (folder / name).is_file():
            shutil.copyfile(folder / name, target / name)


def _make_room(target: Path, needed: int) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(target.parent).free
    if free < needed + _SPARE_DISK:
        raise CheckpointError(
            f"Quantising needs {(needed + _SPARE_DISK) / 1e9:.1f} GB on the disk of {target.parent}, which has "
            f"{free / 1e9:.1f} GB free; make room or choose another place."
        )


class _Job:
    """Quantises one tensor after another; never holds more than a few pieces and one tensor's scales.

    Pieces are quantised side by side, each by one thread, while the next ones are read and the last ones are
    written. All threads in one piece after another would be slower, and many times so where another program
    uses a core: OpenMP's threads wait for each other at the end of every operation.
    """

    def __init__(self, stream: TensorStream, total: int, on_progress: Report | None, cancel: Cancel | None) -> None:
        self._stream, self._total = stream, total
        self._on_progress, self._cancel = on_progress, cancel
        self._threads = torch.get_num_threads()
        self._pool = ThreadPoolExecutor(self._threads, initializer=torch.set_num_threads, initargs=(1,))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)
        torch.set_num_threads(self._threads)  # what later threads start with is one setting for the process

    def write(self, writer: TensorWriter, spec: TensorSpec, form: Form) -> None:
        """Fill the slots of ``spec``: first all numbers, then all scales."""
        if table.format_of(form) is table.BF16:
            for piece in self._pieces(spec):
                writer.write(spec.name, piece)
            return
        numbers, scales = slots(spec, form)
        kept = []
        for data, scale in self._encoded(spec, form):
            writer.write(numbers.name, data)
            kept.append(scale)
        # [K/64, N] of a matrix that came in pieces of its rows is joined along N, experts one after another.
        along = 1 if table.layout_named(form).lanes > 1 and spec.kind != "experts" else 0
        writer.write(scales.name, torch.cat(kept, along))

    def _encoded(self, spec: TensorSpec, form: Form) -> Iterator[tuple[Tensor, ...]]:
        """The quantised pieces in their order."""
        under_way: deque[Future[tuple[Tensor, ...]]] = deque()
        for piece in self._pieces(spec):
            under_way.append(self._pool.submit(_encode, piece, form))
            if len(under_way) > 2 * self._threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _pieces(self, spec: TensorSpec) -> Iterator[Tensor]:
        for piece in self._stream.pieces(spec):
            if self._cancel is not None and self._cancel.is_set():
                raise CancelledError("Quantising the model was cancelled.")
            if self._on_progress is not None:
                self._on_progress(LoadProgress("Quantising the model", self._stream.bytes_read, self._total))
            yield piece


def _encode(piece: Tensor, form: Form) -> tuple[Tensor, ...]:
    return quantize.encode(piece.view(-1, piece.shape[-1]), form)
