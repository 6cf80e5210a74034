"""Records and questions become token ids with a mask of what is to be answered, by the engine's own prompt."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.config import ModelConfig, read_config
from model.prompt import PictureSpan, build_prompt
from model.tokenizer import Tokenizer
from model.training import layout
from model.training.clips import TITLES, clip_questions, make_clip
from model.training.codes import Blur, made_up_frame
from model.training.config import sample_config, write_config
from model.training.frames import FRAME_BUDGET
from model.training.questions import Answer, questions
from model.training.records import Recipe, make_record
from model.training.tokenizer import vocabulary, write_tokenizer
from model.training.values import digits, surname
from model.types import SOFT_TOKEN_PX, Part, Picture

FRAME_GRIDS = ((6, 11), (6, 11), (7, 9))
"""Rows and columns of soft tokens of wide and of older videos' frames."""


@dataclass(frozen=True, eq=False)
class Example:
    """One conversation after the system text. ``target[i]`` says that token ``i`` is an answer's."""

    ids: NDArray[np.int64]
    target: NDArray[np.bool_]
    answers: tuple[Answer, ...]
    pictures: tuple[PictureSpan, ...] = ()
    soft: NDArray[np.float32] | None = None
    """Made-up soft tokens of all pictures, in order; ``None`` where the tower is to look."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples side by side, padded on the right, after one shared prefix."""

    prefix: Tensor
    ids: Tensor
    target: Tensor
    pictures: Tensor
    soft: Tensor | None
    examples: tuple[Example, ...] = field(default=())

    @property
    def tokens(self) -> int:
        """What it costs, padding included."""
        return self.ids.numel() + len(self.prefix)


@cache
def writer() -> tuple[Tokenizer, ModelConfig]:
    """The sample model's tokenizer and configuration, as the engine opens them."""
    folder = Path(tempfile.mkdtemp(prefix="lectern-training-"))
    write_tokenizer(folder)
    write_config(folder, sample_config())
    return Tokenizer.open(folder), read_config(folder)


def example(
    parts: Sequence[Part], turns: Sequence[tuple[str, Answer]], system: str
) -> tuple[NDArray[np.int64], Example]:
    """(prefix, the rest): the conversation with all its answers, split after the system text."""
    tokenizer, config = writer()
    vocab = vocabulary()
    prompt = build_prompt(layout.request(parts, [(q, a.text) for q, a in turns], system), tokenizer, config)
    end = vocab["<turn|>"]
    last = [*tokenizer.encode_data(turns[-1][1].text), end]
    ids = np.concatenate([prompt.ids, np.array(last, np.int64)])
    target = np.zeros(len(ids), bool)
    starts = (
        np.flatnonzero((ids[:-2] == vocab["<|turn>"]) & (ids[1:-1] == vocab["model"]) & (ids[2:] == vocab["\n"])) + 3
    )
    ends = np.flatnonzero(ids == end)
    for start in starts:
        target[start : ends[ends >= start][0] + 1] = True
    split = int(ends[0]) + 2 if system else 1
    spans = tuple(PictureSpan(s.start - split, s.stop - split, s.picture) for s in prompt.pictures)
    return ids[:split], Example(ids[split:], target[split:], tuple(a for _, a in turns), spans)


def text_example(rng: random.Random, recipe: Recipe, count: int, system: str) -> tuple[NDArray[np.int64], Example]:
    """A document given by its text layer, with ``count`` questions."""
    record = make_record(rng, recipe)
    texts = [record.page_text(number) for number in range(1, len(record.pages) + 1)]
    parts = layout.pdf_parts(1, record.name, layout.make_key(rng), texts)
    return example(parts, questions(rng, record, count), system)


def clip_example(
    rng: random.Random, most_frames: int, count: int, system: str, small: float
) -> tuple[NDArray[np.int64], Example]:
    """A clip with made-up soft tokens; with the chance ``small`` its frames are smaller than real ones."""
    clip = make_clip(rng, most_frames)
    width = writer()[1].text.hidden_size
    rows, columns = (rng.randint(1, 3), rng.randint(2, 5)) if rng.random() < small else rng.choice(FRAME_GRIDS)
    blur = Blur()
    frames = []
    softs = []
    for time in clip.times:
        title = TITLES.index(clip.at(time).title) + 1
        softs.append(made_up_frame(rng, title, rows, columns, width, blur))
        size = (rows * SOFT_TOKEN_PX, columns * SOFT_TOKEN_PX)
        frames.append((float(time), Picture(b"", *size, FRAME_BUDGET, f"{rng.getrandbits(64):x}")))
    parts = layout.video_parts(1, clip_name(rng), layout.make_key(rng), clip.duration, frames)
    prefix, one = example(parts, clip_questions(rng, clip, count), system)
    return prefix, replace(one, soft=np.concatenate(softs))


def clip_name(rng: random.Random) -> str:
    """What a clip's file is called."""
    return f"{rng.choice(('clip', 'video', 'tour', surname(rng).lower()))}-{digits(rng, 1, 3)}.mp4"


def some_system(rng: random.Random, share: float) -> str:
    """Mostly the application's own text; sometimes changed or left out, so that a later wording does no harm."""
    if rng.random() >= share:
        return ""
    if rng.random() < 0.85:
        return layout.SYSTEM
    lines = layout.SYSTEM.splitlines()
    return "\n".join(line for line in lines if rng.random() < 0.6) or lines[0]


def collate(prefix: NDArray[np.int64], examples: Sequence[Example], device: torch.device) -> Batch:
    """Examples of one prefix as tensors."""
    longest = max(len(e.ids) for e in examples)
    ids = np.zeros((len(examples), longest), np.int64)
    target = np.zeros(ids.shape, bool)
    pictures = np.zeros(ids.shape, np.int64)
    for row, one in enumerate(examples):
        ids[row, : len(one.ids)] = one.ids
        target[row, : len(one.ids)] = one.target
        for number, span in enumerate(one.pictures, 1):
            pictures[row, span.start : span.stop] = number
    softs = [one.soft for one in examples if one.soft is not None]
    soft = torch.from_numpy(np.concatenate(softs)).to(device) if softs else None
    tensors = [torch.from_numpy(array).to(device) for array in (prefix, ids, target, pictures)]
    return Batch(tensors[0], tensors[1], tensors[2], tensors[3], soft, tuple(examples))
