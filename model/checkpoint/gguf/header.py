"""The header of a GGUF file: its metadata, and where each tensor is. No torch, and no weight is read.

Format, versions 2 and 3, little-endian: ``GGUF``, version (u32), counts of tensors and of metadata (u64); the metadata
(key, type, value); the tensors (name, dimensions with the fastest first, type, offset); then, aligned, the data. A
string is its length (u64) and UTF-8; an array its items' type (u32), its length (u64) and the items.

Everything in a file is a claim: counts, lengths and offsets are checked against the file's size before anything is
made of them, and tensors may not share bytes, so that a small file cannot grow into a large model.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path

from model.checkpoint.foreign import short
from model.checkpoint.gguf.blocks import BLOCKS, Block
from model.checkpoint.header import unreadable
from model.errors import CheckpointError, UnsupportedModelError
from model.messages import msg

MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MOST = 65_536
"""Tensors, and entries of metadata. The 26B has 658 and 52."""
_LONGEST_KEY = 512
_HEADER_STEPS = (1 << 20, 32 << 20, 256 << 20)
"""Bytes that are read, more each time the header is longer. With Gemma's vocabulary it is 16 MB."""
_LARGEST_SIZE = 1 << 40
_MOST_DIMENSIONS = 4
_ALIGNMENT = 32
_LARGEST_ALIGNMENT = 1 << 16
_STRING, _ARRAY = 8, 9
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""How ``struct`` names the types of numbers, by their number in the format."""

Scalar = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Array:
    """A list in the metadata, read when it is asked for: a vocabulary has a quarter of a million words."""

    kind: int
    count: int
    data: memoryview

    def __len__(self) -> int:
        return self.count

    def values(self) -> list[Scalar]:
        """The items. Text that is not UTF-8 keeps its place, with marks for what could not be read."""
        if self.kind != _STRING:
            return list(struct.unpack_from(f"<{self.count}{_SCALARS[self.kind]}", self.data))
        return list(self._strings())

    def _strings(self) -> Iterator[str]:
        data, at = self.data, 0
        for _ in range(self.count):
            (length,) = struct.unpack_from("<Q", data, at)
            at += 8
            yield str(data[at : at + length], "utf-8", "replace")
            at += length


Value = Scalar | Array


@dataclass(frozen=True, slots=True)
class GgufTensor:
    """One tensor of a file: ``shape`` in torch's order, and its bytes ``start`` to ``stop`` in the file ``path``."""

    name: str
    block: Block
    shape: tuple[int, ...]
    path: Path
    start: int
    stop: int

    @property
    def nbytes(self) -> int:
        """Its size in the file."""
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class GgufHeader:
    """The part before the data. ``size`` is the whole file's, and ``data_start`` where its tensors begin."""

    path: Path
    size: int
    data_start: int
    metadata: Mapping[str, Value]
    tensors: Mapping[str, GgufTensor]

    def text(self, key: str) -> str:
        """A string of the metadata; empty where there is none."""
        value = self.metadata.get(key)
        return value if isinstance(value, str) else ""


def is_gguf(path: Path) -> bool:
    """Whether a file begins as a GGUF file does, whatever it is called: Ollama names its files by their sums."""
    try:
        with path.open("rb") as file:
            return file.read(4) == MAGIC
    except OSError:
        return False


def read_gguf(path: Path) -> GgufHeader:
    """The header of ``path``. Raises ``CheckpointError`` or ``UnsupportedModelError``, one sentence each."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            for step in _HEADER_STEPS:
                file.seek(0)
                data = file.read(min(step, size))
                try:
                    return _Parser(path, size, data).header()
                except _MoreNeededError:
                    if len(data) == size:
                        raise CheckpointError(
                            msg("gguf.header-cut-off", "{path} is cut off in its header; download it again.", path=path)
                        ) from None
    except FileNotFoundError:
        raise CheckpointError(
            msg("gguf.missing", "The file {path} is missing; choose another one.", path=path)
        ) from None
    except OSError as error:
        raise unreadable(path, error) from None
    raise CheckpointError(
        msg(
            "gguf.header-too-long",
            "{path} has a header of more than {limit} MB; download it again.",
            path=path,
            limit=_HEADER_STEPS[-1] >> 20,
        )
    )


class _MoreNeededError(Exception):
    """The header is longer than the bytes that were read."""


class _Parser:
    """Goes through the first bytes of a file once."""

    def __init__(self, path: Path, size: int, data: bytes) -> None:
        self._path, self._size, self._data, self._at = path, size, memoryview(data), 0

    def header(self) -> GgufHeader:
        """The whole header. Raises ``CheckpointError`` where it is not valid."""
        if bytes(self._data[:4]) != MAGIC:
            raise CheckpointError(
                msg(
                    "gguf.not-one",
                    "{path} is not a GGUF file, or only a part of one; download it again.",
                    path=self._path,
                )
            )
        self._at = 4
        self._check_version(self._number("I"))
        tensors, entries = self._number("Q"), self._number("Q")
        if tensors > _MOST or entries > _MOST:
            raise self._damaged(f"{max(tensors, entries):,} entries")
        metadata: dict[str, Value] = {}
        for _ in range(entries):
            key = self._text(_LONGEST_KEY)
            if key in metadata:
                raise self._damaged(f"{short(key)} twice")
            metadata[key] = self._value(self._number("I"))
        infos = [self._info() for _ in range(tensors)]
        start = self._aligned(metadata)
        found = self._tensors(infos, start, self._alignment(metadata))
        return GgufHeader(self._path, self._size, start, metadata, found)

    def _check_version(self, version: int) -> None:
        if version in _VERSIONS:
            return
        if version & 0xFFFF == 0:
            raise UnsupportedModelError(
                msg(
                    "gguf.byte-order",
                    "{path} was written for a processor with another byte order; choose the usual GGUF file of "
                    "the model.",
                    path=self._path,
                )
            )
        raise UnsupportedModelError(
            msg(
                "gguf.version",
                "{path} is a GGUF file of version {version}, and Lectern reads versions 2 and 3; choose a "
                "newer file of the model.",
                path=self._path,
                version=version,
            )
        )

    def _value(self, kind: int) -> Value:
        if kind == _STRING:
            return self._text(self._size)
        if kind != _ARRAY:
            return self._scalar(kind)
        items, count = self._number("I"), self._number("Q")
        if items == _STRING:
            return self._strings(count)
        if items not in _SCALARS:
            raise self._damaged(f"a list of type {items}")
        return Array(items, count, self._take(count * struct.calcsize(f"<{_SCALARS[items]}")))

    def _scalar(self, kind: int) -> Scalar:
        if kind not in _SCALARS:
            raise self._damaged(f"a value of type {kind}")
        value: Scalar = self._number(_SCALARS[kind])
        return value

    def _strings(self, count: int) -> Array:
        """Only the lengths are looked at."""
        if count > (self._size - self._at) // 8:
            raise self._damaged(f"a list of {count:,} strings")
        data, start, end, read = self._data, self._at, len(self._data), struct.Struct("<Q").unpack_from
        at = start
        for _ in range(count):
            if at + 8 > end:
                raise _MoreNeededError
            at += 8 + read(data, at)[0]
            if at > end:
                self._at = end
                self._check_room(at - end)
                raise _MoreNeededError
        self._at = at
        return Array(_STRING, count, data[start:at])

    def _info(self) -> tuple[str, tuple[int, ...], int, int]:
        name = self._text(_LONGEST_KEY)
        dimensions = self._number("I")
        if not 0 < dimensions <= _MOST_DIMENSIONS:
            raise self._damaged(f"{short(name)} with {dimensions} dimensions")
        sizes = tuple(self._number("Q") for _ in range(dimensions))
        return name, sizes, self._number("I"), self._number("Q")

    def _alignment(self, metadata: Mapping[str, Value]) -> int:
        value = metadata.get("general.alignment", _ALIGNMENT)
        if type(value) is not int or not 0 < value <= _LARGEST_ALIGNMENT or value & (value - 1):
            raise self._damaged("an alignment that is no power of two")
        return value

    def _aligned(self, metadata: Mapping[str, Value]) -> int:
        """The first multiple of the alignment after the header, where the data begins."""
        alignment = self._alignment(metadata)
        return -(-self._at // alignment) * alignment

    def _tensors(
        self, infos: list[tuple[str, tuple[int, ...], int, int]], start: int, alignment: int
    ) -> dict[str, GgufTensor]:
        found: dict[str, GgufTensor] = {}
        for name, sizes, code, offset in infos:
            block = BLOCKS.get(code)
            if block is None:
                raise UnsupportedModelError(
                    msg(
                        "gguf.format",
                        "{path} stores {name} in a number format that Lectern does not know (type {type}); choose "
                        "another file of the model, such as Q4_0 or Q4_K_M.",
                        path=self._path,
                        name=short(name),
                        type=code,
                    )
                )
            count = prod(sizes)
            if not 0 < count <= _LARGEST_SIZE or sizes[0] % block.numbers or offset % alignment or name in found:
                raise self._damaged(short(name))
            begin = start + offset
            found[name] = GgufTensor(name, block, sizes[::-1], self._path, begin, begin + block.bytes_of(count))
        self._check_places(found)
        return found

    def _check_places(self, tensors: Mapping[str, GgufTensor]) -> None:
        """All inside the file, and none upon another."""
        end = max((tensor.stop for tensor in tensors.values()), default=0)
        if end > self._size:
            raise CheckpointError(
                msg(
                    "weights.cut-short",
                    "{path} is cut short: it is {size} bytes long where it must be {expected}; download it again.",
                    path=self._path,
                    size=self._size,
                    expected=end,
                )
            )
        behind = 0
        for tensor in sorted(tensors.values(), key=lambda tensor: tensor.start):
            if tensor.start < behind:
                raise self._damaged(short(tensor.name))
            behind = tensor.stop

    def _number(self, letter: str) -> int:
        """One number; what ``letter`` names is whole in all places that count something."""
        form = struct.Struct(f"<{letter}")
        value: int = form.unpack(self._take(form.size))[0]
        return value

    def _text(self, longest: int) -> str:
        length = self._number("Q")
        if length > longest:
            raise self._damaged(f"a name of {length:,} bytes")
        return str(self._take(length), "utf-8", "replace")

    def _take(self, length: int) -> memoryview:
        if self._at + length > len(self._data):
            self._check_room(length - (len(self._data) - self._at))
            raise _MoreNeededError
        part = self._data[self._at : self._at + length]
        self._at += length
        return part

    def _check_room(self, more: int) -> None:
        """Raises where the file does not have ``more`` bytes behind those that were read."""
        if len(self._data) + more > self._size:
            raise CheckpointError(
                msg("gguf.header-cut-off", "{path} is cut off in its header; download it again.", path=self._path)
            )

    def _damaged(self, what: str) -> CheckpointError:
        return CheckpointError(
            msg(
                "gguf.header-damaged",
                "{path} has a damaged header ({why}); download it again.",
                path=self._path,
                why=what,
            )
        )
