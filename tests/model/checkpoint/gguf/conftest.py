from __future__ import annotations

from pathlib import Path

import pytest

from model.synthetic.writing import write_checkpoint


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny published model."""
    return write_checkpoint(tmp_path_factory.mktemp("gguf") / "tiny-it", "tiny", seed=5)
