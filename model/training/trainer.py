"""The training loop. A step's data depend on the seed and the step alone, so a resumed run is the same run."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.training.data.content import Content
from model.training.data.examples import Batch, Example, clip_example, collate, some_system, text_example
from model.training.data.pages import Look
from model.training.data.seen_pages import LARGE, SMALL, made_up_page
from model.training.objective import Outcome, answer_loss
from model.training.shared import Centre
from model.training.stages import CLIPS, EARLIER, LEVELS, PAGES, TABLES, TABLES_SHARE, Level
from model.training.state import Run

WARM_UP = 100
SAVE_SECONDS = 150.0
CLIP, SEEN = -1, -2
LOG_STEPS = 20


@dataclass(frozen=True, slots=True)
class Settings:
    """Settings of the training."""

    minutes: float
    batch_share: float = 1.0
    """Times the level's own tokens in a step."""
    rate: float = 3e-3
    cool: bool = False
    """Let the rate fall to nothing over this run."""
    share: Path | None = None
    """A file in which several processes that train the language side meet."""
    rounded: bool = False
    """Joint training sees the language side's weights as NF4 leaves them."""


def generator(seed: int, *place: object) -> random.Random:
    """Random numbers that only the seed and the place decide. Training places begin with ``train``."""
    return random.Random(f"{seed}:{':'.join(map(str, place))}")


def text_batch(run: Run, settings: Settings, device: torch.device) -> tuple[Batch, int]:
    """Documents with text layers, from the open levels, and the level that they are of."""
    rng = generator(run.seed, "train", "text", run.progress.step)
    index = run.progress.level
    if index == len(LEVELS) - 1 and rng.random() < TABLES_SHARE:
        return _collect(rng, TABLES, int(TABLES.tokens * settings.batch_share), device), len(LEVELS)
    if index and rng.random() < EARLIER:
        index = max(rng.randrange(index), rng.randrange(index))
    return _collect(rng, LEVELS[index], int(LEVELS[index].tokens * settings.batch_share), device), index


def clip_batch(run: Run, settings: Settings, device: torch.device) -> Batch:
    """Clips with made-up soft tokens."""
    rng = generator(run.seed, "train", "clips", run.progress.step)
    system = some_system(rng, 0.6)
    frames, small = CLIPS.at(run.progress.level)

    def make() -> tuple[NDArray[np.int64], Example]:
        return clip_example(rng, frames, rng.randint(*CLIPS.questions), system, small)

    return _fill(make, int(CLIPS.tokens * settings.batch_share), device)


def seen_batch(run: Run, settings: Settings, device: torch.device) -> tuple[Batch, Tensor]:
    """Pages that are seen, with made-up soft tokens."""
    rng = generator(run.seed, "train", "pages", run.progress.step)
    contents: list[Content] = []
    look = rng.choices((SMALL, Look(), LARGE), PAGES.kinds)[0]

    def make() -> tuple[NDArray[np.int64], Example]:
        prefix, one, content = made_up_page(rng, look)
        contents.append(content)
        return prefix, one

    batch = _fill(make, int(PAGES.tokens * settings.batch_share), device)
    network: Any = run.network
    return batch, network.page_codes.blurred(contents, torch.Generator().manual_seed(rng.getrandbits(32)))


def next_batch(run: Run, settings: Settings, device: torch.device) -> tuple[Batch, int, Tensor | None]:
    """This step's batch, its level (or ``CLIP``, or ``SEEN`` for pages), and soft tokens that are not in it."""
    kind = generator(run.seed, "train", "kind", run.progress.step).random()
    if run.progress.level >= CLIPS.level and kind < CLIPS.share:
        return clip_batch(run, settings, device), CLIP, None
    if run.progress.level >= PAGES.level and kind > 1 - PAGES.share:
        batch, soft = seen_batch(run, settings, device)
        return batch, SEEN, soft
    return *text_batch(run, settings, device), None


def _collect(rng: random.Random, level: Level, budget: int, device: torch.device) -> Batch:
    system = some_system(rng, level.system)
    return _fill(lambda: text_example(rng, level.recipe, rng.randint(*level.questions), system), budget, device)


def _fill(make: Callable[[], tuple[NDArray[np.int64], Example]], budget: int, device: torch.device) -> Batch:
    prefix, one = make()
    examples = [one]
    longest = len(one.ids)
    while (len(examples) + 1) * longest <= budget:
        examples.append(make()[1])
        longest = max(longest, len(examples[-1].ids))
    return collate(prefix, examples, device)


def train_text(run: Run, settings: Settings, folder: Path, device: torch.device, say: Callable[[str], None]) -> None:
    """Train on text layers until the time is over."""
    began = saved = time.monotonic()
    start_seconds = run.progress.seconds
    stop = stop_on_signal()
    centre = Centre(settings.share, run.network) if settings.share else None
    while (elapsed := time.monotonic() - began) < settings.minutes * 60 and not stop:
        run.progress.seconds = start_seconds + elapsed
        batch, index, soft = next_batch(run, settings, device)
        rate = rate_at(run.progress.step, settings, elapsed)
        outcome = step(run, batch, rate, device, soft)
        follow(run, outcome, index)
        if centre:
            centre.step()
        if run.progress.step % LOG_STEPS == 0:
            say(_line(run, outcome, batch))
        if time.monotonic() - saved > SAVE_SECONDS:
            run.save(folder)
            saved = time.monotonic()
    run.save(folder)


def stop_on_signal() -> list[int]:
    """A list that stays empty until the process is asked to end, so that a run can save first."""
    asked: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: asked.append(number))
    return asked


def rate_at(step: int, settings: Settings, elapsed: float) -> float:
    """Warm-up, then constant, or falling over the run."""
    rate = settings.rate * min(1.0, (step + 1) / WARM_UP)
    return rate * max(0.02, 1 - elapsed / (settings.minutes * 60)) if settings.cool else rate


def step(run: Run, batch: Batch, rate: float, device: torch.device, soft: Tensor | None = None) -> Outcome:
    """One update of the weights by ``batch``."""
    with torch.autocast(device.type, torch.bfloat16):
        outcome = answer_loss(run.network, batch, soft)
    run.optimiser.zero_grad()
    outcome.loss.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
    run.optimiser.step(rate)
    run.progress.step += 1
    run.progress.tokens += batch.tokens
    return outcome


def follow(run: Run, outcome: Outcome, index: int) -> None:
    """Keep the running accuracy of the hardest open level, and open the next one."""
    progress = run.progress
    if index == CLIP:
        progress.clips += (float(outcome.right.mean()) - progress.clips) / 25
    if index == SEEN:
        progress.read += (float(outcome.right.mean()) - progress.read) / 25
    if index != progress.level:
        return
    progress.since += 1
    progress.right += (float(outcome.right.mean()) - progress.right) / min(progress.since, 25)
    if progress.since >= 25 and progress.right >= LEVELS[progress.level].enough:
        progress.level, progress.right, progress.since = progress.level + 1, 0.0, 0


def _line(run: Run, outcome: Outcome, batch: Batch) -> str:
    progress = run.progress
    words = (
        f"step {progress.step} level {progress.level} loss {outcome.loss.item():.3f}",
        f"first {outcome.first_right.float().mean():.3f} right {outcome.right.mean():.3f} ({progress.right:.3f})",
        f"page {float(outcome.page_right.float().mean()):.2f}" if len(outcome.page_right) else "no page",
        f"clips {progress.clips:.3f} pages {progress.read:.3f} {'×'.join(map(str, batch.ids.shape))}",
        f"{progress.tokens / 1e6:.2f}M tokens {progress.seconds:.0f} s",
    )
    return " ".join(words)


def to_log(line: str) -> None:
    """Write a line at once."""
    print(line, flush=True, file=sys.stderr)
