"""Regions of pages, pictures and frames, through the real reading process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.ingest.formats.mupdf import pymupdf
from app.ingest.read.reader import Reader
from model.errors import CancelledError, IngestError
from model.types import Picture
from tests.files import samples


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as reader:
        yield reader


def pixels(picture: Picture) -> np.ndarray:
    return np.frombuffer(picture.read(), np.uint8).reshape(picture.height, picture.width, 3)


def quarters(path: Path) -> Path:
    """White, but for a red lower right quarter."""
    image = Image.new("RGB", (400, 800), "white")
    image.paste((255, 0, 0), (200, 400, 400, 800))
    image.save(path)
    return path


def red_share(picture: Picture) -> float:
    shown = pixels(picture).astype(int)
    return float(((shown[..., 0] > 200) & (shown[..., 1] < 80)).mean())


@pytest.mark.parametrize(("box", "red"), [((0.5, 0.5, 1.0, 1.0), 1.0), ((0.0, 0.0, 0.5, 1.0), 0.0)])
def test_a_part_of_an_image(reader: Reader, tmp_path: Path, box: tuple[float, ...], red: float) -> None:
    picture, time_s = reader.region(quarters(tmp_path / "a.png"), box, 70)  # type: ignore[arg-type]
    assert time_s is None
    assert abs(red_share(picture) - red) < 0.02
    assert picture.budget == 70 and picture.soft_tokens <= 70


@pytest.mark.parametrize("turned", [0, 90])
def test_a_part_of_a_page_is_rendered_sharply(reader: Reader, tmp_path: Path, turned: int) -> None:
    with pymupdf.open() as document:
        page = document.new_page(width=600, height=800)
        page.draw_rect(pymupdf.Rect(300, 400, 600, 800), fill=(1, 0, 0), color=(1, 0, 0))
        page.set_rotation(turned)
        document.save(tmp_path / "a.pdf")
    wanted = (0.5, 0.5, 1.0, 1.0) if not turned else (0.0, 0.5, 0.5, 1.0)
    picture, _ = reader.region(tmp_path / "a.pdf", wanted, 280, page=1)
    assert red_share(picture) > 0.98
    assert picture.height * picture.width > 3 * 300 * 400  # more than the page's own points


def test_the_frame_at_a_time_and_a_part_of_it(reader: Reader, tmp_path: Path) -> None:
    clip = samples.clip(tmp_path / "a.mp4")
    whole, time_s = reader.region(clip, (0, 0, 1, 1), 280, time_s=1.5)
    assert time_s is not None and 0.9 < time_s <= 1.5
    part, _ = reader.region(clip, (0, 0, 0.5, 0.5), 280, time_s=1.5)
    assert part.content_hash != whole.content_hash


def test_what_is_not_there_is_a_sentence(reader: Reader, tmp_path: Path) -> None:
    pdf = samples.text_pdf(tmp_path / "a.pdf")
    with pytest.raises(IngestError, match="no page 9"):
        reader.region(pdf, (0, 0, 1, 1), 280, page=9)
    with pytest.raises(IngestError, match="inside"):
        reader.region(pdf, (0.5, 0, 0.2, 1), 280)
    with pytest.raises(IngestError, match="no such file"):
        reader.region(tmp_path / "gone.pdf", (0, 0, 1, 1), 280)
    assert reader.region(pdf, (0, 0, 1, 1), 280, page=2)[0].soft_tokens > 100


def test_a_cancelled_look_ends(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with Reader() as own, pytest.raises(CancelledError):
        own.region(samples.text_pdf(tmp_path / "a.pdf"), (0, 0, 1, 1), 280, cancel=cancel)
