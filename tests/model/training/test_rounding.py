"""Training with rounded weights: the grid is NF4's own, and updates go to the weights themselves."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from model.formats import quantize
from model.training.joint import TURNS, joint_step
from model.training.rounding import Rounding, rounded
from model.training.state import open_run
from model.training.trainer import Settings
from tests.model.training.test_training import CPU, _config


def test_rounding_is_what_quantising_leaves() -> None:
    weight = torch.randn(3, 64, 128, generator=torch.Generator().manual_seed(1))
    for mine, matrix in zip(rounded(weight), weight, strict=True):
        data, scales = quantize.quantise(matrix, "rows")
        theirs = quantize.dequantise(data, scales, "rows", torch.float32)
        apart = (mine - theirs).abs() > 1e-4
        assert apart.float().mean() < 2e-3, "in the middle between two values either will do"


@pytest.mark.parametrize("kind", ["text", "page"])
def test_a_step_changes_the_weights_that_were_not_rounded(tmp_path: Path, kind: str) -> None:
    run = open_run(tmp_path, _config(), 1, CPU)
    run.progress.pages, run.progress.step = True, TURNS.index(kind)
    run.rounding = Rounding(run.network)
    before = [weight.detach().clone() for weight in run.rounding.weights]
    assert len(before) >= 7 * run.config["text_config"]["num_hidden_layers"]
    joint_step(run, Settings(minutes=1, batch_share=0.2), 1e-5, CPU)
    moved = [float((a.detach() - b).norm() / b.norm()) for a, b in zip(run.rounding.weights, before, strict=True)]
    assert 0 < max(moved) < 0.01, "rounding alone would move them by a tenth"
