"""A drafter changes how many passes an answer takes, and nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from torch import Tensor

from model.drafter.config import find_drafter, is_drafter
from model.drafter.network import Drafter
from model.engine.engine import Engine
from model.engine.speculation import Guesses, PassCosts, Speculation
from model.errors import CheckpointError
from model.family.config_json import read_config
from model.synthetic.drafter import write_drafter
from model.synthetic.writing import write_checkpoint
from model.types import Constraint, Finished, Sampling
from tests.model.engines import GREEDY, ask, assert_same, forget, opened, parts, run, user, write_model

TEXT = "the rent is due on the third day of the month. "


class Eager(Guesses):
    """Guesses whatever it costs."""

    def worth(self, costs: PassCosts, most: int) -> int:
        return min(most, 5)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder = tmp_path_factory.mktemp("models") / "tiny"
    write_model(folder, context=500)
    write_drafter(folder.with_name("tiny-assistant"), folder)
    with opened(folder) as engine:
        yield engine


@pytest.fixture
def engine(shared: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setattr("model.drafter.network.Drafter.draft", _least_zero(Drafter.draft))
    return forget(shared)


def _least_zero(draft: Any) -> Any:
    """All guesses are checked, also those that the drafter itself does not believe."""

    def eager(self: Drafter, token_id: int, hidden: Tensor, cache: Any, count: int, least: float = 0.0) -> list[int]:
        found: list[int] = draft(self, token_id, hidden, cache, count)
        return found

    return eager


def answers(engine: Engine, request: Any) -> tuple[Any, Any]:
    """With the drafter and without, each from an empty cache."""
    before, runs = parts(engine), []
    drafter = Drafter.open(engine.info.folder.with_name("tiny-assistant"), before.decoder, before.decoder.source)
    for one in (drafter, None):
        forget(engine)
        engine._model = replace(parts(engine), drafter=one, lookup=False, speculation=Speculation(guesses=Eager()))
        runs.append(run(engine, request))
    engine._model = before
    return runs[0], runs[1]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_the_same_tokens_as_without(engine: Engine, seed: int, temperature: float) -> None:
    """Greedy and drawn: from the same logits with the same random numbers, in fp32."""
    request = ask(user(TEXT, f"when? {seed}"), limit=60, sampling=Sampling(temperature=temperature, seed=seed))
    guessed, plain = answers(engine, request)
    assert_same(guessed, plain)
    assert guessed.finished.usage.drafted_tokens > 20 and plain.finished.usage.drafted_tokens == 0


def test_what_a_schema_does_not_allow_is_not_checked(engine: Engine) -> None:
    schema = Constraint("json_schema", '{"type": "array", "items": {"type": "integer"}, "maxItems": 9}')
    guessed, plain = answers(engine, replace(ask(user(TEXT), limit=60, sampling=GREEDY), constraint=schema))
    assert guessed.answer == plain.answer and plain.answer.startswith("[")


def test_right_guesses_save_passes(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A drafter that knows the answer, so that all of it is accepted."""
    request = ask(user(TEXT), limit=40, sampling=GREEDY)
    _, plain = answers(engine, request)
    ids = [int(logits.argmax()) for logits in plain.logits]
    prompt = plain.finished.usage.prompt_tokens

    def knows(self: Drafter, token_id: int, hidden: Tensor, cache: Any, count: int, least: float = 0.0) -> list[int]:
        place = cache.length - prompt + 1
        return ids[place : place + count]

    monkeypatch.setattr("model.drafter.network.Drafter.draft", knows)
    guessed, _ = answers(engine, request)
    assert_same(guessed, plain)
    usage = guessed.finished.usage
    assert usage.drafted_tokens > 20 and usage.drafted_tokens - usage.accepted_tokens <= 1, "all but what ends it"
    assert len(guessed.logits) == len(plain.logits)


def test_it_is_found_beside_its_model_and_belongs_to_no_other(tmp_path: Path) -> None:
    model = write_checkpoint(tmp_path / "gemma", "tiny")
    other = write_checkpoint(tmp_path / "wide", "tiny-e4b")
    assert find_drafter(model, read_config(model).text) is None
    drafter = write_drafter(tmp_path / "gemma-assistant", model)
    assert is_drafter(drafter) and not is_drafter(model)
    assert find_drafter(model, read_config(model).text) == drafter
    assert find_drafter(tmp_path / "elsewhere" / "gemma", read_config(model).text, (tmp_path,)) == drafter
    text = json.loads((drafter / "config.json").read_text())
    text["backbone_hidden_size"] += 64
    (drafter / "config.json").write_text(json.dumps(text))
    assert find_drafter(model, read_config(model).text) is None
    assert find_drafter(other, read_config(other).text, (tmp_path,)) is None


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("backbone_hidden_size", 999, "another size of Gemma 4"),
        ("text_config", None, "does not describe a drafter"),
        ("num_centroids", 7, "does not describe a drafter"),
        ("model_type", "gemma4", "holds no drafter"),
    ],
)
def test_what_does_not_fit_is_a_sentence(tmp_path: Path, name: str, value: Any, words: str) -> None:
    model = write_model(tmp_path / "tiny")
    drafter = write_drafter(tmp_path / "tiny-assistant", model, centroids=16)
    config = json.loads((drafter / "config.json").read_text())
    (drafter / "config.json").write_text(json.dumps(config | {name: value}))
    with pytest.raises(CheckpointError, match=words):
        Engine.open(model, quantise=False, dtype="float32", drafter=drafter)


def test_a_missing_or_damaged_tensor_is_a_sentence(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    model = write_model(tmp_path / "tiny")
    drafter = write_drafter(tmp_path / "tiny-assistant", model, centroids=16)
    whole = load_file(drafter / "model.safetensors")
    for name, change, words in (
        ("pre_projection.weight", whole["pre_projection.weight"][:5], "the expected shape"),
        ("masked_embedding.token_ordering", whole["masked_embedding.token_ordering"] + 1, "order of tokens is damaged"),
        ("model.norm.weight", None, "no weights called"),
    ):
        tensors = {key: value for key, value in whole.items() if key != name}
        save_file(tensors if change is None else tensors | {name: change.contiguous()}, drafter / "model.safetensors")
        with pytest.raises(CheckpointError, match=words):
            Engine.open(model, quantise=False, dtype="float32", drafter=drafter)


def test_it_is_named_and_used_in_bfloat16_too(tmp_path: Path) -> None:
    model = write_model(tmp_path / "tiny")
    drafter = write_drafter(tmp_path / "tiny-assistant", model)
    engine = Engine.open(model, quantise=False, drafter=drafter)
    assert engine.info.drafter == "tiny-assistant"
    end = list(engine.generate(ask(user(TEXT), limit=20, sampling=GREEDY), threading.Event()))[-1]
    assert isinstance(end, Finished)
    engine.close()


def test_guesses_that_are_never_right_end_by_themselves() -> None:
    guesses, costs = Guesses(), PassCosts()
    costs.saw(1, 1.0)
    assert guesses.worth(costs, 9) > 0
    for _ in range(60):
        guesses.saw(0, False)
        guesses.took(0.1)
    made = [guesses.worth(costs, 9) for _ in range(640)]
    assert set(made) == {0, 1} and made.count(1) == 10, "but for one now and then"
    for _ in range(200):
        for ahead in range(5):
            guesses.saw(ahead, True)
    assert guesses.worth(costs, 9) > 1
