"""Pictures come out upright, opaque and in 8-bit RGB, whatever they were."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.ingest.formats.image.reader import image_budget, load_image
from app.ingest.read.reader import Reader
from app.ingest.types import ReadOptions
from tests.files import samples

FORMATS = {"png": "PNG", "jpg": "JPEG", "webp": "WEBP", "gif": "GIF", "bmp": "BMP", "tiff": "TIFF"}


def corner(image: Image.Image, where: tuple[int, int] = (2, 2)) -> tuple[int, ...]:
    pixel = image.getpixel(where)
    assert isinstance(pixel, tuple)
    return tuple(int(value) for value in pixel)


@pytest.mark.parametrize("suffix", FORMATS)
def test_every_format_of_the_list(reader: Reader, tmp_path: Path, suffix: str) -> None:
    document = reader.read(samples.image_file(tmp_path / f"a.{suffix}"))
    page = document.pages[0]
    assert (document.kind, page.state, page.width, page.height) == ("image", "image", 620, 877)
    assert page.picture is not None
    assert document.thumbnail.startswith(b"\x89PNG")
    assert Image.open(__import__("io").BytesIO(document.thumbnail)).size == (113, 160)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path: Path, orientation: int) -> None:
    """Each stored form of the same scene: red top left, blue bottom right."""
    scene = Image.new("RGB", (64, 32), "white")
    scene.paste("red", (0, 0, 16, 16))
    scene.paste("blue", (48, 16, 64, 32))
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = scene
    for step in undo.get(orientation, []):
        stored = stored.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(tmp_path / "a.png", exif=exif)
    image, _ = load_image(tmp_path / "a.png", "PNG")
    assert image.size == (64, 32)
    assert np.array_equal(np.asarray(image), np.asarray(scene))


def test_transparency_lies_on_white(tmp_path: Path) -> None:
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 128))
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 0, 0, 255])
    cases = {"rgba": (half, {}), "la": (Image.new("LA", (8, 8), (0, 0)), {}), "p": (palette, {"transparency": 1})}
    expected = {"rgba": (255, 127, 127), "la": (255, 255, 255), "p": (255, 255, 255)}
    for name, (image, options) in cases.items():
        image.save(tmp_path / f"{name}.png", **options)
        loaded, _ = load_image(tmp_path / f"{name}.png", "PNG")
        assert loaded.mode == "RGB"
        assert corner(loaded) == expected[name]


def test_modes_that_are_not_rgb(tmp_path: Path) -> None:
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 0, 128, 255])
    grey16 = Image.fromarray(np.full((8, 8), 32768, np.uint16))
    cases = [
        ("bit.png", Image.new("1", (8, 8), 1), (255, 255, 255)),
        ("grey.png", Image.new("L", (8, 8), 77), (77, 77, 77)),
        ("palette.png", palette, (0, 128, 255)),
        ("wide.png", grey16, (128, 128, 128)),
        ("wide.tiff", grey16, (128, 128, 128)),
        ("ink.tiff", Image.new("CMYK", (8, 8), (0, 255, 255, 0)), (255, 0, 0)),
        ("lab.tiff", Image.new("LAB", (8, 8), (255, 128, 128)), (255, 255, 255)),
        ("float.tiff", Image.fromarray(np.full((8, 8), 0.5, np.float32)), (0, 0, 0)),
    ]
    for name, image, expected in cases:
        path = samples.image_file(tmp_path / name, image)
        loaded, _ = load_image(path, FORMATS[path.suffix[1:]])
        assert loaded.mode == "RGB"
        assert corner(loaded) == pytest.approx(expected, abs=2), name
    path = samples.image_file(tmp_path / "ink.jpg", Image.new("CMYK", (8, 8), (0, 255, 255, 0)))
    assert corner(load_image(path, "JPEG")[0]) == pytest.approx((255, 0, 0), abs=6)


@pytest.mark.parametrize("suffix", ["gif", "webp"])
def test_only_the_first_of_several_frames_is_read_and_said_so(reader: Reader, tmp_path: Path, suffix: str) -> None:
    first, rest = Image.new("RGB", (64, 64), "red"), [Image.new("RGB", (64, 64), "blue")] * 2
    path = samples.image_file(tmp_path / f"a.{suffix}", first, save_all=True, append_images=rest)
    document = reader.read(path)
    assert len(document.skipped) == 1
    assert "only the first" in str(document.skipped[0].why)
    picture = document.pages[0].picture
    assert picture is not None
    assert picture.read()[0] > 200


def test_the_stored_picture_is_the_resized_image(reader: Reader, tmp_path: Path) -> None:
    from app.ingest.formats.pictures import to_budget

    image = samples.page_image()
    document = reader.read(samples.image_file(tmp_path / "a.png", image), ReadOptions(budget=140))
    picture = document.pages[0].picture
    assert picture is not None
    assert picture.read() == to_budget(image, 140).tobytes()


@pytest.mark.parametrize(
    ("size", "budget"), [((120, 200), 70), ((877, 620), 280), ((1080, 1920), 1120), ((3000, 4000), 1120)]
)
def test_the_budget_follows_the_pictures_own_pixels(size: tuple[int, int], budget: int) -> None:
    chosen, reason = image_budget(*size)
    assert chosen == budget
    assert f"{size[1]:,} × {size[0]:,} px" in str(reason)


def test_damaged_exif_does_not_refuse_a_sound_picture(tmp_path: Path) -> None:
    path = samples.image_file(tmp_path / "a.jpg", exif=b"Exif\0\0garbage that is no TIFF header")
    assert load_image(path, "JPEG")[0].size == (620, 877)


@pytest.mark.parametrize("size", [(1, 10_000), (10_000, 1), (1, 1)])
def test_extreme_shapes(reader: Reader, tmp_path: Path, size: tuple[int, int]) -> None:
    document = reader.read(samples.image_file(tmp_path / "a.png", Image.new("RGB", size, "red")))
    picture = document.pages[0].picture
    assert picture is not None
    assert len(picture.read()) == picture.height * picture.width * 3
    assert document.thumbnail
