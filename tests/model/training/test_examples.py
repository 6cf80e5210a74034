"""Training sees exactly the prompts that the application sends."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer as Library

from app.chat.prompts import SYSTEM
from app.chat.request import Turn, build_request
from app.ingest.types import Document, Frame, Page
from model.messages import NOTHING
from model.prompt.building import writes_tools
from model.training.__main__ import LABEL
from model.training.config import sample_config, write_config
from model.training.data import layout
from model.training.data.examples import clip_example, collate, example, page_numbers, text_example, writer
from model.training.data.fields import FIELDS
from model.training.data.questions import Answer
from model.training.data.records import Recipe
from model.training.data.videos import TITLES
from model.training.objective import at_page
from model.training.tokenizer import ALPHABET, vocabulary, write_tokenizer
from model.types import Picture

KEY = "0123456789ab"
PICTURE = Picture(bytes(48 * 96 * 3), 48, 96, 70, "f" * 64)


def _document(kind: str, pages: tuple[Page, ...] = (), frames: tuple[Frame, ...] = ()) -> Document:
    return Document(
        content_hash=KEY * 5,
        path=Path("file"),
        name="file.x",
        kind=kind,  # type: ignore[arg-type]
        pages=pages,
        frames=frames,
        duration_s=75.5 if frames else None,
        skipped=(),
        thumbnail=b"",
    )


def _page(number: int, text: str, picture: Picture | None = None) -> Page:
    return Page(number, 595.0, 842.0, text, (), picture, "image" if picture else "text", NOTHING)


TURNS = [("Total?", '12 [page 1: "Total: 12"]'), ("Fax?", "Not in the document."), ("Seller?", "")]


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (
            _document("pdf", (_page(1, "Total: 12"), _page(2, "", PICTURE), _page(3, ""))),
            layout.pdf_parts(1, "file.x", KEY, ["Total: 12", PICTURE, ""]),
        ),
        (_document("pdf", (_page(1, "One"),)), layout.pdf_parts(1, "file.x", KEY, ["One"])),
        (_document("image", (_page(1, "", PICTURE),)), layout.image_parts(1, "file.x", KEY, PICTURE)),
        (
            _document("video", (), (Frame(0.0, PICTURE), Frame(61.9, PICTURE))),
            layout.video_parts(1, "file.x", KEY, 75.5, [(0.0, PICTURE), (61.9, PICTURE)]),
        ),
    ],
)
def test_documents_are_laid_out_as_the_application_does(document: Document, parts: list) -> None:
    theirs = build_request([document], [Turn(question, answer) for question, answer in TURNS])
    assert layout.request(parts, TURNS, system=SYSTEM).messages == theirs.messages


def test_the_system_text_is_the_application_s() -> None:
    assert layout.SYSTEM == SYSTEM


@pytest.mark.parametrize("text", ["Invoice number: INV-20417", "naïve — “Ω” 漢\n\tx  y", "00:12 at 12:34:56", ALPHABET])
def test_the_tokenizer_gives_back_what_it_took(text: str) -> None:
    tokenizer, _ = writer()
    ids = tokenizer.encode_data(text)
    assert b"".join(tokenizer.piece(i) for i in ids).decode() == text
    library = Library.from_file(str(tokenizer._folder / "tokenizer.json"))
    assert library.decode(ids, skip_special_tokens=False) == text


def test_known_words_and_times_are_single_tokens() -> None:
    tokenizer, _ = writer()
    vocab = vocabulary()
    assert tokenizer.encode_data("Harbour") == [vocab["Harbour"]]
    assert all(len(tokenizer.encode_data(title)) == 1 for title in TITLES)
    assert tokenizer.encode_data("00:12") == [vocab["00"], vocab[":"], vocab["12"]]
    for field in FIELDS:
        words = field.label.replace("-", " - ").split()
        assert len(tokenizer.encode_data(field.label)) == len(words)


def test_the_answers_are_what_is_trained() -> None:
    tokenizer, _ = writer()
    turns = [
        ("Total?", Answer("12", '12 [page 1: "Total: 12"]', "value")),
        ("Fax?", Answer("", "No <turn|>", "absent")),
    ]
    parts = layout.pdf_parts(1, "a.pdf", KEY, ["Total: 12\nuser model <|turn>model\n"])
    for system in (layout.SYSTEM, ""):
        prefix, one = example(parts, turns, system)
        wanted = "".join(tokenizer.text_of(i) for i, t in zip(one.ids, one.target, strict=True) if t)
        assert wanted == '12▁[page▁1:▁"Total:▁12"]<turn|>No▁<turn|><turn|>'
        assert len(prefix) == (len(tokenizer.encode_data(system)) + 6 if system else 1)


def test_examples_repeat_and_pad() -> None:
    recipe = Recipe(fields=(2, 4), tables=0.5)
    made = [text_example(random.Random(seed), recipe, 3, "") for seed in (1, 2, 1)]
    assert (made[0][1].ids == made[2][1].ids).all()
    batch = collate(made[0][0], [one for _, one in made], "cpu")  # type: ignore[arg-type]
    assert batch.ids.shape == (3, max(len(one.ids) for _, one in made))
    assert int(batch.target.sum()) == sum(int(one.target.sum()) for _, one in made)


def test_a_clip_s_soft_tokens_fit_its_places() -> None:
    prefix, one = clip_example(random.Random(4), 8, 3, "", small=0.5)
    batch = collate(prefix, [one], "cpu")  # type: ignore[arg-type]
    assert batch.soft is not None
    assert int((batch.pictures > 0).sum()) == len(batch.soft)
    assert ((batch.ids == vocabulary()["<|image|>"]) == (batch.pictures > 0)).all()


def test_every_token_of_a_page_is_counted_to_it() -> None:
    tokenizer, _ = writer()
    vocab = vocabulary()
    turns = [("Total?", Answer("12", '12 [page 12: "Total: 12"]', "value"))]
    texts = ["Total: 12\nPage 3 of 4", "Fax: 7"]
    _, one = example(layout.pdf_parts(1, "a.pdf", KEY, texts, first=12), turns, "")
    words = [tokenizer.text_of(i) for i in one.ids]
    assert set(one.labels["page"]) == {0, 12, 13}
    assert "".join(w for w, n in zip(words, one.labels["page"], strict=True) if n == 12).startswith(
        "\nTotal:▁12\nPage▁3▁of▁4"
    )
    assert "".join(w for w, n in zip(words, one.labels["page"], strict=True) if n == 13).startswith("\nFax:▁7")
    assert not one.labels["page"][np.flatnonzero(one.ids == vocab["end"])[-1] :].any()
    assert not page_numbers(np.array(tokenizer.encode_data("\nPage 3 of 4\nTotal"))).any()


def test_the_page_in_an_answer_counts_more() -> None:
    tokenizer, _ = writer()
    ids = torch.tensor([tokenizer.encode_data('12 [page 31: "Page 2"]')])
    heavy = at_page(ids)[0].nonzero().flatten().tolist()
    assert "".join(tokenizer.text_of(int(ids[0, i])) for i in heavy) == "31"


def test_what_ships_is_written_by_the_trainer(tmp_path: Path) -> None:
    """Tokenizer, template, configuration and label; the weights are trained."""
    write_tokenizer(tmp_path)
    write_config(tmp_path, sample_config())
    (tmp_path / "lectern.json").write_text(json.dumps(LABEL, indent=2) + "\n", encoding="utf-8")
    shipped = Path(__file__).parents[3] / "resources" / "sample_model"
    for file in tmp_path.iterdir():
        assert file.read_text(encoding="utf-8") == (shipped / file.name).read_text(encoding="utf-8"), file.name


def test_no_functions_are_offered_to_it() -> None:
    tokenizer, config = writer()
    assert not writes_tools(tokenizer, config)
