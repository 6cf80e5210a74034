"""Sizes and patches equal transformers' own, bit for bit."""

from __future__ import annotations

import logging
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.ingest.formats.pictures import to_budget
from model.prompt.pictures import fit_size, patchify
from model.soft_tokens import VISUAL_BUDGETS
from model.types import Picture

SIZES = [
    (1, 10_000),
    (10_000, 1),
    (3, 4000),
    (4000, 3),
    (1, 1),
    (48, 48),
    (47, 49),
    (768, 768),
    (1080, 1920),
    (877, 620),
    (100, 2500),
    (333, 517),
]


@cache
def reference() -> Any:
    from transformers.models.gemma4.image_processing_pil_gemma4 import Gemma4ImageProcessorPil

    logging.getLogger("transformers").setLevel(logging.ERROR)
    return Gemma4ImageProcessorPil()


def assert_equal_to_reference(image: Image.Image, budget: int) -> None:
    ours = to_budget(image, budget)
    picture = Picture(ours.tobytes(), ours.height, ours.width, budget, "hash")
    patches, positions = patchify(picture)
    theirs = reference()(
        np.asarray(image), max_soft_tokens=budget, input_data_format="channels_last", return_tensors="np"
    )
    count = int(theirs["num_soft_tokens_per_image"][0])
    assert count == picture.soft_tokens <= budget
    np.testing.assert_array_equal(patches, theirs["pixel_values"][0][: count * 9])
    np.testing.assert_array_equal(positions, theirs["image_position_ids"][0][: count * 9])
    assert (theirs["image_position_ids"][0][count * 9 :] == -1).all()
    assert patches.dtype == np.float32
    assert positions.dtype == np.int64


def noise(height: int, width: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(height * width).integers(0, 256, (height, width, 3), np.uint8))


@pytest.mark.parametrize("budget", VISUAL_BUDGETS)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_resize_and_patches_equal_the_reference(size: tuple[int, int], budget: int) -> None:
    assert_equal_to_reference(noise(*size), budget)


@pytest.mark.parametrize("budget", VISUAL_BUDGETS)
def test_a_picture_that_already_fits_is_left_alone(budget: int) -> None:
    height, width = fit_size(3, 4, budget)
    image = noise(height, width)
    assert to_budget(image, budget) is image
    assert_equal_to_reference(image, budget)


@given(height=st.integers(1, 20_000), width=st.integers(1, 20_000), budget=st.sampled_from(VISUAL_BUDGETS))
def test_sizes_equal_the_reference_everywhere(height: int, width: int, budget: int) -> None:
    from transformers.models.gemma4.image_processing_pil_gemma4 import get_aspect_ratio_preserving_size

    theirs = get_aspect_ratio_preserving_size(height, width, 16, budget * 9, 3)
    assert fit_size(height, width, budget) == theirs
    assert theirs[0] * theirs[1] <= budget * 48 * 48


@pytest.mark.parametrize(("height", "width", "budget"), [(0, 5, 280), (5, 0, 280), (5, 5, 100), (-1, 5, 70)])
def test_impossible_sizes_are_refused(height: int, width: int, budget: int) -> None:
    with pytest.raises(ValueError, match=r"budget|pixel"):
        fit_size(height, width, budget)


def test_data_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="size that it claims"):
        patchify(Picture(b"123", 48, 48, 70, "hash"))
