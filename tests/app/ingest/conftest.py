"""One reading process for all tests of a module: starting one takes a third of a second."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.ingest.limits import Timeouts
from app.ingest.read.reader import Reader
from tests.app.ingest.read import hooks


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    with Reader() as ours:
        yield ours


@pytest.fixture
def hooked() -> Iterator[Reader]:
    """A reader whose process misbehaves by the file's name, with short patience."""
    with Reader(Timeouts(unit_s=1.0), entry=hooks.main) as ours:
        yield ours
