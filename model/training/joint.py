"""Both halves together: the tower looks, the language side answers, and neither forgets its own lessons.

In turn a step is a drawn video, a drawn page, made-up videos or pages, text documents, or print for the tower alone.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor

from model.prompt.pictures import fit_size
from model.training.data import layout
from model.training.data.examples import Batch, clip_name, collate, example, label_frames, some_system
from model.training.data.frames import FRAME_BUDGET, SHAPES, draw_frame
from model.training.data.pages import Look
from model.training.data.seen_pages import page_example
from model.training.data.spelling import tower_features
from model.training.data.videos import clip_questions, make_clip
from model.training.objective import answer_loss
from model.training.rounding import Rounding
from model.training.shared import Centre
from model.training.stages import CLIPS, LEVELS
from model.training.state import Run
from model.training.trainer import (
    CLIP,
    LOG_STEPS,
    SAVE_SECONDS,
    Settings,
    clip_batch,
    follow,
    generator,
    rate_at,
    seen_batch,
    stop_on_signal,
    text_batch,
)
from model.training.vision.tower import (
    PAGES,
    PATCHES,
    as_batch,
    crops_step,
    draw_pages,
    page_batch,
    page_loss,
    title_loss,
    update,
)

LESSON_WEIGHT = 1.0
"""The tower's own lessons continue beside the answers."""

FRAMES = (8, 8, 10, 16, 24)
"""The most frames that are drawn for a video."""
CHEAP = 0.7
"""The size of text steps, times the usual one: they are here to keep what is known."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A loss, and for each answer whether it was wholly right."""

    loss: Tensor
    right: Tensor
    places: Tensor


def clip_lesson(run: Run, rng: random.Random, device: torch.device) -> Lesson:
    """One video with drawn frames, and questions about it."""
    clip = make_clip(rng, rng.choice(FRAMES))
    size = fit_size(*rng.choice(SHAPES), FRAME_BUDGET)
    frames = [draw_frame(rng, clip.at(time).title, size) for time in clip.times]
    shown = [(float(time), frame.picture) for time, frame in zip(clip.times, frames, strict=True)]
    parts = layout.video_parts(1, clip_name(rng), layout.make_key(rng), clip.duration, shown)
    asked = clip_questions(rng, clip, rng.randint(*CLIPS.questions))
    prefix, one = example(parts, asked, some_system(rng, 0.6))
    label_frames(one, clip, [frame.titles > 0 for frame in frames])
    batch = collate(prefix, [one], device)
    looked = as_batch(frames, device)
    seen = tower_features(run.network, looked.pixels, looked.places)
    titles, _ = title_loss(run.network, looked, seen.letters, seen.soft)
    return _lesson(run, batch, seen.soft, titles, looked.places)


def page_lesson(run: Run, rng: random.Random, patches: int, device: torch.device) -> Lesson:
    """Pages or screenshots given as pictures alone."""
    pages = draw_pages(rng, patches, Look())
    pairs = [page_example(rng, page.record, page.picture, page.content) for page in pages]
    batch = collate(pairs[0][0], [one for _, one in pairs], device)
    looked = page_batch(pages, device)
    seen = tower_features(run.network, looked.pixels, looked.places)
    own, read = page_loss(run.network, seen, looked)
    run.progress.spelled += 0.03 * (read.letters - run.progress.spelled)
    return _lesson(run, batch, seen.soft, own, looked.places)


def _lesson(run: Run, batch: Batch, soft: Tensor, own: Tensor, places: Tensor) -> Lesson:
    outcome = answer_loss(run.network, batch, soft)
    return Lesson(outcome.loss + LESSON_WEIGHT * own, outcome.right, places)


def train_joint(run: Run, settings: Settings, folder: Path, device: torch.device, say: Callable[[str], None]) -> None:
    """Train until the time is over."""
    began = saved = time.monotonic()
    start_seconds = run.progress.seconds
    stop = stop_on_signal()
    run.progress.level = len(LEVELS) - 1
    run.rounding = Rounding(run.network) if settings.rounded else None
    centre = Centre(settings.share, run.network, ("model.",)) if settings.share else None
    while (elapsed := time.monotonic() - began) < settings.minutes * 60 and not stop:
        run.progress.seconds = start_seconds + elapsed
        joint_step(run, settings, rate_at(run.progress.step, settings, elapsed), device)
        if centre:
            centre.step()
        if run.progress.step % LOG_STEPS == 0:
            say(_line(run))
        if time.monotonic() - saved > SAVE_SECONDS:
            run.save(folder)
            saved = time.monotonic()
    run.save(folder)


TURNS = (
    *("page", "made-up clips", "page", "text", "page", "print", "clip"),
    *("page", "text", "page", "made-up pages", "page", "print", "text"),
)  # fmt: skip
"""The kinds of steps, over and over. Print is cheap and dense: the tower's letters limit what is read from pages."""


def joint_step(run: Run, settings: Settings, rate: float, device: torch.device) -> None:
    """One step; which kind follows from its number. Pages come once the tower reads them."""
    progress, kind = run.progress, TURNS[run.progress.step % len(TURNS)]
    rng = generator(run.seed, "train", "joint", progress.step)
    patches = int(PATCHES * settings.batch_share)
    if kind == "print":
        crops_step(run, rng, patches, rate, device)
        return
    if run.rounding:
        run.rounding.begin()
    with torch.autocast(device.type, torch.bfloat16):
        if kind == "page" and progress.pages:
            lesson = page_lesson(run, rng, patches, device)
            progress.read += (float(lesson.right.mean()) - progress.read) / 50
            loss, places = lesson.loss, lesson.places
        elif kind in ("page", "clip"):
            lesson = clip_lesson(run, rng, device)
            progress.clips += (float(lesson.right.mean()) - progress.clips) / 25
            loss, places = lesson.loss, lesson.places
        else:
            loss, places = _kept(run, settings, kind, device)
    update(run, loss, rate, places)


def _kept(run: Run, settings: Settings, kind: str, device: torch.device) -> tuple[Tensor, Tensor]:
    """Steps on what the language side already knows: text, and videos and pages with made-up soft tokens."""
    cheap = replace(settings, batch_share=CHEAP * settings.batch_share)
    soft: Tensor | None = None
    index = CLIP
    if kind == "text":
        batch, index = text_batch(run, cheap, device)
    elif kind == "made-up clips":
        batch = clip_batch(run, cheap, device)
    else:
        batch, soft = seen_batch(run, cheap, device)
    outcome = answer_loss(run.network, batch, soft)
    if kind == "text":
        follow(run, outcome, index)
    return outcome.loss, batch.ids


def begin_pages(run: Run, tower_level: int) -> None:
    """Pages are asked about only where the tower has begun to spell."""
    run.progress.pages = run.progress.pages or tower_level >= PAGES


def _line(run: Run) -> str:
    progress = run.progress
    return (
        f"step {progress.step} text {progress.right:.3f} clips {progress.clips:.3f} pages {progress.read:.3f} "
        f"spelled {progress.spelled:.3f} {progress.seconds:.0f} s"
    )
