"""Both halves together: the tower looks, the language side answers, and neither forgets its own lessons.

In turn a step is a drawn clip, a drawn page, made-up clips, or text documents.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.pictures import fit_size
from model.training import layout
from model.training.clips import clip_questions, make_clip
from model.training.examples import Batch, Example, clip_name, collate, example, label_frames, some_system
from model.training.frames import FRAME_BUDGET, SHAPES, draw_frame
from model.training.objective import answer_loss
from model.training.pages import Drawn, Look, draw_page
from model.training.questions import questions
from model.training.spelling import spelling_loss, tower_features
from model.training.stages import CLIPS, LEVELS
from model.training.state import Run
from model.training.tower import SPELLING, as_batch, page_batch, title_loss, update
from model.training.trainer import (
    CLIP,
    LOG_STEPS,
    SAVE_SECONDS,
    Settings,
    clip_batch,
    follow,
    generator,
    rate_at,
    stop_on_signal,
    text_batch,
)
from model.training.values import digits
from model.types import SOFT_TOKEN_PX

LESSON_WEIGHT = 0.5
"""The tower's own lessons go on beside the answers."""

FRAMES = 10
PAGE_QUESTIONS = 8
CHEAP = 0.7
"""The size of text steps, times the usual one: they are here to keep what is known."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """A loss, and for each answer whether it was wholly right."""

    loss: Tensor
    right: Tensor
    places: Tensor


def clip_lesson(run: Run, rng: random.Random, device: torch.device) -> Lesson:
    """One clip with drawn frames, and questions about it."""
    clip = make_clip(rng, FRAMES)
    size = fit_size(*rng.choice(SHAPES), FRAME_BUDGET)
    frames = [draw_frame(rng, clip.at(time).title, size) for time in clip.times]
    shown = [(float(time), frame.picture) for time, frame in zip(clip.times, frames, strict=True)]
    parts = layout.video_parts(1, clip_name(rng), layout.make_key(rng), clip.duration, shown)
    asked = clip_questions(rng, clip, rng.randint(*CLIPS.questions))
    prefix, one = example(parts, asked, some_system(rng, 0.6))
    label_frames(one, clip)
    batch = collate(prefix, [one], device)
    looked = as_batch(frames, device)
    patches, _, soft = tower_features(run.network, looked.pixels, looked.places)
    titles, _ = title_loss(run.network, looked, patches, soft)
    return _lesson(run, batch, soft, titles, looked.places)


def page_lesson(run: Run, rng: random.Random, device: torch.device) -> Lesson:
    """One page or screenshot given as a picture alone."""
    page = draw_page(rng, Look())
    batch = collate(*_single(page_example(rng, page)), device)
    looked = page_batch([page], device)
    patches, pooled, soft = tower_features(run.network, looked.pixels, looked.places)
    columns = page.pixels.shape[1] // SOFT_TOKEN_PX
    spelling, share = spelling_loss(run.network, patches, pooled, looked.slots, columns)
    run.progress.spelled += 0.02 * (float(share) - run.progress.spelled)
    return _lesson(run, batch, soft, spelling, looked.places)


def page_example(rng: random.Random, page: Drawn) -> tuple[NDArray[np.int64], Example]:
    """The conversation about a page that is seen, half as a scanned PDF, half as a screenshot."""
    key = layout.make_key(rng)
    if rng.random() < 0.5:
        parts = layout.pdf_parts(1, page.record.name, key, [page.picture])
    else:
        parts = layout.image_parts(1, f"screenshot-{digits(rng, 1, 3)}.png", key, page.picture)
    return example(parts, questions(rng, page.record, PAGE_QUESTIONS), some_system(rng, 0.6))


def _single(pair: tuple[NDArray[np.int64], Example]) -> tuple[NDArray[np.int64], list[Example]]:
    return pair[0], [pair[1]]


def _lesson(run: Run, batch: Batch, soft: Tensor, own: Tensor, places: Tensor) -> Lesson:
    outcome = answer_loss(run.network, batch, soft)
    return Lesson(outcome.loss + LESSON_WEIGHT * own, outcome.right, places)


def train_joint(run: Run, settings: Settings, folder: Path, device: torch.device, say: Callable[[str], None]) -> None:
    """Train until the time is over."""
    began = saved = time.monotonic()
    start_seconds = run.progress.seconds
    stop = stop_on_signal()
    run.progress.level = len(LEVELS) - 1
    while (elapsed := time.monotonic() - began) < settings.minutes * 60 and not stop:
        run.progress.seconds = start_seconds + elapsed
        joint_step(run, settings, rate_at(run.progress.step, settings, elapsed), device)
        if run.progress.step % LOG_STEPS == 0:
            say(_line(run))
        if time.monotonic() - saved > SAVE_SECONDS:
            run.save(folder)
            saved = time.monotonic()
    run.save(folder)


def joint_step(run: Run, settings: Settings, rate: float, device: torch.device) -> None:
    """One step; which kind follows from its number. Pages come once the tower spells."""
    progress, turn = run.progress, run.progress.step % 8
    rng = generator(run.seed, "train", "joint", progress.step)
    with torch.autocast(device.type, torch.bfloat16):
        if turn % 2 == 0:
            loss, places = _kept(run, settings, turn == 0, device)
        elif turn in (3, 7) and progress.pages:
            lesson = page_lesson(run, rng, device)
            progress.read += (float(lesson.right.mean()) - progress.read) / 50
            loss, places = lesson.loss, lesson.places
        else:
            lesson = clip_lesson(run, rng, device)
            progress.clips += (float(lesson.right.mean()) - progress.clips) / 25
            loss, places = lesson.loss, lesson.places
    update(run, loss, rate, places)


def _kept(run: Run, settings: Settings, made_up: bool, device: torch.device) -> tuple[Tensor, Tensor]:
    """What the language side already knows: text documents, and clips with made-up soft tokens."""
    cheap = replace(settings, batch_share=CHEAP * settings.batch_share)
    batch, index = (clip_batch(run, cheap, device), CLIP) if made_up else text_batch(run, cheap, device)
    outcome = answer_loss(run.network, batch)
    if not made_up:
        follow(run, outcome, index)
    return outcome.loss, batch.ids


def begin_pages(run: Run, tower_level: int) -> None:
    """Pages are asked about only where the tower has begun to spell."""
    run.progress.pages = run.progress.pages or tower_level >= SPELLING


def _line(run: Run) -> str:
    progress = run.progress
    return (
        f"step {progress.step} text {progress.right:.3f} clips {progress.clips:.3f} pages {progress.read:.3f} "
        f"spelled {progress.spelled:.3f} {progress.seconds:.0f} s"
    )
