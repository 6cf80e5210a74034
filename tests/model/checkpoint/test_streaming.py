"""A model larger than memory: its experts stay in their files, everything else is copied, and nothing else changes."""

from __future__ import annotations

import mmap
from pathlib import Path

import pytest
import torch
from torch import Tensor

from model.checkpoint import quantised_source
from model.checkpoint.opening import open_checkpoint
from model.checkpoint.quantised_source import QuantisedSource
from model.checkpoint.tensor_file import MappedFile
from model.engine.engine import STREAMS, Engine
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.formats.quantized_weights import BlockExperts, BlockLinear
from model.kernels import native
from model.memory import Memory
from model.synthetic.writing import write_checkpoint
from tests.model.engines import ask, run, user

LAYER = "model.language_model.layers.0"
PROMPT = 40


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("streaming") / "model", "tiny", quantised=True)


def source(folder: Path, streams: bool | None, dtype: torch.dtype = torch.bfloat16) -> QuantisedSource:
    found = open_checkpoint(folder, device="cpu", dtype=dtype, streams=streams)
    assert isinstance(found, QuantisedSource)
    return found


def logits(folder: Path, given: QuantisedSource) -> Tensor:
    """Of a prompt, two drafted tokens and three single ones: every way through the experts."""
    decoder = Decoder(read_config(folder).text, given)
    ids = torch.randint(300, 460, (PROMPT + 5,), generator=torch.Generator().manual_seed(0))
    cache, found = decoder.new_cache(), []
    for piece in ids.split([PROMPT, 2, 1, 1, 1]):
        found.append(decoder.logits(decoder.forward(decoder.embed(piece), cache)).float())
    return torch.cat(found)


@pytest.mark.parametrize("kernels", [True, False])
@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32])
def test_streamed_experts_give_the_same_numbers(
    folder: Path, dtype: torch.dtype, kernels: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not kernels:
        monkeypatch.setattr(native, "library", lambda: None)
    assert torch.equal(logits(folder, source(folder, True, dtype)), logits(folder, source(folder, False, dtype)))


def addresses(found: QuantisedSource) -> list[range]:
    """Where the files are mapped."""
    spans = []
    for file in found.mapped_files:
        start = file.numbers(0, len(file._map) // 8 * 8, torch.uint8).data_ptr()
        spans.append(range(start, start + file.size))
    return spans


@pytest.mark.parametrize("streams", [True, False])
def test_experts_are_mapped_and_what_every_token_needs_is_not(folder: Path, streams: bool) -> None:
    found = source(folder, streams)
    mapped = addresses(found)

    def is_mapped(tensor: Tensor) -> bool:
        return any(tensor.data_ptr() in span for span in mapped)

    experts, matrix = found.experts(f"{LAYER}.experts.down_proj"), found.linear(f"{LAYER}.self_attn.q_proj.weight")
    assert isinstance(experts, BlockExperts) and isinstance(matrix, BlockLinear)
    assert experts.streamed is streams
    assert not streams or is_mapped(experts.data)
    for tensor in (matrix.data, matrix.scales, found.tensor(f"{LAYER}.router.proj.weight")):
        assert not (streams and is_mapped(tensor))


def test_the_memory_that_is_free_decides(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for available, streams in ((64 << 30, False), (1 << 20, True)):
        monkeypatch.setattr(quantised_source, "machine_memory", lambda free=available: Memory(64 << 30, free))
        assert source(folder, None).streams is streams


def test_a_model_without_experts_is_never_streamed(tmp_path: Path) -> None:
    dense = write_checkpoint(tmp_path / "dense", "tiny-dense", quantised=True)
    assert not source(dense, True).streams


def test_a_tensor_is_copied_whole_and_random_access_is_announced(folder: Path) -> None:
    file = MappedFile(folder / "layer-000.safetensors")
    for name in file.entries:
        own = file.copied(name)
        assert torch.equal(own, file.tensor(name)) and own.data_ptr() != file.tensor(name).data_ptr()
        if hasattr(mmap, "MADV_RANDOM"):
            file.expect_any_order(name)


@pytest.mark.native
def test_reading_ahead_changes_nothing_and_takes_any_place() -> None:
    library = native.library()
    assert library is not None
    numbers = torch.arange(100_003, dtype=torch.uint8)
    for part in (numbers, numbers[1:2], numbers[7:70_001], numbers[:0]):
        library.read_ahead(part)
    assert torch.equal(numbers, torch.arange(100_003, dtype=torch.uint8))


def test_the_engine_says_so_and_answers_the_same(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = []
    for available in (64 << 30, 1 << 20):
        monkeypatch.setattr(quantised_source, "machine_memory", lambda free=available: Memory(64 << 30, free))
        engine = Engine.open(folder, device="cpu")
        try:
            assert (STREAMS in engine.info.remarks) is (available < 64 << 30)
            answers.append(run(engine, ask(user("What is it?"))).answer)
        finally:
            engine.close()
    assert answers[0] == answers[1]
