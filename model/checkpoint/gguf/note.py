"""What an import says of itself, in a file beside the weights: what was kept, rounded or left out. No torch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from model.checkpoint.folder_names import read_json
from model.checkpoint.foreign import short

NOTE = "lectern_import.json"
_MOST = 50
_MUCH = 0.01
"""Of a number: 8 bits put it off by less, 4 bits by more."""


def import_remarks(folder: Path) -> tuple[str, ...]:
    """What an import left out, and what it rounded so much that answers differ; nothing of other folders."""
    said = read_json(folder / NOTE).get("remarks")
    remarks = [one for one in said[:_MOST] if isinstance(one, str)] if isinstance(said, list) else []
    return *remarks, *(_sentence(one) for one in _numbers(folder) if one["off"] >= _MUCH)


def import_summary(folder: Path) -> tuple[str, ...]:
    """What became of the numbers of each type, one sentence each, the largest part first."""
    return tuple(map(_sentence, _numbers(folder)))


def _numbers(folder: Path) -> list[dict[str, Any]]:
    said = read_json(folder / NOTE).get("numbers")
    found = [one for one in said[:_MOST] if isinstance(one, dict)] if isinstance(said, list) else []
    known = [one | {"off": off} for one in found if isinstance(off := one.get("off", 0.0), float)]
    return sorted((one for one in known if isinstance(one.get("numbers"), int)), key=lambda one: -one["numbers"])


def _sentence(one: dict[str, Any]) -> str:
    count, before, after = one["numbers"], short(str(one.get("from"))), short(str(one.get("to")))
    if one.get("exact"):
        return f"{count:,} numbers in {before} are as they were in the GGUF file."
    return f"{count:,} numbers were rounded from {before} to {after}, which puts them off by {one['off']:.2%}."
