"""Can a published folder be opened? Looked at without reading weights and without torch.

The list of models, importing and opening all ask here, so that what the list calls sound opens, and what does not open
is named in the list, in the same sentence.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from model.checkpoint.folder_names import CONFIG, MANIFEST, actual_folder, has_snapshots, read_json, says_q4_0
from model.checkpoint.foreign import adapter_file, quantised_by
from model.checkpoint.gguf.header import is_gguf
from model.checkpoint.gguf.note import import_remarks
from model.checkpoint.header import read_spans
from model.checkpoint.layout import NO_SOUND, UNUSED_SOUND, find_tensors, hears
from model.checkpoint.located import Located, same_bytes
from model.checkpoint.packed.schemes import NATURAL, ROUNDED_ANEW, gather
from model.errors import CheckpointError, UnsupportedModelError
from model.family.config import ModelConfig
from model.family.config_json import read_config
from model.family.inventory import EMBEDDING, TensorSpec, expected_tensors
from model.formats.grid import on_the_grid
from model.formats.table import INT4, NF4, WHOLE_MODEL, named
from model.messages import Message, msg, msg_n

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")
_SAMPLE = 65_536


@dataclass(frozen=True, slots=True)
class Inspected:
    """A folder that can be opened. ``remarks`` name the parts that are left out, one sentence each."""

    folder: Path
    config: ModelConfig
    specs: Mapping[str, TensorSpec]
    files: tuple[Path, ...]
    tensors: Mapping[str, Located]
    head: Located | None
    remarks: tuple[Message, ...]

    def trained_for_int4(self) -> bool:
        """Whether it was trained for llama.cpp's ``Q4_0``: its name tells so, or its numbers are on that grid."""
        plain = {name: spec for name, spec in self.specs.items() if not self.tensors[name].packed}
        return says_q4_0(self.folder) or on_the_grid(plain, self.tensors)

    def identity(self) -> str:
        """A key that differs between models: from the config, and each file's name, size, header and ends."""
        digest = hashlib.sha256((self.folder / CONFIG).read_bytes())
        for path in self.files:
            size = path.stat().st_size
            digest.update(f"\n{path.name}:{size}\n".encode())
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                digest.update(file.read(length + _SAMPLE))
                file.seek(max(0, size - _SAMPLE))
                digest.update(file.read(_SAMPLE))
        return digest.hexdigest()

    def formats(self) -> tuple[str, ...]:
        """The formats that suit it, those that suit it best first: its own where it is quantised already."""
        own = Counter(name for tensor in self.tensors.values() if (name := natural_format(tensor)))
        first = named(own.most_common(1)[0][0]) if own else INT4 if self.trained_for_int4() else NF4
        return first.name, *(one.name for one in WHOLE_MODEL if one is not first)


def inspect(folder: Path) -> Inspected:
    """Everything that can be known of a published folder before its weights are read.

    Of the Hub's own layout it is the snapshot that is meant, see ``actual_folder``.
    Raises ``CheckpointError`` or ``UnsupportedModelError``: one sentence with the fault and what to do.
    """
    folder = actual_folder(folder)
    names = _names(folder)
    _refuse_other_formats(folder, names)
    config = read_config(folder)
    specs = expected_tensors(config)
    files = tuple(_weight_files(folder, names))
    raw = read_json(folder / CONFIG)
    spans = gather({name: (path, span) for path in files for name, span in read_spans(path).items()}, raw)
    deaf = config.audio is not None and not hears(specs, spans)
    if deaf:  # a finetune on text, or one that another program saved in its own layout
        config = replace(config, audio=None)
        specs = expected_tensors(config)
    declared = quantised_by(raw)
    found = find_tensors(folder, specs, spans, declared)
    if found.head is not None and not _is_tied(found.head, found.tensors[EMBEDDING]):
        raise UnsupportedModelError(untied(folder))
    adapter = adapter_file(names)
    remarks = [
        *((adapter_remark(adapter),) if adapter else ()),
        *_packed_remarks(found.tensors, declared),
        *found.remarks,
    ]
    if deaf and UNUSED_SOUND not in remarks:
        remarks.append(NO_SOUND)
    return Inspected(folder, config, specs, files, found.tensors, found.head, tuple(remarks))


def natural_format(tensor: Located) -> str:
    """The format that a tensor which another program has quantised becomes; empty for plain numbers."""
    return NATURAL[tensor.packed[0].span.scheme] if tensor.packed else ""


def _packed_remarks(tensors: Mapping[str, Located], declared: str) -> list[Message]:
    schemes = {rows.span.scheme for tensor in tensors.values() for rows in tensor.packed[:1]}
    remarks = []
    if schemes - ROUNDED_ANEW:
        remarks.append(
            msg(
                "model.packed-kept",
                "Another program has quantised this model ({how}); its numbers are kept as they are, with scales of 16 "
                "bits.",
                how=declared or ", ".join(sorted(schemes - ROUNDED_ANEW)),
            )
        )
    if schemes & ROUNDED_ANEW:
        remarks.append(
            msg(
                "model.packed-rounded",
                "Another program has quantised this model ({how}); Lectern rounds its numbers a second time, so choose "
                "the bfloat16 release if you can.",
                how=declared or ", ".join(sorted(schemes & ROUNDED_ANEW)),
            )
        )
    return remarks


def remarks_of(folder: Path) -> tuple[Message, ...]:
    """Remarks on parts left out of the model in ``folder``; for one that Lectern has quantised, those of its import."""
    return import_remarks(folder) if (folder / MANIFEST).is_file() else inspect(folder).remarks


def untied(folder: Path) -> Message:
    """The message about a model whose LM head is not its embedding."""
    return msg(
        "model.untied",
        "{folder} holds a Gemma 4 whose output layer (lm_head.weight) was trained apart from its "
        "embedding, which Lectern does not run; choose a model with tied embeddings, as published.",
        folder=folder,
    )


def adapter_remark(file: str) -> Message:
    """The message about an adapter beside whole weights."""
    return msg(
        "model.adapter-beside",
        "This folder also holds an adapter ({name}), which is applied only where it is switched on: in the list of "
        "models, or with --adapter.",
        name=file,
    )


def _is_tied(head: Located, embedding: Located) -> bool:
    return (head.dtype, head.shape) == (embedding.dtype, embedding.shape) and same_bytes(head, embedding)


def _names(folder: Path) -> list[str]:
    """The folder's files. Raises ``CheckpointError``."""
    if folder.is_file():
        if folder.suffix == ".gguf" or is_gguf(folder):
            raise CheckpointError(to_import(folder))
        raise CheckpointError(
            msg(
                "model.is-file",
                "{path} is a file; choose the folder with config.json and the .safetensors files.",
                path=folder,
            )
        )
    try:
        return sorted(entry.name for entry in folder.iterdir() if entry.is_file())
    except OSError:
        raise CheckpointError(
            msg(
                "model.folder-unreachable",
                "The model folder {folder} does not exist or cannot be opened; choose another folder.",
                folder=folder,
            )
        ) from None


def _refuse_other_formats(folder: Path, names: list[str]) -> None:
    """Formats that people try, each with a word on what to do instead."""
    if INDEX in names:
        return
    weights = [name for name in names if name.endswith(".safetensors")]
    if adapter_file(names) and not [name for name in weights if not name.startswith("adapter")]:
        raise CheckpointError(
            msg(
                "model.adapter-only",
                "{folder} holds an adapter and not a whole model; choose the model it was trained for, and switch the "
                "adapter on below it in the list of models, or with --adapter.",
                folder=folder,
            )
        )
    if weights:
        return
    for name in names:
        if name.endswith(".gguf"):
            raise CheckpointError(to_import(folder / name))
    pickle = next((name for name in names if name.endswith(_PICKLES)), "")
    if pickle:
        raise CheckpointError(
            msg(
                "model.pickle",
                "{path} may hold a pickled checkpoint, a format that can run code and is never opened; "
                "choose the folder with config.json and the .safetensors files.",
                path=folder / pickle,
            )
        )
    if CONFIG in names:
        raise CheckpointError(
            msg(
                "model.no-weights",
                "{folder} has no weights: it holds no .safetensors files; download the model's weights into it too.",
                folder=folder,
            )
        )
    if has_snapshots(folder):
        raise CheckpointError(
            msg(
                "model.snapshots",
                "{folder} holds several snapshots of a model; choose one of the folders in snapshots.",
                folder=folder,
            )
        )
    raise CheckpointError(
        msg(
            "model.not-a-folder",
            "{folder} is not a model folder; choose the folder with config.json and the .safetensors files.",
            folder=folder,
        )
    )


def to_import(path: Path) -> Message:
    """The message about a GGUF file given where a model is opened."""
    return msg(
        "gguf.to-import",
        "{path} is a GGUF file, which Lectern opens once it is imported: choose Models → Import a "
        "GGUF file…, or run `lectern models import` with it.",
        path=path,
    )


def _weight_files(folder: Path, names: list[str]) -> list[Path]:
    """The safetensors files that belong to the model, from the index where there is one."""
    if INDEX not in names:
        if SINGLE not in names:
            raise CheckpointError(
                msg(
                    "model.no-index",
                    "{folder} has weights but no {name}; download that file too.",
                    folder=folder,
                    name=INDEX,
                )
            )
        return [folder / SINGLE]
    index = folder / INDEX
    try:
        wanted = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        sound = bool(wanted) and all(isinstance(name, str) and Path(name).name == name for name in wanted)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:  # a name with a folder in it could reach any file on the machine
        raise CheckpointError(msg("model.index-damaged", "{path} is damaged; download it again.", path=index))
    missing = [name for name in wanted if name not in names]
    if missing:
        raise CheckpointError(
            msg_n(
                "model.files-missing",
                "{folder} lacks {name}; download the missing file into the folder.",
                "{folder} lacks {n} files, such as {name}; download the missing files into the folder.",
                len(missing),
                folder=folder,
                name=missing[0],
            )
        )
    return [folder / name for name in wanted]
