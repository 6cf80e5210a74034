"""An import's report in a file beside the weights: which tensors were kept, rounded or left out. No torch."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from model.checkpoint.folder_names import read_json
from model.checkpoint.foreign import short
from model.messages import Message, from_record, msg

NOTE = "lectern_import.json"
_MOST = 50
_MUCH = 0.01
"""Of a number: 8 bits put it off by less, 4 bits by more."""


def import_remarks(folder: Path) -> tuple[Message, ...]:
    """Remarks on tensors left out, or rounded enough to change answers; none for folders that were not imported."""
    said = read_json(folder / NOTE).get("remarks")
    remarks: list[Message] = []
    for one in said[:_MOST] if isinstance(said, list) else ():
        with contextlib.suppress(ValueError):
            remarks.append(from_record(one))
    return *remarks, *(_about(one) for one in _numbers(folder) if one["off"] >= _MUCH)


def import_summary(folder: Path) -> tuple[Message, ...]:
    """The result for the numbers of each type, one sentence each, the largest part first."""
    return tuple(map(_about, _numbers(folder)))


def _numbers(folder: Path) -> list[dict[str, Any]]:
    said = read_json(folder / NOTE).get("numbers")
    found = [one for one in said[:_MOST] if isinstance(one, dict)] if isinstance(said, list) else []
    known = [one | {"off": off} for one in found if isinstance(off := one.get("off", 0.0), float)]
    return sorted((one for one in known if isinstance(one.get("numbers"), int)), key=lambda one: -one["numbers"])


def _about(one: dict[str, Any]) -> Message:
    count, before, after = one["numbers"], short(str(one.get("from"))), short(str(one.get("to")))
    if one.get("exact"):
        return msg(
            "gguf.exact", "{count} numbers in {before} are as they were in the GGUF file.", count=count, before=before
        )
    return msg(
        "gguf.rounded",
        "{count} numbers were rounded from {before} to {after}, which puts them off by {off}.",
        count=count,
        before=before,
        after=after,
        off=f"{one['off']:.2%}",
    )
