"""Dense lessons for the tower on whole pages: which field's value is in a patch, and what a soft token tells of it.

Two layers before the end every patch of a label must know its field, and one of a value that too, and the place of its
letter (``content``). The pooled features must hold the field, and each letter in the slot of its place; and so must the
last layer's patches, for the letters whose middle they hold.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.training.data.content import FIELD, LETTERS, NUMBER, RING, WORDS, Content
from model.training.data.printed import OPEN
from model.training.data.spelling import Features

_LETTER = 40
_NOTHING = 0.15
"""The weight of a patch or a slot without a value relative to one with."""


class Reading(nn.Module):
    """The heads; a letter or a field learned in one slot helps in all."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.patch_field = nn.Linear(width, 1 + len(FIELD))
        self.patch_label = nn.Linear(width, 1 + len(FIELD))
        self.patch_word = nn.Linear(width, WORDS)
        self.patch_letter = nn.Linear(width, LETTERS)
        self.slots = nn.Linear(width, RING * _LETTER, bias=False)
        self.patch_slots = nn.Linear(width, RING * _LETTER, bias=False)
        self.letter = nn.Linear(_LETTER, 1 + len(NUMBER))
        self.field = nn.Linear(width, 1 + len(FIELD))


@dataclass(frozen=True, slots=True)
class Read:
    """The loss, and shares recognised: letters and fields by soft token, fields and places by patch."""

    loss: Tensor
    letters: float
    fields: float
    labels: float
    patch_fields: float
    patch_letters: float


def reading_loss(network: Any, seen: Features, contents: Sequence[Content]) -> Read:
    """One content for each page of the batch."""
    heads, device = network.reading, seen.pooled.device
    count = seen.places.shape[1]
    patches, last, pooled = (
        nn.functional.rms_norm(part, part.shape[-1:]).flatten(0, -2) for part in (seen.places, seen.last, seen.pooled)
    )
    wanted = {name: torch.from_numpy(grid).to(device) for name, grid in _grids(contents, count).items()}
    there = wanted["patch_field"] > 0
    field, field_right = _cross(heads.patch_field(patches), wanted["patch_field"])
    label, label_right = _cross(heads.patch_label(patches), wanted["patch_label"])
    word, _ = _cross(heads.patch_word(patches[there]), wanted["patch_word"][there], whole=True)
    place, place_right = _cross(heads.patch_letter(patches[there]), wanted["patch_letter"][there], whole=True)
    letters, letters_right = _cross(
        heads.letter(heads.slots(pooled).view(-1, _LETTER)), wanted["slot_letter"].reshape(-1)
    )
    by_patch, _ = _cross(heads.letter(heads.patch_slots(last).view(-1, _LETTER)), wanted["patch_slot"])
    held, held_right = _cross(heads.field(pooled), wanted["field"].reshape(-1))
    loss = field + label + 0.5 * word + place + letters + by_patch + held
    return Read(loss, letters_right, held_right, label_right, field_right, place_right)


_ON_PATCHES = ("patch_field", "patch_label", "patch_word", "patch_letter")


def _grids(contents: Sequence[Content], patches: int) -> dict[str, np.ndarray]:
    """The labels of every patch, soft token and slot, of all pages one after another."""
    tokens = contents[0].tokens
    out = {name: np.zeros((len(contents), patches), np.int64) for name in _ON_PATCHES}
    out |= {
        "slot_letter": np.zeros((len(contents), tokens, RING), np.int64),
        "patch_slot": np.zeros((len(contents), patches, RING), np.int64),
        "field": np.zeros((len(contents), tokens), np.int64),
    }
    for page, content in enumerate(contents):
        order = np.argsort(-content.index - LETTERS * content.word, kind="stable")  # a patch's first letter stays
        for name, values in (("field", content.field), ("word", content.word), ("letter", content.index)):
            out[f"patch_{name}"][page, content.patch[order]] = values[order]
        out["patch_label"][page, content.labels[:, 0]] = content.labels[:, 1]
        out["slot_letter"][page, content.near[:, 0], content.near[:, 1]] = OPEN
        out["slot_letter"][page, content.token, content.slot] = content.letter
        out["patch_slot"][page, content.near_patches[:, 0], content.near_patches[:, 1]] = OPEN
        out["patch_slot"][page, content.patch, content.slot] = content.letter
        out["field"][page, content.token] = content.field
    return {name: grid.reshape(-1) for name, grid in out.items()}


def _cross(scores: Tensor, wanted: Tensor, *, whole: bool = False) -> tuple[Tensor, float]:
    """The loss, and the share of present things named rightly; with ``whole`` class 0 counts like all others."""
    if not len(wanted):
        return scores.sum() * 0, 0.0
    losses = nn.functional.cross_entropy(scores.float(), wanted, reduction="none")
    counted = torch.ones_like(wanted, dtype=torch.bool) if whole else wanted > 0
    weights = torch.where(counted, 1.0, _NOTHING) * (wanted != OPEN)
    best = scores.argmax(-1) if whole else scores[:, 1:].argmax(-1) + 1
    right = (best == wanted)[counted]
    return (losses * weights).sum() / weights.sum(), float(right.float().mean()) if len(right) else 0.0
