"""Lectern's quantised model folder: written once beside nothing half-done, then opened by memory mapping.

    lectern_quantised.json      the manifest: format, where it comes from, each file's size and checksum, each
                                tensor's form
    layer-000.safetensors …     one file for each layer, ``shared.safetensors``, ``vision.safetensors``,
                                ``sound.safetensors``
    config.json, tokenizer …    copied from the published folder

A tensor X is stored in its number format as ``X.nf4``, ``X.int4`` or ``X.int8`` with ``X.scale``, and otherwise as X in
bf16; ``model.formats.table`` has the formats and their layouts.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

import torch

from model import atomic
from model.checkpoint.folder_names import FORMAT, MANIFEST
from model.checkpoint.tensor_file import DTYPES, Slot, TensorWriter
from model.errors import CheckpointError
from model.family.inventory import PER_LAYER, TensorSpec, is_sound
from model.formats import table
from model.formats.forms import EMBEDDING_BITS, Form, choose_form, stored
from model.formats.quantize import best_layout
from model.messages import msg

COPIED = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "chat_template.jinja",
    "chat_template.json",
    "processor_config.json",
    "preprocessor_config.json",
    "lectern.json",
)
"""Everything beside the weights that the engine, transformers or the window reads."""

_PARTIAL = ".partial"
TABLES = "per-layer.safetensors"
"""The file of tensors read by single rows only."""
SOUND_FILE = "sound.safetensors"
NOT_WARMED = (TABLES, SOUND_FILE)
"""Files that are not brought into memory ahead of use."""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A data file as the manifest knows it."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """The contents of a quantised folder."""

    source: str
    """The published folder's name and identity."""
    parameters: int
    forms: Mapping[str, Form]
    files: Mapping[str, FileRecord] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of all data files."""
        return sum(record.size for record in self.files.values())


def read_manifest(folder: Path) -> Manifest:
    """The manifest, with every file's length checked. Raises ``CheckpointError``."""
    path = folder / MANIFEST
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        version = value["format"]
        files = {name: FileRecord(int(r["size"]), str(r["sha256"])) for name, r in value["files"].items()}
        manifest = Manifest(str(value["source"]), int(value["parameters"]), dict(value["forms"]), files)
        unknown = [form for form in manifest.forms.values() if not table.is_stored(form)]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise CheckpointError(
            msg(
                "quantised.manifest-damaged",
                "{path} is damaged; delete the folder and quantise the model again.",
                path=path,
            )
        ) from None
    if version != FORMAT or unknown:
        raise CheckpointError(
            msg(
                "quantised.version",
                "{path} was written by another version of Lectern; delete the folder and quantise the model again.",
                path=path,
            )
        )
    for name, record in manifest.files.items():
        _check_size(folder / name, record.size)
    return manifest


def _check_size(path: Path, size: int) -> None:
    actual = path.stat().st_size if path.is_file() else None
    if actual is None:
        raise CheckpointError(
            msg("quantised.missing", "{path} is missing; delete its folder and quantise the model again.", path=path)
        )
    if actual != size:
        raise CheckpointError(
            msg(
                "quantised.length",
                "{path} has {size} bytes instead of {expected}; delete its folder and quantise the model again.",
                path=path,
                size=actual,
                expected=size,
            )
        )


def verify(folder: Path) -> None:
    """Read every file and compare its checksum: slow, and finds flipped bits. Raises ``CheckpointError``."""
    for name, record in read_manifest(folder).files.items():
        with (folder / name).open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != record.sha256:
                raise CheckpointError(
                    msg(
                        "quantised.damaged",
                        "{path} is damaged; delete its folder and quantise the model again.",
                        path=folder / name,
                    )
                )


def form_here(spec: TensorSpec, embedding_bits: int, fmt: str = table.NF4.name) -> Form:
    """How to store a tensor: ``choose_form``, in the layout that this machine's processor multiplies fastest."""
    form = choose_form(spec, embedding_bits, fmt)
    best = best_layout(torch.device("cpu"), spec.shape[-2], form) if table.format_of(form).block else form
    return best if table.is_stored(best) else form


def slots(spec: TensorSpec, form: Form) -> list[Slot]:
    """The stored tensors of ``spec``, in the order in which they are written."""
    return [Slot(each.name, DTYPES[each.dtype], each.shape) for each in stored(spec, form)]


def file_of(name: str) -> str:
    """The data file that a tensor is written to: one for each text layer, so that each stays below 4 GB."""
    parts = name.split(".")
    if name == PER_LAYER:
        return TABLES
    if is_sound(name):
        return SOUND_FILE
    if "vision" in name:
        return "vision.safetensors"
    return f"layer-{int(parts[3]):03}.safetensors" if parts[2] == "layers" else "shared.safetensors"


def forms_here(
    specs: Mapping[str, TensorSpec], embedding_bits: int = EMBEDDING_BITS, fmt: str = table.NF4.name
) -> dict[str, Form]:
    """How to store each of a model's tensors, see ``form_here``."""
    return {name: form_here(spec, embedding_bits, fmt) for name, spec in specs.items()}


WriteTensor = Callable[[TensorWriter, TensorSpec, Form], None]


class Journal(Protocol):
    """Remembers which files of a folder are finished, for one that is written in several tries."""

    def finished(self, name: str, specs: Sequence[TensorSpec]) -> FileRecord | None:
        """The record of a file that an earlier try has finished; it holds ``specs``."""

    def note(self, name: str, record: FileRecord) -> None:
        """A file was just finished."""


def write_files(
    folder: Path,
    source: str,
    specs: Mapping[str, TensorSpec],
    forms: Mapping[str, Form],
    write: WriteTensor,
    journal: Journal | None = None,
) -> Manifest:
    """Write all data files, ``write`` filling each tensor's slots, and last the manifest."""
    groups: dict[str, list[TensorSpec]] = {}
    for name, spec in specs.items():
        groups.setdefault(file_of(name), []).append(spec)
    files = {}
    for file, group in groups.items():
        if journal is not None and (record := journal.finished(file, group)) is not None:
            files[file] = record
            continue
        # Large tensors first: their sizes are whole cache lines, so that all of them begin on one.
        group.sort(key=lambda spec: -spec.numel)
        layout = [slot for spec in group for slot in slots(spec, forms[spec.name])]
        with TensorWriter(folder / file, layout) as writer:
            for spec in group:
                write(writer, spec, forms[spec.name])
        files[file] = FileRecord(writer.size, writer.checksum)
        if journal is not None:
            journal.note(file, files[file])
    manifest = Manifest(source, sum(spec.numel for spec in specs.values()), dict(forms), files)
    _write_manifest(folder, manifest)
    return manifest


def _write_manifest(folder: Path, manifest: Manifest) -> None:
    value: dict[str, Any] = {"format": FORMAT, **asdict(manifest)}
    atomic.write(folder / MANIFEST, json.dumps(value, indent=1))


@contextlib.contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """A new folder that appears as ``target`` whole or not at all.

    When another process was faster, its folder stays and ours is dropped: both hold the same.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.{os.getpid()}.", suffix=_PARTIAL, dir=target.parent))
    try:
        yield partial
        try:
            partial.rename(target)
        except OSError:
            if not (target / MANIFEST).is_file():
                raise
        atomic.flush_folder(target.parent)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _sweep(target: Path) -> None:
    """Remove what crashed runs left behind."""
    import psutil

    for path in target.parent.glob(f".{target.name}.*{_PARTIAL}"):
        pid = path.name.removeprefix(f".{target.name}.").split(".")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(path, ignore_errors=True)
