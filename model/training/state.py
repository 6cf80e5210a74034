"""A training run on disk: one file, written under another name first, so that a cut never damages it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from model.atomic import replacing
from model.training.network import build_network, load_weights
from model.training.optimiser import Muon
from model.training.rounding import Rounding
from model.training.tokenizer import vocabulary

FILE = "state.pt"


@dataclass
class Progress:
    """The progress of a run."""

    step: int = 0
    level: int = 0
    right: float = 0.0
    """Running share of wholly right answers at the hardest open level."""
    since: int = 0
    """Steps since the level was opened."""
    clips: float = 0.0
    """Running share of wholly right answers about videos."""
    spelled: float = 0.0
    """Running share of characters that the tower's pooled features spell."""
    pages: bool = False
    """Whether joint training asks about pages that are seen."""
    read: float = 0.0
    """Running share of wholly right answers about pages that are seen."""
    seconds: float = 0.0
    tokens: int = 0


@dataclass
class Run:
    """Everything that is trained."""

    network: nn.Module
    optimiser: Muon
    progress: Progress
    config: dict[str, Any]
    seed: int
    rounding: Rounding | None = None
    """Forward and backward passes see rounded weights."""

    def save(self, folder: Path) -> None:
        """Write the state; complete or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "network": self.network.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "progress": asdict(self.progress),
            "config": self.config,
            "seed": self.seed,
            "vocabulary": _digest(),
        }
        with replacing(folder / FILE) as temporary:
            torch.save(state, temporary)


def _digest() -> str:
    return hashlib.sha256(json.dumps(vocabulary()).encode()).hexdigest()


def open_run(folder: Path, config: dict[str, Any], seed: int, device: torch.device) -> Run:
    """The run in ``folder``, or a new one. The saved configuration and seed win."""
    path = folder / FILE
    saved = torch.load(path, map_location="cpu", weights_only=True) if path.exists() else None
    if saved:
        config, seed = saved["config"], saved["seed"]
    if saved and saved.get("vocabulary", _digest()) != _digest():
        raise SystemExit(f"{path} was trained with other words; go on with that version, or choose another folder.")
    network = build_network(config, seed, device)
    optimiser = Muon(network.named_parameters())
    run = Run(network, optimiser, Progress(), config, seed)
    if saved:
        load_weights(network, saved["network"])
        optimiser.load_state_dict(saved["optimiser"])
        run.progress = Progress(**saved["progress"])
    return run
