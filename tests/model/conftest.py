"""Fixtures for tests of several kinds of kernels."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from model.kernels import native
from tests.conftest import has_instructions

KERNEL_SETS = ["avx512", "avx2"] if has_instructions("avx512_bf16") else ["avx2"]
"""Those that this processor can run, by the names that ``LECTERN_NATIVE`` takes."""


@pytest.fixture(params=KERNEL_SETS)
def kernel_set(request: pytest.FixtureRequest) -> Iterator[str]:
    """Each set of kernels, chosen for one test."""
    found = native.library()
    assert found is not None, "the kernels were not built; install again"
    assert found.functions.lectern_choose(request.param.encode())
    yield request.param
    found.functions.lectern_choose(native.wanted().encode())
