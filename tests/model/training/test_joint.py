"""Both halves train together, and held-out questions are scored as they should be."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.training.data import held_out
from model.training.data.held_out import TASKS, Case, cases
from model.training.data.questions import ABSENT, Answer
from model.training.evaluate import Given, Score, table
from model.training.joint import TURNS, joint_step
from model.training.network import export
from model.training.state import open_run
from model.training.trainer import Settings
from model.types import PicturePart, Request
from tests.model.training.test_training import CPU, _config

SETTINGS = Settings(minutes=1, batch_share=0.2)


@pytest.mark.parametrize("step", [TURNS.index(kind) for kind in sorted(set(TURNS))])
def test_every_kind_of_joint_step_teaches_something(tmp_path: Path, step: int) -> None:
    run = open_run(tmp_path, _config(), 1, CPU)
    run.progress.pages, run.progress.step = True, step
    tower = "model.vision_tower.encoder.layers.0.mlp.up_proj.linear.weight"
    words = "model.language_model.layers.0.mlp.up_proj.weight"
    before = {name: tensor.clone() for name, tensor in run.network.state_dict().items()}
    joint_step(run, SETTINGS, 1e-3, CPU)
    after = run.network.state_dict()
    kind = TURNS[step]
    assert torch.equal(after[words], before[words]) == (kind == "print")
    assert torch.equal(after[tower], before[tower]) == (kind not in ("page", "clip", "print"))
    assert run.progress.step == step + 1


@pytest.mark.parametrize("task", TASKS)
def test_held_out_questions_are_the_same_every_time(task: held_out.Task) -> None:
    first = list(cases(task, 3))
    assert first == list(cases(task, 3))
    assert first != list(cases(task, 3, seed=1))
    seen = any(isinstance(part, PicturePart) for message in first[0].request.messages for part in message.parts)
    assert seen == (not task.startswith("text"))


def test_small_print_asks_the_same_at_both_budgets() -> None:
    small, chosen = (list(cases(task, 4)) for task in TASKS[-2:])
    assert [case.answer for case in small] == [case.answer for case in chosen]


@pytest.mark.parametrize(
    ("answer", "text", "right", "exact"),
    [
        (Answer("12", '12 [page 2: "Total: 12"]', "value"), '12 [page 2: "Total: 12"]', True, True),
        (Answer("12", '12 [page 2: "Total: 12"]', "value"), '12 [page 2: "Tot: 12"]', True, False),
        (Answer("12", '12 [page 2: "Total: 12"]', "value"), '12 [page 1: "Total: 12"]', False, False),
        (Answer("12", '12 [page 2: "Total: 12"]', "value"), "Not in the document.", False, False),
        (Answer("Park", "Park [00:12]", "scene"), "Park [00:12]", True, True),
        (Answer("Park", "Park [00:12]", "scene"), "Park [00:11]", False, False),
        (Answer("", "00:00 Park", "scenes"), "00:00 Park", True, True),
        (ABSENT, "Not in the document.", True, True),
        (ABSENT, '12 [page 1: "Total: 12"]', False, False),
    ],
)
def test_answers_are_judged(answer: Answer, text: str, right: bool, exact: bool) -> None:
    given = Given(Case("text", Request(()), answer), text)
    assert (given.right, given.exact) == (right, exact)


def test_the_score_counts_refusals() -> None:
    there = Given(Case("text", Request(()), Answer("1", '1 [page 1: "A: 1"]', "value")), '1 [page 1: "A: 1"]')
    gone = Given(Case("text", Request(()), ABSENT), "Not in the document.")
    score = Score.of([there, replace(there, text=gone.text), gone, replace(gone, text=there.text)])
    assert score == Score(present=2, value=1, right=1, exact=1, wrongly_refused=1, absent=2, refused=1)


def test_the_table_comes_from_our_engine(tmp_path: Path) -> None:
    run = open_run(tmp_path, _config(), 1, CPU)
    export(run.network, run.config, tmp_path / "model")
    lines = list(table(tmp_path / "model", ["text"], ("bf16", "chunked", "nf4", "int4"), 1))
    ways = ("bf16", "chunked", "nf4", "int4")
    assert [line.split(" | ")[0] for line in lines[1:5]] == [f"| text, {way}" for way in ways]
    assert [line.split(":")[0] for line in lines[5:]] == ["| text, nf4", "| text, int4"]
    assert all("KL" in line for line in lines[5:])
