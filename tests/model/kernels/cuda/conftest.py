"""The kernels compiled for the processor, once a session for each set of sources and order of threads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from model.kernels.cuda.launcher import sources
from tests.model.kernels.cuda.emulator import Emulator

Emulate = Callable[..., Emulator]


@pytest.fixture(scope="session")
def emulate(tmp_path_factory: pytest.TempPathFactory) -> Emulate:
    """``emulate(names, definitions, backward)``."""
    made: dict[tuple[str, bool], Emulator] = {}

    def of(names: tuple[str, ...], definitions: Mapping[str, int] | None = None, backward: bool = False) -> Emulator:
        text = sources(names, definitions)
        if (text, backward) not in made:
            made[text, backward] = Emulator(text, tmp_path_factory.mktemp("emulated"), backward)
        return made[text, backward]

    return of
