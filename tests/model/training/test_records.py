"""Generated documents and videos are the same from the same seed, and the answers about them are true."""

from __future__ import annotations

import random

import numpy as np
import pytest
from PIL import Image

from app.ingest.formats.image.reader import image_budget
from model.prompt.pictures import fit_size
from model.soft_tokens import SOFT_TOKEN_PX
from model.training.data import held_out
from model.training.data.codes import Blur, made_up_frame, title_codes
from model.training.data.content import RING
from model.training.data.fonts import HELD_OUT_FONTS, TRAIN_FONTS, font
from model.training.data.frames import draw_frame
from model.training.data.pages import Look, chosen_budget, draw_page
from model.training.data.questions import NOT_THERE, questions
from model.training.data.records import HELD_OUT_STYLES, TRAIN_STYLES, Recipe, make_record
from model.training.data.videos import TITLES, clip_questions, make_clip
from model.training.stages import HARDEST, LEVELS
from model.training.tokenizer import ALPHABET
from model.training.trainer import generator

HARD = Recipe(pages=(1, 8), fields=(2, 10), prose=0.4, tables=0.5, rows=(2, 6))


def test_a_seed_gives_the_same_document() -> None:
    first, again = (make_record(random.Random(5), HARD) for _ in range(2))
    assert first == again
    assert questions(random.Random(1), first, 9) == questions(random.Random(1), again, 9)
    assert make_record(random.Random(6), HARD) != first


@pytest.mark.parametrize("seed", range(40))
def test_every_answer_stands_on_the_page_that_it_names(seed: int) -> None:
    record = make_record(random.Random(seed), HARD)
    for fact in record.facts:
        text = " ".join(record.page_text(fact.page).split())
        assert fact.quote in text
        assert fact.value in fact.quote
        assert fact.label.lower().removesuffix(" number") in fact.quote.lower()
    labels = [fact.field.label for fact in record.facts if fact.field]
    assert len(labels) == len(set(labels)), "a label may stand once only"
    rows = {(fact.label, fact.column) for fact in record.facts if fact.column}
    assert len(rows) == sum(bool(fact.column) for fact in record.facts)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_said_to_be_absent_is_absent(seed: int) -> None:
    rng = random.Random(seed)
    record = make_record(rng, HARD)
    asked = questions(rng, record, 30)
    texts = [" ".join(record.page_text(number).split()).lower() for number in range(1, len(record.pages) + 1)]
    named = {fact.label for fact in record.facts}
    for question, answer in asked:
        if answer.kind == "absent":
            assert answer.text == NOT_THERE
            plain = question.lower().rstrip("?.")
            assert ": what" in plain or not any(plain.endswith(f"the {label}") for label in record.labels)
        else:
            assert any(answer.value.lower() in text for text in texts)
            assert any(label.lower() in question.lower() for label in named)


@pytest.mark.parametrize("seed", range(20))
def test_clips_tell_the_truth(seed: int) -> None:
    rng = random.Random(seed)
    clip = make_clip(rng)
    assert len(clip.times) <= 32
    for time in clip.times:
        assert clip.at(time).start <= time < clip.at(time).stop
    for question, answer in clip_questions(rng, clip, 12):
        if answer.kind == "scene":
            minutes, seconds = answer.text[-6:-1].split(":")
            assert clip.at(60 * int(minutes) + int(seconds)).title == answer.value
        if answer.kind == "absent":
            assert not any(scene.title in question for scene in clip.scenes)


@pytest.mark.parametrize("seed", range(12))
def test_pages_may_begin_later_and_carry_printed_numbers(seed: int) -> None:
    recipe = Recipe(pages=(2, 3), later=1.0, footers=1.0)
    record = make_record(random.Random(seed), recipe)
    assert record.first > 1
    assert {fact.page for fact in record.facts} <= set(range(record.first, record.first + len(record.pages)))
    assert record.texts == [record.page_text(record.first + index) for index in range(len(record.pages))]
    for fact in record.facts:
        assert fact.quote in " ".join(record.page_text(fact.page).split())
    assert all(blocks[-1].style == "text" and any(c.isdigit() for c in blocks[-1].text) for blocks in record.pages)


def test_held_out_layouts_fonts_and_seeds_are_not_trained() -> None:
    assert not set(HELD_OUT_STYLES) & set(TRAIN_STYLES)
    assert not {font(name, 20).getname()[0] for name in HELD_OUT_FONTS} & {
        font(name, 20).getname()[0] for name in TRAIN_FONTS
    }
    for level in LEVELS:
        assert set(level.recipe.styles) <= set(TRAIN_STYLES)
    trained = {make_record(generator(0, "train", "text", step), HARDEST.recipe) for step in range(20)}
    asked = {case.request.messages[1].parts[0] for case in held_out.cases("text", 20)}
    assert len(trained) == 20
    assert len(asked) == 4
    assert list(held_out.cases("clips", 5)) == list(held_out.cases("clips", 5))


def test_frames_have_their_title_under_the_soft_tokens_that_say_so() -> None:
    for seed in range(10):
        frame = draw_frame(random.Random(seed), "Harbour")
        assert frame.pixels.shape[:2] in {fit_size(*size, 70) for size in ((360, 640), (480, 640), (480, 854))}
        assert set(frame.titles) == {0, 1 + TITLES.index("Harbour")}
        assert len(frame.titles) == frame.picture.soft_tokens
        assert {ALPHABET[n - 1] for n in frame.letters if n} in (set("Harbour"), set("HARBOUR"))


def test_made_up_soft_tokens_are_nearest_to_their_title() -> None:
    soft, shows = made_up_frame(random.Random(3), 7, 6, 11, 256, Blur(noise=(0.5, 0.5)))
    nearest = (soft @ title_codes(256).T).argmax(-1)
    assert set(nearest) == {0, 7}
    assert ((nearest == 7) == shows).all()


def test_a_page_knows_where_its_characters_are() -> None:
    for seed in range(6):
        page = draw_page(random.Random(seed), Look())
        assert page.printed.ring.shape == (page.picture.soft_tokens, RING)
        assert page.printed.letter.shape == page.printed.place.shape == (9 * page.picture.soft_tokens,)
        dark = _contrast(page.pixels)
        marked = (page.printed.ring > 0).any(-1)
        elsewhere = np.roll(marked, page.picture.width // SOFT_TOKEN_PX)
        there, a_row_below = (dark[place].mean() / dark[~place].mean() for place in (marked, elsewhere))
        assert there > 2.5 and there > 1.2 * a_row_below, "large letters reach into the row beside theirs"


def _contrast(pixels: np.ndarray) -> np.ndarray:
    """How much each soft token's square varies."""
    grey = np.asarray(Image.fromarray(pixels).convert("L")).astype(float)
    rows, columns = grey.shape[0] // 48, grey.shape[1] // 48
    return grey.reshape(rows, 48, columns, 48).var(axis=(1, 3)).reshape(-1)


@pytest.mark.parametrize("size", [(288, 480), (480, 720), (700, 900), (97, 3000), (1600, 1200)])
def test_the_budget_is_chosen_as_the_application_does(size: tuple[int, int]) -> None:
    assert chosen_budget(*size) == image_budget(*size)[0]
