"""The kernels compiled for the processor, once for each set of sources, in a cache for all processes and runs."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from model.kernels.cuda.launcher import sources
from tests.model.kernels.cuda.emulator import Emulator

Emulate = Callable[..., Emulator]


@pytest.fixture(scope="session")
def built(pytestconfig: pytest.Config) -> Path:
    """Where compiled kernels are kept; those unused for a week are removed."""
    assert pytestconfig.cache is not None
    folder = Path(pytestconfig.cache.mkdir("emulated"))
    for library in folder.iterdir():
        with contextlib.suppress(OSError):
            if time.time() - library.stat().st_atime > 7 * 24 * 3600:
                library.unlink()
    return folder


@pytest.fixture(scope="session")
def emulate(built: Path) -> Emulate:
    """``emulate(names, definitions, backward)``."""
    made: dict[tuple[str, bool], Emulator] = {}

    def of(names: tuple[str, ...], definitions: Mapping[str, int] | None = None, backward: bool = False) -> Emulator:
        text = sources(names, definitions)
        if (text, backward) not in made:
            made[text, backward] = Emulator(text, built, backward)
        return made[text, backward]

    return of
