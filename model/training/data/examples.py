"""Records and questions become token ids with a mask of the tokens to be answered, by the engine's own prompt."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from model.family.config import ModelConfig
from model.family.config_json import read_config
from model.prompt.building import build_prompt
from model.prompt.frame_times import frames_on_lines
from model.prompt.spans import SoftSpan
from model.prompt.tokenizer import Tokenizer
from model.soft_tokens import SOFT_TOKEN_PX
from model.training.config import sample_config, write_config
from model.training.data import layout
from model.training.data.codes import Blur, made_up_frame
from model.training.data.frames import FRAME_BUDGET
from model.training.data.lessons import Labels, column_label, empty, frame_labels, padded, row_labels, title_label
from model.training.data.questions import Answer, AnswerKind, questions
from model.training.data.records import Recipe, Record, make_record
from model.training.data.values import digits, surname
from model.training.data.videos import TITLES, Clip, clip_questions, make_clip
from model.training.looking import AWAY, FIRST, LAST, SECOND, THIRD, Look, Pick, find_values, tokens_at
from model.training.tokenizer import vocabulary, write_tokenizer
from model.types import Part, Picture

FRAME_GRIDS = ((6, 11), (6, 11), (7, 9))
"""Rows and columns of soft tokens of wide and of older videos' frames."""


@dataclass(frozen=True, eq=False)
class Example:
    """One conversation after the system text. ``target[i]`` tells whether token ``i`` is an answer's."""

    ids: NDArray[np.int64]
    target: NDArray[np.bool_]
    labels: dict[str, Labels]
    """For each lesson what every token should know; 0 for none."""
    answers: tuple[Answer, ...]
    looks: dict[int, tuple[Look, ...]]
    """By layer, where it should look from which token; the last one from an answer's."""
    picks: tuple[Pick, ...] = ()
    """Where the last layer's heads should pick letters off soft tokens."""
    pictures: tuple[SoftSpan, ...] = ()
    soft: NDArray[np.float32] | None = None
    """Made-up soft tokens of all pictures, in order; ``None`` where the tower is to look."""
    begins: tuple[int, ...] = ()
    """Where the answers begin."""


@dataclass(frozen=True, eq=False)
class Batch:
    """Examples side by side, padded on the right, after one shared prefix."""

    prefix: Tensor
    ids: Tensor
    target: Tensor
    labels: dict[str, Tensor]
    pictures: Tensor
    soft: Tensor | None
    examples: tuple[Example, ...] = field(default=())

    @property
    def tokens(self) -> int:
        """Its cost, padding included."""
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
    request = frames_on_lines(layout.request(parts, [(q, a.text) for q, a in turns], system))
    prompt = build_prompt(request, tokenizer, config)
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
    spans = tuple(SoftSpan(s.kind, s.start - split, s.stop - split, s.source) for s in prompt.spans)
    answers = tuple(a for _, a in turns)
    rest, pages = ids[split:], page_numbers(ids[split:])
    begins = [int(start) - split for start in starts]
    labels = empty(len(rest)) | {"page": pages}
    for begin, answer in zip(begins, answers, strict=True):
        _label_question(labels, begin - 1, answer)
    looks = {LAST: tuple(where_to_look(rest, pages, begins, answers, spans))}
    return ids[:split], Example(rest, target[split:], labels, answers, looks, pictures=spans, begins=tuple(begins))


def _label_question(labels: dict[str, Labels], place: int, answer: Answer) -> None:
    """The value that is asked for, where the answer begins."""
    if answer.about:
        _label_cell(labels, place, place + 1, *answer.about)
    if answer.title:
        labels["wanted"][place] = title_label(answer.title)


def _label_cell(labels: dict[str, Labels], start: int, stop: int, column: str, row: str) -> None:
    labels["column"][start:stop] = column_label(column)
    for part, label in enumerate(row_labels(row)):
        labels[f"row{part}"][start:stop] = label


def label_cells(one: Example, record: Record) -> None:
    """Every cell's tokens learn their column and row, and the third layer looks at the row's name for it.

    The same holds for the place where an answer about a cell begins, with the name in the question.
    """
    cells = [fact for fact in record.facts if fact.column]
    texts = texts_of(one.ids)
    wanted = [(fact.page, fact.quote, fact.offset, len(fact.value)) for fact in cells]
    names = [(fact.page, fact.quote, 0, len(fact.label)) for fact in cells]
    looks: list[Look] = []
    spans, rows = (find_values(texts, one.labels["page"], places) for places in (wanted, names))
    for fact, span, row in zip(cells, spans, rows, strict=True):
        if span and row:
            _label_cell(one.labels, *span, fact.column, fact.label)
            looks.append((span[0], *row))
    for begin, answer in zip(one.begins, one.answers, strict=True):
        if answer.about and (found := _asked(texts, begin, answer.about[1])):
            looks.append((begin - 1, *found))
    one.looks[THIRD] = tuple(looks)


_QUESTION = 60
"""Tokens before an answer that may be of its question."""


def _asked(texts: Sequence[str], begin: int, name: str) -> tuple[int, int] | None:
    """The position of a name in the question before an answer."""
    start = max(0, begin - _QUESTION)
    ends = np.cumsum([len(text) for text in texts[start:begin]])
    place = "".join(texts[start:begin]).rfind(name)
    if place < 0:
        return None
    first, last = tokens_at(ends, place, len(name))
    return start + first, start + last


def texts_of(ids: NDArray[np.int64]) -> list[str]:
    """Each token's text, blanks as blanks."""
    tokenizer, _ = writer()
    return [tokenizer.text_of(int(token)).replace("▁", " ") for token in ids]


def where_to_look(
    ids: NDArray[np.int64],
    pages: NDArray[np.int64],
    starts: Sequence[int],
    answers: Sequence[Answer],
    pictures: Sequence[SoftSpan],
) -> Iterator[Look]:
    """From before an answer: at its value's first token, or its scene; away where nothing is to be found.

    From before the page's number: at the value once more. From before a scene's second, and in lists its title: at it.
    """
    wanted = [(*a.evidence, len(a.value)) if a.evidence else (0, "", 0, 0) for a in answers]
    opening = [vocabulary()[token] for token in ("[", "page", "▁")]
    for start, answer, found in zip(starts, answers, find_values(texts_of(ids), pages, wanted), strict=True):
        if answer.kind == "absent":
            yield (start - 1, *AWAY)
        for line, first in enumerate(answer.frames):
            for place in _LINE_LOOKS[answer.kind][0 if line else 1 :]:
                yield start + _LINE * line + place, pictures[first].start, pictures[first].stop
        if answer.kind == "scenes":
            yield (start + _LINE * len(answer.frames) - 2, *AWAY)
        if found:
            yield start - 1, found[0], found[0] + 1
            end = start + next(i for i in range(len(ids) - start) if ids[start + i : start + i + 3].tolist() == opening)
            yield end + 2, found[0], found[1]


_LINE = 5
"""Tokens of a line of a list: the minute, the colon, the second, a blank with the title, the line's end."""
_LINE_LOOKS: dict[AnswerKind, tuple[int, ...]] = {"scene": (-2, -1), "time": (-2, -1, 1), "scenes": (-2, -1, 1, 2)}
"""From where a line's scene is looked at, counted from the line's first token; the first of these only from the line
before."""


def page_numbers(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each token the number of its page, from the headings; 0 outside of pages."""
    vocab = vocabulary()
    values = {vocab[digit]: int(digit) for digit in "0123456789"}
    line, opening, ends = vocab["\n"], (vocab["\n"], vocab["Page"], vocab["▁"]), (vocab["end"], vocab["<turn|>"])
    numbers = np.zeros(len(ids), np.int64)
    places = np.flatnonzero((ids[:-2] == opening[0]) & (ids[1:-1] == opening[1]) & (ids[2:] == opening[2])) + 3
    stops = np.flatnonzero((ids == ends[0]) | (ids == ends[1]))
    for place in places:
        number, after = 0, int(place)
        while after < len(ids) and int(ids[after]) in values:
            number, after = 10 * number + values[int(ids[after])], after + 1
        if number and after < len(ids) and ids[after] == line:
            later = stops[stops > after]
            numbers[after : later[0] if len(later) else len(ids)] = number
    return numbers


def text_example(rng: random.Random, recipe: Recipe, count: int, system: str) -> tuple[NDArray[np.int64], Example]:
    """A document given by its text layer, with ``count`` questions."""
    record = make_record(rng, recipe)
    parts = layout.pdf_parts(1, record.name, layout.make_key(rng), record.texts, record.first)
    prefix, one = example(parts, questions(rng, record, count), system)
    label_cells(one, record)
    return prefix, one


def clip_example(
    rng: random.Random, most_frames: int, count: int, system: str, small: float
) -> tuple[NDArray[np.int64], Example]:
    """A video with made-up soft tokens; with the chance ``small`` its frames are smaller than real ones."""
    clip = make_clip(rng, most_frames)
    width = writer()[1].text.hidden_size
    rows, columns = (rng.randint(1, 3), rng.randint(2, 5)) if rng.random() < small else rng.choice(FRAME_GRIDS)
    blur = Blur()
    frames, softs, titled = [], [], []
    for time in clip.times:
        title = TITLES.index(clip.at(time).title) + 1
        soft, shows = made_up_frame(rng, title, rows, columns, width, blur)
        softs.append(soft)
        titled.append(shows)
        size = (rows * SOFT_TOKEN_PX, columns * SOFT_TOKEN_PX)
        frames.append((float(time), Picture(b"", *size, FRAME_BUDGET, f"{rng.getrandbits(64):x}")))
    parts = layout.video_parts(1, clip_name(rng), layout.make_key(rng), clip.duration, frames)
    prefix, one = example(parts, clip_questions(rng, clip, count), system)
    label_frames(one, clip, titled)
    return prefix, replace(one, soft=np.concatenate(softs))


BETWEEN = 6
"""Tokens before a frame that give its time: the line's end, the minute, the colon, the second, a blank, the opening."""


def label_frames(one: Example, clip: Clip, titled: Sequence[NDArray[np.bool_]]) -> None:
    """Every frame's soft tokens learn their time and what was shown before, both from the tokens before them.

    Those learn it in the first layer, by looking at the frame before them; the third layer looks at them. In the
    second, soft tokens that show a title (``titled``, for each frame) look for the same title in tokens between
    earlier frames, or away where it is new: so they know whether a scene begins with them.
    """
    looks: dict[int, list[Look]] = {FIRST: [], SECOND: [], THIRD: []}
    spans = one.pictures
    for number, (span, labels, shows) in enumerate(zip(spans, frame_labels(clip), titled, strict=True)):
        for name, label in labels.items():
            one.labels[name][span.start : span.stop] = label
        own = span.start - BETWEEN
        one.labels["shown"][own : span.start] = labels["before"]
        looks[THIRD] += [(place, own, span.start) for place in (span.start, span.stop - 1)]
        for before in spans[max(number - 1, 0) : number]:
            looks[FIRST] += [(place, before.start, before.stop) for place in range(own, span.start)]
        begins = clip.first_frame(clip.at(clip.times[number]))
        seen_before = AWAY if begins == number else (spans[begins + 1].start - BETWEEN, span.start)
        places = (span.start + np.flatnonzero(shows)).tolist()
        one.labels["first"][places] = 2 if begins == number else 1
        looks[SECOND] += [(place, *seen_before) for place in places]
    one.looks.update({layer: tuple(found) for layer, found in looks.items()})


def clip_name(rng: random.Random) -> str:
    """The name of a video's file."""
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
    labels = {
        name: torch.from_numpy(values).to(device)
        for name, values in padded([one.labels for one in examples], longest).items()
    }
    shared, tokens, wanted, picture = (torch.from_numpy(a).to(device) for a in (prefix, ids, target, pictures))
    return Batch(shared, tokens, wanted, labels, picture, soft, tuple(examples))
