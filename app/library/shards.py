"""Is a ``.safetensors`` file whole? Its header says how long it must be, so no weight has to be read."""

from __future__ import annotations

import json
from pathlib import Path

_MAX_HEADER = 100_000_000
"""The format's own limit."""
_LFS = b"version https://git-lfs"
_AGAIN = "download the file again"


def shard_problem(path: Path) -> str:
    """One sentence that says what is wrong with a weight file, or nothing."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(8)
            if _LFS.startswith(start) and start:
                return f"{path.name} is a Git LFS pointer, not the weights; run `git lfs pull` or {_AGAIN}."
            length = int.from_bytes(start, "little")
            if len(start) < 8 or not 0 < length <= _MAX_HEADER or 8 + length > size:
                return f"{path.name} is cut off or not a safetensors file; {_AGAIN}."
            header = json.loads(file.read(length))
        ends = [int(entry["data_offsets"][1]) for name, entry in header.items() if name != "__metadata__"]
        end = max(ends, default=0)
    except OSError as error:
        return f"{path.name} cannot be read ({error.strerror}); check the disk and the permissions."
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError, RecursionError):
        return f"{path.name} is damaged or not a safetensors file; {_AGAIN}."
    if 8 + length + end != size:
        return f"{path.name} is {size:,} bytes long where it must be {8 + length + end:,}; {_AGAIN}."
    return ""
