"""A model from a stick: copied, gone on with after a cut, checked, and removed again."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from app import paths
from app.library import importing
from app.library.checksums import SUMS, write_sums
from app.library.importing import import_model, remove_model
from app.library.models import find_models, model_needs
from app.library.settings import Settings
from model.errors import CancelledError, CheckpointError
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress


@pytest.fixture
def stick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small published model on a stick, with its sums, and a file that could run."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(importing.checksums, "BLOCK", 1 << 14)
    folder = tmp_path / "stick" / "gemma tiny"
    write_checkpoint(folder, "tiny")
    write_sums(folder, lambda progress: None)
    (folder / "evil.py").write_text("raise SystemExit")
    (folder / "weights.bin").write_bytes(b"pickle")
    return folder


def test_what_arrives_is_a_model_and_nothing_that_runs(stick: Path) -> None:
    seen: list[LoadProgress] = []
    target = import_model(stick, on_progress=seen.append)
    assert target == paths.models_dir() / "gemma tiny"
    assert [model.path for model in find_models(Settings()) if not model.problem] == [target]
    assert (target / "model.safetensors").read_bytes() == (stick / "model.safetensors").read_bytes()
    assert not (target / "evil.py").exists() and not (target / "weights.bin").exists()
    copied = [progress.done for progress in seen if str(progress.stage).startswith("Copying")]
    assert copied == sorted(copied) and len(copied) > 3


def test_a_cut_copy_is_no_model_and_is_gone_on_with(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_AGAIN", 1 << 15)
    stop = threading.Event()
    size = (stick / "model.safetensors").stat().st_size

    def half(progress: LoadProgress) -> None:
        if progress.done > size // 2:
            stop.set()

    with pytest.raises(CancelledError):
        import_model(stick, on_progress=half, cancel=stop)
    assert find_models(Settings()) == []
    partial = paths.models_dir() / "gemma tiny.partial" / "model.safetensors"
    there = partial.stat().st_size
    assert there > size // 4
    with partial.open("r+b") as file:  # what a power failure leaves at the end
        file.seek(there - 1000)
        file.write(bytes(1000))
    os.utime(partial)
    first: list[int] = []
    import_model(stick, on_progress=lambda progress: first.append(progress.done))
    assert (paths.models_dir() / "gemma tiny" / "model.safetensors").read_bytes() == (
        stick / "model.safetensors"
    ).read_bytes()
    assert not partial.exists()


def test_what_was_copied_before_is_not_read_again(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_AGAIN", 0)
    partial = paths.models_dir() / "gemma tiny.partial"
    partial.mkdir(parents=True)
    data = (stick / "model.safetensors").read_bytes()
    wrong = bytes(1000) + data[1000:50_000]
    (partial / "model.safetensors").write_bytes(wrong)
    with pytest.raises(CheckpointError, match="is damaged"):  # only the sums see it: the start was kept as it was
        import_model(stick)


def test_a_damaged_stick_is_refused_with_the_file_named(stick: Path) -> None:
    data = bytearray((stick / "model.safetensors").read_bytes())
    data[-5] ^= 4
    (stick / "model.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"model\.safetensors is damaged"):
        import_model(stick)
    assert find_models(Settings()) == []


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path, stick: Path) -> None:
    with pytest.raises(CheckpointError, match="is not a model folder"):
        import_model(tmp_path)


def test_a_model_that_is_there_is_not_overwritten(stick: Path) -> None:
    import_model(stick)
    with pytest.raises(CheckpointError, match="exists already"):
        import_model(stick)


def test_too_little_room_is_said_before_anything_is_copied(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = importing.shutil._ntuple_diskusage(10, 9, 1)
    monkeypatch.setattr(importing.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(CheckpointError, match=r"has 0\.0 GB free"):
        import_model(stick)


def test_a_full_disk_in_the_middle_is_one_sentence(stick: Path) -> None:
    import errno

    def full(progress: LoadProgress) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(CheckpointError, match=r"is full; free some space and import again"):
        import_model(stick, on_progress=full)


def test_only_own_folders_are_removed(stick: Path) -> None:
    target = import_model(stick)
    with pytest.raises(CheckpointError, match="delete it there yourself"):
        remove_model(stick)
    assert stick.exists()
    assert remove_model(target) > 10_000
    assert not target.exists() and list(paths.models_dir().iterdir()) == []


def test_without_sums_only_sizes_are_compared(stick: Path) -> None:
    (stick / SUMS).unlink()
    assert import_model(stick).exists()


def test_room_for_the_quantised_form_is_asked_for_before_anything_is_copied(
    stick: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = sum(path.stat().st_size for path in stick.iterdir())
    free = size + importing._RESERVE + model_needs(stick).disk // 2
    usage = importing.shutil._ntuple_diskusage(10 * free, 9 * free, free)
    monkeypatch.setattr(importing.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(CheckpointError, match=r"its quantised form .* open the model where it is"):
        import_model(stick)
    assert not list((paths.models_dir() / "gemma tiny.partial").iterdir())
