"""Adapters beside 4-bit weights against PEFT on the same numbers written out: attention, MLP, experts, several."""

from __future__ import annotations

import functools
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from transformers import Gemma4ForConditionalGeneration

from model.adapters.applying import Adapters
from model.adapters.reading import WEIGHTS, is_adapter, read_adapter
from model.errors import LecternError
from model.family.config import ModelConfig
from model.family.decoder import Decoder
from model.formats.low_rank import AdaptedSource
from tests.model import reference
from tests.model.adapters.peft_cases import MIXED, edit_config, nf4, save_adapter, their_logits

# PEFT asks transformers for something under an old name, and knows no experts when it looks for what patterns match.
pytestmark = [
    pytest.mark.filterwarnings("ignore:`is_gradient_checkpointing` is deprecated:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The following alpha_pattern keys did not match:RuntimeWarning"),
]
LIMIT = 1e-4
SHAPES = {"mixed": MIXED, "per-layer": reference.PER_LAYER}
EXPERTS = ["experts.gate_up_proj", "experts.down_proj"]
CASES: dict[str, dict[str, Any]] = {
    "attention": {"target_modules": r".*language_model.*self_attn\.(q|k|v|o)_proj"},
    "mlp": {"target_modules": r".*language_model.*mlp\.(gate|up|down)_proj", "use_rslora": True},
    "experts": {"target_modules": [], "target_parameters": EXPERTS},
    "one tensor of experts": {"target_modules": [], "target_parameters": EXPERTS[1:], "use_rslora": True},
    "router": {"target_modules": r".*language_model.*router\.proj"},
    "everything": {
        "target_modules": r".*language_model.*(self_attn\.(q|o)_proj|mlp\.(gate|up|down)_proj)",
        "target_parameters": EXPERTS,
        "rank_pattern": {r".*layers\.1\.self_attn\.q_proj": 7, "down_proj": 2},
        "alpha_pattern": {r".*layers\.[02]\.mlp\.up_proj": 11, "experts.gate_up_proj": 3},
    },
    "some layers": {
        "target_modules": ["q_proj", "down_proj"],
        "layers_to_transform": [1, 3],
        "layers_pattern": "language_model.layers",
        "exclude_modules": r".*vision_tower.*",
    },
}


@functools.cache
def case(shape: str = "mixed") -> tuple[Gemma4ForConditionalGeneration, ModelConfig, Decoder, Adapters]:
    with tempfile.TemporaryDirectory() as folder:
        theirs, config, source = nf4(SHAPES[shape], Path(folder))
    adapted = AdaptedSource(source)
    return theirs, config, Decoder(config.text, adapted), Adapters(config, adapted)


def ids(tokens: int = 40) -> Tensor:
    return torch.randint(10, reference.VOCAB, (tokens,), generator=torch.Generator().manual_seed(3))


@torch.no_grad()
def our_logits(decoder: Decoder, given: Tensor, sizes: tuple[int, ...] = (40,)) -> Tensor:
    cache, parts = decoder.new_cache(), []
    for part in given.split(list(sizes)):
        parts.append(decoder.logits(decoder.forward(decoder.embed(part), cache, ids=part)))
    return torch.cat(parts)


@pytest.mark.parametrize("name", CASES)
def test_logits_are_peft_s(name: str, tmp_path: Path) -> None:
    """A prompt in one go, and the same tokens one by one."""
    theirs, _, decoder, adapters = case()
    folder = save_adapter(theirs, tmp_path / name, **CASES[name])
    plain, expected = their_logits(theirs, ids()), their_logits(theirs, ids(), folder)
    adapters.use([folder])
    found = our_logits(decoder, ids())
    one_by_one = our_logits(decoder, ids(), (36, 1, 1, 1, 1))
    adapters.use([])
    assert (expected - plain).abs().max() > 0.05, "the adapter does nothing"
    print(f"{name}: {float((found - expected).abs().max()):.1e}")
    assert (found - expected).abs().max() <= LIMIT
    assert (one_by_one - expected).abs().max() <= LIMIT
    assert (our_logits(decoder, ids()) - plain).abs().max() <= LIMIT


def test_several_at_once_and_switched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    theirs, _, decoder, adapters = case()
    first = save_adapter(theirs, tmp_path / "first", 1, **CASES["attention"])
    second = save_adapter(theirs, tmp_path / "second", 2, r=2, target_modules=r".*language_model.*(q_proj|up_proj)")
    wanted = {used: their_logits(theirs, ids(), *used) for used in ((first,), (second,), (first, second), ())}
    for round_ in range(2):
        for used, expected in wanted.items():
            adapters.use(used)
            assert [one.folder for one in adapters.used] == list(used)
            assert (our_logits(decoder, ids()) - expected).abs().max() <= LIMIT
        if round_ == 0:  # all of them are in memory now
            monkeypatch.setattr(Adapters, "_pair", lambda *_: pytest.fail("read again"))
    signatures = set()
    for used in wanted:
        adapters.use(used)
        signed = adapters.sign(ids().numpy())
        assert (signed[1:] == ids().numpy()[1:]).all()
        signatures.add(int(signed[0]))
    assert len(signatures) == 4
    adapters.use([])


def test_layers_that_share_keys_and_values(tmp_path: Path) -> None:
    """What was trained for keys that nobody reads is passed over, and said."""
    theirs, config, decoder, adapters = case("per-layer")
    targets = r".*language_model.*((q|k|v|o)_proj|per_layer_input_gate|per_layer_projection|per_layer_model_projection)"
    folder = save_adapter(theirs, tmp_path / "a", target_modules=targets)
    expected = their_logits(theirs, ids(), folder)
    adapters.use([folder])
    found = our_logits(decoder, ids())
    assert (found - expected).abs().max() <= LIMIT
    remarks = read_adapter(folder, config).remarks
    has_idle = any("layers.8.self_attn.k_proj" in name for name in load_file(folder / WEIGHTS))
    assert [remark.code for remark in remarks] == (["adapter.idle"] if has_idle else [])
    adapters.use([])


def rewrite(folder: Path, change: Callable[[dict[str, Tensor]], dict[str, Tensor]]) -> None:
    found = change(load_file(folder / WEIGHTS))
    save_file({name: tensor.contiguous() for name, tensor in found.items()}, folder / WEIGHTS)


def grouped(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """B's columns with the expert slowest, as older Unsloth writes them."""
    count = MIXED["num_experts"]
    return {
        name: t.view(len(t), -1, count).transpose(1, 2).flatten(1) if "experts" in name and "lora_B" in name else t
        for name, t in tensors.items()
    }


def exchanged(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """As PEFT wrote them that took [E, out, in] for [E, in, out]: A and B of each expert's transposed matrix."""
    count, found = MIXED["num_experts"], {}
    for name, a in tensors.items():
        if "lora_A" in name and "experts" in name:
            b = tensors[name.replace("lora_A", "lora_B")]
            rank = len(a) // count
            first = b.view(len(b), rank, count).permute(2, 1, 0).reshape(-1, len(b))
            second = a.view(count, rank, -1).permute(2, 1, 0).reshape(a.shape[1], -1)
            found |= {name: first, name.replace("lora_A", "lora_B"): second}
    return tensors | found


@pytest.mark.parametrize("packing", ["marked as PEFT's", "expert slowest, marked", "exchanged", "other names"])
def test_packings_of_experts_are_told_apart(packing: str, tmp_path: Path) -> None:
    theirs, _, decoder, adapters = case()
    folder = save_adapter(theirs, tmp_path / "a", **CASES["experts"])
    expected = their_logits(theirs, ids(), folder)
    match packing:
        case "marked as PEFT's":
            edit_config(folder, lora_B_layout="rank_major", base_model_name_or_path="unsloth/gemma-4")
        case "expert slowest, marked":
            rewrite(folder, grouped)
            edit_config(folder, lora_B_layout="grouped_by_expert")
        case "exchanged":
            rewrite(folder, exchanged)
        case _:  # trained on the text model alone, and saved by hand
            rewrite(
                folder,
                lambda tensors: {
                    name.replace(".language_model", "").replace(".weight", ".default.weight"): tensor
                    for name, tensor in tensors.items()
                },
            )
    adapters.use([folder])
    found = our_logits(decoder, ids())
    adapters.use([])
    assert (found - expected).abs().max() <= LIMIT


REFUSED: dict[str, tuple[str, Callable[[Path], object]]] = {
    "IA3": ("adapter.kind", lambda folder: edit_config(folder, peft_type="IA3")),
    "DoRA": ("adapter.kind", lambda folder: edit_config(folder, use_dora=True)),
    "modules_to_save": ("adapter.kind", lambda folder: edit_config(folder, modules_to_save=["lm_head"])),
    "bias": ("adapter.kind", lambda folder: edit_config(folder, bias="all")),
    "lora_bias": ("adapter.kind", lambda folder: edit_config(folder, lora_bias=True)),
    "pissa": ("adapter.kind", lambda folder: edit_config(folder, init_lora_weights="pissa_niter_4")),
    "unmarked": ("adapter.ambiguous", lambda folder: edit_config(folder, auto_mapping={"unsloth_fixed": True})),
    "unknown marker": ("adapter.part", lambda folder: edit_config(folder, lora_B_layout="other")),
    "pattern": ("adapter.damaged", lambda folder: edit_config(folder, alpha_pattern={"[": 3})),
    "alpha": ("adapter.damaged", lambda folder: edit_config(folder, lora_alpha="many")),
    "no config": ("adapter.no-config", lambda folder: (folder / "adapter_config.json").write_text("[")),
    "no weights": ("adapter.no-weights", lambda folder: (folder / WEIGHTS).unlink()),
    "half a pair": ("adapter.damaged", lambda folder: rewrite(folder, lambda t: dict(sorted(t.items())[1:]))),
    "tower": (
        "adapter.part",
        lambda folder: rewrite(
            folder,
            lambda t: (
                t | {"base_model.model.model.vision_tower.layers.0.q_proj.linear.lora_A.weight": torch.ones(2, 4)}
            ),
        ),
    ),
    "embedding": (
        "adapter.part",
        lambda folder: rewrite(
            folder, lambda t: t | {"base_model.model.model.embed_tokens.lora_embedding_A": torch.ones(2, 4)}
        ),
    ),
    "other model": (
        "adapter.other-model",
        lambda folder: rewrite(folder, lambda t: {name: tensor.repeat(1, 2) for name, tensor in t.items()}),
    ),
    "other layers": (
        "adapter.other-model",
        lambda folder: rewrite(folder, lambda t: {name.replace("layers.0.", "layers.70."): x for name, x in t.items()}),
    ),
    "not finite": (
        "adapter.numbers",
        lambda folder: rewrite(folder, lambda t: {name: tensor * torch.inf for name, tensor in t.items()}),
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_supported_is_named(name: str, tmp_path: Path) -> None:
    theirs, _, decoder, adapters = case()
    good = save_adapter(theirs, tmp_path / "good", **CASES["attention"])
    bad = save_adapter(theirs, tmp_path / "bad", **CASES["everything"])
    code, spoil = REFUSED[name]
    spoil(bad)
    adapters.use([good])
    before = our_logits(decoder, ids())
    with pytest.raises(LecternError) as error:
        adapters.use([good, bad])
    assert error.value.message.cause == code
    assert str(error.value).count("bad") == 1 and str(error.value).endswith(".")
    assert torch.equal(our_logits(decoder, ids()), before), "a refused one must change nothing"
    adapters.use([])


def test_a_folder_is_told_from_a_model(tmp_path: Path) -> None:
    assert not is_adapter(tmp_path)
    (tmp_path / "adapter_config.json").write_text(json.dumps({}))
    assert is_adapter(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    assert not is_adapter(tmp_path)
