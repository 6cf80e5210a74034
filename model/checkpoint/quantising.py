"""Turns a stream of a model's tensors into the files of a quantised folder, several pieces at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, Self

import torch
from torch import Tensor

from model.cancel import Cancel
from model.checkpoint.quantised_folder import slots
from model.checkpoint.tensor_file import TensorWriter
from model.errors import CancelledError
from model.family.inventory import TensorSpec
from model.formats import quantize, table
from model.formats.forms import Form
from model.messages import Message, msg
from model.types import LoadProgress

QUANTISING = msg("stage.quantising", "Quantising the model")


class Piece(Protocol):
    """Some rows of a tensor, in whatever form they were read."""

    def dense(self) -> Tensor:
        """The numbers in bf16, in the piece's shape."""

    def encoded(self, form: Form) -> tuple[Tensor, ...]:
        """The tensors that ``form`` stores for them. Called on any thread."""


class PieceStream(Protocol):
    """Reads a model's tensors piece by piece along their first axis."""

    @property
    def bytes_read(self) -> int:
        """Bytes read so far, for progress."""

    def pieces(self, spec: TensorSpec) -> Iterator[Piece]:
        """Experts one by one, matrices by multiples of 32 rows."""


@dataclass(frozen=True, slots=True)
class PlainPiece:
    """Plain numbers in bf16."""

    numbers: Tensor

    def dense(self) -> Tensor:
        """The numbers, unchanged."""
        return self.numbers

    def encoded(self, form: Form) -> tuple[Tensor, ...]:
        """The numbers quantised to ``form``: data, and scales where it has them."""
        return quantize.encode(self.numbers.view(-1, self.numbers.shape[-1]), form)


class Job:
    """Quantises one tensor after another; never holds more than a few pieces and one tensor's scales.

    Pieces are quantised side by side, each by one thread, while the next ones are read and the last ones are
    written. All threads in one piece after another would be slower, and many times so where another program
    uses a core: OpenMP's threads wait for each other at the end of every operation.
    """

    def __init__(
        self,
        stream: PieceStream,
        total: int,
        on_progress: Callable[[LoadProgress], None] | None,
        cancel: Cancel | None,
        stage: Message = QUANTISING,
    ) -> None:
        self._stream, self._total, self._stage = stream, total, stage
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
                writer.write(spec.name, piece.dense())
            return
        numbers, scales = slots(spec, form)
        # One tensor for all of them from the start. Kept one by one, each small one would lie between the large buffers
        # that are freed around it, and the heap would grow by nearly all of these: 2.1 GiB for the 26B's embedding.
        kept = torch.empty(scales.shape, dtype=scales.dtype)
        places = kept.flatten(0, -2) if spec.kind == "experts" else kept
        # [K/64, N] of a matrix that came in pieces of its rows is joined along N, experts one after another.
        along = 1 if table.layout_named(form).lanes > 1 and spec.kind != "experts" else 0
        done = 0
        for data, scale in self._encoded(spec, form):
            writer.write(numbers.name, data)
            places.narrow(along, done, scale.shape[along]).copy_(scale)
            done += scale.shape[along]
        assert done == places.shape[along], f"{scales.name} is shorter than its slot"
        writer.write(scales.name, kept)

    def _encoded(self, spec: TensorSpec, form: Form) -> Iterator[tuple[Tensor, ...]]:
        """The quantised pieces in their order."""
        under_way: deque[Future[tuple[Tensor, ...]]] = deque()
        for piece in self._pieces(spec):
            under_way.append(self._pool.submit(piece.encoded, form))
            if len(under_way) > 2 * self._threads:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _pieces(self, spec: TensorSpec) -> Iterator[Piece]:
        for piece in self._stream.pieces(spec):
            if self._cancel is not None and self._cancel.is_set():
                raise CancelledError(msg("cancelled.model-work", "The work on the model was stopped."))
            if self._on_progress is not None:
                self._on_progress(LoadProgress(self._stage, self._stream.bytes_read, self._total))
            yield piece
