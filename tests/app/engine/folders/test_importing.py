"""A GGUF file comes into the user's models folder, is listed before and after, and is gone on with after a stop."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app import paths
from app.engine.folders.importing import import_any
from app.library import importing as library
from app.library.models import find_models, gguf_file_of, look_at, model_needs, problem_of
from app.library.settings import Settings
from model.checkpoint.gguf.model import NO_TOWER
from model.errors import CancelledError, CheckpointError, LecternError
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress
from tests.files.gguf import all_in, write_model


@pytest.fixture(scope="module")
def stick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model in GGUF and its vision tower."""
    folder = tmp_path_factory.mktemp("stick")
    write_model(folder / "gemma-tiny-q4_0.gguf", write_checkpoint(folder / "hf" / "tiny", "tiny"), all_in("Q4_0"))
    return folder


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(paths, "beside_app", lambda: tmp_path / "beside")
    return tmp_path


def test_a_file_and_a_folder_with_one_file(stick: Path, tmp_path: Path) -> None:
    seen: list[LoadProgress] = []
    target = import_any(stick / "gemma-tiny-q4_0.gguf", on_progress=seen.append)
    assert target == paths.models_dir() / "gemma-tiny-q4_0" and not problem_of(target)
    (found,) = find_models(Settings())
    assert (found.path, found.kind, found.remarks, found.small) == (target, "quantised", (), True) and not found.problem
    assert model_needs(target).disk == 0
    done = [progress.done for progress in seen if str(progress.stage) == "Importing the model"]
    assert done == sorted(done) and len(done) > 10
    assert import_any(stick, tmp_path / "elsewhere") == tmp_path / "elsewhere" / "gemma-tiny-q4_0"
    with pytest.raises(CheckpointError, match="exists already"):
        import_any(stick)


def test_a_stopped_import_is_no_model_and_is_gone_on_with(stick: Path) -> None:
    stop = threading.Event()
    with pytest.raises(CancelledError):
        import_any(stick, on_progress=lambda progress: progress.done and stop.set(), cancel=stop)
    assert find_models(Settings()) == [] and (paths.models_dir() / "gemma-tiny-q4_0.partial").is_dir()
    assert not problem_of(import_any(stick))


def test_a_full_disk_is_said_before(stick: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "_RESERVE", 1 << 60)
    with pytest.raises(CheckpointError, match="free some space"):
        import_any(stick)


def test_the_list_knows_files_that_are_not_imported(stick: Path) -> None:
    paths.models_dir().mkdir(parents=True)
    for name in ("gemma-tiny-q4_0.gguf", "mmproj-tiny.gguf"):
        (paths.models_dir() / name).write_bytes((stick / name).read_bytes())
    (paths.models_dir() / "other.gguf").write_bytes(b"GGUF of something else")
    (paths.models_dir() / "b-00002-of-00003.gguf").write_bytes(b"GGUF")
    found = {model.name: model for model in find_models(Settings())}
    assert sorted(found) == ["gemma-tiny-q4_0", "other.gguf"]
    tiny, other = found["gemma-tiny-q4_0"], found["other.gguf"]
    assert tiny.importable and "once it is imported" in str(tiny.problem) and tiny.kind == other.kind == "gguf"
    assert not other.importable and "choose a newer file" in str(other.problem)
    assert tiny.bytes == sum((stick / name).stat().st_size for name in ("gemma-tiny-q4_0.gguf", "mmproj-tiny.gguf"))
    assert problem_of(tiny.path) == tiny.problem  # opening it says the same


def test_what_was_left_out_is_said_of_the_folder_too(stick: Path, tmp_path: Path) -> None:
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "a.gguf").write_bytes((stick / "gemma-tiny-q4_0.gguf").read_bytes())
    target = import_any(tmp_path / "alone" / "a.gguf")
    assert look_at(target).remarks == (NO_TOWER,)
    given = import_any(tmp_path / "alone" / "a.gguf", tmp_path / "into", mmproj=stick / "mmproj-tiny.gguf")
    assert look_at(given).remarks == ()
    with pytest.raises(LecternError, match="not the vision tower"):
        import_any(stick, tmp_path / "into", mmproj=tmp_path / "alone" / "a.gguf")


def test_which_file_of_a_folder_is_meant(stick: Path, tmp_path: Path) -> None:
    assert gguf_file_of(stick) == stick / "gemma-tiny-q4_0.gguf" == gguf_file_of(stick / "gemma-tiny-q4_0.gguf")
    assert gguf_file_of(stick / "hf" / "tiny") is None and gguf_file_of(tmp_path / "nowhere") is None
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    (tmp_path / "b.gguf").write_bytes(b"GGUF")
    assert gguf_file_of(tmp_path) is None
    blob = tmp_path / f"sha256-{'0' * 64}"
    blob.write_bytes(b"GGUF")
    assert gguf_file_of(blob) == blob
