"""Teaching the vision tower to read, apart from the language side: titles first, then every character.

Titles are learned against the fixed vectors of ``codes``, on small frames first (cheap), then on frames of real
size. Then pages: the tower learns to spell what lies under every soft token (``spelling``).
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from model.pictures import patchify
from model.training.clips import TITLES
from model.training.codes import title_codes
from model.training.fonts import TRAIN_FONTS
from model.training.frames import Frame, draw_frame
from model.training.pages import Drawn, Look, draw_page
from model.training.spelling import letter_loss, spelling_loss, tower_features
from model.training.state import Run
from model.training.trainer import LOG_STEPS, SAVE_SECONDS, Settings, generator, rate_at, stop_on_signal
from model.types import SOFT_TOKEN_PX

SMALL = ((96, 240), (144, 288), (144, 240), (192, 288))
ENOUGH = (0.75, 0.95)
"""The share of titles read that opens the full size, and then spelling."""

SPELLING = 2
SPELLING_SHARE = 0.75
SPELLED_ENOUGH = 0.95
"""The share of characters spelled at which the tower is ready for questions."""

_BACKGROUND = 0.2
PATCHES = 2600


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of one size as the tower takes them, and what stands under soft tokens and patches."""

    pixels: Tensor
    places: Tensor
    titles: Tensor
    letters: Tensor


def as_batch(frames: Sequence[Frame], device: torch.device) -> Frames:
    """[B, patches, 768], [B, patches, 2] and the titles [B, soft tokens]."""
    patched = [patchify(frame.picture) for frame in frames]
    pixels = np.stack([patches for patches, _ in patched])
    places = np.stack([where for _, where in patched])
    titles = np.stack([frame.titles for frame in frames])
    letters = np.stack([frame.letters for frame in frames])
    return Frames(*(torch.from_numpy(array).to(device) for array in (pixels, places, titles, letters)))


def frame_batch(rng: random.Random, size: tuple[int, int] | None, patches: int, device: torch.device) -> Frames:
    """Random titles; ``size`` ``None`` means frames as a video gives them."""
    if size is None:
        size = draw_frame(rng, TITLES[0]).pixels.shape[:2]
    count = max(1, patches // (size[0] * size[1] // 256))
    frames = [draw_frame(rng, rng.choice(TITLES), size, TRAIN_FONTS) for _ in range(count)]
    return as_batch(frames, device)


def title_loss(network: nn.Module, frames: Frames, patches: Tensor, soft: Tensor) -> tuple[Tensor, Tensor]:
    """The loss, and for each frame whether its title wins when its soft tokens vote."""
    soft = soft.float()
    codes = torch.from_numpy(title_codes(soft.shape[-1])).to(soft.device)
    wanted = frames.titles.reshape(-1)
    scores = soft @ codes.T / codes.shape[-1] ** 0.5
    weights = torch.where(wanted > 0, 1.0, _BACKGROUND)
    cross = nn.functional.cross_entropy(scores, wanted, reduction="none")
    apart = (soft - codes[wanted]).square().mean(-1)
    loss = ((cross + apart) * weights).sum() / weights.sum()
    chances = scores.softmax(-1).view(*frames.titles.shape, -1)[..., 1:].sum(1)
    return loss + letter_loss(network, patches, frames.letters), chances.argmax(-1) + 1 == frames.titles.amax(1)


def train_tower(run: Run, settings: Settings, folder: Path, device: torch.device, say: Callable[[str], None]) -> None:
    """Train until the time is over."""
    began = saved = time.monotonic()
    start_seconds = run.progress.seconds
    stop = stop_on_signal()
    while (elapsed := time.monotonic() - began) < settings.minutes * 60 and not stop:
        progress = run.progress
        progress.seconds = start_seconds + elapsed
        rng = generator(run.seed, "train", "tower", progress.step)
        patches = int(PATCHES * settings.batch_share)
        rate = rate_at(progress.step, settings, elapsed)
        if progress.level == SPELLING and rng.random() < SPELLING_SHARE:
            loss, shape = spelling_step(run, rng, patches, rate, device)
        else:
            loss, shape = titles_step(run, rng, patches, rate, device)
        if progress.step % LOG_STEPS == 0:
            say(_line(run, loss, shape))
        if time.monotonic() - saved > SAVE_SECONDS:
            run.save(folder)
            saved = time.monotonic()
    run.save(folder)


def titles_step(run: Run, rng: random.Random, patches: int, rate: float, device: torch.device) -> tuple[float, str]:
    """One update on frames; opens the next level."""
    progress = run.progress
    size = rng.choice(SMALL) if progress.level == 0 or rng.random() < 0.25 else None
    frames = frame_batch(rng, size, patches, device)
    with torch.autocast(device.type, torch.bfloat16):
        by_patch, _, soft = tower_features(run.network, frames.pixels, frames.places)
        loss, right = title_loss(run.network, frames, by_patch, soft)
    update(run, loss, rate, frames.places)
    progress.since += 1
    progress.right += (float(right.float().mean()) - progress.right) / min(progress.since, 50)
    if progress.level < SPELLING and progress.since >= 50 and progress.right > ENOUGH[progress.level]:
        progress.level, progress.since, progress.right = progress.level + 1, 0, 0.0
    return loss.item(), "×".join(map(str, frames.pixels.shape[:2])) + " titles"


def spelling_step(run: Run, rng: random.Random, patches: int, rate: float, device: torch.device) -> tuple[float, str]:
    """One update on a page; several small ones are not of one size, so a page is a step of its own."""
    page = draw_page(rng, Look())
    batch = page_batch([page], device)
    with torch.autocast(device.type, torch.bfloat16):
        by_patch, pooled, _ = tower_features(run.network, batch.pixels, batch.places)
        loss, share = spelling_loss(run.network, by_patch, pooled, batch.slots, page.pixels.shape[1] // SOFT_TOKEN_PX)
    update(run, loss, rate, batch.places)
    run.progress.spelled += 0.02 * (float(share) - run.progress.spelled)
    return loss.item(), f"1×{batch.pixels.shape[1]} page"


@dataclass(frozen=True, eq=False)
class Pages:
    """Pages of one size as the tower takes them, and the characters [B, soft tokens, 27] on them."""

    pixels: Tensor
    places: Tensor
    slots: Tensor


def page_batch(pages: Sequence[Drawn], device: torch.device) -> Pages:
    """Pages of one size."""
    patched = [patchify(page.picture) for page in pages]
    arrays = [np.stack([p for p, _ in patched]), np.stack([w for _, w in patched]), np.stack([p.slots for p in pages])]
    return Pages(*(torch.from_numpy(array).to(device) for array in arrays))


def update(run: Run, loss: Tensor, rate: float, places: Tensor) -> None:
    """One step of the optimiser."""
    run.optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
    run.optimiser.step(rate)
    run.progress.step += 1
    run.progress.tokens += places.shape[0] * places.shape[1]


def _line(run: Run, loss: float, shape: str) -> str:
    progress = run.progress
    return (
        f"step {progress.step} level {progress.level} loss {loss:.3f} titles {progress.right:.3f} "
        f"spelled {progress.spelled:.3f} {shape} {progress.tokens / 1e6:.2f}M patches {progress.seconds:.0f} s"
    )
