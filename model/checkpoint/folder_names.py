"""Names of model folders, and finding a folder by its name. No torch.

The Hub's own cache keeps a model as ``models--ORG--NAME/snapshots/HASH/``, full of links: its name is that of the
repository, and who chooses a folder above the snapshot means the snapshot. Names are also how a model that was trained
for ``Q4_0`` is told, so a link's own name counts as much as that of the folder it leads to.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from model.formats import table
from model.formats.forms import EMBEDDING_BITS

CONFIG = "config.json"
MANIFEST = "lectern_quantised.json"
"""In a folder that Lectern has quantised, beside its config.json."""
FORMAT = 1
"""Of the quantised folders that this version writes and reads."""
LABEL = "lectern.json"
"""Lectern's note beside a sample model."""

_HUB = re.compile(r"models--(?:[^/]+?--)?([^/]+)")
_HASH = re.compile(r"[0-9a-f]{12,64}")
_COPY = re.compile(rf"(.+)-[0-9a-f]{{12}}-\d+e\d+(?:{'|'.join(re.escape(one.mark) for one in table.WHOLE_MODEL)})")
"""The name of a folder's quantised form: the model's name, its identity, and the form."""
_NAMELESS = ("main", "model", "snapshot", "latest", "weights", "hf", "safetensors")
_LONGEST_REF = 200


def actual_folder(folder: Path) -> Path:
    """The folder that holds the model: ``folder`` itself, or the snapshot below it in the Hub's own layout.

    Of several snapshots it is the one that ``refs/main`` names. Where it names none, ``folder`` is returned.
    """
    if _holds_a_model(folder):
        return folder
    above = folder.parent if folder.name == "snapshots" else folder
    snapshots = _snapshots(above)
    named = above / "snapshots" / _main(above)
    if named in snapshots:
        return named
    return snapshots[0] if len(snapshots) == 1 else folder


def has_snapshots(folder: Path) -> bool:
    """Whether ``folder`` is the Hub's for a model of which there are several snapshots, none of them named."""
    return len(_snapshots(folder.parent if folder.name == "snapshots" else folder)) > 1


def copy_name(name: str, identity: str, fmt: str, embedding_bits: int = EMBEDDING_BITS) -> str:
    """The name in the store of the quantised form of the model ``name``."""
    return f"{name}{_copy_end(identity, fmt, embedding_bits)}"


def find_copy(store: Path, identity: str, formats: Sequence[str], embedding_bits: int = EMBEDDING_BITS) -> Path | None:
    """The quantised form of the model with this identity, whatever it is called; of several formats the first."""
    try:
        names = sorted(entry.name for entry in store.iterdir() if not entry.name.startswith("."))
    except OSError:
        return None
    ends = [_copy_end(identity, fmt, embedding_bits) for fmt in formats]
    found = (store / name for end in ends for name in names if name.endswith(end))
    return next((folder for folder in found if (folder / MANIFEST).is_file()), None)


def _copy_end(identity: str, fmt: str, embedding_bits: int) -> str:
    return f"-{identity[:12]}-{FORMAT}e{embedding_bits}{table.named(fmt).mark}"


def _holds_a_model(folder: Path) -> bool:
    return (folder / CONFIG).is_file() or (folder / MANIFEST).is_file()


def _snapshots(above: Path) -> list[Path]:
    try:
        return sorted(entry for entry in (above / "snapshots").iterdir() if _holds_a_model(entry))
    except OSError:
        return []


def _main(above: Path) -> str:
    """The contents of ``refs/main``, where it is a plain name."""
    try:
        with (above / "refs" / "main").open(encoding="utf-8") as file:
            name = file.read(_LONGEST_REF).strip()
    except (OSError, UnicodeDecodeError):
        return ""
    return name if Path(name).name == name else ""


def model_name(folder: Path) -> str:
    """The name of the model in ``folder``: by its label, its repository, or its folder."""
    label = read_json(folder / LABEL).get("name")
    if isinstance(label, str) and label.strip():
        return label
    own = folder.absolute().name
    copy = _COPY.fullmatch(own) if (folder / MANIFEST).is_file() else None
    return copy[1] if copy else repository_name(folder)


def repository_name(folder: Path) -> str:
    """The name of the Hub's repository that the folder is of, else the folder's own; never a snapshot's hash."""
    own = folder.absolute().name
    if hub := next(_hub_names(folder), ""):
        return hub
    if _HASH.fullmatch(own):
        return _said_name(folder) or own
    return own or str(folder)


def says_q4_0(folder: Path) -> bool:
    """Whether the folder's name indicates that the model was trained for llama.cpp's ``Q4_0``.

    Looked at: the name as it was given, where links lead, the Hub's repository, and ``_name_or_path``. Of a folder
    whose name tells nothing (a hash, ``main``) the one above counts too.
    """
    paths = (folder.absolute(), _resolved(folder))
    names = [path.name for path in paths]
    names += [path.parent.name for path in paths if _HASH.fullmatch(path.name) or path.name.lower() in _NAMELESS]
    said = map(str.lower, (*names, *_hub_names(folder), _said_name(folder)))
    return any("qat" in name and "q4_0" in name for name in said)


def _hub_names(folder: Path) -> Iterator[str]:
    for path in (folder.absolute(), _resolved(folder)):
        for part in reversed(path.parts):
            if match := _HUB.fullmatch(part):
                yield match[1]


def _said_name(folder: Path) -> str:
    """The last part of ``_name_or_path``, which transformers writes when it saves."""
    name = read_json(folder / CONFIG).get("_name_or_path")
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] if isinstance(name, str) else ""


def _resolved(folder: Path) -> Path:
    try:
        return folder.resolve()
    except (OSError, RuntimeError):  # a link that leads to itself
        return folder.absolute()


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object; an empty one where there is none that can be read."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
