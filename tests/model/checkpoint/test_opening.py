"""Opening model folders: the same weights in every way, and one clear sentence for the fault of one."""

from __future__ import annotations

import json
import os
import shutil
import threading
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
import torch
from torch import Tensor

from model.checkpoint import opening as checkpoint
from model.checkpoint import published, quantised_folder
from model.checkpoint.inspection import INDEX
from model.checkpoint.opening import open_checkpoint, quantised_form
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import MANIFEST, verify
from model.checkpoint.quantised_source import QuantisedSource
from model.checkpoint.tensor_file import MappedFile, Slot, TensorWriter, read_header
from model.errors import CancelledError, CheckpointError, ModelError, UnsupportedModelError
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.formats.quantized_weights import BlockEmbedding, BlockExperts, BlockLinear
from model.formats.weights import DenseSource, WeightSource
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress

LAYER = "model.language_model.layers.0"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("checkpoint") / "tiny", "tiny", shard_bytes=300_000)


@pytest.fixture
def broken(tiny: Path, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(tiny, tmp_path / "broken"))


def opened(folder: Path, store: Path, **options: Any) -> WeightSource:
    return open_checkpoint(folder, device="cpu", dtype=torch.float32, store=store, **options)


def logits(folder: Path, source: WeightSource) -> Tensor:
    decoder = Decoder(read_config(folder).text, source)
    ids = torch.randint(300, 460, (40,), generator=torch.Generator().manual_seed(0))
    with torch.inference_mode():
        return decoder.logits(decoder.forward(decoder.embed(ids), decoder.new_cache())).float()


def sentence(error: pytest.ExceptionInfo[ModelError]) -> str:
    text = str(error.value)
    assert text.endswith(".") and "\n" not in text and len(text) < 500
    return text


@pytest.mark.parametrize("shape", ["tiny", "tiny-dense", "tiny-odd"])
def test_a_quantised_model_answers_as_its_own_weights_do_when_dense(shape: str, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / shape, shape)
    quantised = opened(folder, tmp_path / "store")
    twin = DenseSource({name: quantised.tensor(name) for name in quantised.names()}, dtype=torch.float32)
    torch.testing.assert_close(logits(folder, quantised), logits(folder, twin), rtol=0, atol=2e-4)


def test_decoding_with_the_4bit_kernel_agrees_with_the_dense_twin(tiny: Path, tmp_path: Path) -> None:
    quantised = open_checkpoint(tiny, device="cpu", dtype=torch.bfloat16, store=tmp_path)
    twin = DenseSource({name: quantised.tensor(name) for name in quantised.names()}, dtype=torch.bfloat16)
    ours, theirs = (torch.log_softmax(logits(tiny, source), -1) for source in (quantised, twin))
    divergence = torch.nn.functional.kl_div(ours, theirs, log_target=True, reduction="batchmean")
    assert divergence < 0.2, "of random weights; 0.1 with activations in 8 bits, and hundreds where something is wrong"


def test_4bit_embeddings_are_a_setting_with_a_folder_of_their_own(tiny: Path, tmp_path: Path) -> None:
    eight, four = opened(tiny, tmp_path), opened(tiny, tmp_path, embedding_bits=4)
    assert len(list(tmp_path.iterdir())) == 2
    assert four.weight_bytes < eight.weight_bytes
    assert isinstance(four.embedding("model.language_model.embed_tokens.weight"), BlockEmbedding)
    twin = DenseSource({name: four.tensor(name) for name in four.names()}, dtype=torch.float32)
    torch.testing.assert_close(logits(tiny, four), logits(tiny, twin), rtol=0, atol=2e-4)


def test_matrices_are_4bit_and_the_rest_is_as_published(tiny: Path, tmp_path: Path) -> None:
    source, plain = opened(tiny, tmp_path), PublishedFolder(tiny).mapped()
    assert set(source.names()) == set(plain)
    assert isinstance(source.linear(f"{LAYER}.self_attn.q_proj.weight"), BlockLinear)
    assert isinstance(source.experts(f"{LAYER}.experts.down_proj"), BlockExperts)
    exact = [
        name
        for name, spec in PublishedFolder(tiny).specs.items()
        if spec.kind not in ("linear", "experts", "embedding")
    ]
    assert f"{LAYER}.router.proj.weight" in exact and "model.embed_vision.embedding_projection.weight" in exact
    for name in exact:
        assert torch.equal(source.tensor(name), plain[name].float()), name
    for name in (f"{LAYER}.mlp.up_proj.weight", f"{LAYER}.experts.gate_up_proj"):
        error = (source.tensor(name) - plain[name].float()).norm() / plain[name].float().norm()
        assert 0.05 < error < 0.11


def test_large_matrices_are_quantised_in_pieces_with_the_same_result(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = opened(tiny, tmp_path / "whole")
    monkeypatch.setattr(published, "_PIECE", 64 * 32)
    pieces = opened(tiny, tmp_path / "pieces")
    for name in whole.names():
        assert torch.equal(whole.tensor(name), pieces.tensor(name)), name


def test_unquantised_weights_are_used_as_they_are(tiny: Path, tmp_path: Path) -> None:
    source = opened(tiny, tmp_path, quantise=False)
    assert isinstance(source, DenseSource) and not list(tmp_path.iterdir())
    plain = PublishedFolder(tiny).mapped()
    assert all(torch.equal(source.tensor(name), plain[name].float()) for name in plain)


def test_the_second_opening_finds_the_stored_folder(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tiny, tmp_path)
    (stored,) = tmp_path.iterdir()
    monkeypatch.setattr(checkpoint, "write_files", lambda *_: pytest.fail("quantised again"))
    assert opened(tiny, tmp_path).weight_bytes == opened(stored, tmp_path).weight_bytes
    verify(stored)
    assert (stored / "tokenizer.json").read_bytes() == (tiny / "tokenizer.json").read_bytes()


def test_two_openings_at_once_share_one_folder(tiny: Path, tmp_path: Path) -> None:
    """The second starts and ends while the first is under way; the first then uses the result."""
    sources: list[WeightSource] = []

    def second(progress: LoadProgress) -> None:
        if not sources:
            sources.append(opened(tiny, tmp_path))

    sources.append(opened(tiny, tmp_path, on_progress=second))
    (stored,) = tmp_path.iterdir()
    verify(stored)
    name = f"{LAYER}.experts.down_proj"
    assert torch.equal(sources[0].tensor(name), sources[1].tensor(name))


def test_models_that_differ_only_in_their_numbers_do_not_share_a_folder(tiny: Path, tmp_path: Path) -> None:
    other = write_checkpoint(tmp_path / "other" / "tiny", "tiny", seed=1, shard_bytes=300_000)
    assert PublishedFolder(tiny).identity() == PublishedFolder(tiny).identity()
    assert PublishedFolder(tiny).identity() != PublishedFolder(other).identity()


def test_progress_counts_bytes_up_to_the_whole(tiny: Path, tmp_path: Path) -> None:
    seen: list[LoadProgress] = []
    opened(tiny, tmp_path, on_progress=seen.append)
    for stage in ("Quantising the model", "Opening the model"):
        counts = [progress.done for progress in seen if str(progress.stage) == stage]
        totals = {progress.total for progress in seen if str(progress.stage) == stage}
        assert counts == sorted(counts) and len(counts) > 2 and totals == {counts[-1]}


def test_cancelling_leaves_nothing_behind(tiny: Path, tmp_path: Path) -> None:
    cancel = threading.Event()

    def stop(progress: LoadProgress) -> None:
        if progress.done > progress.total // 2:
            assert [path for path in tmp_path.iterdir() if path.name.startswith(".")]
            cancel.set()

    with pytest.raises(CancelledError):
        opened(tiny, tmp_path, on_progress=stop, cancel=cancel)
    assert not list(tmp_path.iterdir())


def test_what_a_crashed_run_left_is_swept(tiny: Path, tmp_path: Path) -> None:
    target = quantised_form(PublishedFolder(tiny), tmp_path)
    shutil.rmtree(target)
    (tmp_path / f".{target.name}.999999999.abc.partial").mkdir()
    running = tmp_path / f".{target.name}.{os.getpid()}.abc.partial"
    running.mkdir()
    quantised_form(PublishedFolder(tiny), tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([target, running])


def test_too_little_disk_is_said_before_anything_is_written(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10, 5, 5))
    with pytest.raises(CheckpointError) as error:
        opened(tiny, tmp_path)
    assert "free some space" in sentence(error)
    assert not list(tmp_path.iterdir())


def shard(folder: Path, index: int = 0) -> Path:
    return sorted(folder.glob("*.safetensors"))[index]


def rewrite(path: Path, change: Callable[[dict[str, Slot]], None]) -> None:
    """Write a shard again with other names, shapes or types, all zeros."""
    table = {entry.name: Slot(entry.name, entry.dtype, entry.shape) for entry in read_header(path).values()}
    change(table)
    with TensorWriter(path, list(table.values())) as writer:
        for slot in table.values():
            writer.write(slot.name, torch.zeros(slot.shape, dtype=slot.dtype))


def set_header(path: Path, text: bytes, data: bytes = b"") -> None:
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)


def reshape_norm(table: dict[str, Slot]) -> None:
    name = f"{LAYER}.input_layernorm.weight"
    table[name] = Slot(name, torch.bfloat16, (63,))


def retype_norm(table: dict[str, Slot]) -> None:
    name = f"{LAYER}.input_layernorm.weight"
    table[name] = Slot(name, torch.int8, (64,))


def add_tensor(table: dict[str, Slot]) -> None:
    table["model.audio.x"] = Slot("model.audio.x", torch.bfloat16, (2,))


FAULTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "no config": (lambda f: (f / "config.json").unlink(), "config.json"),
    "no index": (lambda f: (f / INDEX).unlink(), INDEX),
    "damaged index": (lambda f: (f / INDEX).write_text("{"), INDEX),
    "index that leaves the folder": (
        lambda f: (f / INDEX).write_text('{"weight_map": {"a": "../x.safetensors"}}'),
        INDEX,
    ),
    "missing shard": (lambda f: shard(f, 1).unlink(), "model-00002-of"),
    "truncated shard": (lambda f: os.truncate(shard(f), shard(f).stat().st_size - 100), "cut short"),
    "empty shard": (lambda f: os.truncate(shard(f), 0), "model-00001-of"),
    "bad header length": (lambda f: shard(f).write_bytes(b"\xff" * 64), "model-00001-of"),
    "bad header": (lambda f: set_header(shard(f), b"{]"), "model-00001-of"),
    "header that is a list": (lambda f: set_header(shard(f), b"[1]"), "model-00001-of"),
    "header without offsets": (lambda f: set_header(shard(f), b'{"a": {"dtype": "BF16", "shape": [1]}}'), "header"),
    "header with a wrong size": (
        lambda f: set_header(shard(f), b'{"a": {"dtype": "BF16", "shape": [9], "data_offsets": [0, 2]}}'),
        "header",
    ),
    "unknown dtype": (
        lambda f: set_header(shard(f), b'{"a": {"dtype": "F8_E4M3", "shape": [1], "data_offsets": [0, 1]}}', b"x"),
        "F8_E4M3",
    ),
    "missing tensor": (lambda f: rewrite(shard(f, 1), lambda t: t.clear()), "lacks"),
    "unexpected tensor": (lambda f: rewrite(shard(f), add_tensor), "model.audio.x"),
    "wrong shape": (lambda f: rewrite(shard(f), reshape_norm), "input_layernorm"),
    "wrong dtype": (lambda f: rewrite(shard(f), retype_norm), "int8"),
    "damaged config": (lambda f: (f / "config.json").write_text("{"), "config.json"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_folder_gets_one_sentence_that_names_the_file(fault: str, broken: Path, tmp_path: Path) -> None:
    damage, words = FAULTS[fault]
    damage(broken)
    with pytest.raises(CheckpointError) as error:
        opened(broken, tmp_path / "store")
    assert words in sentence(error)
    assert str(broken) in sentence(error)
    assert not (tmp_path / "store").exists()


@pytest.mark.parametrize(
    "name, words", [("pytorch_model.bin", "run code"), ("model.gguf", "GGUF"), ("note.txt", "no weights")]
)
def test_other_formats_are_refused(name: str, words: str, tiny: Path, tmp_path: Path) -> None:
    shutil.copyfile(tiny / "config.json", tmp_path / "config.json")
    (tmp_path / name).write_bytes(b"\x80\x04")
    with pytest.raises(CheckpointError) as error:
        opened(tmp_path, tmp_path / "store")
    assert words in sentence(error)


def test_a_file_instead_of_a_folder_is_refused(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="is a file"):
        opened(tiny / "config.json", tmp_path)


@pytest.mark.parametrize("change", [{"model_type": "gemma3"}, {"model_type": "gemma4_assistant"}])
def test_other_models_are_refused(change: dict[str, Any], broken: Path, tmp_path: Path) -> None:
    config = json.loads((broken / "config.json").read_text())
    (broken / "config.json").write_text(json.dumps(config | change))
    with pytest.raises(UnsupportedModelError) as error:
        opened(broken, tmp_path / "store")
    assert str(broken) in sentence(error)


def test_a_repeated_head_is_ignored(broken: Path, tmp_path: Path) -> None:
    def add_head(table: dict[str, Slot]) -> None:
        table["lm_head.weight"] = Slot("lm_head.weight", torch.bfloat16, (512, 64))

    rewrite(shard(broken), add_head)
    assert "lm_head.weight" not in opened(broken, tmp_path / "store").names()


STORED_FAULTS: dict[str, Callable[[Path], object]] = {
    "truncated file": lambda f: os.truncate(f / "vision.safetensors", 1000),
    "missing file": lambda f: (f / "layer-001.safetensors").unlink(),
    "damaged manifest": lambda f: (f / MANIFEST).write_text("{"),
    "manifest of another kind": lambda f: (f / MANIFEST).write_text("[]"),
    "newer format": lambda f: (f / MANIFEST).write_text(
        (f / MANIFEST).read_text().replace('"format": 1', '"format": 9')
    ),
    "other config": lambda f: (f / "config.json").write_text((f / "config.json").read_text().replace("512", "544")),
}


@pytest.mark.parametrize("fault", STORED_FAULTS)
def test_a_damaged_quantised_folder_says_what_to_do(fault: str, tiny: Path, tmp_path: Path) -> None:
    folder = quantised_form(PublishedFolder(tiny), tmp_path)
    STORED_FAULTS[fault](folder)
    with pytest.raises(CheckpointError) as error:
        opened(folder, tmp_path)
    assert str(folder) in sentence(error) and "quantise" in sentence(error)


def test_a_flipped_bit_is_found_by_the_checksums(tiny: Path, tmp_path: Path) -> None:
    folder = quantised_form(PublishedFolder(tiny), tmp_path)
    verify(folder)
    path = folder / "layer-000.safetensors"
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="layer-000"):
        verify(folder)


def test_a_full_disk_is_one_sentence_and_leaves_nothing(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: TensorWriter, name: str, data: Tensor) -> None:
        raise OSError(28, "No space left on device", str(self.path))

    monkeypatch.setattr(TensorWriter, "write", full)
    with pytest.raises(CheckpointError) as error:
        opened(tiny, tmp_path)
    assert "is full" in sentence(error)
    assert not list(tmp_path.iterdir())


def test_opening_copies_nothing(tiny: Path, tmp_path: Path) -> None:
    """Two matrices of one source are in the mapped file: writing to one never reaches the disk or the other."""
    folder = quantised_form(PublishedFolder(tiny), tmp_path)
    source = QuantisedSource(folder, torch.device("cpu"), torch.bfloat16)
    name = f"{LAYER}.experts.down_proj"
    first, second = source.experts(name), source.experts(name)
    assert isinstance(first, BlockExperts) and isinstance(second, BlockExperts)
    if quantised_folder.best_layout(torch.device("cpu"), 64) == source._manifest.forms[name]:
        assert first.data.data_ptr() == second.data.data_ptr()
    first.data.zero_()
    verify(folder)


def test_pieces_of_a_tensor_are_all_of_it_and_leave_memory(tmp_path: Path) -> None:
    table = torch.randint(-128, 128, (70_001, 640), dtype=torch.int8)
    with TensorWriter(tmp_path / "x.safetensors", [Slot("x", table.dtype, tuple(table.shape))]) as writer:
        writer.write("x", table)
    mapped, process = MappedFile(tmp_path / "x.safetensors"), psutil.Process()
    before, most, start = process.memory_info().rss, 0, 0
    for piece in mapped.pieces("x"):
        assert torch.equal(piece, table[start : start + len(piece)])
        start += len(piece)
        most = max(most, process.memory_info().rss)
    assert start == len(table)
    assert most - before < table.nbytes * 2 // 3
    assert torch.equal(mapped.tensor("x"), table)


def test_pieces_of_a_file_that_is_cut_short(tmp_path: Path) -> None:
    with TensorWriter(tmp_path / "x.safetensors", [Slot("x", torch.int8, (40_000, 640))]) as writer:
        writer.write("x", torch.zeros(40_000, 640, dtype=torch.int8))
    pieces = MappedFile(tmp_path / "x.safetensors").pieces("x")
    next(pieces)
    os.truncate(tmp_path / "x.safetensors", 1 << 20)
    with pytest.raises(CheckpointError, match="became shorter"):
        next(pieces)


def test_a_model_trained_for_int4_becomes_int4_and_any_other_nf4(tiny: Path, tmp_path: Path) -> None:
    trained = Path(shutil.copytree(tiny, tmp_path / "gemma-qat-q4_0-unquantized"))
    for folder, fmt, kind in ((tiny, None, "NF4"), (trained, None, "int4"), (tiny, "int4", "int4")):
        source = opened(folder, tmp_path / f"{folder.name}-{fmt}", fmt=fmt)
        assert isinstance(source, QuantisedSource) and source.quantisation == kind
        twin = DenseSource({name: source.tensor(name) for name in source.names()}, dtype=torch.float32)
        torch.testing.assert_close(logits(folder, source), logits(folder, twin), rtol=0, atol=2e-4)


def test_a_format_that_is_there_is_opened_where_none_is_asked_for(tiny: Path, tmp_path: Path) -> None:
    opened(tiny, tmp_path, fmt="int4")
    source = opened(tiny, tmp_path)
    assert isinstance(source, QuantisedSource) and source.quantisation == "int4"
    opened(tiny, tmp_path, fmt="nf4")
    assert len(list(tmp_path.iterdir())) == 2
    source = opened(tiny, tmp_path)
    assert isinstance(source, QuantisedSource) and source.quantisation == "NF4"
