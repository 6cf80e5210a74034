"""The content of a page's soft token: a sum of fixed vectors, one for each thing in its place.

The tower is taught to put these vectors under the values that it sees, and the language side to read them from
pages that were never drawn, each without waiting for the other. Slots, fields and places have directions of their own,
so that nothing drowns anything else. Only training knows them; nothing of it is exported.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.training.data.codes import title_codes
from model.training.data.content import FIELD, LETTERS, NUMBER, RING, WORDS, Content

_SEED = 20_418
_LETTER, _FIELD = 0.13, 0.19
"""Shares of the width for one slot's letter, and for the field; the rest is the places'."""
NOISE = (0.0, 0.45)
"""How far made-up soft tokens are from the vectors that they represent."""
MISREAD = 0.02
"""The share of letters that made-up soft tokens leave out."""


class PageCodes(nn.Module):
    """Characters share their vectors among all slots. All numbers follow from the width alone."""

    letters: Tensor
    fields: Tensor
    places: Tensor
    slot: Tensor
    field: Tensor
    place: Tensor
    nothing: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        seed = torch.Generator().manual_seed(_SEED)
        letter, field = int(_LETTER * width), int(_FIELD * width)
        ends = RING * letter, RING * letter + field
        directions = torch.linalg.qr(torch.randn(width, width, generator=seed))[0]
        made = {
            "letters": torch.randn(1 + len(NUMBER), letter, generator=seed),
            "fields": torch.randn(1 + len(FIELD), field, generator=seed),
            "places": torch.randn(WORDS * LETTERS, width - ends[1], generator=seed),
            "slot": directions[: ends[0]],
            "field": directions[ends[0] : ends[1]],
            "place": directions[ends[1] :],
            "nothing": torch.from_numpy(title_codes(width)[0]),
        }
        for name, numbers in made.items():
            self.register_buffer(name, numbers.clone(), persistent=False)

    def forward(self, contents: Sequence[Content], keep: Tensor | None = None) -> Tensor:
        """Soft tokens [n, width] of pages one after another; letters where ``keep`` is 0 are left out."""
        starts = np.cumsum([0, *(content.tokens for content in contents)])
        device = self.nothing.device

        def column(name: str) -> Tensor:
            return torch.from_numpy(np.concatenate([getattr(content, name) for content in contents])).to(device)

        page = np.repeat(starts[:-1], [len(content.token) for content in contents])
        token = column("token") + torch.from_numpy(page).to(device)
        total = int(starts[-1])
        letters = self.letters[column("letter")]
        if keep is not None:
            letters = letters * keep[:, None]
        said = _gather(letters, token * RING + column("slot"), total, RING) @ self.slot
        places = self.places[column("word") * LETTERS + column("index")]
        said = said + _gather(places, token, total, 1) @ self.place
        fields = torch.unique(token * (1 + len(FIELD)) + column("field"))
        vectors = self.fields[fields % (1 + len(FIELD))]
        return said + _gather(vectors, fields // (1 + len(FIELD)), total, 1) @ self.field + self.nothing

    def blurred(self, contents: Sequence[Content], noise: torch.Generator) -> Tensor:
        """The same, as imperfect as a tower that still learns."""
        count = sum(len(content.token) for content in contents)
        keep = (torch.rand(count, generator=noise) > MISREAD).float()
        soft = self(contents, keep.to(self.nothing.device))
        spread = NOISE[0] + (NOISE[1] - NOISE[0]) * torch.rand((), generator=noise)
        return soft + spread * torch.randn(soft.shape, generator=noise).to(soft.device)


def _gather(vectors: Tensor, places: Tensor, tokens: int, slots: int) -> Tensor:
    """[n, w] → [tokens, slots × w], vectors of one place added up."""
    table: Any = torch.zeros(tokens * slots, vectors.shape[1], dtype=vectors.dtype, device=vectors.device)
    return torch.index_add(table, 0, places, vectors).view(tokens, -1)
