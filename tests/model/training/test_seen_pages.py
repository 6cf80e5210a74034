"""Pages that are seen: every letter of a value is known with its place, and asked for at its place."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
import torch

from model.soft_tokens import POOL
from model.training.data.content import FIELD, LETTERS, RING, Content, place_in
from model.training.data.examples import texts_of
from model.training.data.page_codes import PageCodes
from model.training.data.pages import Look, draw_page
from model.training.data.printed import OPEN
from model.training.data.records import HELD_OUT_STYLES, TRAIN_STYLES, Style
from model.training.data.seen_pages import SMALL, made_up_page
from model.training.data.spelling import Spelling
from model.training.looking import LAST
from model.training.tokenizer import ALPHABET

LOOK = Look()


def _value(content: Content, field: int) -> str:
    own = content.field == field
    letters = zip(content.word[own], content.index[own], content.letter[own], strict=True)
    return "".join(ALPHABET[letter - 1] for _, _, letter in sorted(letters))


@pytest.mark.parametrize("style", sorted({*TRAIN_STYLES, *HELD_OUT_STYLES}))
def test_values_are_found_in_every_layout(style: Style) -> None:
    found = 0
    for seed in range(4):
        page = draw_page(random.Random(seed), replace(LOOK, recipe=replace(LOOK.recipe, styles=(style,))))
        for fact in page.record.facts:
            if fact.field:
                found += 1
                assert _value(page.content, FIELD[fact.field.label]) == fact.value.replace(" ", "")[:LETTERS]
    assert found


def test_a_letter_s_place_is_counted_from_its_word() -> None:
    assert [place_in("AB 1-2", index) for index in (0, 1, 3, 5)] == [(0, 0), (0, 1), (1, 0), (1, 2)]


def test_letters_stand_where_they_are_drawn() -> None:
    page = draw_page(random.Random(2), LOOK)
    columns = page.picture.width // 48
    patches = columns * POOL
    rows, across = np.divmod(page.content.patch, patches)
    assert (page.content.token == rows // POOL * columns + across // POOL).all()
    spelled = page.printed.ring[page.content.token, page.content.slot]
    assert ((spelled == page.content.letter) | (spelled == OPEN)).all() and (spelled > 0).mean() > 0.8


def test_an_answer_s_tokens_look_at_their_letters() -> None:
    _, one, content = made_up_page(random.Random(4), SMALL)
    texts = texts_of(one.ids)
    asked = [answer for answer in one.answers if answer.field]
    assert asked
    for begin, answer in zip(one.begins, one.answers, strict=True):
        if not answer.field:
            continue
        held = content.tokens_at(FIELD[answer.field])
        looks = {place: seen - one.pictures[0].start for place, seen, _ in one.looks[LAST]}
        read, place = "", begin
        while len(read) < len(answer.value):
            word, letter = (int(one.labels[name][place - 1]) - 1 for name in ("word", "letter"))
            assert one.labels["field"][place - 1] == FIELD[answer.field]
            assert looks[place - 1] == held[word, letter]
            assert (place - 1, one.pictures[0].start + held[word, letter], letter % RING) in one.picks
            read, place = read + texts[place], place + 1
        assert read == answer.value
        assert answer.text == f'{answer.value} [page 1: "{answer.value}"]', "how its line is written, cannot be seen"


def test_codes_add_up_and_are_distinct() -> None:
    torch.manual_seed(0)
    codes = PageCodes(64)
    contents = [made_up_page(random.Random(seed), SMALL)[2] for seed in (1, 2)]
    both = codes(contents)
    assert torch.allclose(both, torch.cat([codes([content]) for content in contents]), atol=1e-5)
    first = contents[0]
    empty = sorted(set(range(first.tokens)) - set(first.token.tolist()))
    assert torch.allclose(both[empty], codes.nothing.expand(len(empty), -1))
    assert (both[first.token] - codes.nothing).norm(dim=-1).min() > 0.1


def test_made_up_codes_are_blurred_by_the_seed_alone() -> None:
    codes = PageCodes(64)
    contents = [made_up_page(random.Random(1), SMALL)[2]]
    first, again = (codes.blurred(contents, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, codes(contents))


def test_spelling_shares_letters_among_all_slots() -> None:
    heads = Spelling(64)
    assert heads.character.in_features * RING == heads.ring.out_features
