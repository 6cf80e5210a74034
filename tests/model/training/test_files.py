"""Generated files, read by the application's own readers, are what training took them for."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from app.ingest.read.reader import Reader
from model.training.data.held_out import HELD_OUT_STYLES
from model.training.data.records import TRAIN_STYLES, Recipe, make_record
from model.training.data.videos import Clip, Scene
from model.training.files import main, write_clip, write_pdf


@pytest.fixture(scope="module")
def reader() -> Reader:
    with Reader() as opened:
        yield opened


@pytest.mark.parametrize("seed", range(8))
def test_the_text_layer_is_as_the_application_reads_it(reader: Reader, tmp_path: Path, seed: int) -> None:
    recipe = Recipe(pages=(1, 3), fields=(2, 6), tables=0.5, prose=0.3, styles=TRAIN_STYLES + HELD_OUT_STYLES)
    record = make_record(random.Random(seed), recipe)
    write_pdf(tmp_path / "document.pdf", record)
    document = reader.read(tmp_path / "document.pdf")
    assert [page.state for page in document.pages] == ["text"] * len(record.pages)
    assert [page.text for page in document.pages] == [record.page_text(n + 1) for n in range(len(record.pages))]


def test_a_clip_has_its_scenes_at_their_times(reader: Reader, tmp_path: Path) -> None:
    clip = Clip((Scene("Harbour", 0, 2), Scene("Castle", 2, 5)), 1)
    write_clip(tmp_path / "clip.mp4", clip, random.Random(1))
    document = reader.read(tmp_path / "clip.mp4")
    assert [round(frame.time_s, 2) for frame in document.frames] == list(clip.times)
    assert document.duration_s == pytest.approx(clip.duration, abs=0.1)
    pixels = [frame.picture.read() for frame in document.frames]
    assert _apart(pixels[1], pixels[2]) > 5 * max(_apart(pixels[0], pixels[1]), _apart(pixels[3], pixels[4]))


def _apart(first: bytes, second: bytes) -> float:
    return sum(abs(a - b) for a, b in zip(first[::37], second[::37], strict=True)) / len(first)


def test_the_command_writes_files_and_says_what_to_ask(
    reader: Reader, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path), "--seed", "3"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 12
    kinds = {path.name: reader.read(path).kind for path in tmp_path.iterdir()}
    assert kinds == {"document.pdf": "pdf", "screenshot.png": "image", "clip.mp4": "video"}
