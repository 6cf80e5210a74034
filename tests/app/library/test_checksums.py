"""SHA-256 sums of a model folder: written, compared, remembered."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from app import paths
from app.library import checksums
from app.library.checksums import SUMS, check_once, read_sums, write_sums
from model.errors import CancelledError, CheckpointError
from model.types import LoadProgress


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    made = tmp_path / "mödel"
    made.mkdir()
    (made / "a.safetensors").write_bytes(bytes(range(256)) * 100)
    (made / "config.json").write_text("{}")
    return made


def quiet(_progress: LoadProgress) -> None:
    pass


def test_the_list_is_the_one_that_sha256sum_reads(folder: Path) -> None:
    write_sums(folder, quiet)
    subprocess.run(["sha256sum", "--check", "--strict", SUMS], cwd=folder, check=True, capture_output=True)
    assert set(read_sums(folder)) == {"a.safetensors", "config.json"}


def test_a_whole_folder_is_read_once(folder: Path) -> None:
    write_sums(folder, quiet)
    seen: list[LoadProgress] = []
    check_once(folder, seen.append)
    assert seen[-1].done == seen[-1].total == 256 * 100 + 2
    count = len(seen)
    check_once(folder, seen.append)
    assert len(seen) == count


def test_one_flipped_bit_is_found_and_named(folder: Path) -> None:
    write_sums(folder, quiet)
    check_once(folder, quiet)
    data = bytearray((folder / "a.safetensors").read_bytes())
    data[777] ^= 1
    (folder / "a.safetensors").write_bytes(data)
    with pytest.raises(CheckpointError, match=r"a\.safetensors is damaged"):
        check_once(folder, quiet)


def test_a_missing_file_is_named(folder: Path) -> None:
    write_sums(folder, quiet)
    (folder / "config.json").unlink()
    with pytest.raises(CheckpointError, match=r"lacks config\.json"):
        check_once(folder, quiet)


def test_a_folder_without_sums_is_taken_as_it_is(folder: Path) -> None:
    check_once(folder, quiet)
    assert not (paths.cache_dir() / "checked-models.json").exists()


@pytest.mark.parametrize("text", ["hello", "0" * 64 + "  ../../etc/passwd", "0" * 63 + "  a.safetensors"])
def test_a_list_of_another_kind_is_refused(folder: Path, text: str) -> None:
    (folder / SUMS).write_text(text)
    with pytest.raises(CheckpointError, match="not a list of SHA-256 checksums"):
        read_sums(folder)


def test_checking_can_be_stopped(folder: Path) -> None:
    write_sums(folder, quiet)
    stop = threading.Event()
    stop.set()
    with pytest.raises(CancelledError):
        check_once(folder, quiet, stop)


def test_a_cache_that_cannot_be_written_only_costs_time(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_sums(folder, quiet)
    monkeypatch.setattr(checksums, "_memory", lambda: folder / "config.json" / "x")
    check_once(folder, quiet)
