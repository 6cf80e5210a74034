"""One way to write a file whole or not at all: on a full disk, through links, into pipes, with the longest names."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from model import atomic

FULL = 4096
"""Bytes that the file system under test takes."""


def names(folder: Path) -> list[str]:
    """A folder's contents, hidden files included."""
    return sorted(entry.name for entry in folder.iterdir())


def test_a_file_appears_with_all_of_its_content(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    atomic.write(path, "one\r\n")
    atomic.write(path, b"two")
    atomic.write(path, "drei \N{EURO SIGN}\n", durable=False)
    assert path.read_bytes() == "drei \N{EURO SIGN}\n".encode() and names(tmp_path) == ["settings.json"]


@pytest.mark.parametrize("error", [OSError(errno.EIO, "broken"), KeyboardInterrupt(), ValueError("not writable")])
def test_what_fails_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path, error: BaseException) -> None:
    path = tmp_path / "table.csv"
    path.write_text("old", encoding="utf-8")
    with pytest.raises(type(error)), atomic.replacing(path) as temporary:
        temporary.write_text("half", encoding="utf-8")
        raise error
    assert path.read_text(encoding="utf-8") == "old" and names(tmp_path) == ["table.csv"]


@pytest.mark.skipif(sys.platform == "win32", reason="a limit of this kind is not to be had there")
def test_a_full_disk_is_one_error_and_no_half_file(tmp_path: Path) -> None:
    """In a process that may write no longer file than ``FULL``: the system itself refuses the rest."""
    path = tmp_path / "notes.md"
    path.write_text("old", encoding="utf-8")
    code = (
        "import resource, signal, sys, pathlib; from model import atomic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({FULL}, {FULL}))\n"
        "try:\n"
        f"    atomic.write(pathlib.Path(sys.argv[1]), bytes({4 * FULL}))\n"
        "except OSError as error:\n"
        "    print(error.strerror)\n"
    )
    command = [sys.executable, "-c", code, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.strip() == os.strerror(errno.EFBIG)
    assert path.read_text(encoding="utf-8") == "old" and names(tmp_path) == ["notes.md"]


def test_a_folder_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "name").mkdir()
    with pytest.raises(OSError):
        atomic.write(tmp_path / "name", b"x")
    assert names(tmp_path) == ["name"]


@pytest.mark.parametrize("name", ["n" * 255, "\N{EURO SIGN}" * 85])
def test_names_may_be_as_long_as_the_system_allows(tmp_path: Path, name: str) -> None:
    atomic.write(tmp_path / name, b"x")
    assert (tmp_path / name).read_bytes() == b"x"


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there, and there are no pipes with names")
def test_a_link_stays_a_link_and_rights_stay_as_narrow_as_they_were(tmp_path: Path) -> None:
    target = tmp_path / "kept" / "settings.json"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    target.chmod(0o600)
    link = tmp_path / "settings.json"
    link.symlink_to(target)
    atomic.write(link, "new")
    assert link.is_symlink() and target.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600 and names(target.parent) == ["settings.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there, and there are no pipes with names")
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        atomic.write(pipe, b"through")
        assert os.read(reading, 100) == b"through"
    finally:
        os.close(reading)
    assert stat.S_ISFIFO(pipe.stat().st_mode) and names(tmp_path) == ["pipe"]


@pytest.mark.parametrize(("number", "raises"), [(errno.EINVAL, False), (errno.EIO, True)])
def test_a_file_system_that_flushes_no_folders_is_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, raises: bool
) -> None:
    def refuse(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", refuse)
    flush: Callable[[Path], None] = atomic.flush_folder
    if raises and os.name == "posix":
        with pytest.raises(OSError):
            flush(tmp_path)
    else:
        flush(tmp_path)
