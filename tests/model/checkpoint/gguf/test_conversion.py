"""GGUF files become quantised folders: tensors kept bit for bit, errors of the others, and resuming after a cut."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
import torch
from torch import Tensor

from model.checkpoint.gguf.blocks import BY_NAME
from model.checkpoint.gguf.conversion import JOURNAL, convert, stored_bytes
from model.checkpoint.gguf.model import find_gguf
from model.checkpoint.gguf.note import NOTE, import_summary
from model.checkpoint.gguf.numbers import Rows
from model.checkpoint.gguf.unpacking import TYPES
from model.checkpoint.quantised_folder import MANIFEST, read_manifest, verify
from model.checkpoint.quantised_source import QuantisedSource
from model.engine.engine import Engine
from model.errors import CancelledError, LecternError
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.family.inventory import EMBEDDING
from model.formats.weights import DenseSource
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress
from tests.files.gguf import Kind, all_in, write_model

IDS = torch.randint(0, 512, (24,), generator=torch.Generator().manual_seed(3))


def imported(path: Path, folder: Path) -> QuantisedSource:
    convert(find_gguf(path), folder)
    return QuantisedSource(folder, torch.device("cpu"), torch.float32)


def log_probabilities(folder: Path, source: Any) -> Tensor:
    decoder = Decoder(read_config(folder).text, source)
    with torch.inference_mode():
        hidden = decoder.forward(decoder.embed(IDS), decoder.new_cache())
        return decoder.logits(hidden).double().log_softmax(-1)


def divergence(folder: Path, held: dict[str, Tensor], source: QuantisedSource) -> float:
    """The mean KL between the file's own numbers and the imported ones, over the positions."""
    theirs = log_probabilities(folder, DenseSource(held, dtype=torch.float32))
    ours = log_probabilities(folder, source)
    return float((theirs.exp() * (theirs - ours)).sum(-1).mean())


def test_q4_0_is_carried_over_bit_for_bit(tiny: Path, tmp_path: Path) -> None:
    held = write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"))
    source = imported(tmp_path / "a.gguf", tmp_path / "a")
    verify(tmp_path / "a")
    assert set(source.names()) == set(held)
    for name, tensor in held.items():
        if name != EMBEDDING:
            assert torch.equal(source.tensor(name), tensor), name
    summary = json.loads((tmp_path / "a" / NOTE).read_text())["numbers"]
    exact = {one["from"] for one in summary if one["exact"]}
    assert exact == {"Q4_0", "F32"} and any(
        "are as they were" in str(words) for words in import_summary(tmp_path / "a")
    )
    parts = json.loads((tmp_path / "a" / NOTE).read_text())["files"]
    assert [part["name"] for part in parts] == ["a.gguf", "mmproj-tiny.gguf"]


def test_scales_that_are_odd_are_kept(tmp_path: Path) -> None:
    """Negative, zero and subnormal scales, and every pair of numbers in a byte."""
    blocks = np.random.default_rng(1).integers(0, 256, (64, 2, 18), dtype=np.uint8)
    blocks[..., :2] = (
        np.array([-3.5, 0.0, -0.0, 6e-8, 1e-4, 65504.0, -2e-7, 0.1], np.float16)
        .repeat(16)
        .view(np.uint8)
        .reshape(64, 2, 2)
    )
    rows = Rows("x", find_block("Q4_0"), torch.from_numpy(blocks.reshape(64, 36)), 64)
    codes, scales = rows.taken_apart()
    wide = gguf.dequantize(blocks.reshape(64, 36), Kind.Q4_0)
    ours = (codes.float().view(64, 2, 32) - 8) * scales.float()[..., None]
    assert np.array_equal(ours.view(64, 64).numpy(), wide)
    assert np.array_equal(rows.plain().numpy(), wide)


@pytest.mark.parametrize(
    "name, scales, most",
    [
        *[("Q4_0", (0,), 0.0), ("Q4_1", (0, 2), 0.0), ("Q5_0", (0,), 0.0), ("Q5_1", (0, 2), 0.0), ("Q8_0", (0,), 0.0)],
        *[("Q4_K", (0, 2), 4e-4), ("Q5_K", (0, 2), 4e-4), ("Q6_K", (208,), 3e-4)],  # scales of scales, rounded to fp16
    ],
)
def test_whole_numbers_are_kept(name: str, scales: tuple[int, ...], most: float) -> None:
    """Taken apart and put together again, all bits of a block used."""
    block, random = BY_NAME[name], np.random.default_rng(2)
    data = random.integers(0, 256, (300, block.nbytes), dtype=np.uint8)
    for place in scales:
        data[:, place : place + 2] = (random.standard_normal(300) * 0.01).astype(np.float16)[:, None].view(np.uint8)
    numbers, scale, *minimum = TYPES[block](torch.from_numpy(data))
    whole = numbers.float().view(300, scale.shape[1], -1) - (8 if name == "Q4_0" else 0)
    ours = whole * scale.float()[..., None] + (minimum[0].float()[..., None] if minimum else 0)
    wide = gguf.dequantize(data, Kind[name])
    assert np.linalg.norm(ours.view(300, -1).numpy() - wide) <= most * np.linalg.norm(wide)


def find_block(name: str) -> Any:
    return BY_NAME[name]


def test_what_is_imported_answers(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0", "Q8_0"))
    convert(find_gguf(tmp_path / "a.gguf"), tmp_path / "a")
    engine = Engine.open(tmp_path / "a", device="cpu")
    try:
        info = engine.info
        assert info.capabilities.pictures and info.quantisation == "int4"
        assert (info.name, info.folder) == ("a", tmp_path / "a")
    finally:
        engine.close()


def test_numbers_that_are_not_finite_are_refused(tiny: Path, tmp_path: Path) -> None:
    def change(arrays: dict[str, Any]) -> None:
        data, kind = arrays["blk.1.attn_q.weight"]
        data = data.copy()
        data[3, :2] = np.array([np.inf], np.float16).view(np.uint8)
        arrays["blk.1.attn_q.weight"] = data, kind

    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"), change=change)
    with pytest.raises(LecternError, match=r"blk\.1\.attn_q\.weight holds numbers that are not finite"):
        convert(find_gguf(tmp_path / "a.gguf"), tmp_path / "a")


def test_experts_gate_and_up_apart(tiny: Path, tmp_path: Path) -> None:
    def change(arrays: dict[str, Any]) -> None:
        for name in [name for name in arrays if "gate_up_exps" in name]:
            data, kind = arrays.pop(name)
            half = data.shape[1] // 2
            arrays[name.replace("gate_up", "gate")] = data[:, :half], kind
            arrays[name.replace("gate_up", "up")] = data[:, half:], kind

    held = write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"), change=change)
    source = imported(tmp_path / "a.gguf", tmp_path / "a")
    name = next(name for name in held if name.endswith("experts.gate_up_proj"))
    assert torch.equal(source.tensor(name), held[name])


def test_a_stopped_import_goes_on_where_it_ended(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"))
    model, stop = find_gguf(tmp_path / "a.gguf"), threading.Event()
    whole: list[LoadProgress] = []
    convert(model, tmp_path / "whole", whole.append)

    def halfway(progress: LoadProgress) -> None:
        if progress.done > 0.9 * progress.total:  # the vision tower is the larger part
            stop.set()

    with pytest.raises(CancelledError):
        convert(model, tmp_path / "a", halfway, stop)
    noted = json.loads((tmp_path / "a" / JOURNAL).read_text())["files"]
    assert noted and not (tmp_path / "a" / MANIFEST).exists()
    times = {name: (tmp_path / "a" / name).stat().st_mtime_ns for name in noted}
    again: list[LoadProgress] = []
    convert(model, tmp_path / "a", again.append)
    assert {name: (tmp_path / "a" / name).stat().st_mtime_ns for name in noted} == times
    assert len(again) < len(whole) and again[0].done > 0 and again[-1].total == whole[-1].total
    one, other = read_manifest(tmp_path / "whole"), read_manifest(tmp_path / "a")
    assert one == other and not (tmp_path / "a" / JOURNAL).exists()
    verify(tmp_path / "a")


def test_what_another_file_began_is_not_gone_on_with(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"))
    write_model(tmp_path / "b.gguf", tiny, all_in("Q8_0"))
    convert(find_gguf(tmp_path / "a.gguf"), tmp_path / "out")
    (tmp_path / "out" / MANIFEST).unlink()
    (tmp_path / "out" / "stray").write_text("x")
    for words in ('{"source": 3, "files": []}', "no json", '{"files": {"../../x": {"size": 1, "sha256": "a"}}}'):
        (tmp_path / "out" / JOURNAL).write_text(words)
        convert(find_gguf(tmp_path / "b.gguf"), tmp_path / "out")
        verify(tmp_path / "out")
        assert not (tmp_path / "out" / "stray").exists()


def test_the_size_is_known_before(tiny: Path, tmp_path: Path) -> None:
    write_model(tmp_path / "a.gguf", tiny, all_in("Q4_0"))
    model = find_gguf(tmp_path / "a.gguf")
    convert(model, tmp_path / "a")
    manifest = read_manifest(tmp_path / "a")
    headers = 20_000
    assert stored_bytes(model) <= manifest.nbytes <= stored_bytes(model) + headers


WIDE = shape_config("tiny")
WIDE["text_config"] |= {"hidden_size": 256, "intermediate_size": 256, "moe_intermediate_size": 96, "num_experts": 4}


@pytest.fixture(scope="module")
def wide(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With rows of 256 numbers, as the K formats need them, and experts whose rows do not divide by that."""
    return write_checkpoint(tmp_path_factory.mktemp("gguf") / "wide", WIDE)


FALLBACK = {"Q2_K": "Q4_0", "Q3_K": "Q4_0", "Q4_K": "Q5_0", "Q5_K": "Q5_1", "Q6_K": "Q8_0", "IQ4_XS": "IQ4_NL"}
"""What llama.cpp takes where a row is no multiple of 256."""


@pytest.mark.numeric
@pytest.mark.parametrize(
    "name, embedding, most",
    [
        ("Q4_0", "Q8_0", 1e-5),  # as it is
        ("Q8_0", "Q8_0", 1e-5),
        ("Q4_1", "Q8_0", 1e-5),
        ("Q4_0", "Q6_K", 1e-5),  # the embedding's scales are rounded to fp16
        ("Q5_1", "Q8_0", 1e-5),
        ("Q6_K", "Q6_K", 1e-5),
        ("Q5_K", "Q6_K", 1e-5),
        ("Q4_K", "Q6_K", 1e-5),
        ("IQ4_XS", "Q6_K", 2e-1),
        ("Q3_K", "Q6_K", 2e-1),
        ("Q2_K", "Q6_K", 5e-2),
    ],
)
def test_answers_stay_what_they_were(wide: Path, tmp_path: Path, name: str, embedding: str, most: float) -> None:
    """The divergence from the file's own numbers, of a model of random weights, which rounding changes most."""

    def types(spec: Any) -> str:
        kind = all_in(name, embedding)(spec)
        return FALLBACK[kind] if kind in FALLBACK and spec.shape[-1] % 256 else kind

    held = write_model(tmp_path / "a.gguf", wide, types)
    source = imported(tmp_path / "a.gguf", tmp_path / "a")
    found = divergence(wide, held, source)
    print(f"{name}, embedding {embedding}: KL {found:.1e}")
    assert found <= most
