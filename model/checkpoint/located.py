"""A tensor of a published folder as byte ranges of its files, and plain reads of them. No torch.

Most tensors are one range. Experts that a folder stores one by one are many, which read one after another are the
packed tensor that the engine works with: so renaming and stacking cost no copy of the folder.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from model.checkpoint.header import ITEM_BYTES, Span, unreadable
from model.checkpoint.packed.schemes import PackedRows
from model.errors import CheckpointError
from model.messages import msg


@dataclass(frozen=True, slots=True)
class Extent:
    """Bytes ``start`` to ``stop`` of a file."""

    path: Path
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class Located:
    """One tensor: its numbers' type (a name of the safetensors format), its shape, and its bytes' places, in order."""

    dtype: str
    shape: tuple[int, ...]
    extents: tuple[Extent, ...]
    packed: tuple[PackedRows, ...] = ()
    """Of one that another program has quantised: its rows, in order. There are no ``extents`` then."""
    channels_last: bool = False
    """A convolution's numbers as MLX stores them: [out, rows, columns, in]; ``shape`` is [out, in, rows, columns]."""

    @property
    def nbytes(self) -> int:
        """All its bytes."""
        stored = sum(extent.stop - extent.start for extent in self.extents)
        return stored + sum(rows.nbytes for rows in self.packed)

    def packed_rows(self, start: int, stop: int) -> Iterator[PackedRows]:
        """The places of its rows ``start`` to ``stop``, in order."""
        position = 0
        for rows in self.packed:
            count = rows.stop - rows.first
            first, last = max(start - position, 0), min(stop - position, count)
            if first < last:
                yield PackedRows(rows.span, rows.first + first, rows.first + last)
            position += count

    def ranges(self, start: int, stop: int) -> Iterator[Extent]:
        """The places of its bytes ``start`` to ``stop``, in order."""
        position = 0
        for extent in self.extents:
            length = extent.stop - extent.start
            first, last = max(start - position, 0), min(stop - position, length)
            if first < last:
                yield Extent(extent.path, extent.start + first, extent.start + last)
            position += length
            if position >= stop:
                return


def whole(path: Path, span: Span) -> Located:
    """A tensor that is stored in one piece."""
    return Located(span.dtype, span.shape, (Extent(path, span.start, span.stop),))


def read_bytes(tensor: Located, start: int, stop: int) -> bytes:
    """Some of its bytes, by plain reads: for looking at a few. Raises ``CheckpointError``."""
    pieces = []
    for extent in tensor.ranges(start, stop):
        try:
            with extent.path.open("rb") as file:
                file.seek(extent.start)
                piece = file.read(extent.stop - extent.start)
        except OSError as error:
            raise unreadable(extent.path, error) from error
        if len(piece) != extent.stop - extent.start:
            raise CheckpointError(
                msg("disk.shorter", "{path} became shorter while it was read; download it again.", path=extent.path)
            )
        pieces.append(piece)
    return b"".join(pieces)


def read_numbers(tensor: Located, start: int, count: int) -> list[float]:
    """``count`` of its numbers from number ``start`` on; bf16, fp16 or fp32."""
    item = ITEM_BYTES[tensor.dtype]
    data = read_bytes(tensor, start * item, (start + count) * item)
    if tensor.dtype == "BF16":  # the upper half of fp32
        wide = b"".join(b"\0\0" + data[at : at + 2] for at in range(0, len(data), 2))
        return list(struct.unpack(f"<{count}f", wide))
    return list(struct.unpack(f"<{count}{'e' if tensor.dtype == 'F16' else 'f'}", data))


def same_bytes(one: Located, other: Located, places: int = 64, length: int = 1 << 15) -> bool:
    """Whether two tensors of one shape and type hold the same, judged by ``places`` pieces spread over the whole."""
    last = max(0, one.nbytes - length)
    starts = sorted({last * place // max(1, places - 1) for place in range(places)})
    return all(read_bytes(one, at, at + length) == read_bytes(other, at, at + length) for at in starts)
