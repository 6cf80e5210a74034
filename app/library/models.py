"""Which model folders there are and whether each can be used, without torch and without reading weights.

A folder is looked for beside the application (a stick), in the user's own models folder, among what was
quantised before, in the machine's folder for everyone, and where the user chose. What is wrong with a folder
is one sentence: what it is, and what to do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from app import paths
from app.library.model_ref import LocalFolder, ModelRef, RemoteModel, SampleModel
from app.library.settings import Settings
from model.adapters.reading import CONFIG
from model.checkpoint.folder_names import LABEL, MANIFEST, actual_folder, find_copy, model_name, read_json, says_q4_0
from model.checkpoint.gguf.header import is_gguf
from model.checkpoint.gguf.model import find_gguf
from model.checkpoint.gguf.note import import_remarks
from model.checkpoint.inspection import Inspected, inspect, to_import
from model.drafter.config import find_drafter, is_drafter
from model.engine.needs import USUAL_CONTEXT, Needs, needs
from model.errors import CheckpointError, LecternError
from model.family.config_json import read_config
from model.formats import table
from model.messages import Message, msg, plain

ModelKind = Literal["published", "quantised", "sample", "gguf"]

SAMPLE_VERSION = 1
"""Raised when the sample model's recipe changes, so that an old one in the cache is not used."""

SAMPLE_NOTE = msg("model.random-weights", "Random weights: answers are meaningless; for testing only.")
"""The note for a sample model that has none; the random one, before it is written."""
SHIPPED_NOTE = msg(
    "sample.about",
    "It was trained from scratch on invented office documents. It reads labelled values in text, sometimes in "
    "pictures; tables and scene lists often go wrong. For real work, use Gemma 4.",
)
"""The note of the sample model that ships: it is in its folder, and here so that it is translated."""
HEARING_NOTE = msg(
    "sample.hearing-about",
    "It was trained from scratch on synthetic voices. It writes down spoken numbers, months and names of 24 things, "
    "with their times; it knows no other words. For real work, use Gemma 4.",
)
"""The same for the hearing sample model."""

_MAX_CANDIDATES = 200
_LARGEST = 1 << 50
"""Bytes that no model takes; a damaged manifest may hold any number."""
_LATER_PART = re.compile(r"-\d{5}-of-\d{5}\.gguf$(?<!-00001-of-\d{5}\.gguf)")
"""Of a split model only the first part is a model."""


class HasEars(Protocol):
    """The settings that decide which model hears."""

    ears: Path | None


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """One folder that is, or was meant to be, a model. ``problem``: why it cannot be used, where it cannot."""

    path: Path
    name: str
    bytes: int
    kind: ModelKind
    problem: Message
    remarks: tuple[Message, ...] = ()
    """What in it is left out, one sentence each."""
    small: bool = False
    """Whether its quantised form has been made already."""
    importable: bool = False
    """A GGUF file that can be used once it is imported, as ``problem`` explains."""


def sample_model_folder() -> Path:
    """The sample model that came with the application, else where the random one is, or will be written."""
    shipped = paths.resource("sample_model")
    if (shipped / "config.json").is_file() and not problem_of(shipped):
        return shipped
    return paths.cache_dir() / f"sample-model-{SAMPLE_VERSION}"


def hearing_sample() -> Path | None:
    """The hearing sample model of this installation; ``None`` where it is missing or damaged."""
    shipped = paths.resource("hearing_model")
    return shipped if (shipped / "config.json").is_file() and not problem_of(shipped) else None


def ears_of(settings: HasEars, *, sample: bool) -> Path | None:
    """What transcribes for a model that does not hear: the chosen model, or the shipped one with the sample model."""
    return settings.ears or (hearing_sample() if sample else None)


def sample_note(folder: Path | None = None) -> Message:
    """The note of the sample model in ``folder``; by default the one that would be opened."""
    note = read_json((folder or sample_model_folder()) / LABEL).get("note")
    if not isinstance(note, str) or not note.strip():
        return SAMPLE_NOTE
    text = " ".join(note.split())
    return next((known for known in (SHIPPED_NOTE, HEARING_NOTE) if text == str(known)), plain(text))


def find_models(settings: Settings) -> list[ModelFolder]:
    """Every model folder that can be found, the chosen one first; not the shipped sample, nor quantised samples."""
    found: dict[Path, ModelFolder] = {}
    for folder in _candidates(settings):
        if len(found) >= _MAX_CANDIDATES:
            break
        key = actual_folder(folder).resolve()
        if key not in found:
            found[key] = look_at(folder)
    return [model for model in found.values() if not _is_samples_copy(model)]


def _is_samples_copy(model: ModelFolder) -> bool:
    """The quantised form of a sample model: what Lectern made of it, and nothing that a user would choose."""
    return model.kind == "sample" and model.path.parent == paths.quantised_store()


def model_to_open(settings: Settings) -> ModelRef | None:
    """The model used last, else the first usable one that was found; ``None`` where there is neither."""
    if settings.model is not None:
        return settings.model
    found = find_models(settings)
    return next((LocalFolder(model.path) for model in found if not model.problem and model.kind != "sample"), None)


def folder_of(model: ModelRef) -> Path:
    """Where a model's files are."""
    match model:
        case LocalFolder(path):
            return path
        case SampleModel():
            return sample_model_folder()
        case RemoteModel(_address, name):
            raise CheckpointError(
                msg("model.no-folder", "The model {name} is on a server, and has no folder here.", name=name)
            )


def ref_of(folder: Path, adapters: tuple[Path, ...] = ()) -> ModelRef:
    """The reference to the model in ``folder`` with these adapters."""
    return SampleModel() if folder == sample_model_folder() and not adapters else LocalFolder(folder, adapters)


def _candidates(settings: Settings) -> Iterator[Path]:
    if settings.model_folder is not None:
        yield settings.model_folder
    yield from settings.model_folders
    beside = paths.beside_app()
    for root in (beside, beside / "models", paths.models_dir(), paths.quantised_store(), paths.shared_models_dir()):
        try:
            entries = sorted(entry for entry in root.iterdir() if not entry.name.startswith("."))
        except OSError:
            continue
        folders = [entry for entry in entries if entry.is_dir()]
        yield from filter(_looks_like_a_model, map(actual_folder, folders))
        yield from (entry for entry in entries if _is_model_file(entry))


def drafter_of(folder: Path) -> Path | None:
    """The drafter for the model in ``folder``, inside it, beside it, or in the user's models folder."""
    try:
        return find_drafter(folder, read_config(folder).text, (paths.models_dir(), paths.shared_models_dir()))
    except LecternError:
        return None


def _looks_like_a_model(folder: Path) -> bool:
    if ".tmp" in folder.suffixes or ".partial" in folder.suffixes:
        return False
    try:
        names = {entry.name for entry in folder.iterdir()}
    except OSError:
        return False
    if CONFIG in names and "config.json" not in names:
        return False  # an adapter
    weights = any(name.endswith((".safetensors", ".gguf")) for name in names)
    return MANIFEST in names or (weights and not is_drafter(folder))


def _is_model_file(path: Path) -> bool:
    return path.suffix == ".gguf" and "mmproj" not in path.name.lower() and _LATER_PART.search(path.name) is None


def gguf_file_of(path: Path) -> Path | None:
    """The GGUF file that ``path`` is, or the only model in GGUF in that folder; ``None`` where it is something else."""
    if path.is_file():
        return path if is_gguf(path) else None
    folder = actual_folder(path)
    try:
        names = sorted(entry for entry in folder.iterdir() if entry.is_file())
    except OSError:
        return None
    if (folder / MANIFEST).is_file() or any(name.suffix == ".safetensors" for name in names):
        return None
    files = [name for name in names if _is_model_file(name)]
    return files[0] if len(files) == 1 else None


def look_at(folder: Path) -> ModelFolder:
    """What ``folder`` is, and what is wrong with it. Of the Hub's own layout it is the snapshot that is looked at."""
    folder = actual_folder(folder)
    if (file := gguf_file_of(folder)) is not None:
        return _look_at_gguf(file)
    label = read_json(folder / LABEL)
    kind: ModelKind = "quantised" if (folder / MANIFEST).is_file() else "published"
    if label.get("sample"):
        kind = "sample"
    try:
        size = sum(entry.stat().st_size for entry in folder.iterdir() if entry.is_file())
    except OSError:
        size = 0
    found = _examine(folder)
    problem = found if isinstance(found, Message) else Message()
    remarks = found.remarks if isinstance(found, Inspected) else import_remarks(folder)
    if not problem:
        from model.prompt.template_probe import template_remarks  # with numpy, which a start does not wait for

        remarks = (*remarks, *template_remarks(folder))
    small = kind == "quantised" or _copy_of(found) is not None
    return ModelFolder(folder, model_name(folder), size, kind, problem, remarks, small)


def _look_at_gguf(file: Path) -> ModelFolder:
    """What a GGUF file is. Its header alone is read."""
    size = file.stat().st_size
    try:
        model = find_gguf(file)
    except (LecternError, OSError) as error:
        if isinstance(error, LecternError):
            words = error.message
        else:
            words = msg(
                "disk.unreadable",
                "{path} cannot be read ({why}); check the disk and its permissions.",
                path=file,
                why=error.strerror,
            )
        return ModelFolder(file, file.name, size, "gguf", words)
    return ModelFolder(file, model.name, model.nbytes, "gguf", to_import(file), model.remarks, importable=True)


def problem_of(folder: Path) -> Message:
    """Why ``folder`` cannot be used; nothing where it can."""
    found = _examine(actual_folder(folder))
    return found if isinstance(found, Message) else Message()


def _examine(folder: Path) -> Inspected | Message | None:
    """What is known of a published folder, or a sentence about what is wrong; ``None``: Lectern quantised it."""
    try:
        found = None
        if (folder / MANIFEST).is_file():
            read_config(folder)
        else:
            found = inspect(folder)
    except LecternError as error:
        return error.message
    if not (folder / "tokenizer.json").is_file():
        return msg(
            "model.no-tokenizer",
            "{folder} holds no tokenizer.json; copy all files of the published model into the folder.",
            folder=folder,
        )
    return found


def _copy_of(found: Inspected | Message | None) -> Path | None:
    """The quantised form of a published folder, where it has been made already."""
    if not isinstance(found, Inspected):
        return None
    try:
        return find_copy(paths.quantised_store(), found.identity(), found.formats())
    except OSError:
        return None


def model_needs(folder: Path, *, context: int = USUAL_CONTEXT) -> Needs:
    """What the model in ``folder`` takes with ``context`` tokens. Raises ``LecternError`` on a wrong folder."""
    folder = actual_folder(folder)
    config = read_config(folder)
    found = None if (folder / MANIFEST).is_file() else _examine(folder)
    stored = folder if (folder / MANIFEST).is_file() else _copy_of(found)
    if stored is not None:
        manifest = read_json(stored / MANIFEST)
        forms, files = manifest.get("forms"), manifest.get("files")
        fmt = table.model_format(forms.values() if isinstance(forms, dict) else ()).name
        found_files = files.values() if isinstance(files, dict) else ()
        sizes = [one["size"] for one in found_files if isinstance(one, dict) and type(one.get("size")) is int]
        return needs(config, fmt, context, stored=max(0, min(sum(sizes), _LARGEST)))
    else:
        said = table.INT4 if says_q4_0(folder) else table.NF4
        fmt = found.formats()[0] if isinstance(found, Inspected) else said.name
    return needs(config, fmt, context)
