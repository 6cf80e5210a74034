"""Taking drafted positions off the KV cache: what stays is as if they had never been there."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from model import kv_cache
from model.decoder import Decoder
from model.kv_cache import KVCache, Snapshot
from tests.model import reference

LIMIT = 1e-4
MOST = 90


@pytest.fixture(scope="module", params=["moe", "odd"])
def decoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    config, source = reference.ours(
        reference.model(reference.SHAPES[request.param]), tmp_path_factory.mktemp(request.param)
    )
    return Decoder(config.text, source)


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kv_cache, "BLOCK_TOKENS", 16)
    monkeypatch.setattr(kv_cache, "SMALL_BLOCK_TOKENS", 4)


@dataclass(frozen=True)
class Drafts:
    """A pass over one token and ``drafted`` ones, of which ``kept`` stay."""

    drafted: int
    kept: int


@dataclass(frozen=True)
class Read:
    """A pass over tokens that all stay."""

    count: int


@dataclass(frozen=True)
class Remember:
    """A snapshot."""


@dataclass(frozen=True)
class GoBack:
    """To one of the snapshots."""

    which: int


steps = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 6), st.integers(0, 6)).map(lambda pair: Drafts(max(pair), min(pair))),
        st.builds(Read, st.integers(1, 9)),
        st.builds(Remember),
        st.builds(GoBack, st.integers(0, 5)),
    ),
    max_size=25,
)


class Sequence:
    """A cache, the tokens that should stand in it, and what was put aside."""

    def __init__(self, decoder: Decoder, int8: bool) -> None:
        self.decoder, self.cache = decoder, decoder.new_cache(int8)
        self.generator = torch.Generator().manual_seed(3)
        self.tokens: list[int] = []
        self.kept: list[tuple[Snapshot, list[int]]] = []

    def do(self, step: Drafts | Read | Remember | GoBack) -> None:
        match step:
            case Drafts(drafted, kept) if len(self.tokens) + drafted < MOST:
                self.cache.mark(1 + drafted)
                ids = self._read(1 + drafted)
                self.cache.roll_back(len(self.tokens) + 1 + kept)
                self.tokens += ids[: 1 + kept]
            case Read(count) if len(self.tokens) + count <= MOST:
                self.tokens += self._read(count)
            case Remember():
                self.kept.append((self.cache.snapshot(), list(self.tokens)))
            case GoBack(which) if which < len(self.kept):
                snapshot, tokens = self.kept[which]
                self.cache.restore(snapshot)
                self.tokens = list(tokens)

    def _read(self, count: int) -> list[int]:
        ids = torch.randint(10, reference.VOCAB, (count,), generator=self.generator)
        forward(self.decoder, ids, self.cache)
        return ids.tolist()


def forward(decoder: Decoder, ids: Tensor, cache: KVCache) -> Tensor:
    return decoder.logits(decoder.forward(decoder.embed(ids), cache))


@pytest.mark.parametrize("int8", [False, True])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_after_any_drafts_as_one_full_pass(
    int8: bool, steps: list[Drafts | Read | Remember | GoBack], decoder: Decoder
) -> None:
    """Also of every snapshot that was taken on the way, whatever went on behind it."""
    sequence = Sequence(decoder, int8)
    for step in steps:
        sequence.do(step)
    ends = [(None, sequence.tokens), *sequence.kept]
    after = torch.tensor([11, 12, 13])
    for snapshot, tokens in ends:
        if snapshot is not None:
            sequence.cache.restore(snapshot)
        assert sequence.cache.length == len(tokens)
        got = forward(decoder, after, sequence.cache)
        whole = forward(decoder, torch.tensor([*tokens, *after.tolist()]), decoder.new_cache(int8))
        assert (got - whole[-3:]).abs().max() <= (5e-2 if int8 else LIMIT)


@pytest.mark.parametrize("length", [1, 3, 6, 7, 8, 20, 24, 30])
@pytest.mark.parametrize("kept", range(6))
def test_the_rows_themselves_come_back(length: int, kept: int, decoder: Decoder) -> None:
    """Exactly: the window's oldest rows, before it is full, at its edge and behind it."""
    ids = torch.randint(10, reference.VOCAB, (length + 6,), generator=torch.Generator().manual_seed(length))
    plain, drafted = decoder.new_cache(), decoder.new_cache()
    for cache in (plain, drafted):
        forward(decoder, ids[:length], cache)
    drafted.mark(6)
    forward(decoder, ids[length:], drafted)
    drafted.roll_back(length + kept)
    plain.mark(6)
    forward(decoder, ids[length:], plain)
    plain.roll_back(length)
    assert (plain.length, drafted.length) == (length, length + kept)
    untouched = decoder.new_cache()
    forward(decoder, ids[:length], untouched)
    for own, other in zip(plain.sliding_layers(), untouched.sliding_layers(), strict=True):
        assert torch.equal(own.keys[:, : own.filled], other.keys[:, : other.filled])
        assert torch.equal(own.values[:, : own.filled], other.values[:, : other.filled])
    for own, other in zip(plain.global_layers(), untouched.global_layers(), strict=True):
        assert torch.equal(torch.cat(list(own.views()), 1), torch.cat(list(other.views()), 1))
        assert [(block.filled, used) for block, used in own.parts] == [(b.filled, used) for b, used in other.parts]


def test_several_times_back_from_one_mark(decoder: Decoder) -> None:
    ids = torch.arange(10, 50)
    cache, plain = decoder.new_cache(), decoder.new_cache()
    forward(decoder, ids[:20], cache)
    cache.mark(6)
    forward(decoder, ids[30:36], cache)
    cache.roll_back(23)
    forward(decoder, ids[36:38], cache)
    cache.roll_back(20)
    got = forward(decoder, ids[20:25], cache)
    expected = forward(decoder, ids[:25], plain)[20:]
    assert (got - expected).abs().max() <= LIMIT


def test_a_snapshot_ends_the_mark(decoder: Decoder) -> None:
    """What a snapshot has seen is never taken off: others may go on from it."""
    cache = decoder.new_cache()
    cache.mark(4)
    forward(decoder, torch.arange(10, 14), cache)
    cache.snapshot()
    with pytest.raises(AssertionError):
        cache.roll_back(2)


def test_marking_costs_no_copy_of_the_rings(decoder: Decoder) -> None:
    cache = decoder.new_cache()
    forward(decoder, torch.arange(10, 70), cache)
    cache.mark(2)
    assert cache._mark is not None
    kept = sum(tensor.nbytes for pair in cache._mark.overwritten for tensor in pair)
    assert kept == cache.ring_bytes * 2 // cache.window
