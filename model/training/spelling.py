"""Dense lessons for the tower: which characters lie in each patch, and in all nine under each soft token.

Linear heads that are never exported read them off the fourth layer and off the pooled
features. The pooled features must hold nine patches' characters in one vector, which averaging alone would
lose; the head makes the tower find an arrangement in which it does not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from model.training.pages import SLOTS
from model.training.tokenizer import ALPHABET
from model.types import POOL

CLASSES = len(ALPHABET) + 1
CODE = 40
"""Numbers from which a character is read, alike in all slots: what is learned of a letter in one helps in all."""
BLANK = 0.15
"""What an empty slot counts against a full one."""


FEW = 256
"""Up to so many patches plain attention is faster on a CPU than torch's fused one, twice over."""
LETTERS_KNOWN = 4
"""After so many layers a patch knows its characters; those after it see what they mean."""


@dataclass(frozen=True, slots=True)
class Features:
    """What the tower makes of pictures of one size."""

    letters: Tensor
    """[B, patches, W] after ``LETTERS_KNOWN`` layers."""
    places: Tensor
    """[B, patches, W] two layers before the end."""
    pooled: Tensor
    """[B × soft tokens, W]"""
    soft: Tensor
    """[B × soft tokens, D] in the language side's space."""


class Spelling(nn.Module):
    """The heads: the large letter that a patch lies on, and the small ones in a patch and in a soft token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letter = nn.Linear(width, CLASSES)
        self.patch = nn.Linear(width, SLOTS * CLASSES)
        self.pooled = nn.Linear(width, POOL * POOL * SLOTS * CODE, bias=False)
        self.character = nn.Linear(CODE, CLASSES)


def tower_features(network: Any, pixels: Tensor, places: Tensor) -> Features:
    """Of pixels [B, patches, 768] and places [B, patches, 2]."""
    tower = network.model.vision_tower
    layers = tower.encoder.layers
    tower.config._attn_implementation = "eager" if pixels.is_cpu and pixels.shape[1] <= FEW else "sdpa"
    seen: list[Tensor] = []
    hooks = [
        layers[index].register_forward_hook(lambda *call: seen.append(call[2]))
        for index in (min(LETTERS_KNOWN, len(layers)) - 1, max(len(layers) - 3, 0))
    ]
    pooled = tower(pixel_values=pixels, pixel_position_ids=places).last_hidden_state
    for hook in hooks:
        hook.remove()
    return Features(seen[0], seen[-1], pooled, network.model.embed_vision(inputs_embeds=pooled))


def spelling_loss(network: Any, patches: Tensor, pooled: Tensor, slots: Tensor, columns: int) -> tuple[Tensor, Tensor]:
    """The loss, and the share of characters that the pooled features spell rightly.

    ``slots`` [B, soft tokens, 27] as ``pages`` gives them; ``columns`` soft tokens stand in a row.
    """
    heads = network.spelling
    width = pooled.shape[-1]
    spread = heads.pooled(pooled * (width**0.5 / (pooled.norm(dim=-1, keepdim=True) + 1e-6)))
    by_pooled = heads.character(spread.view(len(spread), -1, CODE))
    loss = _cross(by_pooled, slots)
    batch, count = patches.shape[:2]
    grid = slots.view(batch, -1, columns, POOL, POOL, SLOTS).transpose(2, 3).reshape(batch, count, SLOTS)
    by_patch = heads.patch(nn.functional.rms_norm(patches, (patches.shape[-1],)))
    full = slots.reshape(-1) > 0
    right = by_pooled.reshape(-1, CLASSES).argmax(-1)[full] == slots.reshape(-1)[full]
    return loss + _cross(by_patch, grid), right.float().mean()


def letter_loss(network: Any, patches: Tensor, letters: Tensor) -> Tensor:
    """``letters`` [B, patches]: the letter of a title that each patch lies on."""
    return _cross(network.spelling.letter(nn.functional.rms_norm(patches, (patches.shape[-1],))), letters)


def _cross(scores: Tensor, wanted: Tensor) -> Tensor:
    labels = wanted.reshape(-1)
    losses = nn.functional.cross_entropy(scores.reshape(-1, CLASSES).float(), labels, reduction="none")
    weights = torch.where(labels > 0, 1.0, BLANK)
    return (losses * weights).sum() / weights.sum()
