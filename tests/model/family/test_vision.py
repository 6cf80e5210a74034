"""The vision tower and the whole path of a picture into the logits, against transformers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from model.checkpoint.opening import open_checkpoint
from model.errors import CancelledError, CheckpointError, UnsupportedModelError
from model.family import tower as towers
from model.family import vision, vision_attention
from model.family.config import ModelConfig
from model.family.config_json import read_config
from model.family.decoder import Decoder
from model.family.vision import VisionTower
from model.family.vision_layers import can_fuse
from model.formats.weights import DenseSource
from model.prompt.pictures import fit_size, patchify
from model.soft_tokens import VISUAL_BUDGETS
from model.synthetic.maker import Maker
from model.synthetic.shapes import shape_config
from model.synthetic.writing import write_checkpoint
from model.types import Picture
from tests.model import reference

VARIANTS: dict[str, dict[str, Any]] = {
    "as published": {},
    "not standardised": {"standardize": False},
    "clipped": {"use_clipped_linears": True},
    "grouped heads": {"num_key_value_heads": 2},
    "one head, other rope": {
        "num_attention_heads": 1,
        "num_key_value_heads": 1,
        "head_dim": 72,
        "rope_parameters": {"rope_type": "axial", "rope_theta": 1000.0},
    },
    "wide heads": {"head_dim": 72, "hidden_size": 96, "intermediate_size": 52, "num_hidden_layers": 3},
    "other eps": {"rms_norm_eps": 1e-2},
}
SIZES = [(48, 48), (48, 480), (480, 48), (144, 96), (240, 336)]
FUSED = can_fuse(torch.device("cpu"), torch.float32)


@pytest.fixture(params=[True, False], ids=["fused", "plain"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether products are fused, where torch can do that; without it both ways are the plain one."""
    if not request.param:
        monkeypatch.setattr(vision, "can_fuse", lambda device, dtype: False)
    return bool(request.param)


def shaped(folder: Path, variant: dict[str, Any]) -> tuple[dict[str, Any], ModelConfig, DenseSource]:
    """A tower of the tiny shape with other settings, in float32."""
    raw = shape_config("tiny")
    raw["vision_config"] |= variant
    (folder / "config.json").write_text(json.dumps(raw))
    config = read_config(folder)
    maker = Maker(config, 0)
    tensors = {n: maker.make(spec, torch.float32) for n, spec in maker.specs.items() if "vision" in n}
    return raw, config, DenseSource(tensors, dtype=torch.float32)


@torch.no_grad()
def expected_soft_tokens(raw: dict[str, Any], source: DenseSource, shown: Picture) -> Tensor:
    """transformers' output for ``shown``."""
    tower, embedder = reference.vision_modules(raw, source)
    patches, positions = (torch.from_numpy(array)[None] for array in patchify(shown))
    result: Tensor = embedder(tower(pixel_values=patches, pixel_position_ids=positions).last_hidden_state)
    return result


def error(got: Tensor, exact: Tensor) -> float:
    return float((got.float() - exact).norm() / exact.norm())


def picture(height: int, width: int, seed: int = 0) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels.tobytes(), height, width, 280, f"{seed}-{height}-{width}")


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_soft_tokens_agree_with_transformers(variant: str, height: int, width: int, tmp_path: Path, way: bool) -> None:
    raw, config, source = shaped(tmp_path, VARIANTS[variant])
    shown = picture(height, width)
    expected = expected_soft_tokens(raw, source, shown)
    got = VisionTower(config, source).encode(shown)
    assert got.shape == (shown.soft_tokens, config.text.hidden_size)
    assert expected.std() > 0.05
    assert (got - expected).abs().max() <= 1e-4


@pytest.mark.parametrize("budget", VISUAL_BUDGETS)
def test_every_budget_agrees_with_transformers(budget: int, tmp_path: Path, way: bool) -> None:
    narrow = {"num_attention_heads": 1, "num_key_value_heads": 1, "head_dim": 12, "num_hidden_layers": 1}
    raw, config, source = shaped(tmp_path, narrow)
    shown = picture(*fit_size(3508, 2480, budget))
    assert shown.soft_tokens > 0.8 * budget
    got = VisionTower(config, source).encode(shown)
    assert (got - expected_soft_tokens(raw, source, shown)).abs().max() <= 1e-4


@pytest.mark.skipif(not FUSED, reason="this torch has no oneDNN: every head goes the plain way")
@pytest.mark.parametrize("sharpness", [1.0, 6.0, 60.0])
def test_sharp_heads_agree_with_transformers(sharpness: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scores of any size, beside each other: those that the shifted exponential cannot take go another way."""
    raw, config, source = shaped(tmp_path, {})
    weights = {name: source.tensor(name).clone() for name in source.names()}
    for name, tensor in weights.items():
        if "q_norm" in name:
            tensor.mul_(sharpness)
    source = DenseSource(weights, dtype=torch.float32)
    plain: list[int] = []

    def counted(*args: Tensor) -> Tensor:
        plain.append(1)
        return vision_attention.F.scaled_dot_product_attention(*(x[None] for x in args), scale=1.0)[0]

    monkeypatch.setattr(vision_attention, "attend_plain", counted)
    shown = picture(96, 144)
    got = VisionTower(config, source).encode(shown)
    assert (got - expected_soft_tokens(raw, source, shown)).abs().max() <= 1e-4
    heads = config.vision.num_attention_heads * config.vision.num_hidden_layers if config.vision else 0
    assert {1.0: 0, 60.0: heads}.get(sharpness, len(plain)) == len(plain)
    assert sharpness != 6.0 or 0 < len(plain) < heads


@pytest.mark.parametrize(("height", "width"), [(240, 336), (96, 1200)])
def test_bf16_is_as_near_as_transformers_own(height: int, width: int, tmp_path: Path, way: bool) -> None:
    raw, config, source = shaped(tmp_path, VARIANTS["wide heads"])
    shown = picture(height, width)
    half = DenseSource({name: source.tensor(name) for name in source.names()}, dtype=torch.bfloat16)
    # Exact for the weights as bf16 has them: only the arithmetic is compared.
    whole = DenseSource({name: half.tensor(name) for name in half.names()}, dtype=torch.float32)
    exact = expected_soft_tokens(raw, whole, shown)
    got, theirs = VisionTower(config, half).encode(shown), expected_soft_tokens(raw, half, shown)
    assert got.dtype == torch.bfloat16
    assert error(got, exact) <= 1.15 * error(theirs, exact) <= 0.02


def test_without_bf16_in_the_processor_float32_is_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw, config, source = shaped(tmp_path, {})
    half = DenseSource({name: source.tensor(name) for name in source.names()}, dtype=torch.bfloat16)
    whole = DenseSource({name: half.tensor(name) for name in half.names()}, dtype=torch.float32)
    shown = picture(144, 96)
    monkeypatch.setattr(towers, "has_bf16", lambda: False)
    got = VisionTower(config, half).encode(shown)
    assert got.dtype == torch.bfloat16
    assert error(got, expected_soft_tokens(raw, whole, shown)) < 0.003  # one rounding, at the end


def test_a_picture_that_was_broken_off_goes_on_where_it_was(tmp_path: Path, way: bool) -> None:
    """``cancel`` set at its n-th look, for every n: the rest is the same to the last bit, and no layer runs twice."""
    _, config, source = shaped(tmp_path, {})
    tower, shown = VisionTower(config, source), picture(96, 144)
    expected = tower.encode(shown)
    for looks in range(1, 100):
        encoding, cancel = tower.begin(shown), LaterEvent(looks)
        try:
            got = tower.finish(encoding, cancel)
        except CancelledError:
            reached = encoding.layer
            got = tower.finish(encoding)
            assert reached <= encoding.layer == len(tower._layers)
            assert torch.equal(got, expected)
        else:
            assert looks > len(tower._layers)
            break


class LaterEvent:
    """Is set from its n-th look on."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def is_set(self) -> bool:
        self.looks -= 1
        return self.looks < 0


def test_a_clipped_tower_is_read_from_a_folder(tmp_path: Path) -> None:
    raw = shape_config("tiny")
    raw["vision_config"]["use_clipped_linears"] = True
    folder = write_checkpoint(tmp_path / "clipped", raw)
    shown = picture(96, 96)
    sources = [
        open_checkpoint(folder, device="cpu", dtype=torch.float32, quantise=False),
        open_checkpoint(folder, device="cpu", dtype=torch.float32, store=tmp_path / "store"),
    ]
    got, again = (VisionTower(read_config(folder), source).encode(shown) for source in sources)
    tensors = {name: sources[0].tensor(name) for name in sources[0].names()}
    expected = expected_soft_tokens(raw, DenseSource(tensors, dtype=torch.float32), shown)
    assert (got - expected).abs().max() <= 1e-4 and torch.equal(got, again)


def test_pixels_to_logits_agree_with_transformers(tmp_path: Path) -> None:
    """Two pictures of different shapes in one prompt, padded together there and apart here."""
    expected_from = reference.model(reference.MOE)
    config, source = reference.ours(expected_from, tmp_path)
    shown = [picture(96, 192, 1), picture(144, 48, 2)]
    ids = torch.arange(10, 60)
    spans = [(3, 3 + shown[0].soft_tokens), (30, 30 + shown[1].soft_tokens)]
    for start, stop in spans:
        ids[start:stop] = reference.IMAGE_ID
    most = max(p.soft_tokens for p in shown) * 9
    patches, positions = torch.zeros(2, most, 768), torch.full((2, most, 2), -1)
    for row, p in enumerate(shown):
        values, places = patchify(p)
        patches[row, : len(values)], positions[row, : len(places)] = torch.from_numpy(values), torch.from_numpy(places)
    decoder, tower = Decoder(config.text, source), VisionTower(config, source)
    rounded = _logits(expected_from, ids, patches, positions)
    exact = _logits(expected_from.double(), ids, patches.double(), positions)
    hidden = decoder.embed(ids).clone()
    for (start, stop), p in zip(spans, shown, strict=True):
        hidden[start:stop] = tower.encode(p)
    got = decoder.logits(decoder.forward(hidden, decoder.new_cache(), spans))
    # Pictures amplify rounding: transformers itself is off by up to 1e-4 in float32, depending on the processor.
    assert (got - exact).abs().max() <= 5 * (rounded - exact).abs().max() <= 1e-3


def _logits(model: Any, ids: Tensor, patches: Tensor, positions: Tensor) -> Tensor:
    with torch.no_grad():
        return model(
            input_ids=ids[None],
            pixel_values=patches,
            image_position_ids=positions,
            mm_token_type_ids=(ids == reference.IMAGE_ID).long()[None],
        ).logits[0]


def test_a_picture_longer_than_the_position_table_is_refused(tmp_path: Path) -> None:
    config, source = reference.ours(reference.model(reference.MOE), tmp_path)
    with pytest.raises(UnsupportedModelError, match="lower image detail"):
        VisionTower(config, source).encode(picture(48, 48 * 101))


def test_a_tower_that_does_not_fit_its_config_is_refused(tmp_path: Path) -> None:
    made = reference.model(reference.MOE)
    config, _ = reference.ours(made, tmp_path)
    state = dict(made.state_dict())
    state.pop("model.vision_tower.std_bias")
    with pytest.raises(CheckpointError, match="std_bias"):
        VisionTower(config, DenseSource(state, "cpu", torch.float32))
    state["model.vision_tower.std_bias"] = torch.zeros(3)
    with pytest.raises(CheckpointError, match=r"std_bias has the shape \[3\]"):
        VisionTower(config, DenseSource(state, "cpu", torch.float32))


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"hidden_activation": "silu"}, "hidden_activation"),
        ({"attention_bias": True}, "attention_bias"),
        ({"rope_parameters": {"rope_type": "dynamic"}}, "rope_type dynamic"),
        ({"head_dim": 18}, "vision heads"),
        ({"num_key_value_heads": 3}, "vision heads"),
        ({"pooling_kernel_size": 2}, "pooled 3 × 3"),
        ({"intermediate_size": 0}, "intermediate_size"),
        ({"num_hidden_layers": 0}, "num_hidden_layers"),
    ],
)
def test_towers_that_we_do_not_compute_are_refused(setting: dict[str, Any], words: str, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=words):
        shaped(tmp_path, setting)
