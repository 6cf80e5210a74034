"""The sample model behind a real server, opened once for all of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.server.serving import Running, running


@pytest.fixture(scope="package")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The sample model, really answering."""
    from app.engine.model.opening import open_engine

    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_HOME", str(home))
        with running(home, open_engine) as found:
            yield found
