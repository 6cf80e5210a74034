"""One model measured from its opening to its peak memory: what ``lectern bench`` asks of the engine."""

from __future__ import annotations

import contextlib
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from model.bench.figures import Figure, Plan
from model.bench.machine import Machine, measure_machine
from model.bench.measure import Bench, peak_bytes, reset_peak
from model.cancel import Cancel
from model.engine.engine import Engine
from model.engine.memory import free_memory
from model.errors import CancelledError
from model.kernels.native.pairs import open_pairs
from model.messages import msg
from model.prompt.tokenizer import Tokenizer

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of a run. ``peak_bytes`` counts from before the model was opened."""

    name: str
    device: str
    quantisation: str
    weight_bytes: int
    machine: Machine
    figures: tuple[Figure, ...]
    peak_bytes: int


def measure_model(
    folder: Path, plan: Plan, store: Path | None, device: str | None, tell: Tell, cancel: Cancel
) -> Measured:
    """Measure the model in ``folder``. Raises ``LecternError``, as ``CancelledError`` where ``cancel`` stops it."""
    torch.set_num_threads(plan.threads)
    tell("this machine's memory and matrix rate")
    target = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    machine = measure_machine(target, 3 if plan.quick else 7, cancel)
    reset_peak()
    figures = []
    seconds = []
    engine: Engine | None = None
    for cold in (True, False):
        if cancel.is_set():
            raise CancelledError(msg("cancelled.measuring", "Measuring was stopped."))
        if engine is not None:
            engine.close()
        tell("opening the model")
        if cold:
            _drop_pages(folder)
        started = time.perf_counter()
        engine = Engine.open(folder, device=device, store=store, threads=plan.threads, cancel=cancel)
        seconds.append(time.perf_counter() - started)
    assert engine is not None
    try:
        figures.append(Figure("opening, from the disk", (seconds[0],)))
        figures.append(Figure("opening, again", (seconds[1],)))
        figures.append(_vocabulary(folder, plan.repeats))
        figures += _figures(Bench(engine, machine, tell, cancel), plan)
        info = engine.info
        return Measured(
            info.name, info.device, info.quantisation, info.weight_bytes, machine, tuple(figures), peak_bytes()
        )
    finally:
        engine.close()
        free_memory()


def _vocabulary(folder: Path, repeats: int) -> Figure:
    """Opening the vocabulary, against the library that other programs use for it."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(repeats):
        for opening, seconds in ((open_pairs, ours), (lambda path: None, theirs)):
            started = time.perf_counter()
            Tokenizer.open(folder, opening)
            seconds.append(time.perf_counter() - started)
    return Figure("opening, the vocabulary alone", tuple(ours), peers={"tokenizers": statistics.median(theirs)})


def _figures(bench: Bench, plan: Plan) -> list[Figure]:
    bench.warm_up()
    figures = [bench.run(job) for job in plan.jobs]
    if plan.document_tokens:
        figures += bench.second_question(plan.document_tokens, plan.repeats)
    if plan.answer_tokens:
        figures.append(bench.answer(plan.answer_tokens))
    for budget in plan.budgets:
        seen = bench.vision(budget, plan.repeats)
        if seen is not None:
            figures.append(seen)
    return figures


def _drop_pages(folder: Path) -> None:
    """Have the system drop the files' cached pages, so that they come from the disk; where it cannot, they stay."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.glob("*.safetensors"):
        with contextlib.suppress(OSError), path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
