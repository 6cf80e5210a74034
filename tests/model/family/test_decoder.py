"""Our decoder against transformers: one shot, chunked, token by token, with pictures and after going back."""

from __future__ import annotations

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from torch import Tensor
from transformers import Gemma4ForConditionalGeneration

from model.cache import kv_cache
from model.cache.spill import Room, _mapped
from model.family.config import TextConfig
from model.family.decoder import Decoder
from tests.model import reference

LIMIT = 1e-4
"""Largest difference of a logit in fp32."""


@functools.cache
def both(shape: str) -> tuple[Gemma4ForConditionalGeneration, TextConfig, Decoder]:
    """One tiny model in transformers and here, made once for all tests: none of them writes to its weights."""
    theirs = reference.model(reference.SHAPES[shape])
    with tempfile.TemporaryDirectory() as folder:
        config, source = reference.ours(theirs, Path(folder))
    return theirs, config.text, Decoder(config.text, source)


class Case:
    """A prompt for both engines whose soft tokens, where there are any, are random; and what transformers makes of it.

    ``Case.of`` makes each once.
    """

    of: ClassVar[Callable[..., Case]]

    def __init__(self, shape: str, tokens: int = 90, pictures: tuple[tuple[int, int, int], ...] = ()) -> None:
        theirs, config, self.decoder = both(shape)
        generator = torch.Generator().manual_seed(1)
        self.ids = torch.randint(10, reference.VOCAB, (tokens,), generator=generator)
        self.spans, self.soft = [], []
        for start, count, placeholder in pictures:
            self.ids[start : start + count] = placeholder
            self.spans.append((start, start + count))
            self.soft.append(torch.randn(count, config.hidden_size, generator=generator))
        self.hidden = self.decoder.embed(self.ids).clone()
        for (start, stop), soft in zip(self.spans, self.soft, strict=True):
            self.hidden[start:stop] = soft
        self.expected = reference.logits(theirs, self.ids, self.soft)

    def run(self, sizes: list[int], cache: kv_cache.KVCache | None = None, start: int = 0) -> Tensor:
        """Logits of the positions from ``start`` on, in chunks of ``sizes``, the last of them repeated."""
        cache = cache or self.decoder.new_cache()
        parts, sizes = [], list(sizes)
        while start < len(self.ids):
            size = sizes.pop(0) if len(sizes) > 1 else sizes[0]
            stop = min(start + size, len(self.ids))
            spans = [(a - start, b - start) for a, b in self.spans if start <= a < stop]
            hidden = self.decoder.forward(self.hidden[start:stop], cache, spans, ids=self.ids[start:stop])
            parts.append(self.decoder.logits(hidden))
            start = stop
        assert cache.length == len(self.ids)
        return torch.cat(parts)


Case.of = functools.cache(Case)


def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks so small that a short prompt has many of them."""
    monkeypatch.setattr(kv_cache, "BLOCK_TOKENS", 16)
    monkeypatch.setattr(kv_cache, "SMALL_BLOCK_TOKENS", 4)


def difference(got: Tensor, expected: Tensor) -> float:
    assert got.shape == expected.shape
    assert expected.std() > 0.05, "logits that are all alike would prove nothing"
    found = (got - expected).abs().max().item()
    print(f"largest logit difference {found:.2e}")
    return found


@pytest.mark.parametrize("shape", ["moe", "dense", "odd", "per-layer", "more-heads", "shared-rows"])
@pytest.mark.parametrize("chunk", [1, 2, 5, 23, 24, 25, 64, 1000])
def test_text_agrees_with_transformers(shape: str, chunk: int) -> None:
    case = Case.of(shape)
    assert difference(case.run([chunk]), case.expected) <= LIMIT


PICTURES = ((4, 12, reference.IMAGE_ID), (18, 30, reference.IMAGE_ID), (55, 9, reference.VIDEO_ID))
FRAMES = tuple((3 + 14 * i, 10, reference.VIDEO_ID) for i in range(6))


@pytest.mark.parametrize("shape", ["moe", "dense", "odd", "causal-vision", "per-layer", "more-heads", "shared-rows"])
@pytest.mark.parametrize("sizes", [[1000], [18, 30, 7, 11, 1], [2, 46, 30, 1]])
def test_pictures_attend_both_ways_on_sliding_layers(shape: str, sizes: list[int]) -> None:
    case = Case.of(shape, pictures=PICTURES)
    assert difference(case.run(sizes), case.expected) <= LIMIT


@pytest.mark.parametrize("sizes", [[1000], [3, 14], [17, 42, 14]])
def test_video_frames(sizes: list[int]) -> None:
    case = Case.of("moe", pictures=FRAMES)
    assert difference(case.run(sizes), case.expected) <= LIMIT


def test_bidirectional_attention_matters() -> None:
    """The test above would not notice a mask that is ignored, were the difference below the limit."""
    case = Case("moe", pictures=PICTURES)
    case.spans = []
    assert difference(case.run([1000]), case.expected) > 100 * LIMIT


def test_blocks_of_the_global_layers_are_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    small_blocks(monkeypatch)
    case = Case.of("moe", pictures=PICTURES)
    cache = case.decoder.new_cache()
    assert difference(case.run([18, 30, 7, 11, 3, 1], cache), case.expected) <= LIMIT
    assert all(len(layer.parts) >= 6 for layer in cache.global_layers())


@pytest.mark.parametrize("back", [0, 3, 18, 48, 70])
@pytest.mark.parametrize("on", [1, 13])
def test_a_snapshot_brings_the_sequence_back(back: int, on: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Going back after the window has moved past, with other tokens read in between."""
    small_blocks(monkeypatch)
    case = Case.of("moe", pictures=((4, 12, reference.IMAGE_ID), (20, 28, reference.IMAGE_ID)))
    cache = case.decoder.new_cache()
    spans = [span for span in case.spans if span[1] <= back]
    if back:
        case.decoder.forward(case.hidden[:back], cache, spans)
    snapshot = cache.snapshot()
    case.decoder.forward(torch.randn(61, case.hidden.shape[1]), cache)
    cache.restore(snapshot)
    sizes = [48 - back, on] if back < 48 else [on]
    assert difference(case.run(sizes, cache, start=back), case.expected[back:]) <= LIMIT


def test_a_cleared_cache_is_as_good_as_new() -> None:
    case = Case.of("moe")
    cache = case.decoder.new_cache()
    case.run([50, 1], cache)
    cache.clear()
    assert difference(case.run([31], cache), case.expected) <= LIMIT


@pytest.mark.parametrize("int8", [False, True])
def test_a_sequence_larger_than_its_memory_goes_to_the_disk(
    int8: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same logits with room for two blocks in memory, and nothing left on the disk."""
    small_blocks(monkeypatch)
    case = Case.of("moe")
    folder = tmp_path / "spill"
    room = Room(torch.device("cpu"), 3_000, folder)
    mapped = []
    monkeypatch.setattr("model.cache.spill._mapped", lambda *args: mapped.append(args[-1]) or _mapped(*args))
    plain, spilled = case.decoder.new_cache(int8), case.decoder.new_cache(int8, room)
    assert torch.equal(case.run([23, 1], spilled), case.run([23, 1], plain))
    assert 0 < sum(mapped) < spilled.nbytes
    assert list(folder.iterdir()) == []


def test_room_in_memory_comes_back_when_blocks_go(tmp_path: Path) -> None:
    room = Room(torch.device("cpu"), 4096, tmp_path / "spill")
    first = room.empty((1024,), torch.float32)
    room.empty((1024,), torch.float32)
    assert (tmp_path / "spill").is_dir()
    del first
    room._folder = tmp_path / "never"
    room.empty((1024,), torch.float32)
    assert not (tmp_path / "never").exists()


def test_sequences_that_branch_from_one_snapshot_do_not_disturb_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two continuations of the same document, grown in turn, and the document's blocks held once."""
    small_blocks(monkeypatch)
    case = Case.of("moe", tokens=120, pictures=((4, 12, reference.IMAGE_ID),))
    cache = case.decoder.new_cache()
    case.decoder.forward(case.hidden[:37], cache, case.spans)
    document = cache.snapshot()
    other = torch.randn(50, case.hidden.shape[1], generator=torch.Generator().manual_seed(2))
    case.decoder.forward(other[:30], cache)
    branch = cache.snapshot()
    cache.restore(document)
    case.decoder.forward(case.hidden[37:61], cache)
    ours = cache.snapshot()
    cache.restore(branch)
    case.decoder.forward(other[30:], cache)
    cache.clear()
    cache.restore(ours)
    assert difference(case.run([9], cache, start=61), case.expected[61:]) <= LIMIT
    apart = sum(kv_cache.total_bytes([snapshot]) for snapshot in (document, branch, ours))
    together = kv_cache.total_bytes([document, branch, ours])
    shared = sum(block.nbytes for parts in document.parts for block, _ in parts)
    assert together == apart - 2 * shared


def test_an_int8_cache_is_close(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half the bytes; the distribution over the next token moves by little."""
    small_blocks(monkeypatch)
    case = Case.of("dense", pictures=PICTURES)
    exact, int8 = case.decoder.new_cache(), case.decoder.new_cache(int8=True)
    got, expected = case.run([18, 30, 7, 11, 3, 1], int8), case.run([18, 30, 7, 11, 3, 1], exact)
    kl = torch.nn.functional.kl_div(
        got.log_softmax(-1), expected.log_softmax(-1), reduction="batchmean", log_target=True
    )
    assert 0 < kl < 2e-3
    assert int8.nbytes < exact.nbytes


@pytest.mark.parametrize(
    ("kind", "share"), [(kv_cache.GlobalLayerCache, 0.625), (kv_cache.Int8GlobalLayerCache, 0.3135)]
)
def test_bytes_of_a_global_position(kind: type[kv_cache.GlobalLayerCache], share: float) -> None:
    """640 numbers a head at Gemma 4's sizes, where K and V apart would be 1024 in bf16."""
    cache = kind(2, 512 + 128, torch.bfloat16, Room(torch.device("cpu")))
    cache.append(torch.zeros(2, 1, 640, dtype=torch.bfloat16))
    ((block, _),) = cache.parts
    apart = block.capacity * 2 * 1024 * 2
    assert block.nbytes / apart == pytest.approx(share, abs=1e-3)
