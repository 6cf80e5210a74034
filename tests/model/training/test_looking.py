"""The lesson in where to look points at the values, pages and frames that answers rest on."""

from __future__ import annotations

import random

import pytest
import torch

from model.training.config import sample_config
from model.training.examples import SECONDS, Example, clip_example, text_example, writer
from model.training.looking import find_values, looking_loss, watch
from model.training.network import build_network, hidden_states
from model.training.records import Recipe
from tests.model.training.test_training import CPU, SMALL_TEXT, SMALL_VISION

HARD = Recipe(pages=(1, 5), fields=(2, 8), prose=0.3, tables=0.7, later=0.3, footers=0.5)


def _text(one: Example, start: int, stop: int) -> str:
    tokenizer, _ = writer()
    return "".join(tokenizer.text_of(int(token)) for token in one.ids[start:stop]).replace("▁", " ")


@pytest.mark.parametrize("seed", range(20))
def test_every_value_and_its_page_are_pointed_at(seed: int) -> None:
    _, one = text_example(random.Random(seed), HARD, 12, "")
    values = [answer for answer in one.answers if answer.evidence]
    assert len(one.looks) == 2 * len(values)
    for answer, first, page in zip(values, one.looks[::2], one.looks[1::2], strict=True):
        assert answer.evidence is not None
        assert _text(one, page[1], page[2]).strip() == answer.value
        assert set(one.pages[page[1] : page[2]]) == {answer.evidence[0]}
        assert first[1:] == (page[1], page[1] + 1), "the first token of the value"
        assert _text(one, first[0] + 1, first[0] + 1 + len(answer.value)).startswith(answer.value[0])
        assert _text(one, page[0] - 2, page[0] + 1) == "[page "
        assert _text(one, page[0] + 1, page[0] + 4).startswith(str(answer.evidence[0]))


@pytest.mark.parametrize("seed", range(5))
def test_frames_are_pointed_at_and_know_their_seconds(seed: int) -> None:
    _, one = clip_example(random.Random(seed), 8, 8, "", small=1.0)
    looked = [answer for answer in one.answers if answer.frame >= 0]
    spans = [(span.start, span.stop) for span in one.pictures]
    assert [spans[answer.frame] for answer in looked for _ in range(1 + (answer.kind == "time"))] == [
        look[1:] for look in one.looks
    ]
    for answer in looked:
        if answer.kind == "time":
            assert one.pages[spans[answer.frame][0]] == SECONDS + int(answer.value[-2:])


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


@pytest.mark.parametrize("seed", range(10))
def test_cells_know_their_columns(seed: int) -> None:
    rng = random.Random(seed)
    _, one = text_example(rng, Recipe(pages=(1, 3), tables=1.0), 10, "")
    for answer, look in zip([a for a in one.answers if a.evidence], one.looks[1::2], strict=True):
        columns = set(one.columns[look[1] : look[2]])
        assert len(columns) == 1 and (columns != {0}) == (answer.kind == "cell")
