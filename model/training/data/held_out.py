"""Questions that training never sees: other seeds, other layouts, and for pictures other fonts too."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from model.training.data import layout
from model.training.data.examples import clip_name
from model.training.data.fonts import HELD_OUT_FONTS, TRAIN_FONTS
from model.training.data.frames import draw_frame
from model.training.data.pages import Look, draw_page
from model.training.data.questions import Answer, questions, seen
from model.training.data.records import HELD_OUT_STYLES, TRAIN_STYLES, Recipe, make_record
from model.training.data.videos import TITLES, clip_questions, make_clip
from model.types import Part, Request

Task = Literal[
    "text, one page",
    "text",
    "text, new layouts",
    "clips",
    "clips, new fonts",
    "pictures",
    "pictures, new fonts",
    "small print at 70",
    "small print at the chosen budget",
]
TASKS: tuple[Task, ...] = get_args(Task)
QUESTIONS_EACH = 5
_FAMILY: dict[Task, str] = {task: "small print" for task in TASKS if task.startswith("small print")}
"""The same pages at two budgets."""

NEW_SIZES = ((276, 500), (260, 540), (320, 450), (450, 610), (500, 700))
PAGE = Recipe(fields=(2, 8), tables=0.25, styles=HELD_OUT_STYLES)
SEEN = Look(sizes=NEW_SIZES, print_px=(22, 32), pace=(1.25, 1.6), recipe=PAGE)
"""The pages that are asked about: print from 22 px on, lines as close as usual."""
SMALL_PRINT = replace(
    SEEN, sizes=((480, 720), (500, 700)), print_px=(22, 25), recipe=replace(PAGE, fields=(4, 10), styles=TRAIN_STYLES)
)


@dataclass(frozen=True, slots=True)
class Case:
    """One question of its own about a file, and the right answer."""

    task: Task
    request: Request
    answer: Answer


def cases(task: Task, count: int, seed: int = 0) -> Iterator[Case]:
    """``count`` questions of a task, several about one file one after another."""
    number = done = 0
    while done < count:
        rng = random.Random(f"held-out:{seed}:{_FAMILY.get(task, task)}:{number}")
        number += 1
        make = _text if task.startswith("text") else _clip if task.startswith("clips") else _page
        parts, asked = make(rng, task)
        for question, answer in asked[: count - done]:
            done += 1
            yield Case(task, layout.request(parts, [(question, "")]), answer)


def _text(rng: random.Random, task: Task) -> tuple[list[Part], list[tuple[str, Answer]]]:
    styles = HELD_OUT_STYLES if task == "text, new layouts" else TRAIN_STYLES
    pages = (1, 1) if task == "text, one page" else (1, 8)
    recipe = Recipe(pages=pages, fields=(2, 10), prose=0.35, tables=0.35, rows=(2, 6), styles=styles, footers=0.3)
    record = make_record(rng, recipe)
    return layout.pdf_parts(1, record.name, layout.make_key(rng), record.texts), questions(rng, record, QUESTIONS_EACH)


def _clip(rng: random.Random, task: Task) -> tuple[list[Part], list[tuple[str, Answer]]]:
    fonts: Sequence[str] = HELD_OUT_FONTS if task == "clips, new fonts" else TRAIN_FONTS
    clip = make_clip(rng, 16)
    size = None
    frames = []
    for time in clip.times:
        frame = draw_frame(rng, clip.at(time).title, size, fonts)
        size = (frame.picture.height, frame.picture.width)
        frames.append((float(time), frame.picture))
    assert all(scene.title in TITLES for scene in clip.scenes)
    return layout.video_parts(1, clip_name(rng), layout.make_key(rng), clip.duration, frames), clip_questions(
        rng, clip, QUESTIONS_EACH
    )


def _page(rng: random.Random, task: Task) -> tuple[list[Part], list[tuple[str, Answer]]]:
    """A screenshot in layouts and sizes that training does not show."""
    look = SEEN
    if task == "pictures, new fonts":
        look = replace(look, fonts=HELD_OUT_FONTS)
    if task.startswith("small print"):
        look = SMALL_PRINT
    page = draw_page(rng, look, 70 if task == "small print at 70" else None)
    parts = layout.image_parts(1, f"screenshot-{rng.randint(1, 999)}.png", layout.make_key(rng), page.picture)
    return parts, [(question, seen(answer)) for question, answer in questions(rng, page.record, QUESTIONS_EACH)]
