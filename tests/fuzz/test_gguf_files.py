"""Any GGUF file gives a model, or one sentence; never another error, never a read outside the file."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.library.models import look_at
from model.checkpoint.gguf.conversion import convert
from model.checkpoint.gguf.header import read_gguf
from model.checkpoint.gguf.model import find_gguf
from model.checkpoint.gguf.names import EMBEDDING
from model.checkpoint.quantised_folder import read_manifest
from model.synthetic.writing import write_checkpoint
from tests.files.gguf import all_in, write_model
from tests.fuzz.data import noise
from tests.fuzz.test_model_files import or_sentence

_ODD = [0, 1, 2, 31, 32, 255, 1 << 16, 1 << 31, (1 << 32) - 1, 1 << 40, 1 << 62, (1 << 64) - 1]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A tiny model with its vision tower in the same file."""
    folder = tmp_path_factory.mktemp("gguf")
    path = folder / "sound.gguf"
    write_model(path, write_checkpoint(folder / "tiny", "tiny"), all_in("Q4_0"), mmproj=None)
    return path.read_bytes()


@pytest.fixture(scope="module")
def places(sound: bytes, tmp_path_factory: pytest.TempPathFactory) -> list[int]:
    """Where meaningful numbers are in the header: behind each key and each name."""
    path = tmp_path_factory.mktemp("gguf") / "a.gguf"
    path.write_bytes(sound)
    header = read_gguf(path)
    words = [*header.metadata, *header.tensors]
    starts = [sound.index(struct.pack("<Q", len(word)) + word.encode()) for word in words]
    return [4, 8, 16, *starts, *(start + 8 + len(word) for start, word in zip(starts, words, strict=True))]


def looked_at(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    model = or_sentence(lambda: find_gguf(path))
    found = look_at(path)
    assert (found.importable, bool(found.problem)) == (model is not None, True) and "\n" not in str(found.problem)
    if model is None:
        return
    for source in model.sources.values():  # whatever the header holds, no byte outside the file is meant
        assert all(0 < part.start <= part.stop <= len(data) for part in source.parts)


@given(noise, st.sampled_from([2, 3, 3 << 24]), st.sampled_from(_ODD), st.sampled_from(_ODD))
def test_noise(tmp_path: Path, behind: bytes, version: int, tensors: int, facts: int) -> None:
    looked_at(tmp_path / "a.gguf", behind)
    looked_at(tmp_path / "a.gguf", b"GGUF" + struct.pack("<IQQ", version, tensors, facts) + behind)


@given(st.data())
def test_numbers_of_the_header(tmp_path: Path, sound: bytes, places: list[int], data: st.DataObject) -> None:
    changed = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 3))):
        place = data.draw(st.sampled_from(places)) + data.draw(st.sampled_from([0, 4, 8, 12, 16]))
        form = data.draw(st.sampled_from(["<I", "<Q", "<f"]))
        value = data.draw(st.sampled_from(_ODD)) if form != "<f" else data.draw(st.floats(width=32))
        changed[place : place + struct.calcsize(form)] = struct.pack(
            form, value % (1 << 8 * struct.calcsize(form)) if form != "<f" else value
        )
    end = data.draw(st.one_of(st.just(len(changed)), st.integers(0, len(changed))))
    looked_at(tmp_path / "a.gguf", bytes(changed[:end]))


@given(st.data())
def test_bytes_of_weights_and_vocabulary(tmp_path: Path, sound: bytes, data: st.DataObject) -> None:
    """Changed anywhere behind the first kilobytes: a whole folder or a sentence, and never a manifest of half of it."""
    changed = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(2000, len(changed) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "a.gguf"
    path.write_bytes(changed)
    model = or_sentence(lambda: find_gguf(path))
    if model is not None and EMBEDDING in model.text.tensors:
        or_sentence(lambda: convert(model, tmp_path / "out"))
        if (tmp_path / "out" / "lectern_quantised.json").exists():
            read_manifest(tmp_path / "out")
