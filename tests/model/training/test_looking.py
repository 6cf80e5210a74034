"""The lesson in where to look points at the values, pages and frames that answers rest on."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from model.training.config import sample_config
from model.training.data import layout
from model.training.data.content import RING
from model.training.data.examples import BETWEEN, Example, clip_example, example, label_frames, text_example, writer
from model.training.data.frames import draw_frame
from model.training.data.lessons import NOTHING_BEFORE, SECONDS, row_labels, title_label
from model.training.data.records import Recipe
from model.training.data.videos import clip_questions, make_clip
from model.training.looking import (
    AWAY,
    FIRST,
    LAST,
    ONE,
    SECOND,
    THIRD,
    Look,
    Watched,
    find_values,
    looking_loss,
    picking_loss,
    watch,
)
from model.training.network import build_network, hidden_states
from tests.model.training.test_training import CPU, SMALL_TEXT, SMALL_VISION

HARD = Recipe(pages=(1, 5), fields=(2, 8), prose=0.3, tables=0.7, later=0.3, footers=0.5)


def _text(one: Example, start: int, stop: int) -> str:
    tokenizer, _ = writer()
    return "".join(tokenizer.text_of(int(token)) for token in one.ids[start:stop]).replace("▁", " ")


@pytest.mark.parametrize("seed", range(20))
def test_every_value_and_its_page_are_pointed_at(seed: int) -> None:
    _, one = text_example(random.Random(seed), HARD, 12, "")
    values = [answer for answer in one.answers if answer.evidence]
    found, away = _apart(one)
    assert len(away) == len(one.answers) - len(values)
    assert all(_text(one, place + 1, place + 5) == "Not in the document" for place, *_ in away)
    assert len(found) == 2 * len(values)
    for answer, first, page in zip(values, found[::2], found[1::2], strict=True):
        assert answer.evidence is not None
        assert _text(one, page[1], page[2]).strip() == answer.value
        assert set(one.labels["page"][page[1] : page[2]]) == {answer.evidence[0]}
        assert first[1:] == (page[1], page[1] + 1), "the first token of the value"
        assert _text(one, first[0] + 1, first[0] + 1 + len(answer.value)).startswith(answer.value[0])
        assert _text(one, page[0] - 2, page[0] + 1) == "[page "
        assert _text(one, page[0] + 1, page[0] + 4).startswith(str(answer.evidence[0]))


def _apart(one: Example) -> tuple[list[Look], list[Look]]:
    """The looks at something, and those away."""
    looks = one.looks[LAST]
    return [look for look in looks if look[1:] != AWAY], [look for look in looks if look[1:] == AWAY]


@pytest.mark.parametrize("seed", range(5))
def test_scenes_are_looked_at_where_they_begin(seed: int) -> None:
    _, one = clip_example(random.Random(seed), 8, 12, "", small=1.0)
    spans = one.pictures
    found, away = _apart(one)
    absent = sum(answer.kind == "absent" for answer in one.answers)
    assert len(away) == absent + sum(answer.kind == "scenes" for answer in one.answers)
    for answer in one.answers:
        for number, first in enumerate(answer.frames):
            looks = {look[0] for look in found if look[1:] == (spans[first].start, spans[first].stop)}
            if answer.kind == "time":
                assert any(_text(one, place + 1, place + 4) == answer.value for place in looks)
            elif answer.kind == "scenes":
                minute, title = answer.text.split("\n")[number].split(" ")
                assert any(_text(one, place + 1, place + 5).replace("▁", " ") == f"{minute} {title}" for place in looks)
                assert any(_text(one, place + 1, place + 2).strip() == title for place in looks)
            if answer.kind != "scene":
                assert set(one.labels["first"][spans[first].start : spans[first].stop]) in ({2}, {0, 2})
    asked = [title_label(answer.title) for answer in one.answers if answer.title]
    assert one.labels["wanted"][one.labels["wanted"] > 0].tolist() == asked


@pytest.mark.parametrize("seed", range(5))
def test_frames_know_what_was_shown_before_them(seed: int) -> None:
    rng = random.Random(seed)
    clip = make_clip(rng, 8)
    shown = [(float(time), draw_frame(rng, clip.at(time).title, (48, 96)).picture) for time in clip.times]
    _, one = example(layout.video_parts(1, "a.mp4", "k", clip.duration, shown), clip_questions(rng, clip, 3), "")
    titled = [np.arange(2) == 1] * len(clip.times)
    label_frames(one, clip, titled)
    titles = [title_label(clip.at(time).title) for time in clip.times]
    for number, (span, time) in enumerate(zip(one.pictures, clip.times, strict=True)):
        before = titles[number - 1] if number else NOTHING_BEFORE
        said = slice(span.start - BETWEEN, span.start)
        assert _text(one, said.start, said.stop) == f"\n{layout.mm_ss(time)} <|image>"
        assert set(one.labels["shown"][said]) == {before} == set(one.labels["before"][span.start : span.stop])
        assert set(one.labels["page"][span.start : span.stop]) == {SECONDS + time % 60}
        assert one.labels["first"][span.start : span.stop].tolist() == [0, 1 + (titles[number] != before)]
        _, start, stop = next(look for look in one.looks[SECOND] if look[0] == span.start + 1)
        if titles[number] == before:
            assert start == one.pictures[titles.index(before) + 1].start - BETWEEN and stop == span.start
        else:
            assert (start, stop) == AWAY, "nothing before it shows the same title"
        assert (span.start, said.start, said.stop) in one.looks[THIRD]
        last = one.pictures[number - 1]
        looks = [look for look in one.looks[FIRST] if said.start <= look[0] < said.stop]
        assert looks == [(place, last.start, last.stop) for place in range(said.start, said.stop)] * bool(number)


def test_what_is_not_there_is_not_found() -> None:
    tokens = ["\n", "Total", ":", " ", "1", "2", "\n"]
    pages = torch.tensor([2, 2, 2, 2, 2, 2, 2]).numpy()
    asked = [(2, "Total: 12", 7, 2), (1, "Total: 12", 7, 2), (2, "Fax: 12", 5, 2), (0, "", 0, 0)]
    assert find_values(tokens, pages, asked) == [(4, 6), None, None, None]


def test_the_lesson_is_about_attention_as_it_is() -> None:
    network = build_network(sample_config({**SMALL_TEXT, "num_attention_heads": 2}, SMALL_VISION), 3, CPU)
    ids = torch.randint(400, 1000, (2, 30), generator=torch.Generator().manual_seed(1))
    losses = []
    for prefix in (0, 12):
        with torch.no_grad(), watch(network) as watched:
            hidden_states(network, ids[0, :prefix], ids[:, prefix:])
        looks = [[(25 - prefix, 20 - prefix, 22 - prefix)], []]
        losses.append(float(looking_loss(watched, looks)))
    assert losses[0] == pytest.approx(losses[1], abs=1e-4), "a shared prefix is part of what can be looked at"
    everywhere = [[(25, 0, 26)], [(3, 0, 4)]]
    with torch.no_grad(), watch(network) as watched:
        hidden_states(network, ids[0, :0], ids)
    assert float(looking_loss(watched, everywhere)) == pytest.approx(0, abs=1e-3)


def test_one_head_can_be_asked_to_look() -> None:
    queries, keys = torch.zeros(1, 10, 2, 4), torch.zeros(1, 10, 1, 4)
    keys[0, 3, 0, 0] = 1
    queries[0, 8, 1, 0] = 50  # the second head looks
    watched = Unturned()
    watched.queries, watched.keys = [queries], [keys]
    assert float(looking_loss(watched, [[(8, 3, 4)]])) < 1e-3
    assert float(looking_loss(watched, [[(8, 3, 4)]], ONE)) > 1


class Unturned(Watched):
    """Queries and keys without rotations."""

    def turned(self, states: list[torch.Tensor]) -> list[torch.Tensor]:
        return states


def test_each_slot_has_its_own_head_and_the_others_look_away() -> None:
    network = build_network(sample_config({**SMALL_TEXT, "num_attention_heads": 8}, SMALL_VISION), 3, CPU)
    ids = torch.randint(400, 1000, (2, 30), generator=torch.Generator().manual_seed(1))
    losses = []
    for prefix in (0, 12):
        with torch.no_grad(), watch(network) as watched:
            hidden_states(network, ids[0, :prefix], ids[:, prefix:])
        losses.append(float(picking_loss(watched, [[(25 - prefix, 20 - prefix, 3)], []])))
    assert losses[0] == pytest.approx(losses[1], abs=1e-4), "a shared prefix is part of what can be looked at"
    queries, keys = torch.zeros(1, 30, 8, 4), torch.zeros(1, 30, 1, 4)
    keys[0, 0, 0, 0] = keys[0, 20, 0, 1] = 1
    queries[0, 25, 3:, 0] = 50  # all look away
    watched = Unturned()
    watched.queries, watched.keys = [queries], [keys]
    assert float(picking_loss(watched, [[(25, 20, 3)]])) == pytest.approx(50 / RING, rel=0.01), "one of five is wrong"
    queries[0, 25, 3 + 3] = torch.tensor([0, 50, 0, 0])
    assert float(picking_loss(watched, [[(25, 20, 3)]])) < 1e-6
    assert float(picking_loss(watched, [[(25, 20, 2)]])) > 10


@pytest.mark.parametrize("groups", [1, 2, 4, 8])
def test_a_slots_letters_are_held_by_the_keys_that_its_head_sees(groups: int) -> None:
    watched = Unturned()
    watched.queries, watched.keys = [torch.zeros(1, 6, 8, 4)], [torch.randn(1, 6, groups, 4)]
    seen = watched.keys[0].repeat_interleave(8 // groups, dim=2)[:, :, -RING:]
    for slot in range(RING):
        assert torch.equal(watched.held(slot), seen[:, :, slot])


@pytest.mark.parametrize("seed", range(10))
def test_cells_and_questions_know_their_columns_and_rows(seed: int) -> None:
    rng = random.Random(seed)
    _, one = text_example(rng, Recipe(pages=(1, 3), tables=1.0), 10, "")
    found, _ = _apart(one)
    names = ["column", *(f"row{part}" for part in range(4))]
    for answer, first, look in zip([a for a in one.answers if a.evidence], found[::2], found[1::2], strict=True):
        there = {tuple(int(one.labels[name][place]) for name in names) for place in range(look[1], look[2])}
        asked = tuple(int(one.labels[name][first[0]]) for name in names)
        assert there == {asked} and (asked[0] != 0) == (answer.kind == "cell")


@pytest.mark.parametrize("seed", range(10))
def test_cells_and_questions_look_at_their_row_s_name(seed: int) -> None:
    rng = random.Random(seed)
    _, one = text_example(rng, Recipe(pages=(1, 3), tables=1.0), 10, "")
    found, _ = _apart(one)
    looks = {place: _text(one, start, stop).strip() for place, start, stop in one.looks[THIRD]}
    for answer, first in zip([a for a in one.answers if a.evidence], found[::2], strict=True):
        if answer.about:
            assert looks[first[0]] == looks[first[1]] == answer.about[1], "where it is asked, and where it stands"


def test_rows_are_told_apart_by_both_their_words() -> None:
    assert row_labels("Steel bolts") != row_labels("Steel lamps") != row_labels("Oak lamps")
    assert row_labels("ABC-1234")[2:] == row_labels("1234")[:2]
    assert row_labels("Noxton") == row_labels("no on") and row_labels("A") == row_labels("a")
