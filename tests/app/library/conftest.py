"""A store of conversations in a separate folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.library.store.writing import Store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path)
    yield made
    made.close()
