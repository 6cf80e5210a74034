"""A whole model in GGUF files: the language model's own, its other parts, and the vision tower's beside it. No torch.

llama.cpp keeps the tower in a second file (``mmproj…gguf``), Ollama in the same one; a large file may be split into
``NAME-00001-of-00003.gguf``. This module finds everything that an import needs to know before it reads weights, and
the details of a file that the list of models shows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from model.checkpoint.foreign import short
from model.checkpoint.gguf.config import ARCHITECTURE, build_config, build_generation_config
from model.checkpoint.gguf.header import GgufHeader, GgufTensor, is_gguf, read_gguf
from model.checkpoint.gguf.names import (
    CLAMPS,
    EMBEDDING,
    HEAD,
    clamp_place,
    halves_of,
    is_left_out,
    is_sound,
    layout_of,
    llama_names,
    name_of,
)
from model.checkpoint.layout import UNUSED_SOUND
from model.errors import CheckpointError, LecternError, UnsupportedModelError
from model.family.config import ModelConfig
from model.family.config_json import config_of, parse_config
from model.family.inventory import TensorSpec, expected_tensors
from model.family.inventory import is_sound as is_model_sound
from model.messages import Message, msg

_SPLIT = re.compile(r"(.+)-(\d{5})-of-(\d{5})\.gguf")
_MOST_PARTS = 1000
_MOST_SIBLINGS = 200
_OTHER_KINDS = {
    "gemma4-assistant": "a drafter for speculative decoding",
    "gemma4_assistant": "a drafter for speculative decoding",
    "gemma3": "a Gemma 3 model",
    "gemma3n": "a Gemma 3n model",
    "llama": "a Llama model",
}
_TOWERS = ("gemma4v", "gemma4uv")
"""The tower's kind, and the 12B's, which has none."""
NO_TOWER = msg(
    "gguf.no-vision",
    "There was no vision tower (mmproj) for this model beside the GGUF file, so it reads text only; put the mmproj "
    "file into the same folder and import it again.",
)
OTHER_TOWER = msg(
    "gguf.other-vision",
    "The mmproj file beside this model holds a kind of vision tower that Lectern does not run, so the model reads "
    "text only.",
)


@dataclass(frozen=True, slots=True)
class Source:
    """Where one of the model's tensors comes from: one tensor of a file, or experts' gate and up side by side."""

    spec: TensorSpec
    parts: tuple[GgufTensor, ...]
    place: int = -1
    """The index of a vision tower's bound that shares one tensor with all others."""

    @property
    def nbytes(self) -> int:
        """Bytes that are read for it."""
        return 4 if self.place >= 0 else sum(part.nbytes for part in self.parts)


@dataclass(frozen=True, slots=True)
class GgufModel:
    """A model that can be imported. ``remarks`` name the parts of its files that are left out."""

    path: Path
    text: GgufHeader
    files: tuple[Path, ...]
    raw: Mapping[str, Any]
    """Its ``config.json``."""
    config: ModelConfig
    sources: Mapping[str, Source]
    remarks: tuple[Message, ...]

    @property
    def specs(self) -> dict[str, TensorSpec]:
        """The model's tensors."""
        return {name: source.spec for name, source in self.sources.items()}

    @property
    def nbytes(self) -> int:
        """Bytes of all files."""
        return sum(path.stat().st_size for path in self.files)

    @property
    def name(self) -> str:
        """The model's name: its file's, or the one in the metadata where the file is named by its checksum."""
        match = _SPLIT.fullmatch(self.path.name)
        own = match[1] if match else self.path.name.removesuffix(".gguf")
        if not re.match(r"sha256[-:]", own):
            return own
        said = "".join(c if c.isalnum() or c in " .-_" else "-" for c in self.text.text("general.name")).strip(" .")
        return said[:100] or "gemma-4"

    def identity(self) -> str:
        """A key that differs between models: from each file's size, header and ends."""
        digest = hashlib.sha256()
        for path in self.files:
            size = path.stat().st_size
            digest.update(f"\n{size}\n".encode())
            with path.open("rb") as file:
                digest.update(file.read(1 << 20))
                file.seek(max(0, size - (1 << 16)))
                digest.update(file.read(1 << 16))
        return digest.hexdigest()


def find_gguf(path: Path, mmproj: Path | None = None) -> GgufModel:
    """The model in the GGUF file ``path``, checked as far as can be without reading weights.

    ``mmproj`` is the file with its vision tower; by default one beside it that fits. Raises ``CheckpointError`` or
    ``UnsupportedModelError``, one sentence each.
    """
    text = read_gguf(path)
    _refuse_other_models(text)
    headers = [text, *_other_parts(text)]
    tensors = _tensors(headers)
    if len(tensors) != sum(len(header.tensors) for header in headers):
        raise CheckpointError(
            msg(
                "gguf.tensor-twice",
                "{path} and its other parts hold the same tensor twice; download them again.",
                path=path,
            )
        )
    vision: GgufHeader | None = text
    remarks: list[Message] = []
    if not any(name.startswith("v.blk.") for name in tensors):
        own = any(name.startswith("v.") for name in tensors)
        vision, remarks = (None, [OTHER_TOWER]) if own else _tower(text, tensors, mmproj)
        if vision is not None:
            headers.append(vision)
            tensors |= _tensors([vision])
    raw, ends = build_config(text, vision, tensors), tuple(build_generation_config(text)["eos_token_id"])
    if not _hears(raw, tensors):
        raw["audio_config"] = None
    config = config_of(raw, path, path, ends)
    sources = _sources(path, expected_tensors(config), tensors)
    text_config = raw["text_config"]
    first_shared = text_config["num_hidden_layers"] - text_config["num_kv_shared_layers"]
    _refuse_rest(path, tensors, sources.values(), vision is not None, first_shared)
    if config.audio is None and any(map(is_sound, tensors)):
        remarks.append(UNUSED_SOUND)
    _check_head(tensors, path)
    files = tuple(header.path for header in headers)
    return GgufModel(path, text, files, raw, config, sources, tuple(remarks))


def _refuse_other_models(text: GgufHeader) -> None:
    kind = text.text("general.architecture")
    if kind == ARCHITECTURE and text.text("general.type") in ("", "model"):
        return
    if kind == "clip":
        raise UnsupportedModelError(
            msg(
                "gguf.vision-alone",
                "{path} holds only a vision tower (mmproj); choose the model's own GGUF file beside it, and this one "
                "will be found too.",
                path=text.path,
            )
        )
    if text.text("general.type") == "adapter":
        raise UnsupportedModelError(
            msg(
                "gguf.adapter",
                "{path} holds an adapter and not a whole model; choose the GGUF file of a whole Gemma 4.",
                path=text.path,
            )
        )
    what = _OTHER_KINDS.get(kind, f"a model of the kind {short(kind)!r}")
    raise UnsupportedModelError(
        msg(
            "gguf.other-kind",
            "{path} holds {kind}, which Lectern does not run; choose the GGUF file of a Gemma 4, such "
            "as google/gemma-4-26B-A4B-it-qat-q4_0-gguf.",
            path=text.path,
            kind=what,
        )
    )


def _other_parts(first: GgufHeader) -> list[GgufHeader]:
    """The headers of a split file's other parts. Raises ``CheckpointError`` where one is missing."""
    count = first.metadata.get("split.count", 1)
    if type(count) is not int or count <= 1:
        return []
    match = _SPLIT.fullmatch(first.path.name)
    if match is None or int(match[3]) != count or count > _MOST_PARTS:
        raise CheckpointError(
            msg(
                "gguf.part-renamed",
                "{path} is one of {parts} parts of a model and was renamed, so the others cannot be found; "
                "give the parts their names back (NAME-00001-of-00003.gguf).",
                path=first.path,
                parts=count,
            )
        )
    if int(match[2]) != 1:
        raise CheckpointError(
            msg(
                "gguf.later-part",
                "{path} is a later part of a model; choose its first part, {name}-00001-….",
                path=first.path,
                name=match[1],
            )
        )
    names = [f"{match[1]}-{number:05}-of-{match[3]}.gguf" for number in range(2, count + 1)]
    return [read_gguf(first.path.with_name(name)) for name in names]


def _tower(
    text: GgufHeader, tensors: Mapping[str, GgufTensor], mmproj: Path | None
) -> tuple[GgufHeader | None, list[Message]]:
    """The file with the vision tower that fits the model, and remarks about it."""
    embedding = tensors.get(EMBEDDING)
    hidden = embedding.shape[-1] if embedding is not None else 0
    if mmproj is not None:
        header = read_gguf(mmproj)
        if not _fits(header, hidden):
            raise CheckpointError(
                msg(
                    "gguf.wrong-vision",
                    "{path} is not the vision tower of {model}; choose the one published with it.",
                    path=mmproj,
                    model=text.path,
                )
            )
        return (header, []) if _runs(header) else (None, [OTHER_TOWER])
    beside = [header for header in _headers_beside(text.path) if _fits(header, hidden)]
    runs = [header for header in beside if _runs(header)]
    if runs:  # of several, the most exact one
        return max(runs, key=lambda header: header.size), []
    return None, [OTHER_TOWER if beside else NO_TOWER]


def _headers_beside(path: Path) -> Iterable[GgufHeader]:
    try:
        names = sorted(entry for entry in path.parent.iterdir() if "mmproj" in entry.name.lower())
    except OSError:
        return
    for beside in names[:_MOST_SIBLINGS]:
        if beside != path and beside.is_file() and is_gguf(beside):
            try:
                yield read_gguf(beside)
            except LecternError:  # an unrelated file, which may be invalid
                continue


def _fits(header: GgufHeader, hidden: int) -> bool:
    projection = header.tensors.get("mm.input_projection.weight")
    return header.text("general.architecture") == "clip" and projection is not None and projection.shape[0] == hidden


def _runs(header: GgufHeader) -> bool:
    kind = header.text("clip.vision.projector_type") or header.text("clip.projector_type")
    return kind in _TOWERS and "v.position_embd.weight" in header.tensors


def _tensors(headers: Iterable[GgufHeader]) -> dict[str, GgufTensor]:
    """All tensors of these files, under llama.cpp's names."""
    found = {name: tensor for header in headers for name, tensor in header.tensors.items()}
    return {new: replace(found[old], name=new) for old, new in llama_names(found).items()}


def _hears(raw: Mapping[str, Any], tensors: Mapping[str, GgufTensor]) -> bool:
    """Whether the audio tower that ``raw`` describes is there whole."""
    if raw["audio_config"] is None:
        return False
    try:
        specs = expected_tensors(parse_config(raw))
        sources = [_source(spec, tensors) for name, spec in specs.items() if is_model_sound(name)]
        for source in sources:
            if source is None:
                return False
            _check_shapes(source)
    except (CheckpointError, ValueError, KeyError, TypeError):
        return False
    return True


def _sources(path: Path, specs: Mapping[str, TensorSpec], tensors: Mapping[str, GgufTensor]) -> dict[str, Source]:
    found = {name: source for name, spec in specs.items() if (source := _source(spec, tensors)) is not None}
    missing = [name_of(specs[name]) or name for name in specs if name not in found]
    if missing:
        raise CheckpointError(
            msg(
                "model.tensors-missing",
                "{folder} lacks {missing} of the model's {total} tensors, such as {name}; download the model again.",
                folder=path,
                missing=len(missing),
                total=len(specs),
                name=missing[0],
            )
        )
    for source in found.values():
        _check_shapes(source)
    return found


def _source(spec: TensorSpec, tensors: Mapping[str, GgufTensor]) -> Source | None:
    name = name_of(spec)
    if name in tensors:
        return Source(spec, (tensors[name],))
    place = clamp_place(spec.name)
    if place >= 0 and CLAMPS in tensors:
        return Source(spec, (tensors[CLAMPS],), place)
    halves = halves_of(name)
    if halves is not None and all(half in tensors for half in halves):
        return Source(spec, tuple(tensors[half] for half in halves))
    return None


def _check_shapes(source: Source) -> None:
    """Axes of length 1 do not count: a file has none without numbers."""
    shape = source.spec.shape
    if source.place >= 0:
        shape = (max(source.parts[0].shape[-1], source.place + 1),)
    elif len(source.parts) > 1:
        shape = (shape[0], shape[1] // len(source.parts), *shape[2:])
    elif layout_of(source.spec) == "patches":
        side = round((shape[1] // 3) ** 0.5)
        shape = (shape[0], 3, side, side)
    elif layout_of(source.spec) == "places":
        shape = (shape[1], shape[0], shape[2])
    for part in source.parts:
        if [n for n in part.shape if n != 1] != [n for n in shape if n != 1]:
            raise CheckpointError(
                msg(
                    "gguf.shape",
                    "{path} stores {name} as {shape} where its metadata says {expected}; download the model again.",
                    path=part.path,
                    name=short(part.name),
                    shape=list(part.shape),
                    expected=list(shape),
                )
            )


def _check_head(tensors: Mapping[str, GgufTensor], path: Path) -> None:
    """Some programs write the tied head again; one that differs was trained apart."""
    head, embedding = tensors.get(HEAD), tensors.get(EMBEDDING)
    if head is None or embedding is None:
        return
    if (head.block, head.shape) == (embedding.block, embedding.shape) and _same_bytes(head, embedding):
        return
    raise UnsupportedModelError(
        msg(
            "gguf.untied",
            "{path} holds a Gemma 4 whose output layer (output.weight) differs from its embedding, "
            "which Lectern does not run; choose a file without output.weight, as llama.cpp writes it.",
            path=path,
        )
    )


def _same_bytes(one: GgufTensor, other: GgufTensor, places: int = 64, length: int = 1 << 15) -> bool:
    last = max(0, one.nbytes - length)
    with one.path.open("rb") as first, other.path.open("rb") as second:
        for at in sorted({last * place // (places - 1) for place in range(places)}):
            first.seek(one.start + at)
            second.seek(other.start + at)
            if first.read(min(length, one.nbytes)) != second.read(min(length, one.nbytes)):
                return False
    return True


def _refuse_rest(
    path: Path, tensors: Mapping[str, GgufTensor], sources: Iterable[Source], has_vision: bool, first_shared: int
) -> None:
    used = {part.name for source in sources for part in source.parts} | {HEAD}
    rest = sorted(set(tensors) - used)
    unknown = [name for name in rest if not is_left_out(name, first_shared) and not is_sound(name)]
    if not has_vision:
        unknown = [name for name in unknown if not name.startswith(("v.", "mm."))]
    if unknown:
        raise CheckpointError(
            msg(
                "gguf.strange-tensor",
                "{path} holds {name}, which no Gemma 4 has that Lectern knows, so its answers could be "
                "wrong; choose the model as Google or llama.cpp publishes it.",
                path=path,
                name=short(unknown[0]),
            )
        )
