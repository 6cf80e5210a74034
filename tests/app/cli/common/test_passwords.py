"""Passwords on the command line: a file, a terminal, and neither."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.files.samples import ENCRYPTIONS, encrypted_pdf

SECRET = "grüner Hügel 7"
_ON_TERMINAL = """\
import fcntl, os, sys, termios
os.setsid()
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from app.cli import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LECTERN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(SECRET + "\nnot this line\n", encoding="utf-8")
    return file


def lectern(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=120)


class Terminal:
    """``lectern`` on a terminal of its own, as a person has it."""

    def __init__(self, *arguments: object) -> None:
        self._ours, theirs = pty.openpty()
        command = [sys.executable, "-c", _ON_TERMINAL, *map(str, arguments)]
        self._process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        self.shown = ""

    def until(self, words: str) -> None:
        while words not in self.shown:
            self.shown += os.read(self._ours, 4096).decode()

    def type(self, text: str) -> None:
        self.shown = ""
        os.write(self._ours, text.encode())

    def end(self) -> int:
        try:
            while data := os.read(self._ours, 4096):
                self.shown += data.decode()
        except OSError:  # the other side is gone
            pass
        os.close(self._ours)
        return self._process.wait(60)


@pytest.fixture
def terminal() -> Iterator[type[Terminal]]:
    if sys.platform == "win32":
        pytest.skip("there are no pseudo-terminals here")
    yield Terminal


@pytest.mark.parametrize("kind", ENCRYPTIONS)
def test_the_password_comes_from_a_file(tmp_path: Path, secret: Path, kind: str) -> None:
    locked = encrypted_pdf(tmp_path / "locked.pdf", kind, user=SECRET)
    result = lectern("read", locked, "--password-file", secret)
    assert result.returncode == 0, result.stderr
    assert "page 1, read as text" in result.stdout and "Hügel" not in result.stdout + result.stderr


def test_without_a_terminal_it_says_what_to_do(tmp_path: Path, secret: Path) -> None:
    locked = encrypted_pdf(tmp_path / "locked.pdf")
    result = lectern("ask", locked, "-q", "What?")
    assert result.returncode == 1 and "protected by a password" in result.stderr
    assert "--password-file" in result.stderr
    result = lectern("read", locked, "--password-file", secret)
    assert result.returncode == 1 and "not the file's password" in result.stderr
    for file in (tmp_path / "nowhere", tmp_path):
        result = lectern("read", locked, "--password-file", file)
        assert result.returncode == 1 and "cannot be read" in result.stderr and result.stderr.count("\n") == 1


def test_a_password_file_that_is_none(tmp_path: Path) -> None:
    locked, file = encrypted_pdf(tmp_path / "locked.pdf"), tmp_path / "file"
    for content in (b"", b"\nuser", b"x" * 5000, b"\xff\xfe\x00secret"):
        file.write_bytes(content)
        result = lectern("read", locked, "--password-file", file)
        assert result.returncode == 1 and result.stderr.count("\n") == 1 and "secret" not in result.stderr


def test_a_terminal_is_asked_and_asked_again(tmp_path: Path, terminal: type[Terminal], home: Path) -> None:
    locked = encrypted_pdf(tmp_path / "locked.pdf", user=SECRET)
    run = terminal("read", locked)
    run.until("Password for locked.pdf: ")
    run.type("wrong one\n")
    run.until("not the file's password")
    run.until("Password for locked.pdf: ")
    run.type(SECRET + "\n")
    assert run.end() == 0 and "page 1, read as text" in run.shown
    assert "Hügel" not in run.shown  # not echoed
    logs = [path.read_text(errors="replace") for path in home.rglob("*") if path.is_file()]
    assert not any("Hügel" in log or "wrong one" in log for log in logs)


def test_ctrl_c_at_the_question_ends_it(tmp_path: Path, terminal: type[Terminal]) -> None:
    run = terminal("read", encrypted_pdf(tmp_path / "locked.pdf"))
    run.until("Password for locked.pdf: ")
    run.type("\x03")
    assert run.end() == 1 and "Stopped." in run.shown and "Traceback" not in run.shown


def test_three_wrong_ones_are_enough(tmp_path: Path, terminal: type[Terminal]) -> None:
    run = terminal("read", encrypted_pdf(tmp_path / "locked.pdf"))
    for _ in range(3):
        run.until("Password for locked.pdf: ")
        run.type("wrong\n")
    assert run.end() == 1 and run.shown.count("not the file's password") == 1
