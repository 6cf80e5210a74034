"""Generated checkpoints directly in Lectern's quantised form: random 4-bit numbers under scales of a sane size.

Much faster than quantising generated weights; the full 26B shape is 14.9 GB and is written at the disk's speed.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor

from model.checkpoint.quantised_folder import forms_here, slots, write_files
from model.checkpoint.tensor_file import Slot, TensorWriter
from model.family.inventory import TensorSpec
from model.formats import quantize, table
from model.formats.forms import Form
from model.synthetic.maker import Maker

_RMS = {table.NF4: 0.5, table.Q8: 74.0}
"""About the root mean square of a format's values, all equally likely."""

_POOL = 16 << 20
"""Random bytes made once; every tensor takes its own places in them."""


def write_quantised(folder: Path, maker: Maker) -> None:
    """Write the data files and the manifest into ``folder``, which already has its config and tokenizer."""
    write_files(folder, "generated", maker.specs, forms_here(maker.specs), _Writer(maker).write)


class _Writer:
    def __init__(self, maker: Maker) -> None:
        self._maker = maker
        self._pool = torch.randint(0, 256, (_POOL,), dtype=torch.uint8, generator=maker.generator("pool"))

    def write(self, writer: TensorWriter, spec: TensorSpec, form: Form) -> None:
        """Fill the slots of ``spec``."""
        fmt = table.format_of(form)
        if fmt is table.BF16:
            writer.write(spec.name, self._maker.make(spec, torch.bfloat16))
        elif fmt.block:
            numbers, scales = slots(spec, form)
            self._numbers(writer, numbers)
            writer.write(scales.name, self._scales(spec, scales, fmt))
        else:
            self._embedding(writer, spec, form)

    def _embedding(self, writer: TensorWriter, spec: TensorSpec, form: Form) -> None:
        numbers, scales = slots(spec, form)
        kept = []
        for rows in self._maker.pieces(spec, torch.bfloat16):
            data, scale = quantize.quantise(rows, form)
            writer.write(numbers.name, data)
            kept.append(scale)
        writer.write(scales.name, torch.cat(kept))

    def _numbers(self, writer: TensorWriter, slot: Slot) -> None:
        """Random bytes, from a place in the pool that depends on the name."""
        start = int(torch.randint(0, _POOL, (), generator=self._maker.generator(slot.name)))
        left = slot.nbytes
        while left:
            piece = self._pool[start : start + left]
            writer.write(slot.name, piece)
            left -= len(piece)
            start = 0

    def _scales(self, spec: TensorSpec, slot: Slot, fmt: table.NumberFormat) -> Tensor:
        random = self._maker.random(slot.name, math.prod(slot.shape)).view(slot.shape)
        width = self._maker.config.text.hidden_size_per_layer_input if spec.kind == "lookup" else spec.shape[-1]
        return ((1 + 0.1 * random) * (width**-0.5 / _RMS[fmt])).to(slot.dtype)
