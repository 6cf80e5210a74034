"""Gemma's tokenizer in C against the library that it replaces, and everything that it leaves to the library."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import paths
from model.kernels import native
from model.kernels.native.pairs import PairEncoder, open_pairs
from model.prompt.encoder import LibraryEncoder
from model.prompt.tokenizer import Tokenizer
from model.synthetic.tokenizer import write_tokenizer
from tests.model.real import real_vocabulary

WORDS = 3000

pytestmark = pytest.mark.skipif(native.functions() is None, reason="left out: the kernels are not built")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("tokenizer")
    write_tokenizer(made, {"text_config": {"vocab_size": WORDS}})
    return made


@pytest.fixture(scope="module")
def ours(folder: Path) -> PairEncoder:
    found = open_pairs(folder / "tokenizer.json")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def theirs(folder: Path) -> LibraryEncoder:
    return LibraryEncoder.open(folder / "tokenizer.json")


PIECES = st.sampled_from(
    ["the ", "<|turn>", "<turn|>", "<bos>", '<|"|>', "<0x41>", "theinon", "  ", "\u2581", "\n\n", "é"]
)
TEXTS = st.lists(st.text(max_size=12).map(lambda text: text.encode("utf-8", "replace").decode()) | PIECES).map("".join)


@given(text=TEXTS, as_data=st.booleans())
def test_the_same_ids(text: str, as_data: bool, ours: PairEncoder, theirs: LibraryEncoder) -> None:
    assert ours.encode(text, as_data=as_data) == theirs.encode(text, as_data=as_data)


def test_long_texts_too(ours: PairEncoder, theirs: LibraryEncoder) -> None:
    rng = random.Random(3)
    text = "".join(rng.choice("etaoin shrdlu") for _ in range(60_000))
    ids = ours.encode(text, as_data=True)
    assert ids == theirs.encode(text, as_data=True)
    assert len(ids) < len(text) / 1.5  # many were joined


def test_the_same_words(ours: PairEncoder, theirs: LibraryEncoder) -> None:
    assert ours.added() == theirs.added()
    for number in (-1, *range(WORDS + 5)):
        word = theirs.word(number) if number >= 0 else None
        assert ours.word(number) == word
        assert word is None or ours.id_of(word) == theirs.id_of(word) == number
    assert ours.id_of("no such word") is theirs.id_of("no such word") is None
    assert ours.id_of("x" * 5000) is None


def test_words_become_special(folder: Path) -> None:
    both = open_pairs(folder / "tokenizer.json"), LibraryEncoder.open(folder / "tokenizer.json")
    found = []
    for encoder in both:
        assert encoder is not None
        encoder.make_special(["th", "the", ""])
        ids = [encoder.encode("other<bos> thin", as_data=as_data) for as_data in (True, False)]
        found.append((encoder.added(), ids))
    assert found[0] == found[1]


def test_many_threads_at_once(ours: PairEncoder) -> None:
    """Encoding lets go of Python's lock, and shares nothing but tables that never change."""
    texts = [f"{number} the rain in on at {number * 'then '}" for number in range(1, 40)]
    wanted = [ours.encode(text, as_data=True) for text in texts]
    wrong = []

    def work() -> None:
        wrong.extend(text for text, ids in zip(texts, wanted, strict=True) if ours.encode(text, as_data=True) != ids)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def _older_merges(value: dict[str, Any]) -> None:
    value["model"]["merges"] = [" ".join(pair) for pair in value["model"]["merges"]]


def _merge_twice(value: dict[str, Any]) -> None:
    value["model"]["merges"].append(value["model"]["merges"][0])


def _no_special(value: dict[str, Any]) -> None:
    value["added_tokens"] = []


def _no_merges(value: dict[str, Any]) -> None:
    value["model"]["merges"] = []


@pytest.mark.parametrize("change", [_older_merges, _merge_twice, _no_special, _no_merges])
@pytest.mark.parametrize("escaped", [True, False])
def test_other_ways_to_write_the_same(
    change: Callable[[dict[str, Any]], None], escaped: bool, folder: Path, tmp_path: Path
) -> None:
    path = _changed(folder, tmp_path, change, escaped=escaped)
    ours, theirs = open_pairs(path), LibraryEncoder.open(path)
    assert ours is not None
    for text in ("the other thing in it", "größer <|turn>the", "\n\n\n  stone \U0001f600\t"):
        assert ours.encode(text, as_data=False) == theirs.encode(text, as_data=False)
    assert ours.added() == theirs.added()


def _changed(folder: Path, to: Path, change: Callable[[dict[str, Any]], None], *, escaped: bool = False) -> Path:
    value = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    change(value)
    path = to / "tokenizer.json"
    path.write_text(json.dumps(value, ensure_ascii=escaped, indent=None if escaped else 1), encoding="utf-8")
    return path


def _set(*names: str, to: object) -> Callable[[dict[str, Any]], None]:
    def change(value: dict[str, Any]) -> None:
        for name in names[:-1]:
            value = value[name]
        value[names[-1]] = to

    return change


def _remove(word: str) -> Callable[[dict[str, Any]], None]:
    return lambda value: value["model"]["vocab"].pop(word)


def _token(name: str, to: object) -> Callable[[dict[str, Any]], None]:
    return lambda value: value["added_tokens"][0].update({name: to})


OTHER_FORMS = {
    "another model": _set("model", "type", to="WordPiece"),
    "dropout": _set("model", "dropout", to=0.1),
    "no bytes": _set("model", "byte_fallback", to=False),
    "merges that are ignored": _set("model", "ignore_merges", to=True),
    "a suffix": _set("model", "end_of_word_suffix", to="</w>"),
    "another normaliser": _set("normalizer", to={"type": "NFC"}),
    "none": _set("normalizer", to=None),
    "another split": _set("pre_tokenizer", to={"type": "Whitespace"}),
    "a token that is not special": _token("special", False),
    "a token that takes blanks": _token("lstrip", True),
    "a token of another id": _token("id", 77),
    "a byte that is missing": _remove("<0x0A>"),
    "a merge without its word": _set("model", "merges", to=[["<0x41>", "<0x42>"]]),
    "an id twice": _set("model", "vocab", "another", to=0),
    "ids far apart": _set("model", "vocab", "another", to=9_000_000),
    "an id that is no number": _set("model", "vocab", "another", to="7"),
    "a negative id": _set("model", "vocab", "another", to=-1),
    "an endless word": _set("model", "vocab", "x" * 3000, to=WORDS),
    "no words": _set("model", "vocab", to={}),
    "words of another member": lambda value: value.update(first={"vocab": value["model"].pop("vocab"), "merges": []}),
}


@pytest.mark.parametrize("change", OTHER_FORMS.values(), ids=OTHER_FORMS)
def test_other_forms_are_left_to_the_library(
    change: Callable[[dict[str, Any]], None], folder: Path, tmp_path: Path
) -> None:
    assert open_pairs(_changed(folder, tmp_path, change)) is None


@pytest.mark.parametrize(
    "text",
    [
        b'"\\ud800"',
        b'"\\udc00\\ud800"',
        b'"\\u12"',
        b'"\\x"',
        b'"\xff"',
        b'"\xed\xa0\x80"',
        b'"a\nb"',
        b'"a',
        b"7",
        b",",
    ],
)
def test_damaged_words_are_left_to_the_library(text: bytes, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    data = (folder / "tokenizer.json").read_bytes()
    at = data.index(b'"vocab"')
    for end in (None, data.index(b"{", at) + 1 + len(text)):  # whole, or cut behind it
        path.write_bytes((data[:at] + b'"vocab": {' + text + data[data.index(b"{", at) + 1 :])[:end])
        assert open_pairs(path) is None


def test_a_file_cut_anywhere_is_left_to_the_library(folder: Path, tmp_path: Path) -> None:
    data = (folder / "tokenizer.json").read_bytes()
    path, rng = tmp_path / "tokenizer.json", random.Random(5)
    ends = data.rindex(b"]")
    for _ in range(60):
        path.write_bytes(data[: rng.randrange(ends)])
        try:
            assert open_pairs(path) is None
        except ValueError:  # words and merges are whole, what is behind them is not
            assert b'"merges"' in path.read_bytes()


def test_without_kernels_the_library_reads_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(native, "functions", lambda: None)
    assert open_pairs(folder / "tokenizer.json") is None
    assert Tokenizer.open(folder, open_pairs).encode_data("the") == Tokenizer.open(folder).encode_data("the")


def test_the_sample_model_s_is_cut_another_way() -> None:
    assert open_pairs(paths.resource("sample_model") / "tokenizer.json") is None


def test_the_published_vocabulary() -> None:
    """Texts of many scripts, and strings of the vocabulary's own words."""
    path = real_vocabulary()
    ours, theirs = open_pairs(path), LibraryEncoder.open(path)
    assert ours is not None
    assert ours.added() == theirs.added()
    rng = random.Random(11)
    for _ in range(300):
        letters = [rng.choice((rng.randrange(32, 591), rng.randrange(0x4E00, 0x9FFF), 32)) for _ in range(80)]
        words = [ours.word(rng.randrange(262_144)) or "" for _ in range(40)]
        for text in ("".join(map(chr, letters)), "".join(words)):
            for as_data in (True, False):
                assert ours.encode(text, as_data=as_data) == theirs.encode(text, as_data=as_data)
    for number in range(0, 262_144, 101):
        assert ours.word(number) == theirs.word(number)
