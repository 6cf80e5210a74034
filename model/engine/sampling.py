"""Draws the next token from the logits: temperature, top-k, top-p, in the order of transformers.

Everything happens in float32 on the logits' device. Only the tokens that top-k leaves are sorted, so a
vocabulary of 262,144 costs one pass and not a sort.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from model.errors import CheckpointError, LecternError, ModelError
from model.messages import msg
from model.types import Sampling


@dataclass(frozen=True, slots=True)
class SamplingDefaults:
    """The settings in the checkpoint's ``generation_config.json``; without one, those of Gemma 4's model card."""

    temperature: float = 1.0
    top_p: float = 0.95
    top_k: int = 64
    suppressed: tuple[int, ...] = ()


def read_defaults(folder: Path) -> SamplingDefaults:
    """The defaults of the checkpoint in ``folder``."""
    path = folder / "generation_config.json"
    if not path.is_file():
        return SamplingDefaults()
    try:
        raw: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return SamplingDefaults(
            temperature=float(raw.get("temperature", 1.0)) if raw.get("do_sample", True) else 0.0,
            top_p=float(raw.get("top_p", 1.0)),
            top_k=int(raw.get("top_k", 50) or 0),
            suppressed=tuple(int(i) for i in raw.get("suppress_tokens") or ()),
        )
    except (OSError, ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise CheckpointError(
            msg(
                "model.file-unreadable",
                "{path} cannot be read ({why}); copy the file from the published model again.",
                path=path,
                why=error,
            )
        ) from error


class Sampler:
    """One request's way of drawing tokens. The same seed and logits give the same tokens."""

    def __init__(self, sampling: Sampling, defaults: SamplingDefaults, device: torch.device) -> None:
        self.temperature = defaults.temperature if sampling.temperature is None else sampling.temperature
        self.top_p = defaults.top_p if sampling.top_p is None else sampling.top_p
        self.top_k = defaults.top_k if sampling.top_k is None else sampling.top_k
        if not 0 <= self.temperature < float("inf") or not 0 <= self.top_p <= 1 or self.top_k < 0:
            raise LecternError(
                msg(
                    "sampling.range",
                    "Sampling needs a temperature of 0 or more, top-p between 0 and 1 and top-k of 0 or more; "
                    "change the settings.",
                )
            )
        self._suppressed = torch.tensor(defaults.suppressed, dtype=torch.long, device=device)
        self._generator = torch.Generator(device=device)
        if sampling.seed is None:
            self._generator.seed()
        else:
            self._generator.manual_seed(sampling.seed % (1 << 63))

    @torch.inference_mode()
    def draw(self, logits: Tensor) -> int:
        """The next token's id from the logits [V]."""
        scores = logits.float()
        if self._suppressed.numel():
            scores = scores.index_fill(0, self._suppressed, -torch.inf)
        best = scores.max()
        if not bool(torch.isfinite(best)):
            raise ModelError(
                msg(
                    "model.overflow",
                    "The model's numbers overflowed; open the model folder again or choose another one.",
                )
            )
        if self.temperature == 0:
            return int(scores.argmax())
        ids, chances = self.candidates(scores)
        return int(ids[torch.multinomial(chances, 1, generator=self._generator)])

    def candidates(self, scores: Tensor) -> tuple[Tensor, Tensor]:
        """The token ids that may be drawn, least likely first, and their probabilities."""
        scores = (scores - scores.max()) / self.temperature  # the shift keeps tiny temperatures finite
        if 0 < self.top_k < scores.shape[0]:
            # Ties with the k-th score stay, as in transformers.
            ids = (scores >= scores.topk(self.top_k).values[-1]).nonzero().squeeze(1)
        else:
            ids = torch.arange(scores.shape[0], device=scores.device)
        kept, order = scores[ids].sort(stable=True)
        ids, chances = ids[order], kept.softmax(0)
        if self.top_p < 1:
            keep = chances.cumsum(0) > 1 - self.top_p
            keep[-1] = True
            ids, chances = ids[keep], chances[keep]
        return ids, chances / chances.sum()
