"""JPEG 2000, as a file and as a bare stream; 16 bits a sample keep their brightness."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.ingest.formats.image.reader import load_image
from app.ingest.kinds import sniff
from app.ingest.read.reader import Reader
from model.errors import IngestError


@pytest.mark.parametrize(("name", "more"), [("a.jp2", {}), ("a.j2k", {"no_jp2": True})])
def test_both_forms(reader: Reader, tmp_path: Path, name: str, more: dict[str, bool]) -> None:
    path = tmp_path / name
    Image.new("RGB", (320, 200), (200, 30, 30)).save(path, "JPEG2000", **more)
    assert sniff(path).format == "JPEG2000"
    document = reader.read(path)
    assert document.kind == "image"
    assert (document.pages[0].width, document.pages[0].height) == (320, 200)
    image, _ = load_image(path, "JPEG2000")
    assert np.abs(np.asarray(image)[100, 100].astype(int) - (200, 30, 30)).max() <= 2


def test_sixteen_bits(tmp_path: Path) -> None:
    path = tmp_path / "a.jp2"
    Image.fromarray(np.full((40, 60), 40_000, dtype=np.uint16)).save(path, "JPEG2000", irreversible=False)
    image, _ = load_image(path, "JPEG2000")
    assert abs(int(np.asarray(image)[20, 30, 0]) - 40_000 // 256) <= 1


def test_a_damaged_one_is_a_sentence(reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "a.jp2"
    Image.effect_noise((200, 200), 60).save(path, "JPEG2000")
    path.write_bytes(path.read_bytes()[:150])
    with pytest.raises(IngestError, match="damaged or incomplete"):
        reader.read(path)
