"""Converts a GGUF model into a quantised folder as a stream: the model is never whole in memory.

The folder's files are written one after another, and a note beside them lists the finished ones. So an import that was
stopped or cut off continues with the file at which it ended.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import torch
from torch import Tensor

from model import atomic
from model.cancel import Cancel
from model.checkpoint.folder_names import read_json
from model.checkpoint.gguf.blocks import Block
from model.checkpoint.gguf.config import build_generation_config
from model.checkpoint.gguf.header import GgufTensor
from model.checkpoint.gguf.model import GgufModel, Source
from model.checkpoint.gguf.names import layout_of
from model.checkpoint.gguf.note import NOTE
from model.checkpoint.gguf.numbers import GgufPiece, Rows, holds, is_exact
from model.checkpoint.gguf.vocabulary import write_vocabulary
from model.checkpoint.published import cuts
from model.checkpoint.quantised_folder import FileRecord, form_here, write_files
from model.checkpoint.quantising import Job
from model.checkpoint.tensor_file import TensorReader
from model.family.inventory import TensorSpec
from model.formats import int4, quantize, table
from model.formats.forms import EMBEDDING_BITS, Form, stored
from model.messages import msg, record
from model.types import LoadProgress

JOURNAL = "importing.json"
"""In a folder that is being written: whose import it is, and which files are finished."""
STAGE = msg("stage.importing", "Importing the model")
_TABLES = ("embedding", "lookup")
_FOUR_BITS = 5.0
"""With their scales: Q4_0 has 4.5, Q4_1 the most with 5."""
_MEASURED, _MEASURED_ROWS = 4, 256
_VERSION = 2
"""Raised when the same file would be written otherwise; an import begun by an older version is not resumed."""


def convert(
    model: GgufModel,
    folder: Path,
    on_progress: Callable[[LoadProgress], None] | None = None,
    cancel: Cancel | None = None,
) -> None:
    """Write ``model`` into ``folder``, going on where an earlier try for the same files ended.

    Raises ``CheckpointError``, ``CancelledError`` and ``OSError``; all leave the written files for the next try.
    """
    forms = choose_forms(model)
    with GgufStream(model.sources) as stream:
        journal = _Journal.open(folder, model.identity(), stream.skip)
        _write_json(folder / "config.json", dict(model.raw))
        _write_json(folder / "generation_config.json", build_generation_config(model.text))
        write_vocabulary(model.text, folder, model.config.text.hidden_size)
        with Job(stream, stream.nbytes, on_progress, cancel, STAGE) as job:
            write_files(folder, journal.source, model.specs, forms, job.write, journal)
        _write_json(folder / NOTE, summary(model, forms, stream))
    (folder / JOURNAL).unlink(missing_ok=True)


def choose_forms(model: GgufModel) -> dict[str, Form]:
    """How each tensor will be stored: as near to the file's numbers as Lectern's formats allow."""
    return {name: _form(source) for name, source in model.sources.items()}


def _form(source: Source) -> Form:
    """Four bits stay four, and more become eight: rounding 5 or 6 bits to 4 would cost what they were chosen for.

    Tables of which rows are read have a scale for 16 numbers, which holds those of all common types.
    """
    blocks = {part.block for part in source.parts}
    if source.spec.kind in _TABLES and not is_exact(blocks, form_here(source.spec, EMBEDDING_BITS)):
        layout = table.Q8X16.fitting(source.spec.shape)
        if layout is not None:
            return layout.name
    bits = max(8 * block.nbytes / block.numbers for block in blocks)
    return form_here(source.spec, EMBEDDING_BITS, (_four(blocks) if bits <= _FOUR_BITS else _eight(blocks)).name)


def _four(blocks: Collection[Block]) -> table.NumberFormat:
    """The 4 bits that lose least: with minimums, unless the numbers come without."""
    return table.INT4 if is_exact(blocks, int4.STORED) else table.INT4M


def _eight(blocks: Collection[Block]) -> table.NumberFormat:
    """The first of the 8-bit formats, the smallest, that holds the whole numbers; for others that."""
    fitting = (one for one in (table.W8, table.W8M, table.W8X16) if holds(blocks, one.layouts[0].name))
    return next(fitting, table.W8)


def stored_bytes(model: GgufModel) -> int:
    """Bytes that the folder will take on the disk, without headers and small files."""
    forms = choose_forms(model)
    return sum(each.nbytes for name, spec in model.specs.items() for each in stored(spec, forms[name]))


def summary(model: GgufModel, forms: Mapping[str, Form], stream: GgufStream) -> dict[str, Any]:
    """The result for each of the file's types: how many numbers are as they were, and how far others are off."""
    kinds: dict[tuple[str, str], list[Source]] = {}
    for name, source in model.sources.items():
        before = "+".join(sorted({part.block.name for part in source.parts}))
        kinds.setdefault((before, forms[name]), []).append(source)
    numbers = [_became(before, form, sources, stream) for (before, form), sources in kinds.items()]
    files = [{"name": path.name, "bytes": path.stat().st_size} for path in model.files]
    return {"files": files, "numbers": numbers, "remarks": [record(remark) for remark in model.remarks]}


def _became(before: str, form: Form, sources: Sequence[Source], stream: GgufStream) -> dict[str, Any]:
    exact = is_exact({part.block for source in sources for part in source.parts}, form)
    about = {
        "from": before,
        "to": table.format_of(form).title,
        "exact": exact,
        "numbers": sum(source.spec.numel for source in sources),
    }
    return about if exact else about | {"off": _off(form, sources, stream)}


def _off(form: Form, sources: Sequence[Source], stream: GgufStream) -> float:
    """The root mean square of what rounding changed, as a part of the numbers' own; of some pieces of some tensors."""
    wrong = right = 0.0
    for source in sources[:: max(1, len(sources) // _MEASURED)][:_MEASURED]:
        columns = source.spec.shape[-1] if source.spec.shape else 1
        plain = next(stream.pieces(source.spec)).plain().view(-1, columns)[:_MEASURED_ROWS]
        wrong += float((decoded(plain, form) - plain).square().sum())
        right += float(plain.square().sum())
    return (wrong / right) ** 0.5 if right else 0.0


def decoded(plain: Tensor, form: Form) -> Tensor:
    """Numbers [N, K] as ``form`` holds them, in float32."""
    numbers, *scales = quantize.encode(plain, form)
    return quantize.dequantise(numbers, scales[0], form, torch.float32) if scales else numbers.float()


class GgufStream:
    """Reads tensors piece by piece along their first axis, as they are stored in the files."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._readers = {path: TensorReader(path) for path in {part.path for s in sources.values() for part in s.parts}}
        self.nbytes = sum(source.nbytes for source in sources.values())
        self.bytes_read = 0

    def skip(self, specs: Sequence[TensorSpec]) -> None:
        """Count tensors as read that an earlier try has written."""
        self.bytes_read += sum(self._sources[spec.name].nbytes for spec in specs)

    def pieces(self, spec: TensorSpec) -> Iterator[GgufPiece]:
        """Experts one by one; matrices by multiples of 32 rows; everything else whole."""
        source = self._sources[spec.name]
        if source.place >= 0 or layout_of(spec) != "same":
            yield self._odd(source)
            return
        if len(spec.shape) < 2:
            yield self._piece(source, 0, 1, spec.shape)
            return
        for start, stop in cuts(spec):
            yield self._piece(source, start, stop, (stop - start, *spec.shape[1:]))

    def _piece(self, source: Source, start: int, stop: int, shape: tuple[int, ...]) -> GgufPiece:
        """Entries ``start`` to ``stop`` along the first axis, of all parts; numbers without rows are one entry."""
        entries = source.spec.shape[0] if len(source.spec.shape) > 1 else 1
        columns = source.spec.shape[-1] if source.spec.shape else 1
        rows = [self._rows(part, start, stop, entries, columns) for part in source.parts]
        return GgufPiece(tuple(rows), shape)

    def _rows(self, part: GgufTensor, start: int, stop: int, entries: int, columns: int) -> Rows:
        each = part.nbytes // entries
        buffer = torch.empty((stop - start) * each, dtype=torch.uint8)
        self._readers[part.path].fill(buffer, part.start + start * each)
        self.bytes_read += buffer.numel()
        return Rows(part.name, part.block, buffer.view(-1, part.block.bytes_of(columns)), columns)

    def _odd(self, source: Source) -> GgufPiece:
        """Tensors that the file lays out in another way than the published model: small, and read whole."""
        part = source.parts[0]
        columns = part.shape[-1]
        rows = self._rows(part, 0, 1, 1, columns).plain().view(part.shape)
        if source.place >= 0:
            self.bytes_read -= part.nbytes - source.nbytes
            found = rows.reshape(-1)[source.place]
        elif layout_of(source.spec) == "softplus":
            found = rows.double().expm1().log().float()
        elif layout_of(source.spec) == "places":  # [axes, places, width] → [places, axes, width]
            found = rows.transpose(0, 1)
        else:  # [n, channels, rows, columns] → [n, rows, columns, channels]
            side = round((source.spec.shape[-1] // 3) ** 0.5)
            found = rows.view(-1, 3, side, side).permute(0, 2, 3, 1)
        return GgufPiece.of(found.reshape(source.spec.shape).contiguous(), part.name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for reader in self._readers.values():
            reader.close()


@dataclass(slots=True)
class _Journal:
    """Which files of ``folder`` are finished. It is on the disk before the next one begins."""

    folder: Path
    source: str
    files: dict[str, FileRecord]
    skip: Callable[[Sequence[TensorSpec]], None]

    @classmethod
    def open(cls, folder: Path, identity: str, skip: Callable[[Sequence[TensorSpec]], None]) -> Self:
        """That of an earlier try for the same files, else a new one in an empty folder."""
        source = f"gguf-{_VERSION}:{identity}"
        noted = read_json(folder / JOURNAL)
        files: dict[str, FileRecord] = {}
        if noted.get("source") == source:
            with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError, OverflowError):
                files = {
                    Path(name).name: FileRecord(int(record["size"]), str(record["sha256"]))
                    for name, record in noted["files"].items()
                }
        elif folder.exists():
            shutil.rmtree(folder)
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, source, files, skip)

    def finished(self, name: str, specs: Sequence[TensorSpec]) -> FileRecord | None:
        """The record of a file that is there whole."""
        record, path = self.files.get(name), self.folder / name
        if record is None or not path.is_file() or path.stat().st_size != record.size:
            return None
        self.skip(specs)
        return record

    def note(self, name: str, record: FileRecord) -> None:
        """Remember a file that was just finished."""
        self.files[name] = record
        files = {name: asdict(record) for name, record in self.files.items()}
        atomic.write(self.folder / JOURNAL, json.dumps({"source": self.source, "files": files}))


def _write_json(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
