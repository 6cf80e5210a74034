"""Adapters of an open engine: switched between questions, with what was read under each of them kept apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model.engine.engine import Engine
from model.errors import LecternError
from model.kernels.native import library
from model.types import Attached, CacheSettings
from tests.files.adapters import write_adapter
from tests.model.engines import ask, assert_same, forget, opened, parts, run, user, write_model

TEXT = "the rent is due on the third day of the month, and is paid by the tenant. " * 4


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adapters")


@pytest.fixture(scope="module")
def shared(place: Path) -> Iterator[Engine]:
    with opened(write_model(place / "model"), cache=CacheSettings(place / "cache")) as engine:
        for seed in (1, 2):
            write_adapter(place / f"a{seed}", place / "model", seed)
        yield engine


@pytest.fixture
def engine(shared: Engine) -> Iterator[Engine]:
    yield forget(shared)
    shared.use_adapters(())


def test_each_set_of_adapters_has_answers_and_a_cache_of_its_own(engine: Engine, place: Path) -> None:
    document = Attached("d" * 64, "rent.txt", 1)
    request = replace(ask(user(TEXT, "when?"), limit=8), documents=(document,))
    sets = [(), (place / "a1",), (place / "a2",), (place / "a1", place / "a2")]
    fresh = []
    for used in sets:
        engine.use_adapters(used)
        assert engine.info.adapters == tuple(folder.name for folder in used)
        result = run(engine, request)
        assert result.finished.usage.reused_tokens == 0, "read under other adapters"
        assert engine.preflight(request).reused_tokens > 0
        fresh.append(result)
        engine.settle()
    for one in fresh[1:]:
        assert (one.logits[0] - fresh[0].logits[0]).abs().max() > 1e-2
    for used, before in zip(sets, fresh, strict=True):  # back again: in memory
        engine.use_adapters(used)
        again = run(engine, request)
        assert_same(again, before)
        assert again.finished.usage.reused_tokens > 0
    forget(engine)  # and from the disk
    for used, before in zip(sets, fresh, strict=True):
        engine.use_adapters(used)
        again = run(engine, request)
        assert_same(again, before)
        assert again.finished.usage.reused_tokens > 0


def test_an_adapter_that_was_trained_on_has_another_cache(engine: Engine, place: Path) -> None:
    """Its contents count, not its name."""
    folder = write_adapter(place / "again", place / "model", 7)
    engine.use_adapters([folder])
    before = run(engine, ask(user(TEXT, "when?")))
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
    write_adapter(folder, place / "model", 8)
    engine.use_adapters([folder])
    after = run(engine, ask(user(TEXT, "when?")))
    assert after.finished.usage.reused_tokens == 0
    assert (before.logits[0] - after.logits[0]).abs().max() > 1e-2


def test_one_that_cannot_be_used_leaves_things_as_they_are(engine: Engine, place: Path) -> None:
    engine.use_adapters([place / "a1"])
    before = run(engine, ask(user(TEXT, "when?")))
    with pytest.raises(LecternError, match="no adapter that can be read"):
        engine.use_adapters([place / "nowhere"])
    assert engine.info.adapters == ("a1",)
    assert_same(run(forget(engine), ask(user(TEXT, "when?"))), before)


def test_the_kernels_for_whole_layers_are_for_the_model_alone(engine: Engine, place: Path, tmp_path: Path) -> None:
    """In bf16 and 4 bits: with an adapter the answer is the plain path's, without one the kernels' again."""
    four_bits = Engine.open(place / "model", device="cpu", store=tmp_path, lookup=False)
    try:
        model = parts(four_bits)
        plain = run(four_bits, ask(user(TEXT, "when?"), limit=4))
        four_bits.use_adapters([place / "a1"])
        adapted = run(four_bits, ask(user(TEXT, "when?"), limit=4))
        native, model.decoder.native = model.decoder.native, None
        assert native is not None or library() is None
        written_out = run(forget(four_bits), ask(user(TEXT, "when?"), limit=4))
        model.decoder.native = native
        four_bits.use_adapters(())
        again = run(forget(four_bits), ask(user(TEXT, "when?"), limit=4))
    finally:
        four_bits.close()
    assert (adapted.logits[0] - plain.logits[0]).abs().max() > 1e-2
    for own, other in zip(adapted.logits, written_out.logits, strict=True):
        assert np.allclose(own, other, atol=1e-5)
    for own, other in zip(plain.logits, again.logits, strict=True):
        assert np.allclose(own, other, atol=1e-5)
