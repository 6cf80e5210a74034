"""The conditions of every test: no network, no screen, one thread for OpenMP, and a check for leaked threads."""

from __future__ import annotations

import gc
import os
import platform
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

# Before Qt, torch or transformers are imported by any test.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("OMP_NUM_THREADS", "1")
for _name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "ORT_DISABLE_TELEMETRY"):
    os.environ[_name] = "1"

# Property-based tests: the same few examples in every run; ``--hypothesis-profile=long`` looks for new ones for long.
_COMMON = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck)}
settings.register_profile("suite", max_examples=60, derandomize=True, **_COMMON)
settings.register_profile("long", max_examples=20_000, print_blob=True, **_COMMON)
settings.load_profile("suite")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests marked ``gpu``, ``compiler``, ``native`` or ``avx512`` are left out, not skipped, where they cannot run.

    Modules with slow tests come first: side by side, the last module to begin should be a short one.
    """
    slow_ones = tuple((Path(__file__).parent / "slow.txt").read_text(encoding="utf-8").split())
    for item in items:
        if item.nodeid.startswith(slow_ones):
            item.add_marker("slow")
        if item.path.is_relative_to(_MODEL) and item.path.stem not in _NO_NUMBERS:
            item.add_marker("numeric")
        for again in item.iter_markers("flaky"):
            assert again.kwargs.get("reason"), f"{item.nodeid}: say why it may run again"
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
    for marker, there in _NEEDS:
        marked = [item for item in items if item.get_closest_marker(marker)]
        if marked and not there():
            config.hook.pytest_deselected(items=marked)
            items[:] = [item for item in items if item not in marked]


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How many tests needed a second run; they are named above."""
    terminalreporter.write_line(f"Tests that ran again: {len(terminalreporter.getreports('rerun'))}")


_MODEL = Path(__file__).parent / "model"
_NO_NUMBERS = frozenset(
    ["test_chat_template", "test_config", "test_files", "test_offline", "test_building", "test_rates", "test_tokenizer"]
    + ["test_tool_prompt", "test_layouts", "test_needs", "test_repetition", "test_borders"]
)
"""Modules about the model whose results no processor rounds."""


def _has_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


def _has_kernels() -> bool:
    """Where they should be there and are not, the tests must fail: so a library that is missing is no reason."""
    return shutil.which("cc") is not None and has_instructions("avx2")


def has_instructions(name: str) -> bool:
    """Whether this processor's flags name them."""
    processor = Path("/proc/cpuinfo")
    return processor.is_file() and name in processor.read_text(encoding="utf-8")


_NEEDS: tuple[tuple[str, Callable[[], bool]], ...] = (
    ("gpu", _has_gpu),
    ("compiler", lambda: bool(shutil.which("g++") or shutil.which("c++"))),
    ("nvrtc", lambda: platform.system() == "Linux" and platform.machine() == "x86_64"),
    ("native", _has_kernels),
    ("avx512", lambda: has_instructions("avx512_bf16") and os.environ.get("LECTERN_NATIVE", "") in ("", "avx512")),
)


# As in the window's process (``app.engine.threads.garbage``): a thread that a test starts must not destroy the windows
# of tests before it.
gc.disable()
_FULL = 100
"""Tests between two looks at everything."""
_since_full = 0


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Collects between tests, on the thread that made the windows."""
    global _since_full
    _since_full += 1
    if _since_full >= _FULL:
        _since_full = 0
        gc.collect()
    elif gc.get_count()[0] > 5000:
        gc.collect(1)


# pytest-qt's own 5 seconds are too few for a machine that is slow and busy. What comes is never waited for this long.
for _wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitExposed, QtBot.waitCallback):
    assert _wait.__kwdefaults__["timeout"] <= 5000
    _wait.__kwdefaults__["timeout"] = 60_000

_LIBRARY_THREADS = ("ThreadPoolExecutor", "AnyIO worker", "tqdm", "pytest_timeout", "QThread", "Dummy")


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """A test fails when a thread that it started outlives it."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    for thread in set(threading.enumerate()) - before:
        if thread.name.startswith(_LIBRARY_THREADS):
            continue
        thread.join(max(0.0, deadline - time.monotonic()))
        assert not thread.is_alive(), f"the test leaked the thread {thread.name}"
