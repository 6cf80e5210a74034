"""Opening a model: what happens before torch, and a sample model that was damaged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app import paths
from app.engine.model.opening import ensure_sample_model, open_engine
from app.engine.threads import machine
from app.library.model_ref import SampleModel
from app.library.models import look_at, sample_model_folder
from model.errors import CheckpointError
from model.synthetic.writing import write_checkpoint
from model.types import LoadProgress


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path))
    monkeypatch.setattr(paths, "resource", lambda *parts: (tmp_path / "resources").joinpath(*parts))
    return tmp_path


def test_the_sample_is_written_once_and_again_when_damaged() -> None:
    said: list[LoadProgress] = []
    folder = ensure_sample_model(said.append)
    assert folder == sample_model_folder()
    assert look_at(folder).kind == "sample" and not look_at(folder).problem
    assert [str(progress.stage) for progress in said] == ["Writing the sample model"]
    ensure_sample_model(said.append)
    assert len(said) == 1
    (folder / "model.safetensors").write_bytes(b"damaged")
    ensure_sample_model(said.append)
    assert len(said) == 2
    assert not look_at(folder).problem
    assert [entry.name for entry in folder.parent.iterdir()] == [folder.name]  # nothing half-written is left


def test_a_shipped_sample_is_taken_as_it_is(home: Path) -> None:
    said: list[LoadProgress] = []
    shipped = write_checkpoint(home / "resources" / "sample_model", "tiny")
    before = sorted(path.name for path in shipped.iterdir())
    assert ensure_sample_model(said.append) == shipped
    assert said == [] and sorted(path.name for path in shipped.iterdir()) == before


def test_a_sample_that_cannot_be_written_says_where(home: Path) -> None:
    (home / "cache").write_text("a file in the way")
    with pytest.raises(CheckpointError, match="could not be written to"):
        ensure_sample_model(lambda progress: None)


def test_a_wrong_folder_is_refused_before_torch(home: Path) -> None:
    (home / "x.gguf").write_bytes(b"GGUF")
    code = (
        "import sys, pathlib\n"
        "from app.engine.model.opening import open_engine, read_ahead\n"
        "from app.library.model_ref import LocalFolder\n"
        "from model.errors import CheckpointError\n"
        "read_ahead()\n"
        f"try: open_engine(LocalFolder(pathlib.Path({str(home)!r})))\n"
        "except CheckpointError as error: assert 'GGUF' in str(error)\n"
        "else: raise AssertionError('not refused')\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_a_device_that_is_not_there_is_one_sentence(home: Path) -> None:
    with pytest.raises(Exception, match=r"cuda:97|no cuda|choose cpu"):
        open_engine(SampleModel(), device="cuda:97")


def test_the_environment_is_set_unless_the_person_did(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "KMP_BLOCKTIME", "ORT_DISABLE_TELEMETRY")
    for name in names:
        monkeypatch.setenv(name, "")  # so that monkeypatch puts everything back
        monkeypatch.delenv(name)
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    machine.prepare_environment(window=False)
    import os

    assert [os.environ[name] for name in names] == ["7", "PASSIVE", "0", "1"]


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's heap")
def test_memory_that_threads_have_freed_is_given_back() -> None:
    """Each thread's own heap would keep up to 64 MiB at its end once pieces of 24 MiB have been freed."""
    code = (
        "import ctypes, os, sys, threading\n"
        "from app.engine.threads import machine\n"
        "if sys.argv[1] == 'ours': machine.prepare_environment(window=True)\n"
        "libc = ctypes.CDLL(None)\n"
        "libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]\n"
        "libc.free.argtypes = [ctypes.c_void_p]\n"
        "held, going = threading.Barrier(4), threading.Barrier(4)\n"
        "def work():\n"
        "    libc.free(libc.malloc(24 << 20))\n"  # from now on pieces of this size come from the heap
        "    pieces = [libc.malloc(12 << 20) for _ in range(4)]\n"
        "    for piece in pieces: ctypes.memset(piece, 1, 12 << 20)\n"
        "    for piece in pieces: libc.free(piece)\n"
        "    held.wait(); going.wait()\n"
        "for _ in range(3): threading.Thread(target=work, daemon=True).start()\n"
        "held.wait()\n"
        "machine.give_memory_back()\n"
        "print(int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE') >> 20)\n"
        "going.wait()\n"
    )
    kept = {
        who: int(subprocess.run([sys.executable, "-c", code, who], check=True, timeout=60, capture_output=True).stdout)
        for who in ("ours", "glibc's")
    }
    assert kept["ours"] < 60 and kept["glibc's"] - kept["ours"] > 60, kept


@pytest.mark.parametrize(("cores", "window", "threads"), [(1, True, 1), (2, True, 2), (4, True, 3), (8, False, 8)])
def test_threads(monkeypatch: pytest.MonkeyPatch, cores: int, window: bool, threads: int) -> None:
    monkeypatch.setattr(machine, "usable_cores", lambda: cores)
    assert machine.compute_threads(window=window) == threads


def test_usable_cores_are_at_least_one_and_not_more_than_there_are() -> None:
    import os

    assert 1 <= machine.usable_cores() <= (os.cpu_count() or 1)
