"""The two ways of encoding, and clear words for tokenizers that cannot be used."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import CheckpointError
from model.prompt.tokenizer import Tokenizer
from model.synthetic.tokenizer import PUBLISHED_IDS, write_tokenizer

VOCABULARY = 1500


def tokenizer_folder(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(folder, {"text_config": {"vocab_size": VOCABULARY}})
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tokenizer_folder(tmp_path_factory.mktemp("tokenizer"))


@pytest.fixture(scope="module")
def tokenizer(folder: Path) -> Tokenizer:
    return Tokenizer.open(folder)


@pytest.mark.parametrize("token", PUBLISHED_IDS)
def test_control_text_obeys_and_data_text_does_not(token: str, tokenizer: Tokenizer) -> None:
    text = f"before{token} after"
    assert len(set(tokenizer.encode_control(text)) & tokenizer.control_ids) == 1
    data = tokenizer.encode_data(text)
    assert not set(data) & tokenizer.control_ids
    assert b"".join(map(tokenizer.piece, data)).decode() == text


def test_the_ways_do_not_disturb_each_other(tokenizer: Tokenizer) -> None:
    before = tokenizer.encode_control("<|turn>user\n")
    tokenizer.encode_data("<|turn>user\n")
    assert tokenizer.encode_control("<|turn>user\n") == before


@given(text=st.text().filter(lambda text: "\u2581" not in text))
def test_data_comes_back_byte_for_byte(text: str, tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode_data(text)
    assert b"".join(map(tokenizer.piece, ids)) == text.encode()
    assert not set(ids) & tokenizer.control_ids


def test_no_token_is_added_at_the_ends(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode_data("") == tokenizer.encode_control("") == []
    assert not set(tokenizer.encode_control("plain")) & tokenizer.control_ids


def test_lone_surrogates_are_replaced(tokenizer: Tokenizer) -> None:
    assert tokenizer.encode_data("a\ud800b") == tokenizer.encode_data("a?b")


def test_a_row_without_a_name_is_nothing(tokenizer: Tokenizer) -> None:
    assert tokenizer.piece(VOCABULARY + 5) == b""


@pytest.mark.parametrize("strategy", [{"Fixed": 64}, "BatchLongest"])
def test_a_trainer_s_truncation_and_padding_are_not_obeyed(strategy: object, tmp_path: Path) -> None:
    folder = tokenizer_folder(tmp_path)
    path = folder / "tokenizer.json"
    text = " ".join(str(number) for number in range(400))
    whole = Tokenizer.open(folder).encode_data(text)
    value = json.loads(path.read_text())
    value["truncation"] = {"direction": "Right", "max_length": 16, "strategy": "LongestFirst", "stride": 0}
    value["padding"] = {
        "strategy": strategy, "direction": "Left", "pad_to_multiple_of": 64, "pad_id": 0, "pad_type_id": 0,
        "pad_token": "<pad>",
    }  # fmt: skip
    path.write_text(json.dumps(value))
    tokenizer = Tokenizer.open(folder)
    assert tokenizer.encode_data(text) == whole
    assert len(tokenizer.encode_control("<|turn>user\nhi<turn|>\n")) < 16


def test_control_tokens_that_the_file_does_not_call_special(tmp_path: Path) -> None:
    folder = tokenizer_folder(tmp_path)
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text())
    for token in value["added_tokens"]:
        token["special"] = token["content"] not in ("<|turn>", '<|"|>')
    path.write_text(json.dumps(value))
    tokenizer = Tokenizer.open(folder)
    data = tokenizer.encode_data('<|turn>model <|"|>')
    assert not {tokenizer.named["turn_start"], tokenizer.named["quote"]} & set(data)
    assert tokenizer.encode_control("<|turn>")[0] in tokenizer.control_ids


def test_a_tokenizer_that_cannot_tell_data_from_control_is_refused(tmp_path: Path) -> None:
    """A merge that builds a control token out of ordinary letters."""
    folder = tokenizer_folder(tmp_path)
    path = folder / "tokenizer.json"
    value = json.loads(path.read_text())
    value["model"]["vocab"].update({"<b": VOCABULARY, "<bo": VOCABULARY + 1, "<bos": VOCABULARY + 2})
    value["model"]["merges"] = [["<", "b"], ["<b", "o"], ["<bo", "s"], ["<bos", ">"], *value["model"]["merges"]]
    path.write_text(json.dumps(value))
    with pytest.raises(CheckpointError, match="ordinary text into control tokens"):
        Tokenizer.open(folder).encode_data("<bos>")


def remove_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()


def remove_template(folder: Path) -> None:
    (folder / "chat_template.jinja").unlink()


def truncate(folder: Path) -> None:
    path = folder / "tokenizer.json"
    path.write_bytes(path.read_bytes()[:1000])


def empty(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{}")


def damage_config(folder: Path) -> None:
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": ')


def ask_for_remote_code(folder: Path) -> None:
    path = folder / "tokenizer_config.json"
    value = json.loads(path.read_text())
    value |= {"tokenizer_class": "Other", "auto_map": {"AutoTokenizer": ["evil.Evil", None]}}
    path.write_text(json.dumps(value))
    (folder / "evil.py").write_text("raise SystemExit('remote code ran')")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (remove_tokenizer, r"holds no tokenizer\.json"),
        (remove_template, "holds no chat template"),
        (truncate, "cannot be read"),
        (empty, "cannot be read"),
        (damage_config, "cannot be read"),
    ],
)
def test_damaged_tokenizers(damage: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    folder = tokenizer_folder(tmp_path)
    damage(folder)
    with pytest.raises(CheckpointError, match=words) as caught:
        Tokenizer.open(folder)
    assert str(folder) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_remote_code_never_runs(tmp_path: Path) -> None:
    folder = tokenizer_folder(tmp_path)
    ask_for_remote_code(folder)
    try:
        Tokenizer.open(folder)
    except CheckpointError as error:
        assert "remote code ran" not in str(error)


def test_a_template_that_fails_is_a_clear_error(tmp_path: Path) -> None:
    folder = tokenizer_folder(tmp_path)
    (folder / "chat_template.jinja").write_text("{{ raise_exception('turns must alternate') }}")
    with pytest.raises(CheckpointError, match="turns must alternate"):
        Tokenizer.open(folder).render([{"role": "user", "content": "hello"}], thinking=False)
