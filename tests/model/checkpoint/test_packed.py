"""Folders that other programs have quantised: their numbers are kept, and answers are those of the widened weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from app.library.models import look_at
from model.checkpoint.opening import open_checkpoint, quantised_form
from model.checkpoint.published import PublishedFolder
from model.checkpoint.quantised_folder import read_manifest, verify
from model.checkpoint.quantised_source import QuantisedSource
from model.errors import LecternError
from model.family.inventory import EMBEDDING
from model.formats import table
from model.messages import NOTHING
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from tests.files.model_folders import Tensors, saved_again

CPU = torch.device("cpu")
Pack = Callable[[str, Tensor], tuple[Tensors, Tensor]]
"""A matrix and its name without ``.weight`` → what the program stores, and the numbers that these mean."""
CONFIG = shape_config("tiny")
CONFIG["text_config"] |= {"hidden_size": 128, "intermediate_size": 128, "moe_intermediate_size": 64, "num_experts": 4}


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("packed") / "tiny", CONFIG)


def words(codes: Tensor) -> Tensor:
    """Numbers 0–15 [N, K] in words of 32 bits, the first in the lowest bits."""
    shifts = torch.arange(0, 32, 4)
    return (codes.long().view(len(codes), -1, 8) << shifts).sum(-1).to(torch.uint32).view(torch.int32)


def in_groups(weight: Tensor, size: int) -> Tensor:
    return weight.float().view(len(weight), -1, size)


def bitsandbytes_nf4(nested: bool) -> Pack:
    def pack(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
        library = pytest.importorskip("bitsandbytes").functional
        data, state = library.quantize_4bit(weight, blocksize=64, compress_statistics=nested, quant_type="nf4")
        parts = {f"{name}.weight.{key}": value for key, value in state.as_dict(packed=True).items()}
        return parts | {f"{name}.weight": data}, library.dequantize_4bit(data, state).float()

    return pack


def compressed_int4(group: int, symmetric: bool) -> Pack:
    def pack(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
        groups = in_groups(weight, group)
        if symmetric:
            scales = (groups.abs().amax(-1) / 7.5).bfloat16()
            zeros = torch.full(scales.shape, 8)
        else:
            low, high = groups.amin(-1).clamp(max=0), groups.amax(-1).clamp(min=0)
            scales = ((high - low) / 15).bfloat16()
            zeros = (-low / scales.float()).round().clamp(0, 15).long()
        codes = ((groups / scales.float()[..., None]).round() + zeros[..., None]).clamp(0, 15)
        parts = {
            f"{name}.weight_packed": words(codes.flatten(1)),
            f"{name}.weight_scale": scales,
            f"{name}.weight_shape": torch.tensor(weight.shape),
        }
        if not symmetric:
            parts[f"{name}.weight_zero_point"] = words(zeros.T.contiguous()).T.contiguous()
        wide = (codes - zeros[..., None]) * scales.float()[..., None]
        return parts, wide.view(weight.shape)

    return pack


def mlx(bits: int, group: int) -> Pack:
    def pack(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
        groups = in_groups(weight, group)
        biases = groups.amin(-1).bfloat16()
        scales = ((groups.amax(-1) - biases.float()) / (2**bits - 1)).bfloat16()
        codes = ((groups - biases.float()[..., None]) / scales.float()[..., None]).round().clamp(0, 2**bits - 1)
        flat = codes.flatten(1)
        data = words(flat).view(torch.uint32) if bits == 4 else flat.to(torch.uint8).view(torch.uint32)
        wide = codes * scales.float()[..., None] + biases.float()[..., None]
        parts = {f"{name}.weight": data, f"{name}.scales": scales, f"{name}.biases": biases}
        return parts, wide.view(weight.shape)

    return pack


def int8_rows(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
    scales = (weight.float().abs().amax(1, keepdim=True) / 127).bfloat16()
    numbers = (weight.float() / scales.float()).round().clamp(-128, 127)
    return {f"{name}.weight": numbers.to(torch.int8), f"{name}.weight_scale": scales}, numbers * scales.float()


def bitsandbytes_int8(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
    most = weight.float().abs().amax(1)
    numbers = (weight.float() * 127 / most[:, None]).round()
    parts = {
        f"{name}.weight": numbers.to(torch.int8),
        f"{name}.SCB": most,
        f"{name}.weight_format": torch.tensor(0).byte(),
    }
    return parts, numbers * most[:, None] / 127


def fp8_rows(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
    scales = (weight.float().abs().amax(1, keepdim=True) / 448).bfloat16()
    numbers = (weight.float() / scales.float()).to(torch.float8_e4m3fn)
    return {f"{name}.weight": numbers, f"{name}.weight_scale": scales}, numbers.float() * scales.float()


def fp8_whole(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
    scale = weight.float().abs().amax() / 448
    numbers = (weight.float() / scale).to(torch.float8_e4m3fn)
    parts = {f"{name}.weight": numbers, f"{name}.weight_scale": scale, f"{name}.input_scale": torch.tensor(1.0)}
    return parts, numbers.float() * scale


def fp8_blocks(name: str, weight: Tensor) -> tuple[Tensors, Tensor]:
    rows, columns = weight.shape
    tall, wide = -(-rows // 128), -(-columns // 128)
    scales = torch.rand(tall, wide, generator=torch.Generator().manual_seed(rows)) * 1e-3 + 1e-3
    spread = scales.repeat_interleave(128, 0)[:rows].repeat_interleave(128, 1)[:, :columns]
    numbers = (weight.float() / spread).clamp(-448, 448).to(torch.float8_e4m3fn)
    return {f"{name}.weight": numbers, f"{name}.weight_scale_inv": scales}, numbers.float() * spread


FORMS: dict[str, tuple[Pack, str, float, str]] = {
    # How it is packed, the format that it becomes, and how far off its numbers may be then.
    "bitsandbytes NF4": (bitsandbytes_nf4(False), "nf4", 2.0**-8, "kept as they are"),
    "bitsandbytes NF4, nested": (bitsandbytes_nf4(True), "nf4", 2.0**-8, "kept as they are"),
    "compressed-tensors int4, groups of 32": (compressed_int4(32, True), "int4", 0.0, "kept as they are"),
    "compressed-tensors int4, groups of 64": (compressed_int4(64, True), "int4", 0.0, "kept as they are"),
    "compressed-tensors int4 with zero points": (compressed_int4(32, False), "int4m", 1e-3, "kept as they are"),
    "MLX 4-bit, groups of 64": (mlx(4, 64), "int4m", 1e-5, "kept as they are"),
    "MLX 4-bit, groups of 32": (mlx(4, 32), "int4m", 1e-5, "kept as they are"),
    "MLX 8-bit": (mlx(8, 64), "w8", 1e-2, "a second time"),
    "int8 in rows": (int8_rows, "w8", 1e-5, "kept as they are"),
    "bitsandbytes int8": (bitsandbytes_int8, "w8", 5e-4, "kept as they are"),
    "FP8 in rows": (fp8_rows, "nf4", 0.12, "a second time"),
    "FP8 whole": (fp8_whole, "nf4", 0.12, "a second time"),
    "FP8 in blocks": (fp8_blocks, "nf4", 0.12, "a second time"),
}


def packed(pack: Pack, numbers: Tensors, apart: bool = False, also: str = ".layers.") -> Callable[[Tensors], Tensors]:
    """Every matrix of the layers as a program stores it; what that means goes into ``numbers``, by the usual names.

    ``also``: a part of the names of other matrices.
    """

    def change(tensors: Tensors) -> Tensors:
        out = dict(tensors)
        for name, tensor in tensors.items():
            if (".layers." not in name and also not in name) or "vision" in name or "router" in name:
                continue
            if tensor.dim() == 2:
                del out[name]
                parts, numbers[name] = pack(name.removesuffix(".weight"), tensor)
                out |= parts
            elif apart and name.endswith(("experts.gate_up_proj", "experts.down_proj")):
                del out[name]
                wide = []
                for number, expert in enumerate(tensor):
                    halves = expert.chunk(2) if name.endswith("gate_up_proj") else (expert,)
                    names = ("gate_proj", "up_proj") if len(halves) == 2 else ("down_proj",)
                    for half, matrix in zip(names, halves, strict=True):
                        stem = name.rpartition(".")[0]
                        parts, one = pack(f"{stem}.{number}.{half}", matrix.contiguous())
                        out |= parts
                        wide.append(one)
                numbers[name] = torch.cat(wide).view(tensor.shape)
        return out

    return change


@pytest.mark.parametrize("form", FORMS)
def test_numbers_are_kept(form: str, tiny: Path, tmp_path: Path) -> None:
    pack, fmt, most, words_of_it = FORMS[form]
    held: Tensors = {}
    declared = {"group_size": 64, "bits": 8} if form == "MLX 8-bit" else {}
    change = packed(pack, held, apart=True)
    folder = saved_again(tiny, tmp_path / "packed", change, lambda config: config.update(quantization=declared))
    found = look_at(folder)
    assert (found.problem, len(found.remarks)) == (NOTHING, 1) and words_of_it in str(found.remarks[0])
    target = quantised_form(PublishedFolder(folder), tmp_path / "store")
    verify(target)
    source = QuantisedSource(target, CPU, torch.float32)
    manifest = read_manifest(target)
    for name, wide in held.items():
        assert table.format_of(manifest.forms[name]).name == fmt, name
        off = (source.tensor(name).float() - wide.float()).norm() / wide.float().norm()
        assert float(off) <= most, (name, float(off))
    plain = open_checkpoint(folder, device="cpu", dtype=torch.float32, quantise=False)
    for name, wide in held.items():
        assert torch.allclose(plain.tensor(name), wide.float(), rtol=2.0**-7, atol=1e-6), name


def test_an_embedding_may_be_quantised_too(tiny: Path, tmp_path: Path) -> None:
    """As MLX does it; it becomes the usual rows of 8 bits."""
    held: Tensors = {}
    folder = saved_again(tiny, tmp_path / "packed", packed(mlx(4, 64), held, also="embed_tokens"))
    source = QuantisedSource(quantised_form(PublishedFolder(folder), tmp_path / "store"), CPU, torch.float32)
    wide, ids = held[EMBEDDING], torch.arange(0, len(held[EMBEDDING]), 7)
    off = (source.embedding(EMBEDDING).rows(ids) - wide[ids]).norm() / wide[ids].norm()
    assert float(off) < 0.015


def test_a_state_without_its_map_will_do(tiny: Path, tmp_path: Path) -> None:
    """The values of NF4 are known."""
    held: Tensors = {}

    def change(tensors: Tensors) -> Tensors:
        out = packed(bitsandbytes_nf4(True), held)(tensors)
        return {name: tensor for name, tensor in out.items() if not name.endswith(".weight.quant_map")}

    folder = saved_again(tiny, tmp_path / "packed", change)
    plain = open_checkpoint(folder, device="cpu", dtype=torch.float32, quantise=False)
    for name, wide in held.items():
        assert torch.allclose(plain.tensor(name), wide.float(), rtol=2.0**-7, atol=1e-6), name


def test_a_format_that_is_asked_for_is_made(tiny: Path, tmp_path: Path) -> None:
    held: Tensors = {}
    folder = saved_again(tiny, tmp_path / "packed", packed(int8_rows, held))
    target = quantised_form(PublishedFolder(folder), tmp_path / "store", fmt="nf4")
    source = QuantisedSource(target, CPU, torch.float32)
    for name, wide in held.items():
        off = (source.tensor(name) - wide).norm() / wide.norm()
        assert 0.05 < float(off) < 0.12


def test_what_config_json_declares_is_in_the_remark(tiny: Path, tmp_path: Path) -> None:
    declared = {"quant_method": "compressed-tensors", "format": "pack-quantized"}
    change = packed(compressed_int4(32, True), {})
    folder = saved_again(tiny, tmp_path / "packed", change, lambda config: config.update(quantization_config=declared))
    (remark,) = look_at(folder).remarks
    assert "(4-bit integers, compressed-tensors)" in str(remark)


@pytest.mark.parametrize("pack", [int8_rows, compressed_int4(32, True), mlx(4, 64)], ids=["int8", "int4", "MLX"])
def test_an_audio_tower_that_was_quantised_is_widened(pack: Pack, tmp_path: Path) -> None:
    """It is kept in bf16 whatever it comes in: fewer bits harm what is heard."""
    hears = write_checkpoint(tmp_path / "hears", CONFIG | {"audio_config": shape_config("tiny-e4b")["audio_config"]})
    held: Tensors = {}
    folder = saved_again(hears, tmp_path / "packed", packed(pack, held), lambda c: c.update(quantization={}))
    names = [name for name in held if "audio_tower" in name]
    assert len(names) > 20 and len(look_at(folder).remarks) == 1
    target = quantised_form(PublishedFolder(folder), tmp_path / "store")
    source, forms = QuantisedSource(target, CPU, torch.float32), read_manifest(target).forms
    for name in names:
        assert forms[name] == "dense", name
        assert torch.allclose(source.tensor(name), held[name].float(), rtol=2.0**-7, atol=1e-6), name


BROKEN: dict[str, Callable[[Tensors], object]] = {
    "another size": lambda t: t.update({k: v[:-1].clone() for k, v in t.items() if k.endswith("q_proj.weight_scale")}),
    "scales of another type": lambda t: t.update({k: v.long() for k, v in t.items() if k.endswith(".weight_scale")}),
    "without scales": lambda t: [t.pop(k) for k in list(t) if k.endswith(".weight_scale")],
    "activation order": lambda t: t.update(
        {k.replace("_packed", "_g_idx"): torch.zeros(4, dtype=torch.int32) for k in list(t) if k.endswith("_packed")}
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_parts_that_do_not_fit_are_refused_in_the_list(fault: str, tiny: Path, tmp_path: Path) -> None:
    def change(tensors: Tensors) -> Tensors:
        out = packed(compressed_int4(32, True), {})(tensors)
        BROKEN[fault](out)
        return out

    folder = saved_again(tiny, tmp_path / "packed", change)
    assert "which Lectern does not read" in str(look_at(folder).problem)
    with pytest.raises(LecternError, match="compressed-tensors"):
        PublishedFolder(folder)


@pytest.mark.parametrize(
    "state", ["{", "[]", json.dumps({"quant_type": "fp4", "blocksize": 64, "shape": [1, 1]}), "null"]
)
def test_a_state_that_makes_no_sense_is_refused(state: str, tiny: Path, tmp_path: Path) -> None:
    def change(tensors: Tensors) -> Tensors:
        out = packed(bitsandbytes_nf4(True), {})(tensors)
        data: Any = torch.tensor(list(state.encode()), dtype=torch.uint8)
        return out | {name: data for name in out if "quant_state" in name}

    folder = saved_again(tiny, tmp_path / "packed", change)
    assert "(bitsandbytes, 4-bit)" in str(look_at(folder).problem)
