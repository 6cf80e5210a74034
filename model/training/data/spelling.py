"""Dense lessons for the tower: which letter covers each patch, and which letters are under each soft token.

Linear heads that are never exported read them off the fourth layer and off the pooled features, and two layers before
the end each letter's place in its word. The pooled features must hold nine patches' letters in one vector, which
averaging alone would lose; the head makes the tower find an arrangement in which it does not. The last layer's patches
must have the same arrangement already, each for the letters whose middle it holds: so averaging only adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.training.data.content import RING
from model.training.data.printed import OPEN, Printed
from model.training.tokenizer import ALPHABET

CLASSES = len(ALPHABET) + 1
CODE = 40
"""Numbers from which a character is read, alike in all slots: a letter learned in one helps in all."""
BLANK = 0.15
"""The weight of an empty slot relative to a full one."""


FEW = 256
"""Up to this many patches plain attention is faster on a CPU than torch's fused one, twice over."""
LETTERS_KNOWN = 4
"""After this many layers a patch knows its characters; those after it see what they mean."""


@dataclass(frozen=True, slots=True)
class Features:
    """The tower's outputs for pictures of one size."""

    letters: Tensor
    """[B, patches, W] after ``LETTERS_KNOWN`` layers."""
    places: Tensor
    """[B, patches, W] two layers before the end."""
    last: Tensor
    """[B, patches, W] after the last layer."""
    pooled: Tensor
    """[B × soft tokens, W]"""
    soft: Tensor
    """[B × soft tokens, D] in the language side's space."""


class Spelling(nn.Module):
    """The heads: the letters that a patch covers, a letter's place in its word, and a patch's and a soft token's."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letter = nn.Linear(width, CLASSES)
        self.sides = nn.Linear(width, 2 * CLASSES)
        self.place = nn.Linear(width, RING)
        self.ring = nn.Linear(width, RING * CODE, bias=False)
        self.patch_ring = nn.Linear(width, RING * CODE, bias=False)
        self.character = nn.Linear(CODE, CLASSES)


@dataclass(frozen=True, eq=False)
class Lessons:
    """``Printed`` of pictures of one size, one after another: [n], [n, 2], [n], [n, RING] and [m, RING]."""

    letter: Tensor
    sides: Tensor
    place: Tensor
    patch_ring: Tensor
    ring: Tensor


def as_lessons(printed: Sequence[Printed], device: torch.device) -> Lessons:
    """The lessons of several pictures, concatenated on ``device``."""
    grids = ([getattr(one, field.name) for one in printed] for field in fields(Lessons))
    return Lessons(*(torch.from_numpy(np.concatenate(grid)).to(device) for grid in grids))


def tower_features(network: Any, pixels: Tensor, places: Tensor) -> Features:
    """Of pixels [B, patches, 768] and places [B, patches, 2]."""
    tower = network.model.vision_tower
    layers = tower.encoder.layers
    tower.config._attn_implementation = "eager" if pixels.is_cpu and pixels.shape[1] <= FEW else "sdpa"
    asked = (min(LETTERS_KNOWN, len(layers)) - 1, max(len(layers) - 3, 0), len(layers) - 1)
    seen: dict[int, Tensor] = {}

    def note(index: int, output: Tensor) -> None:
        seen[index] = output

    hooks = [layers[index].register_forward_hook(lambda *call, at=index: note(at, call[2])) for index in set(asked)]
    pooled = tower(pixel_values=pixels, pixel_position_ids=places).last_hidden_state
    for hook in hooks:
        hook.remove()
    letters, of_places, last = (seen[index] for index in asked)
    return Features(letters, of_places, last, pooled, network.model.embed_vision(inputs_embeds=pooled))


def spelling_loss(network: Any, seen: Features, printed: Lessons) -> tuple[Tensor, Tensor]:
    """The loss, and the share of letters that the pooled features spell rightly."""
    heads = network.spelling
    letters, places, last, pooled = (
        nn.functional.rms_norm(part, part.shape[-1:]).flatten(0, -2)
        for part in (seen.letters, seen.places, seen.last, seen.pooled)
    )
    by_pooled = heads.character(heads.ring(pooled).view(-1, CODE))
    by_patch = heads.character(heads.patch_ring(last).view(-1, CODE))
    loss = _cross(by_pooled, printed.ring) + _cross(by_patch, printed.patch_ring)
    loss = loss + _cross(heads.letter(letters), printed.letter) + _cross(heads.sides(letters), printed.sides)
    loss = loss + 0.5 * nn.functional.cross_entropy(heads.place(places).float(), printed.place, ignore_index=OPEN)
    wanted = printed.ring.reshape(-1)
    full = wanted > 0
    right = by_pooled[full][:, 1:].argmax(-1) + 1 == wanted[full]
    return loss, right.float().mean()


def letter_loss(network: Any, patches: Tensor, letters: Tensor) -> Tensor:
    """``patches`` [B, patches, W] and ``letters`` [B, patches] or [n]: the letter that each patch covers."""
    return _cross(network.spelling.letter(nn.functional.rms_norm(patches, patches.shape[-1:])), letters)


def _cross(scores: Tensor, wanted: Tensor) -> Tensor:
    labels = wanted.reshape(-1)
    losses = nn.functional.cross_entropy(
        scores.reshape(-1, CLASSES).float(), labels, reduction="none", ignore_index=OPEN
    )
    weights = torch.where(labels > 0, 1.0, BLANK) * (labels != OPEN)
    return (losses * weights).sum() / weights.sum()
