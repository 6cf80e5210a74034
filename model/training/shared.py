"""Two or more processes that train the same model, each on its own data and at its own pace, and meet in the middle.

Elastic averaging: every few steps a process pulls its weights and the shared centre towards each other. None waits
for another, so a process that gets little of a busy machine does not hold up the others; on a CPU two processes of one
thread also do more than one process of two. Each keeps a work folder and a seed of its own.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn

EVERY = 10
"""Steps between two meetings."""
LANGUAGE = ("model.language_model", "lessons")
"""How the names of the language side's weights begin."""
TOWER = ("model.vision_tower", "model.embed_vision", "spelling", "reading")
"""How the names of the tower's weights begin."""
PULL = 0.5
"""How far each side moves. 0.5 from both sides meets in the middle."""


class Centre:
    """Weights in the middle: one file that all processes map into memory."""

    def __init__(self, path: Path, network: nn.Module, names: tuple[str, ...] = LANGUAGE) -> None:
        self._weights = [p for name, p in network.named_parameters() if name.startswith(names)]
        size = sum(weight.numel() for weight in self._weights)
        self._path = path
        self._steps = 0
        with self._locked():
            new = path.stat().st_size == 0
            self._middle = torch.from_file(str(path), shared=True, size=size)
            for weight, middle in self._pairs():
                (middle if new else weight.detach()).copy_(weight.detach() if new else middle)

    def step(self) -> None:
        """Count a step, and meet when it is time."""
        self._steps += 1
        if self._steps % EVERY == 0:
            with self._locked():
                for weight, middle in self._pairs():
                    apart = (weight.detach().cpu() - middle) * PULL
                    weight.detach().sub_(apart.to(weight.device))
                    middle.add_(apart)

    def _pairs(self) -> Iterator[tuple[Tensor, Tensor]]:
        sizes = [weight.numel() for weight in self._weights]
        for weight, middle in zip(self._weights, self._middle.split(sizes), strict=True):
            yield weight, middle.view_as(weight)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
