"""Which model suits which machine."""

from __future__ import annotations

import pytest

from app.fetch.catalogue import OFFERS, fittings, host, offer_of
from model.errors import UnsupportedModelError

GB = 10**9
GIB = 1 << 30


@pytest.mark.parametrize(
    ("machine", "name"), [(8, "e2b"), (12, "e4b"), (16, "12b"), (24, "26b"), (32, "26b"), (64, "26b")]
)
def test_one_is_recommended_for_each_machine(machine: int, name: str) -> None:
    memory = int(machine * GIB * 0.95)
    found = fittings({"total": memory, "available": memory}, {"kind": "cpu"}, 1000 * GB)
    assert found[0].recommended and found[0].offer.name == name and found[0].fits
    assert [one.recommended for one in found].count(True) == 1
    assert {one.offer for one in found} == set(OFFERS)


def test_none_is_recommended_where_none_fits() -> None:
    found = fittings({"total": 2 * GB, "available": GB}, {"kind": "cpu"}, 1000 * GB)
    assert not any(one.recommended or one.fits for one in found)


def test_a_disk_that_is_too_small_for_download_and_import_is_said() -> None:
    found = fittings({"total": 64 * GB, "available": 60 * GB}, {"kind": "cpu"}, 20 * GB)
    assert found[0].offer.name == "12b" and not next(one for one in found if one.offer.name == "26b").fits


def test_a_name_that_is_not_there_names_those_that_are() -> None:
    assert offer_of("E4B").title == "Gemma 4 E4B"
    with pytest.raises(UnsupportedModelError, match="26b, 12b, e4b, e2b, 31b"):
        offer_of("27b")


@pytest.mark.parametrize(
    ("address", "shown"),
    [("", "huggingface.co"), ("https://user:secret@mirror.example/hf", "mirror.example"), ("mirror:80", "mirror:80")],
)
def test_the_host_that_is_named(address: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", address)
    assert host() == shown
