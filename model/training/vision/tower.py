"""Teaching the vision tower to read, apart from the language side: letters first, then titles and whole pages.

Letters are learned on small pictures full of print (``crops``), from one size on fixed lines to all sizes anywhere.
Then pages: the tower learns which field's value is where (``reading``), and continues spelling (``spelling``). Titles
of videos are learned against the fixed vectors of ``codes``, and soft tokens of pages against those of
``page_codes``.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model.prompt.pictures import patchify
from model.soft_tokens import PATCH_PX
from model.training.data.codes import title_codes
from model.training.data.content import Content
from model.training.data.crops import CROPS, as_picture, draw_crop
from model.training.data.crops import PATCHES as CROP_PATCHES
from model.training.data.fonts import TRAIN_FONTS
from model.training.data.frames import Frame, draw_frame
from model.training.data.pages import Drawn, Look, draw_page
from model.training.data.records import Recipe
from model.training.data.spelling import Features, Lessons, as_lessons, letter_loss, spelling_loss, tower_features
from model.training.data.videos import TITLES
from model.training.shared import TOWER, Centre
from model.training.state import Run
from model.training.trainer import LOG_STEPS, SAVE_SECONDS, Settings, generator, rate_at, stop_on_signal
from model.training.vision.beginning import begin
from model.training.vision.reading import Read, reading_loss
from model.types import Picture

SMALL = ((96, 240), (144, 288), (144, 240), (192, 288))
PAGES = len(CROPS)
"""The level at which pages and titles begin; those before it are of ``crops``."""
KINDS = {"page": 0.6, "crop": 0.32, "title": 0.08}
"""How often each comes then."""
READ_ENOUGH = 0.9
"""The share of values' letters known at which the tower is ready for questions."""

SLIPS = Look(
    sizes=((96, 384), (144, 288), (144, 336), (96, 480)), recipe=Recipe(fields=(1, 3), together=2), as_it_is=True
)
"""Slips of paper with a value or two: what belongs to which label is learned on them at a fraction of the cost."""
SLIPS_SHARE = 0.35

_BACKGROUND = 0.2
PATCHES = 2600
SPELLING_WEIGHT = 0.3
"""The weight of spelling on pages."""
SAYING_WEIGHT = 2.0


@dataclass(frozen=True, eq=False)
class Frames:
    """Frames of one size as the tower takes them, and the print under soft tokens and patches."""

    pixels: Tensor
    places: Tensor
    titles: Tensor
    letters: Tensor


def as_batch(frames: Sequence[Frame], device: torch.device) -> Frames:
    """[B, patches, 768], [B, patches, 2] and the titles [B, soft tokens]."""
    titles = torch.from_numpy(np.stack([frame.titles for frame in frames])).to(device)
    letters = torch.from_numpy(np.stack([frame.letters for frame in frames])).to(device)
    return Frames(*as_patches([frame.picture for frame in frames], device), titles, letters)


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
    prepare(run)
    centre = Centre(settings.share, run.network, TOWER) if settings.share else None
    while (elapsed := time.monotonic() - began) < settings.minutes * 60 and not stop:
        progress = run.progress
        progress.seconds = start_seconds + elapsed
        rng = generator(run.seed, "train", "tower", progress.step)
        rate = rate_at(progress.step, settings, elapsed)
        line = tower_step(run, rng, int(PATCHES * settings.batch_share), rate, device)
        if centre:
            centre.step()
        if progress.step % LOG_STEPS == 0:
            say(f"step {progress.step} level {progress.level} {line} {progress.seconds:.0f} s")
        if time.monotonic() - saved > SAVE_SECONDS:
            run.save(folder)
            saved = time.monotonic()
    run.save(folder)


def prepare(run: Run) -> None:
    """The start of a fresh tower."""
    network: Any = run.network
    if run.progress.step == 0:
        rng = generator(run.seed, "train", "samples")
        samples = [patchify(as_picture(draw_crop(rng)[0]))[0] for _ in range(40)]
        begin(network, torch.from_numpy(np.concatenate(samples)).to(network.device))


def tower_step(run: Run, rng: random.Random, patches: int, rate: float, device: torch.device) -> str:
    """One update, of what the level asks for; opens the next level."""
    progress = run.progress
    kind = "crop" if progress.level < PAGES else rng.choices([*KINDS], [*KINDS.values()])[0]
    line = {"crop": crops_step, "title": titles_step, "page": pages_step}[kind](run, rng, patches, rate, device)
    progress.since += kind == "crop"
    if progress.level < PAGES and progress.since >= 50 and progress.spelled > CROPS[progress.level].enough:
        progress.level, progress.since = progress.level + 1, 0
    return line


def titles_step(run: Run, rng: random.Random, patches: int, rate: float, device: torch.device) -> str:
    """One update on frames of videos."""
    frames = frame_batch(rng, rng.choice(SMALL) if rng.random() < 0.3 else None, patches, device)
    with torch.autocast(device.type, torch.bfloat16):
        seen = tower_features(run.network, frames.pixels, frames.places)
        loss, right = title_loss(run.network, frames, seen.letters, seen.soft)
    update(run, loss, rate, frames.places)
    run.progress.right += (float(right.float().mean()) - run.progress.right) / 25
    return f"titles {run.progress.right:.3f} loss {loss.item():.3f}"


def crops_step(run: Run, rng: random.Random, patches: int, rate: float, device: torch.device) -> str:
    """One update on small pictures full of print."""
    level = run.progress.level
    if level and rng.random() < 0.2:
        level -= 1
    drawn = [draw_crop(rng, CROPS[min(level, len(CROPS) - 1)]) for _ in range(max(1, patches // CROP_PATCHES))]
    pixels, places = as_patches([as_picture(pixels) for pixels, _ in drawn], device)
    printed = as_lessons([printed for _, printed in drawn], device)
    with torch.autocast(device.type, torch.bfloat16):
        seen = tower_features(run.network, pixels, places)
        loss, share = spelling_loss(run.network, seen, printed)
    update(run, loss, rate, places)
    run.progress.spelled += 0.03 * (float(share) - run.progress.spelled)
    return f"spelled {run.progress.spelled:.3f} loss {loss.item():.3f}"


def pages_step(run: Run, rng: random.Random, patches: int, rate: float, device: torch.device) -> str:
    """One update on pages of one size."""
    batch = page_batch(draw_pages(rng, patches, SLIPS if rng.random() < SLIPS_SHARE else Look()), device)
    with torch.autocast(device.type, torch.bfloat16):
        seen = tower_features(run.network, batch.pixels, batch.places)
        loss, read = page_loss(run.network, seen, batch)
    update(run, loss, rate, batch.places)
    run.progress.read += 0.03 * (read.letters - run.progress.read)
    return (
        f"read {run.progress.read:.3f} loss {loss.item():.3f} letters {read.letters:.3f} fields {read.fields:.3f} "
        f"labels {read.labels:.3f} patch fields {read.patch_fields:.3f} places {read.patch_letters:.3f}"
    )


def draw_pages(rng: random.Random, patches: int, look: Look) -> list[Drawn]:
    """Pages of one size, of as many patches together."""
    look = replace(look, sizes=(rng.choice(look.sizes),))
    first = draw_page(rng, look)
    count = patches * PATCH_PX**2 // (first.picture.height * first.picture.width)
    return [first, *(draw_page(rng, look) for _ in range(count - 1))]


def page_loss(network: nn.Module, seen: Features, batch: Pages) -> tuple[Tensor, Read]:
    """All lessons about pages, and the soft tokens that the language side expects."""
    spelling, _ = spelling_loss(network, seen, batch.printed)
    read = reading_loss(network, seen, batch.contents)
    loss = read.loss + SPELLING_WEIGHT * spelling + SAYING_WEIGHT * saying_loss(network, seen.soft, batch.contents)
    return loss, read


def saying_loss(network: Any, soft: Tensor, contents: Sequence[Content]) -> Tensor:
    """How far soft tokens are from their targets, by kind of content."""
    wanted = network.page_codes(contents)
    about = wanted - network.page_codes.nothing
    weights = torch.where(about.abs().amax(-1) > 0, 1.0, _BACKGROUND)
    size = (about.square().mean(-1) * weights).sum() / weights.sum()
    apart = (soft.float() - wanted).square().mean(-1)
    return (apart * weights).sum() / weights.sum() / size


@dataclass(frozen=True, eq=False)
class Pages:
    """Pages of one size as the tower takes them, their print, and their values."""

    pixels: Tensor
    places: Tensor
    printed: Lessons
    contents: tuple[Content, ...]


def page_batch(pages: Sequence[Drawn], device: torch.device) -> Pages:
    """Pages of one size."""
    pixels, places = as_patches([page.picture for page in pages], device)
    printed = as_lessons([page.printed for page in pages], device)
    return Pages(pixels, places, printed, tuple(page.content for page in pages))


def as_patches(pictures: Sequence[Picture], device: torch.device) -> tuple[Tensor, Tensor]:
    """[B, patches, 768] and [B, patches, 2] of pictures of one size."""
    patched = [patchify(picture) for picture in pictures]
    pixels, places = (np.stack(arrays) for arrays in zip(*patched, strict=True))
    return torch.from_numpy(pixels).to(device), torch.from_numpy(places).to(device)


def update(run: Run, loss: Tensor, rate: float, places: Tensor) -> None:
    """One step of the optimiser."""
    run.optimiser.zero_grad()
    loss.backward()
    if run.rounding:
        run.rounding.end()
    torch.nn.utils.clip_grad_norm_(run.network.parameters(), 1.0)
    run.optimiser.step(rate)
    run.progress.step += 1
    run.progress.tokens += places.shape[0] * places.shape[1]
