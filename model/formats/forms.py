"""How each tensor of a model will be stored once it is quantised, and what that takes in bytes.

No torch here: the window's list of models, ``lectern doctor``, the disk check before quantising and the quantiser
itself all get their figures from ``stored_bytes``. ``model.formats.quantize`` has the layouts' bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Literal

from model.checkpoint.header import ITEM_BYTES
from model.family.inventory import TensorSpec
from model.types import Format

Form = Literal["rows", "rows32", "int4", "int8", "dense"]
"""How a tensor is stored: NF4 in one of its two layouts, int4, 8-bit rows, or bf16 as published."""

BLOCK = 64
"""Numbers of a row that share one NF4 scale."""
GROUP = 32
"""Numbers of a row that share one int4 scale: llama.cpp's ``Q4_0``."""
LANES = 32
"""Rows side by side in the ``rows32`` and ``int4`` layouts."""
EMBEDDING_BITS = 8
"""The embedding is the LM head too, and 4 bits are too few for it."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One tensor as it will lie in a file. ``dtype`` is a name of the safetensors format."""

    name: str
    dtype: str
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Its size in the file."""
        return prod(self.shape) * ITEM_BYTES[self.dtype]


def choose_form(spec: TensorSpec, embedding_bits: int = EMBEDDING_BITS, fmt: Format = "nf4") -> Form:
    """How to store a tensor; sizes that do not divide into blocks stay bf16.

    NF4 is always ``rows`` here. Where this machine multiplies ``rows32``, the quantiser takes that: the same bytes in
    another order.
    """
    if spec.kind == "embedding" and embedding_bits == 8:
        return "int8"
    if spec.kind not in ("embedding", "linear", "experts"):
        return "dense"
    if fmt == "int4":
        return "dense" if spec.shape[-1] % GROUP or spec.shape[-2] % LANES else "int4"
    return "dense" if spec.shape[-1] % BLOCK else "rows"


def stored(spec: TensorSpec, form: Form) -> list[Stored]:
    """The tensors that ``spec`` is stored as, in the order in which they are written."""
    name, *experts = spec.name, *spec.shape[:-2]
    if form == "dense":
        return [Stored(name, "BF16", spec.shape)]
    rows, columns = spec.shape[-2:]
    if form == "int8":
        return [Stored(f"{name}.int8", "I8", spec.shape), Stored(f"{name}.scale", "BF16", (rows,))]
    if form == "int4":
        return [
            Stored(f"{name}.int4", "U8", (*experts, rows, columns // 2)),
            Stored(f"{name}.scale", "F16", (*experts, columns // GROUP, rows)),
        ]
    blocks = columns // BLOCK
    scales = (blocks, rows) if form == "rows32" else (rows, blocks)
    return [
        Stored(f"{name}.nf4", "U8", (*experts, rows, columns // 2)),
        Stored(f"{name}.scale", "BF16", (*experts, *scales)),
    ]


def stored_bytes(specs: Mapping[str, TensorSpec], embedding_bits: int = EMBEDDING_BITS, fmt: Format = "nf4") -> int:
    """What the data files will take on the disk and in memory, without their headers (some 100 kB)."""
    forms = ((spec, choose_form(spec, embedding_bits, fmt)) for spec in specs.values())
    return sum(each.nbytes for spec, form in forms for each in stored(spec, form))
