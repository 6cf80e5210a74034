"""Dense lessons for the tower: which characters lie in each patch, and in all nine under each soft token.

Linear heads that are never exported read them off the layer before the last but one and off the pooled
features. The pooled features must hold nine patches' characters in one vector, which averaging alone would
lose; the head makes the tower find an arrangement in which it does not.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from model.training.pages import SLOTS
from model.training.tokenizer import ALPHABET
from model.types import POOL

CLASSES = len(ALPHABET) + 1
BLANK = 0.15
"""What an empty slot counts against a full one."""


class Spelling(nn.Module):
    """The heads: the large letter that a patch lies on, and the small ones in a patch and in a soft token."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.letter = nn.Linear(width, CLASSES)
        self.patch = nn.Linear(width, SLOTS * CLASSES)
        self.pooled = nn.Linear(width, POOL * POOL * SLOTS * CLASSES)


def tower_features(network: Any, pixels: Tensor, places: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Features of each patch two layers before the end [B, patches, W], pooled ones and soft tokens [n, ·]."""
    tower = network.model.vision_tower
    seen: list[Tensor] = []
    layer = tower.encoder.layers[-3 if len(tower.encoder.layers) > 2 else 0]
    hook = layer.register_forward_hook(lambda *call: seen.append(call[2]))
    pooled = tower(pixel_values=pixels, pixel_position_ids=places).last_hidden_state
    hook.remove()
    return seen[0], pooled, network.model.embed_vision(inputs_embeds=pooled)


def spelling_loss(network: Any, patches: Tensor, pooled: Tensor, slots: Tensor, columns: int) -> tuple[Tensor, Tensor]:
    """The loss, and the share of characters that the pooled features spell rightly.

    ``slots`` [B, soft tokens, 27] as ``pages`` gives them; ``columns`` soft tokens stand in a row.
    """
    heads = network.spelling
    width = pooled.shape[-1]
    by_pooled = heads.pooled(pooled * (width**0.5 / (pooled.norm(dim=-1, keepdim=True) + 1e-6)))
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
