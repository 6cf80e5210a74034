"""How each tensor of a model will be stored once it is quantised, and what that takes in bytes.

No torch here: the window's list of models, ``lectern doctor``, the disk check before quantising and the quantiser
itself all get their figures from ``stored_bytes``. ``model.formats.table`` has the formats and their layouts.
"""

from __future__ import annotations

from collections.abc import Mapping

from model.family.inventory import TensorSpec
from model.formats import table
from model.formats.table import BF16, INT8, NF4, Q8, NumberFormat, Stored

Form = str
"""How a tensor is stored: the name of a layout in the table of formats."""

EMBEDDING_BITS = 8
"""The embedding is the LM head too, and 4 bits are too few for it."""
_QUANTISED = ("embedding", "linear", "experts", "lookup")
"""Kinds of tensors; all others stay as published."""


def choose_form(spec: TensorSpec, embedding_bits: int = EMBEDDING_BITS, fmt: str = NF4.name) -> Form:
    """How to store a tensor; sizes that do not divide into blocks stay bf16.

    Of a format's layouts it is the first that fits here. Where this machine multiplies another one faster, the
    quantiser takes that: the same bytes in another order.
    """
    chosen = _chosen(spec, embedding_bits, table.named(fmt))
    layout = chosen.fitting(spec.shape) if chosen is not BF16 else None
    return (layout or BF16.layouts[0]).name


def _chosen(spec: TensorSpec, embedding_bits: int, fmt: NumberFormat) -> NumberFormat:
    if spec.kind not in _QUANTISED:
        return BF16
    if spec.kind == "lookup":  # it takes no memory, so that few bits would save little
        return Q8
    return INT8 if spec.kind == "embedding" and embedding_bits == INT8.bits else fmt


def stored(spec: TensorSpec, form: Form) -> list[Stored]:
    """The tensors that ``spec`` is stored as, in the order in which they are written."""
    return table.format_of(form).parts(spec.name, spec.shape, table.layout_named(form))


def stored_bytes(specs: Mapping[str, TensorSpec], embedding_bits: int = EMBEDDING_BITS, fmt: str = NF4.name) -> int:
    """Bytes that the data files will take on the disk and in memory, without their headers (some 100 kB)."""
    return bytes_of(specs, {name: choose_form(spec, embedding_bits, fmt) for name, spec in specs.items()})


def bytes_of(specs: Mapping[str, TensorSpec], forms: Mapping[str, Form]) -> int:
    """The same for tensors in these forms."""
    return sum(each.nbytes for name, spec in specs.items() for each in stored(spec, forms[name]))
