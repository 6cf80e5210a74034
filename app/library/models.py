"""Which model folders there are and whether each can be used, without torch and without reading weights.

A folder is looked for beside the application (a stick), in the person's own models folder, among what was
quantised before, in the machine's folder for everyone, and where the person chose. What is wrong with a folder
is one sentence: what it is, and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from app import paths
from app.library.settings import Settings
from app.library.shards import shard_problem
from model.config import read_config
from model.errors import LecternError
from model.needs import USUAL_CONTEXT, Needs, needs
from model.types import Format

ModelKind = Literal["published", "quantised", "sample"]

MANIFEST = "lectern_quantised.json"
INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
LABEL = "lectern.json"
SAMPLE_VERSION = 1
"""Raised when the sample model's recipe changes, so that an old one in the cache is not used."""

SAMPLE_NOTE = "Random weights: its words are noise, its way is real."
"""What is said of a sample model that has no note of its own; the random one, before it is written."""
SHIPPED_NOTE = (
    "Trained from nothing on made-up office documents: it reads labelled values in the text of pages, and only some "
    "of them in pictures. Tables and lists of scenes it often gets wrong. For real work, choose a folder with Gemma 4."
)
"""What the sample model that ships says of itself: it stands in its folder, and here so that it is translated."""

_MAX_CANDIDATES = 200


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """One folder that is, or was meant to be, a model. ``problem`` is empty when it can be used."""

    path: Path
    name: str
    bytes: int
    kind: ModelKind
    problem: str


def sample_model_folder() -> Path:
    """The sample model that came with the application, else where the random one is, or will be written."""
    shipped = paths.resource("sample_model")
    if (shipped / "config.json").is_file() and not problem_of(shipped):
        return shipped
    return paths.cache_dir() / f"sample-model-{SAMPLE_VERSION}"


def sample_note(folder: Path | None = None) -> str:
    """What the sample model in ``folder`` says of itself; by default the one that would be opened."""
    note = _json((folder or sample_model_folder()) / LABEL).get("note")
    return " ".join(note.split()) if isinstance(note, str) and note.strip() else SAMPLE_NOTE


def find_models(settings: Settings) -> list[ModelFolder]:
    """Every model folder that can be found, the chosen one first. The sample model is not among them."""
    found: dict[Path, ModelFolder] = {}
    for folder in _candidates(settings):
        if len(found) >= _MAX_CANDIDATES:
            break
        key = folder.resolve()
        if key not in found:
            found[key] = look_at(folder)
    return list(found.values())


def model_to_open(settings: Settings) -> Path | None:
    """The model used last, else the first usable one that was found; ``None`` is the sample model."""
    if settings.sample_model:
        return None
    if settings.model_folder is not None:
        return settings.model_folder
    usable = (model.path for model in find_models(settings) if not model.problem and model.kind != "sample")
    return next(usable, None)


def _candidates(settings: Settings) -> Iterator[Path]:
    if settings.model_folder is not None:
        yield settings.model_folder
    yield from settings.model_folders
    beside = paths.beside_app()
    for root in (beside, beside / "models", paths.models_dir(), paths.quantised_store(), paths.shared_models_dir()):
        try:
            folders = sorted(entry for entry in root.iterdir() if entry.is_dir() and not entry.name.startswith("."))
        except OSError:
            continue
        yield from (folder for folder in folders if _looks_like_a_model(folder))


def _looks_like_a_model(folder: Path) -> bool:
    if ".tmp" in folder.suffixes or ".partial" in folder.suffixes:
        return False
    try:
        names = {entry.name for entry in folder.iterdir()}
    except OSError:
        return False
    return MANIFEST in names or any(name.endswith((".safetensors", ".gguf")) for name in names)


def look_at(folder: Path) -> ModelFolder:
    """What ``folder`` is, and what is wrong with it."""
    label = _json(folder / LABEL)
    kind: ModelKind = "quantised" if (folder / MANIFEST).is_file() else "published"
    if label.get("sample"):
        kind = "sample"
    name = str(label.get("name") or folder.name or folder)
    try:
        size = sum(entry.stat().st_size for entry in folder.iterdir() if entry.is_file())
    except OSError:
        size = 0
    return ModelFolder(folder, name, size, kind, problem_of(folder))


def problem_of(folder: Path) -> str:
    """One sentence that says why ``folder`` cannot be used, or nothing."""
    try:
        names = sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return f"The model folder {folder} does not exist or cannot be opened; choose another folder."
    if MANIFEST in names:
        return _config_problem(folder)
    if not any(name.endswith(".safetensors") or name == INDEX for name in names):
        return _foreign(folder, names)
    return (
        _config_problem(folder) or _index_problem(folder, names) or _missing(folder, names) or _damaged(folder, names)
    )


def _foreign(folder: Path, names: list[str]) -> str:
    """A folder without safetensors: say which other kind of model it holds."""
    wanted = "choose the folder with config.json and the .safetensors files"
    for name in names:
        if name.endswith(".gguf"):
            return f"{name} is a GGUF file, which Lectern does not read; {wanted} of google/gemma-4-26B-A4B-it."
        if name.endswith((".bin", ".pt", ".pth", ".ckpt")):
            return f"{name} may hold a pickled checkpoint, which Lectern never opens; {wanted}."
    if "config.json" in names:
        return f"{folder} holds no .safetensors files; download the model's weights into it too."
    return f"{folder} is not a model folder; {wanted}."


def _config_problem(folder: Path) -> str:
    try:
        read_config(folder)
    except LecternError as error:
        return str(error)
    if not (folder / "tokenizer.json").is_file():
        return f"{folder} holds no tokenizer.json; copy all files of the published model into the folder."
    return ""


def _index_problem(folder: Path, names: list[str]) -> str:
    """An index that names nothing, or a place outside the folder."""
    weight_map = _json(folder / INDEX).get("weight_map")
    files = list(weight_map.values()) if isinstance(weight_map, dict) else []
    sound = bool(files) and all(isinstance(name, str) and Path(name).name == name for name in files)
    return "" if sound or INDEX not in names else f"{folder / INDEX} is damaged; download it again."


def _missing(folder: Path, names: list[str]) -> str:
    missing = [name for name in _shards(folder, names) if name not in names]
    if not missing:
        return ""
    more = f" and {len(missing) - 1:,} more" if len(missing) > 1 else ""
    return f"{folder} lacks {missing[0]}{more}; download the missing files into the folder."


def _damaged(folder: Path, names: list[str]) -> str:
    problems = (shard_problem(folder / name) for name in _shards(folder, names))
    return next((problem for problem in problems if problem), "")


def _shards(folder: Path, names: list[str]) -> list[str]:
    """The weight files that belong to the model."""
    weight_map = _json(folder / INDEX).get("weight_map")
    if isinstance(weight_map, dict):
        # Only names inside the folder: an index is data, and must not lead anywhere else.
        return sorted({str(name) for name in weight_map.values()} - {""})
    return [SINGLE] if INDEX not in names else []


def model_needs(folder: Path, *, context: int = USUAL_CONTEXT) -> Needs:
    """What the model in ``folder`` takes with ``context`` tokens. Raises ``LecternError`` on a wrong folder."""
    return needs(read_config(folder), _format_of(folder), context, stored=(folder / MANIFEST).is_file())


def _format_of(folder: Path) -> Format:
    """The 4-bit numbers that the model is stored in, or will be."""
    if (folder / MANIFEST).is_file():
        forms = _json(folder / MANIFEST).get("forms")
        return "int4" if isinstance(forms, dict) and "int4" in forms.values() else "nf4"
    name = folder.resolve().name.lower()
    return "int4" if "qat" in name and "q4_0" in name else "nf4"


def _json(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}
