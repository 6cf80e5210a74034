"""A model folder as it is published: config.json and one or several safetensors files, checked before use."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import torch
from torch import Tensor

from model.config import ModelConfig, read_config
from model.errors import CheckpointError
from model.inventory import HEAD, TensorSpec, expected_tensors
from model.tensor_file import Entry, MappedFile, TensorReader, read_header

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_FLOATS = (torch.bfloat16, torch.float16, torch.float32)
_PIECE = 4 << 20
"""Numbers that are read and quantised at a time: about one expert, and they stay in the processor's cache."""

_PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl")


class PublishedFolder:
    """The checked list of a folder's tensors, and a stream of their contents."""

    def __init__(self, folder: Path) -> None:
        _refuse_other_formats(folder)
        self.folder = folder
        self.config: ModelConfig = read_config(folder)
        self.specs = expected_tensors(self.config)
        self.files = _files(folder)
        self.maps: tuple[MappedFile, ...] = ()
        """The files, once ``mapped`` has been called."""
        self._where: dict[str, tuple[Path, Entry]] = {}
        for path in self.files:
            self._where |= {name: (path, entry) for name, entry in read_header(path).items()}
        _check(self.specs, self._where, folder)

    @property
    def nbytes(self) -> int:
        """Bytes of all tensors that the model uses."""
        return sum(self._where[name][1].nbytes for name in self.specs)

    def trained_for_int4(self) -> bool:
        """Whether its name, or the one in its configuration, says that it was trained for llama.cpp's ``Q4_0``."""
        config = json.loads((self.folder / "config.json").read_text(encoding="utf-8"))
        names = (self.folder.resolve().name, str(config.get("_name_or_path", "")))
        return any("qat" in name.lower() and "q4_0" in name.lower() for name in names)

    def identity(self) -> str:
        """A key that differs between models: from the config, and each file's name, size, header and ends."""
        digest = hashlib.sha256((self.folder / "config.json").read_bytes())
        for path in self.files:
            size = path.stat().st_size
            digest.update(f"\n{path.name}:{size}\n".encode())
            with path.open("rb") as file:
                length = int.from_bytes(file.read(8), "little")
                digest.update(file.read(length + _SAMPLE))
                file.seek(max(0, size - _SAMPLE))
                digest.update(file.read(_SAMPLE))
        return digest.hexdigest()

    def mapped(self) -> Mapping[str, Tensor]:
        """All tensors as views on the files."""
        maps = {path: MappedFile(path) for path in self.files}
        self.maps = tuple(maps.values())
        return {name: maps[self._where[name][0]].tensor(name) for name in self.specs}

    def stream(self) -> TensorStream:
        """A reader of the tensors, piece by piece."""
        return TensorStream(self._where)


_SAMPLE = 65_536


class TensorStream:
    """Reads tensors in bf16, piece by piece along their first axis."""

    def __init__(self, where: Mapping[str, tuple[Path, Entry]]) -> None:
        self._where = where
        self._readers = {path: TensorReader(path) for path in {path for path, _ in where.values()}}
        self.bytes_read = 0

    def pieces(self, spec: TensorSpec) -> Iterator[Tensor]:
        """Experts one by one; matrices by multiples of 32 rows; everything else whole."""
        path, entry = self._where[spec.name]
        for start, stop in _cuts(spec):
            piece = self._readers[path].read(entry, start, stop)
            self.bytes_read += piece.nbytes
            yield piece.to(torch.bfloat16)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reader in self._readers.values():
            reader.close()


def _cuts(spec: TensorSpec) -> Iterator[tuple[int, int]]:
    rows = spec.shape[0] if spec.shape else 1
    if spec.kind == "experts":
        step = 1
    elif len(spec.shape) == 2:
        step = max(32, _PIECE // spec.shape[1] // 32 * 32)
    else:
        step = rows
    for start in range(0, rows, step):
        yield start, min(rows, start + step)


def _refuse_other_formats(folder: Path) -> None:
    """Formats that people try, each with a word on what to do instead."""
    if folder.suffix == ".gguf" or (folder.is_dir() and _has(folder, ".gguf") and not _has(folder, ".safetensors")):
        raise CheckpointError(
            f"{folder} is in the GGUF format, which Lectern does not read; choose a folder with the model's "
            ".safetensors files."
        )
    if folder.is_file():
        raise CheckpointError(f"{folder} is a file; choose the folder that holds the model's config.json.")


def _has(folder: Path, suffix: str) -> bool:
    return any(path.suffix == suffix for path in folder.iterdir())


def _files(folder: Path) -> list[Path]:
    """The safetensors files, from the index where there is one."""
    index = folder / INDEX
    if index.is_file():
        return _indexed(index)
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    pickles = [path.name for path in folder.iterdir() if path.suffix in _PICKLES]
    if pickles:
        raise CheckpointError(
            f"{folder} holds its weights as {pickles[0]}, a format that can run code and is never opened; "
            "download the model's .safetensors files."
        )
    if _has(folder, ".safetensors"):
        raise CheckpointError(f"{folder} has weights but no {INDEX}; download that file too.")
    raise CheckpointError(f"{folder} has no weights; download the model's .safetensors files into it.")


def _indexed(index: Path) -> list[Path]:
    try:
        names = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        sound = bool(names) and all(isinstance(name, str) and Path(name).name == name for name in names)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:  # a name with a folder in it could reach any file on the machine
        raise CheckpointError(f"{index} is damaged; download it again.")
    missing = [name for name in names if not (index.parent / name).is_file()]
    if missing:
        rest = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise CheckpointError(f"{index.parent / missing[0]}{rest} is missing; download the model again.")
    return [index.parent / name for name in names]


def _check(specs: Mapping[str, TensorSpec], where: Mapping[str, tuple[Path, Entry]], folder: Path) -> None:
    """Every tensor that the configuration asks for, none besides, each of its shape and in floating point."""
    missing = [name for name in specs if name not in where]
    if missing:
        raise CheckpointError(
            f"{folder} lacks {len(missing)} of the model's {len(specs)} tensors, such as {missing[0]}; download the "
            "model again."
        )
    unexpected = [name for name in where if name not in specs and name != HEAD]
    if unexpected:
        raise CheckpointError(
            f"{where[unexpected[0]][0]} has tensors that config.json does not name, such as {unexpected[0]}; "
            "config.json and weights come from different models, so download both again."
        )
    for name, spec in specs.items():
        path, entry = where[name]
        if entry.shape != spec.shape:
            raise CheckpointError(
                f"{path} stores {name} as {list(entry.shape)} where config.json says {list(spec.shape)}; config.json "
                "and weights come from different models, so download both again."
            )
        if entry.dtype not in _FLOATS:
            raise CheckpointError(
                f"{path} stores {name} as {entry.dtype}, so it is quantised already in a way that Lectern does "
                "not read; use the bfloat16 release of the model."
            )
