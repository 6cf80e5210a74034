"""A model folder as it is published: config.json and one or several safetensors files, checked before use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import Tensor

from model.checkpoint.inspection import inspect, natural_format, untied
from model.checkpoint.located import Located, same_bytes
from model.checkpoint.packed.reading import PackedPiece, read_rows
from model.checkpoint.quantised_folder import form_here
from model.checkpoint.quantising import Piece, PlainPiece
from model.checkpoint.tensor_file import DTYPES, MappedFile, TensorReader
from model.errors import UnsupportedModelError
from model.family.config import ModelConfig
from model.family.inventory import EMBEDDING, TensorSpec
from model.formats.forms import Form

_PIECE = 4 << 20
"""Numbers that are read and quantised at a time: about one expert, and they stay in the processor's cache."""


class PublishedFolder:
    """The checked list of a folder's tensors, and a stream of their contents."""

    def __init__(self, folder: Path) -> None:
        self._found = inspect(folder)
        self.folder = self._found.folder
        self.config: ModelConfig = self._found.config
        self.specs = self._found.specs
        self.files = self._found.files
        self.maps: tuple[MappedFile, ...] = ()
        """The files, once ``mapped`` has been called."""

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors that the model uses."""
        return sum(tensor.nbytes for tensor in self._found.tensors.values())

    def trained_for_int4(self) -> bool:
        """Whether it was trained for llama.cpp's ``Q4_0``: its name tells so, or its numbers are on that grid."""
        return self._found.trained_for_int4()

    def formats(self) -> tuple[str, ...]:
        """The 4-bit numbers that suit it, those that suit it best first."""
        return self._found.formats()

    def forms(self, embedding_bits: int, fmt: str) -> dict[str, Form]:
        """How to store each tensor in ``fmt``; quantised ones keep their numbers where it is the model's own."""
        own = {name: natural_format(tensor) for name, tensor in self._found.tensors.items()}
        matrices = ("linear", "experts") if fmt == self.formats()[0] else ()
        return {
            name: form_here(spec, embedding_bits, (spec.kind in matrices and own[name]) or fmt)
            for name, spec in self.specs.items()
        }

    def check_head(self) -> None:
        """Compare an LM head with the embedding to the last byte. Raises ``UnsupportedModelError``.

        ``inspect`` has looked at some of it. This reads both, a piece at a time: for when they are read anyway.
        """
        head, embedding = self._found.head, self._found.tensors[EMBEDDING]
        if head is not None and not same_bytes(head, embedding, -(-head.nbytes // _PIECE), _PIECE):
            raise UnsupportedModelError(untied(self.folder))

    def identity(self) -> str:
        """A key that differs between models: from the config, and each file's name, size, header and ends."""
        return self._found.identity()

    def mapped(self) -> Mapping[str, Tensor]:
        """All tensors as views on the files; those stored in several pieces are copied."""
        self.check_head()
        maps = {path: MappedFile(path) for path in self.files}
        self.maps = tuple(maps.values())
        packed = {name: self._widened(spec) for name, spec in self.specs.items() if self._found.tensors[name].packed}
        plain = (name for name in self.specs if name not in packed)
        return packed | {name: _mapped(maps, self._found.tensors[name], self.specs[name].shape) for name in plain}

    def _widened(self, spec: TensorSpec) -> Tensor:
        with self.stream() as stream:
            return torch.cat([piece.dense() for piece in stream.pieces(spec)]).view(spec.shape)

    def stream(self) -> TensorStream:
        """A reader of the tensors, piece by piece."""
        return TensorStream(self._found.tensors)


def _mapped(maps: Mapping[Path, MappedFile], tensor: Located, shape: tuple[int, ...]) -> Tensor:
    dtype = DTYPES[tensor.dtype]
    pieces = [maps[extent.path].numbers(extent.start, extent.stop, dtype) for extent in tensor.extents]
    return _in_order((pieces[0] if len(pieces) == 1 else torch.cat(pieces)), tensor, shape)


def _in_order(numbers: Tensor, tensor: Located, shape: tuple[int, ...]) -> Tensor:
    """The numbers of a whole tensor in its shape."""
    if not tensor.channels_last:
        return numbers.view(shape)
    out, channels, rows, columns = shape
    return numbers.view(out, rows, columns, channels).permute(0, 3, 1, 2).contiguous()


class TensorStream:
    """Reads tensors in bf16, piece by piece along their first axis."""

    def __init__(self, tensors: Mapping[str, Located]) -> None:
        self._tensors = tensors
        paths = {extent.path for tensor in tensors.values() for extent in tensor.extents}
        matrices = (rows.span for tensor in tensors.values() for rows in tensor.packed)
        paths |= {path for span in matrices for path, _ in span.parts.values()}
        self._readers = {path: TensorReader(path) for path in paths}
        self.bytes_read = 0

    def pieces(self, spec: TensorSpec) -> Iterator[Piece]:
        """Experts one by one; matrices by multiples of 32 rows; everything else whole."""
        tensor = self._tensors[spec.name]
        for start, stop in cuts(spec):
            if tensor.packed:
                yield self._packed(tensor, spec.shape, start, stop)
                continue
            piece = self._read(tensor, spec.shape, start, stop)
            self.bytes_read += piece.nbytes
            yield PlainPiece(piece.to(torch.bfloat16))

    def _packed(self, tensor: Located, shape: tuple[int, ...], start: int, stop: int) -> PackedPiece:
        height = prod(shape[1:-1])
        places = list(tensor.packed_rows(start * height, stop * height))
        self.bytes_read += sum(rows.nbytes for rows in places)
        return PackedPiece(tuple(read_rows(self._readers, rows) for rows in places), (stop - start, *shape[1:]))

    def _read(self, tensor: Located, shape: tuple[int, ...], start: int, stop: int) -> Tensor:
        """Rows ``start`` to ``stop`` along the first axis, in the numbers that the file has."""
        row_bytes = tensor.nbytes // max(1, shape[0] if shape else 1)
        buffer = torch.empty((stop - start) * row_bytes, dtype=torch.uint8)
        done = 0
        for extent in tensor.ranges(start * row_bytes, stop * row_bytes):
            length = extent.stop - extent.start
            self._readers[extent.path].fill(buffer[done : done + length], extent.start)
            done += length
        return _in_order(buffer.view(DTYPES[tensor.dtype]), tensor, (stop - start, *shape[1:]) if shape else ())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reader in self._readers.values():
            reader.close()


def cuts(spec: TensorSpec) -> Iterator[tuple[int, int]]:
    """The first and last entry along the first axis of each piece of a tensor."""
    rows = spec.shape[0] if spec.shape else 1
    if spec.kind == "experts":
        step = 1
    elif len(spec.shape) == 2:
        step = max(32, _PIECE // spec.shape[1] // 32 * 32)
    else:
        step = rows
    for start in range(0, rows, step):
        yield start, min(rows, start + step)
