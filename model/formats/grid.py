"""Tells whether weights are already on the grid of llama.cpp's ``Q4_0``, from a few hundred groups, without torch.

Checkpoints that were trained for it are published in bf16, but each group of 32 numbers of a row is d q with one d and
whole q from -8 to 7. Weights that were not are never that by chance.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from model.checkpoint.located import Located, read_numbers
from model.family.inventory import TensorSpec
from model.formats.table import INT4

_TENSORS = 6
_GROUPS = 32
_OFF = 2.0**-7
"""Twice what rounding d q and d to bf16 can put a number off, as a part of it."""
_MOST = 0.9
"""Of the groups that are not zeros. A single one by chance is next to impossible."""


def on_the_grid(specs: Mapping[str, TensorSpec], located: Mapping[str, Located]) -> bool:
    """Whether the matrices of a model are on the grid: all but a few of ``_GROUPS`` groups of ``_TENSORS`` of them."""
    wanted = (spec for spec in specs.values() if spec.kind in ("linear", "experts"))
    matrices = [spec for spec in wanted if spec.shape[-1] % INT4.block == 0]
    chosen = matrices[:: max(1, len(matrices) // _TENSORS)][:_TENSORS]
    groups = [group for spec in chosen for group in _groups(located[spec.name]) if any(group)]
    return bool(groups) and sum(map(lies_on_grid, groups)) >= _MOST * len(groups)


def _groups(tensor: Located) -> list[list[float]]:
    """Groups that are spread over the tensor."""
    count = prod(tensor.shape) // INT4.block
    places = sorted({count * number // _GROUPS for number in range(_GROUPS)})
    return [read_numbers(tensor, place * INT4.block, INT4.block) for place in places]


def lies_on_grid(group: list[float]) -> bool:
    """Whether one d and whole numbers from -8 to 7 give the 32 numbers, but for rounding to bf16."""
    largest = max(group, key=abs)
    if not 0 < abs(largest) < float("inf"):
        return False
    return any(_is_given_by(group, largest / number) for number in range(-8, 8) if number)


def _is_given_by(group: list[float], scale: float) -> bool:
    for number in group:
        steps = round(number / scale) if number == number else 9
        if not -8 <= steps <= 7 or abs(number - steps * scale) > abs(steps * scale) * _OFF:
            return False
    return True
