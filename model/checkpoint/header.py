"""The header of a safetensors file: where each tensor is. No torch, and no weight is read.

The format is 8 bytes of header length, a JSON header, then the data without gaps.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from model.errors import CheckpointError
from model.messages import msg

ITEM_BYTES = {
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2", "F8_E8M0"), 1),
    **dict.fromkeys(("BF16", "F16", "I16", "U16"), 2),
    **dict.fromkeys(("F32", "I32", "U32"), 4),
    **dict.fromkeys(("F64", "I64", "U64", "C64"), 8),
}
"""Bytes of one number, by its name in the format. Numbers of less than a byte are not among them."""

_MAX_HEADER = 32_000_000
"""The format allows three times that. The 26B with each expert for itself takes 2 MB, and a hostile file must not fill
the memory."""
_LFS = b"version https://git-lfs"


@dataclass(frozen=True, slots=True)
class Span:
    """The place of one tensor in a file, in bytes from the file's start. ``dtype`` is a name of the format."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int

    @property
    def nbytes(self) -> int:
        """Its size in the file."""
        return self.stop - self.start


def read_spans(path: Path) -> dict[str, Span]:
    """All tensors of a file, checked against the file's length. Raises ``CheckpointError``."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            if start and _LFS.startswith(start):
                raise CheckpointError(
                    msg(
                        "weights.lfs",
                        "{path} is a Git LFS pointer, not the weights; run `git lfs pull` there.",
                        path=path,
                    )
                )
            length = int.from_bytes(start, "little")
            if len(start) < 8 or not 0 < length <= min(_MAX_HEADER, size - 8):
                raise CheckpointError(
                    msg("weights.cut-off", "{path} is cut off or not a safetensors file; download it again.", path=path)
                )
            header = json.loads(file.read(length))
    except FileNotFoundError:
        raise CheckpointError(
            msg("weights.missing", "The file {path} is missing; download the model again.", path=path)
        ) from None
    except OSError as error:
        raise unreadable(path, error) from None
    except (ValueError, RecursionError):
        raise CheckpointError(
            msg("weights.header", "{path} has a damaged header; download it again.", path=path)
        ) from None
    return _spans(path, header, 8 + length, size)


def _spans(path: Path, header: Any, base: int, size: int) -> dict[str, Span]:
    damaged = CheckpointError(msg("weights.header", "{path} has a damaged header; download it again.", path=path))
    if not isinstance(header, dict):
        raise damaged
    spans = {}
    for name, value in header.items():
        if name == "__metadata__":
            continue
        try:
            code, shape, (start, stop) = value["dtype"], tuple(value["shape"]), value["data_offsets"]
            numbers = [*shape, start, stop]
        except (TypeError, KeyError, ValueError):
            raise damaged from None
        if not isinstance(code, str) or not all(type(n) is int and n >= 0 for n in numbers) or stop < start:
            raise damaged
        if code in ITEM_BYTES and stop - start != prod(shape) * ITEM_BYTES[code]:
            raise damaged
        spans[name] = Span(name, code, shape, base + start, base + stop)
    end = max((span.stop for span in spans.values()), default=base)
    if end > size:
        raise CheckpointError(
            msg(
                "weights.cut-short",
                "{path} is cut short: it is {size} bytes long where it must be {expected}; download it again.",
                path=path,
                size=size,
                expected=end,
            )
        )
    if end < size:
        raise CheckpointError(
            msg(
                "weights.length",
                "{path} is {size} bytes long where it must be {expected}; download it again.",
                path=path,
                size=size,
                expected=end,
            )
        )
    return spans


def unreadable(path: Path, error: OSError) -> CheckpointError:
    """What is told where the disk or its permissions keep a file of a model from being read."""
    return CheckpointError(
        msg(
            "disk.unreadable",
            "{path} cannot be read ({why}); check the disk and its permissions.",
            path=path,
            why=error.strerror or type(error).__name__,
        )
    )
