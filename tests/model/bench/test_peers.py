"""Peers as processes of their own: stock transformers for real, and every way in which one can fail."""

from __future__ import annotations

import stat
import sys
import threading
from pathlib import Path

import pytest

from model.bench.figures import Job
from model.bench.peers import PeerError, run_llama, run_transformers
from model.errors import CancelledError
from model.synthetic.writing import write_checkpoint

JOBS = (Job("prefill", 24, 0, 2), Job("decode", 3, 40, 2))


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_checkpoint(tmp_path_factory.mktemp("models") / "tiny", "tiny")


def test_stock_transformers_is_measured(tiny: Path) -> None:
    told: list[str] = []
    result = run_transformers(tiny, JOBS, 1, told.append, threading.Event())
    assert result.name.startswith("transformers ") and result.opened_s > 0 and result.peak_bytes > 1 << 26
    assert set(result.seconds) == {("prefill", 24, 0), ("decode", 3, 40)}
    assert all(len(seconds) == 2 and min(seconds) > 0 for seconds in result.seconds.values())
    assert "opening the model" in told and any("40 tokens" in words for words in told)


def python(tmp_path: Path, body: str) -> Path:
    """A program that is called like a Python and prints what ``body`` prints."""
    path = tmp_path / "python"
    path.write_text(f"#!{sys.executable}\n{body}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def llama(program: Path, cancel: threading.Event | None = None) -> None:
    run_llama(program, Path("a.gguf"), JOBS, 1, lambda words: None, cancel or threading.Event())


def test_a_python_without_llama_cpp_says_so() -> None:
    with pytest.raises(PeerError, match="llama_cpp"):
        llama(Path(sys.executable))


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="cannot be started"):
        llama(tmp_path / "nothing")


def test_a_peer_that_dies_says_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(PeerError, match="out of luck"):
        llama(python(tmp_path, "raise SystemExit('out of luck')"))


def test_other_words_between_the_lines_do_no_harm(tmp_path: Path) -> None:
    figure = '{"kind": "figure", "measure": "decode", "tokens": 3, "depth": 40, "seconds": [0.5]}'
    lines = ["loading…", "[1]", '{"kind": "peak"}', '{"kind": "figure", "measure": "decode"}', figure]
    program = python(tmp_path, f"print({chr(10).join(lines)!r})")
    result = run_llama(program, Path("a.gguf"), JOBS, 1, lambda words: None, threading.Event())
    assert result.seconds == {("decode", 3, 40): (0.5,)}


def test_a_peer_is_stopped(tmp_path: Path) -> None:
    cancel = threading.Event()
    cancel.set()
    with pytest.raises(CancelledError):
        llama(python(tmp_path, "import threading; threading.Event().wait()"), cancel)
