"""Taking drafted positions off the KV cache: what stays is as if they had never been there.

Results are compared with those of one full pass, whose sums have other orders: float32 rounds them differently on each
maker's processors, and an int8 cache turns that into whole steps. Where two experts are within that of each other, the
router takes one here and the other there, and the answers part. That is no fault of the cache, and no bound tells it
from one. So experts are chosen by rote in these comparisons, by layer and token, and weighed as always;
``test_what_differs_begins_with_a_tie_between_experts`` keeps the router's own choices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import Tensor

from model.cache import kv_cache
from model.cache.kv_cache import GlobalLayerCache, KVCache, SlidingLayerCache, Snapshot
from model.family.decoder import Decoder
from model.family.experts import Router
from tests.model import reference

LIMIT = {False: 1e-4, True: 5e-2}
"""Of logits, by whether the cache is int8."""
MOST = 90


@pytest.fixture(scope="module", params=["moe", "odd"])
def decoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    config, source = reference.ours(
        reference.model(reference.SHAPES[request.param]), tmp_path_factory.mktemp(request.param)
    )
    return Decoder(config.text, source)


@pytest.fixture
def by_rote(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each layer's experts of a token are always the same, whatever the router thinks of them."""
    embedded: list[Tensor] = []
    embed = decoder.embed

    def remember(ids: Tensor) -> Tensor:
        embedded[:] = [ids]
        return embed(ids)

    def choose(router: Router, index: int, shares: Tensor) -> tuple[Tensor, Tensor]:
        chosen = (embedded[0][:, None] * 7 + index * 3 + torch.arange(router.top_k)) % shares.shape[1]
        return shares.gather(1, chosen), chosen

    monkeypatch.setattr(decoder, "embed", remember)
    for index, layer in enumerate(decoder.layers):
        monkeypatch.setattr(layer.router, "choose", partial(choose, layer.router, index))


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
    """A cache, the tokens that should be in it, and the saved snapshots."""

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


def best(router: Router, shares: Tensor) -> Tensor:
    """The experts that ``router`` takes by ``shares`` [E], in order of number."""
    return Router.choose(router, shares[None])[1][0].sort().values


def forward(decoder: Decoder, ids: Tensor, cache: KVCache) -> Tensor:
    return decoder.logits(decoder.forward(decoder.embed(ids), cache))


def difference(decoder: Decoder, int8: bool, sequence: Sequence) -> float:
    """Of the logits behind the cache, and every snapshot that was taken on the way, from one full pass's: the most."""
    after, most = torch.tensor([11, 12, 13]), 0.0
    for snapshot, tokens in [(None, sequence.tokens), *sequence.kept]:
        if snapshot is not None:
            sequence.cache.restore(snapshot)
        assert sequence.cache.length == len(tokens)
        got = forward(decoder, after, sequence.cache)
        whole = forward(decoder, torch.tensor([*tokens, *after.tolist()]), decoder.new_cache(int8))
        most = max(most, (got - whole[-3:]).abs().max().item())
    return most


@pytest.mark.usefixtures("by_rote")
@pytest.mark.parametrize("int8", [False, True])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
def test_after_any_drafts_as_one_full_pass(
    int8: bool, steps: list[Drafts | Read | Remember | GoBack], decoder: Decoder
) -> None:
    """Also of every snapshot that was taken on the way, whatever followed it."""
    sequence = Sequence(decoder, int8)
    for step in steps:
        sequence.do(step)
    assert difference(decoder, int8, sequence) <= LIMIT[int8]


def leave_ring(ring: SlidingLayerCache, slots: Tensor, keys: Tensor, values: Tensor) -> None:
    """Drafted rows stay in the ring."""


def mix_up(part: int, layer: GlobalLayerCache, count: int) -> None:
    """The last row that stays gets ``part`` of the first one that goes: the numbers, or of int8 their scale."""
    gone = [block.tensors[part][:, slot].clone() for block, used in layer.parts for slot in range(used)]
    take_off(layer, count)
    if count and layer.parts:
        block, used = layer.parts[-1]
        with torch.inference_mode():
            block.tensors[part][:, used - 1] = gone[layer.length]


take_off = GlobalLayerCache.take_off  # the real one
FAULTS: dict[str, tuple[type, str, Callable[..., None]]] = {
    "ring": (SlidingLayerCache, "put_back", leave_ring),
    "row": (GlobalLayerCache, "take_off", lambda layer, count: mix_up(0, layer, count)),
    "scale": (GlobalLayerCache, "take_off", lambda layer, count: mix_up(-1, layer, count)),
}


@pytest.mark.usefixtures("by_rote")
@pytest.mark.parametrize("int8", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_the_comparison_finds_each_fault(
    fault: str, int8: bool, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof of the proof: a single wrong row is seen, and of int8 its wrong scale alone."""
    sequence = Sequence(decoder, int8)
    monkeypatch.setattr(*FAULTS[fault])
    for step in (Read(9), Read(9), Read(9), Drafts(6, 1)):
        sequence.do(step)
    assert difference(decoder, int8, sequence) > 2 * LIMIT[int8]


@pytest.mark.parametrize("int8", [False, True])
def test_what_differs_begins_with_a_tie_between_experts(
    int8: bool, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the router's own choices: until two experts are as good as equal, every share is that of a full pass.

    The third token behind ``steps`` is such a one on layer 1 of "moe": by processor, one or the other is chosen.
    """
    shares: list[list[Tensor]] = [[] for _ in decoder.layers]

    def choose(router: Router, seen: list[Tensor], probabilities: Tensor) -> tuple[Tensor, Tensor]:
        seen.append(probabilities)
        return Router.choose(router, probabilities)

    for layer, seen in zip(decoder.layers, shares, strict=True):
        monkeypatch.setattr(layer.router, "choose", partial(choose, layer.router, seen))
    sequence, rows = Sequence(decoder, int8), torch.arange(0)
    for step in (Read(2), Drafts(3, 2), Read(2), Read(6)):
        began, before = sum(map(len, shares[0])), len(sequence.tokens)
        sequence.do(step)
        rows = torch.cat([rows, began + torch.arange(len(sequence.tokens) - before)])
    after = torch.tensor([11, 12, 13])
    rows = torch.cat([rows, sum(map(len, shares[0])) + torch.arange(3)])
    forward(decoder, after, sequence.cache)
    stepwise = [torch.cat(seen)[rows] for seen in shares]
    for seen in shares:
        seen.clear()
    forward(decoder, torch.tensor([*sequence.tokens, *after.tolist()]), decoder.new_cache(int8))
    most, same = (5e-3 if int8 else 1e-5), len(rows)
    for got, (whole,), layer in zip(stepwise, shares, decoder.layers, strict=True):
        assert torch.allclose(got[:same], whole[:same], rtol=0, atol=most)
        flipped = [
            row for row in range(same) if not torch.equal(*(best(layer.router, one[row]) for one in (got, whole)))
        ]
        for row in flipped:
            ranked = whole[row].sort(descending=True).values
            assert ranked[layer.router.top_k - 1] - ranked[layer.router.top_k] <= 2 * most
        same = min([same, *flipped])  # what follows a flip, on the layers above, is another answer


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
    assert (got - expected).abs().max() <= LIMIT[False]


def test_a_snapshot_ends_the_mark(decoder: Decoder) -> None:
    """Positions in a snapshot are never removed: other sequences may continue from it."""
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
