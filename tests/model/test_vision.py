"""The vision tower and the whole path of a picture into the logits, against transformers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from model.decoder import Decoder
from model.errors import CheckpointError, UnsupportedModelError
from model.pictures import patchify
from model.types import Picture
from model.vision import VisionTower
from model.weights import DenseSource
from tests.model import reference


def picture(height: int, width: int, seed: int = 0) -> Picture:
    pixels = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Picture(pixels.tobytes(), height, width, 280, f"{seed}-{height}-{width}")


@pytest.mark.parametrize(("height", "width"), [(48, 48), (48, 480), (144, 96), (240, 336)])
def test_soft_tokens_agree_with_transformers(height: int, width: int, tmp_path: Path) -> None:
    expected_from = reference.model(reference.MOE)
    config, source = reference.ours(expected_from, tmp_path)
    shown = picture(height, width)
    patches, positions = (torch.from_numpy(array)[None] for array in patchify(shown))
    with torch.no_grad():
        expected = expected_from.get_image_features(patches, positions).pooler_output[0]
    got = VisionTower(config, source).encode(shown)
    assert got.shape == (shown.soft_tokens, config.text.hidden_size)
    assert expected.std() > 0.05
    assert (got - expected).abs().max() <= 1e-4


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
    with torch.no_grad():
        expected = expected_from(
            input_ids=ids[None],
            pixel_values=patches,
            image_position_ids=positions,
            mm_token_type_ids=(ids == reference.IMAGE_ID).long()[None],
        ).logits[0]
    decoder, tower = Decoder(config.text, source), VisionTower(config, source)
    hidden = decoder.embed(ids).clone()
    for (start, stop), p in zip(spans, shown, strict=True):
        hidden[start:stop] = tower.encode(p)
    got = decoder.logits(decoder.forward(hidden, decoder.new_cache(), spans))
    assert (got - expected).abs().max() <= 1e-4


def test_a_picture_longer_than_the_position_table_is_refused(tmp_path: Path) -> None:
    config, source = reference.ours(reference.model(reference.MOE), tmp_path)
    with pytest.raises(UnsupportedModelError, match="smaller visual budget"):
        VisionTower(config, source).encode(picture(48, 48 * 101))


def test_a_tower_that_does_not_fit_its_config_is_refused(tmp_path: Path) -> None:
    made = reference.model(reference.MOE)
    config, _ = reference.ours(made, tmp_path)
    state = dict(made.state_dict())
    state.pop("model.vision_tower.std_bias")
    with pytest.raises(CheckpointError, match="std_bias"):
        VisionTower(config, DenseSource(state, "cpu", torch.float32))
