"""Pictures as phones take them: HEIC and AVIF, turned once and only once, and what is damaged in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from app.ingest.formats.image.reader import load_image
from app.ingest.read.reader import Reader
from app.ingest.view.types import File
from app.ingest.view.viewing import ViewingProcess
from model.errors import IngestError
from tests.files.heic import heic_bytes

WHITE, RED = (255, 255, 255), (220, 20, 20)


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as made:
        yield made


def scene() -> Image.Image:
    """Red at the top left."""
    image = Image.new("RGB", (128, 96), WHITE)
    image.paste(RED, (0, 0, 64, 48))
    return image


def close(found: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(found, tuple)
    return all(abs(int(one) - other) <= 12 for one, other in zip(found, wanted, strict=True))


@pytest.mark.parametrize(("turn", "at"), [(0, (8, 8)), (1, (8, 120)), (2, (120, 88)), (3, (88, 8))])
def test_heic_is_turned_once(tmp_path: Path, turn: int, at: tuple[int, int]) -> None:
    (tmp_path / "a.heic").write_bytes(heic_bytes(scene(), turn))
    image, notes = load_image(tmp_path / "a.heic", "HEIF")
    assert image.size == ((128, 96) if turn % 2 == 0 else (96, 128)) and notes == ()
    corners = [(8, 8), (image.width - 8, 8), (8, image.height - 8), (image.width - 8, image.height - 8)]
    assert sum(close(image.getpixel(corner), WHITE) for corner in corners) == 3 and close(image.getpixel(at), RED)


def test_avif_is_turned_once(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    scene().save(tmp_path / "a.avif", quality=95, exif=exif)
    image, _ = load_image(tmp_path / "a.avif", "AVIF")
    assert image.size == (96, 128) and close(image.getpixel((88, 8)), RED) and close(image.getpixel((8, 8)), WHITE)


@pytest.mark.parametrize("name", ["a.heic", "a.avif"])
def test_they_are_read_and_shown_in_the_confined_processes(reader: Reader, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name.endswith("heic"):
        path.write_bytes(heic_bytes(scene()))
    else:
        scene().save(path, quality=95)
    document = reader.read(path)
    (page,) = document.pages
    assert (document.kind, page.state, page.width, page.height) == ("image", "image", 128, 96)
    viewing = ViewingProcess()
    try:
        assert viewing.open(File(path), _Never()).sizes == ((128.0, 96.0),)
        drawn = viewing.draw(File(path), 1, 1.0, (0, 0, 128, 96), _Never())
        assert close(tuple(reversed(drawn.pixels[:3])), RED)
    finally:
        viewing.close()
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(IngestError, match="damaged or incomplete"):
        reader.read(path)


class _Never:
    def is_set(self) -> bool:
        return False
