"""Whether a model fits: what the system needs is set apart, on each system; one figure wherever it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.fetch.catalogue import offer_of
from app.i18n import tr
from app.library.budgets import GIB, machine_for, system_reserve
from app.library.fitting import STREAMS, fit, gigabytes
from app.ui.window.start_pages import needs as needs_in_the_window
from model.engine.needs import Needs, download_of_the_26b, needs, needs_of, needs_of_the_26b
from model.engine.streaming import Pace
from model.family.config_json import parse_config
from model.family.families import PUBLISHED
from model.messages import Message
from model.synthetic.shapes import shape_config

CPU = {"kind": "cpu", "name": "", "memory": 0, "note": ""}
SYSTEMS = ("Linux", "Windows", "Darwin")
ROOT = Path(__file__).resolve().parents[3]


def verdict(what: Needs, sold: int, system: str, free: float = 0.9) -> tuple[bool, Message]:
    """On a machine sold with ``sold`` GB, of which firmware takes some and ``free`` of the rest is free."""
    total = int(sold * GIB * 0.96)
    memory = {"total": total, "available": int(total * free)}
    return fit(what.memory, 0, memory, CPU, 1 << 50, system)


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("fmt", ["nf4", "int4"])
@pytest.mark.parametrize(("sold", "fits"), [(8, False), (16, False), (24, True), (32, True), (64, True)])
def test_the_26b_on_machines_of_all_sizes(sold: int, fits: bool, fmt: str, system: str) -> None:
    found, words = verdict(needs_of_the_26b("nf4" if fmt == "nf4" else "int4"), sold, system)
    assert found is fits
    assert fits or "a machine with 24 GB can run it" in str(words)
    assert not fits or words.cause in ("fit.memory", "fit.busy")


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize(("sold", "fits"), [(16, False), (24, False), (32, True), (64, True)])
def test_the_31b_needs_32_gb(sold: int, fits: bool, system: str) -> None:
    found, words = verdict(needs(parse_config(shape_config("31b")), "nf4"), sold, system)
    assert found is fits and (fits or "a machine with 32 GB can run it" in str(words))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("sold", [8, 16, 24, 32, 64])
def test_what_fits_leaves_the_system_its_share(sold: int, system: str) -> None:
    total = sold * GIB
    memory = {"total": total, "available": total}
    most = total - system_reserve(system)
    assert fit(most, 0, memory, CPU, 0, system)[0]
    assert not fit(most + 1, 0, memory, CPU, 0, system)[0]


def test_a_machine_that_is_named_is_large_enough() -> None:
    for system in SYSTEMS:
        for needed in range(GIB, 400 * GIB, 3 * GIB):
            sold = machine_for(needed, system)
            memory = {"total": int(sold * GIB * 0.95), "available": 1 << 50}
            assert fit(needed, 0, memory, CPU, 0, system)[0]
    assert machine_for(1 << 50) == 0


def test_fits_but_not_while_so_much_else_is_open() -> None:
    found, words = verdict(needs_of_the_26b(), 32, "Linux", free=0.3)
    assert found and words.cause == "fit.busy"


def test_a_card_and_the_disk() -> None:
    needed, memory = needs_of_the_26b().memory, {"total": 64 * GIB, "available": 60 * GIB}
    card = {"kind": "cuda", "name": "", "memory": 24 * GIB, "note": ""}
    assert fit(needed, 0, memory, card, 0)[1].cause == "fit.gpu"
    found, words = fit(needed, 0, memory, card | {"memory": needed}, 0)
    assert found and words.cause == "fit.memory-not-gpu"
    found, words = fit(needed, 15 * 10**9, memory, card, 10**9)
    assert not found and "15.0 GB of disk" in str(words)


def test_readme_window_and_doctor_say_the_same_figures() -> None:
    from app.diagnostics.doctor import NONE_FOUND, _how_to_get_one

    nf4, int4 = needs_of_the_26b("nf4"), needs_of_the_26b("int4")
    said = (ROOT / "README.md").read_text(encoding="utf-8").partition("## The real model")[2].partition("\n## ")[0]
    download = f"{download_of_the_26b() / 1e9:.0f} GB"
    machine = f"a machine with {machine_for(nf4.memory)} GB"
    others = [needs_of(one) for one in PUBLISHED]
    figures = {gigabytes(each) for kind in (nf4, int4, *others) for each in (kind.disk, kind.memory)}
    found = set(re.findall(r"\d+(?:\.\d+)? GB", said))
    assert {download, machine[-5:], *figures} <= found
    assert {each for each in found if "." in each} == figures, "the others are sizes of machines"
    assert "32,768 tokens" in said
    offer = offer_of("26b")
    window = " ".join(f"{name} {words}" for name, words in needs_in_the_window(offer))
    doctor = _how_to_get_one(NONE_FOUND, nf4.context)
    for text, fetched, needed in ((window, gigabytes(offer.download), int4), (doctor, download, nf4)):
        assert set(re.findall(r"\d+(?:\.\d+)? GB", text)) == {
            fetched,
            machine[-5:],
            gigabytes(needed.disk),
            gigabytes(needed.memory),
        }
        assert machine in text
    assert tr("Memory") in window


@pytest.mark.parametrize(
    ("disk", "code", "words"),
    [
        (1e9, "fit.streams", "words a second"),
        (2e7, "fit.streams-slowly", "seconds for each word"),
        (None, "fit.streams-unknown", "which is slow"),
    ],
)
def test_a_mixture_of_experts_that_is_too_large_is_offered_with_its_speed(
    disk: float | None, code: str, words: str
) -> None:
    needed, memory = needs_of_the_26b(), {"total": 16 * GIB, "available": 11 * GIB}
    pace = None if disk is None else Pace(disk, 40e9)
    streaming = needed.streaming
    fits, said = fit(needed.memory, 0, memory, CPU, 1 << 50, "Linux", streaming, lambda: pace)
    assert not fits and said.cause == code in STREAMS and words in str(said)
    assert f"{gigabytes(needed.memory)}, and this machine has {gigabytes(16 * GIB)}" in str(said)


def test_the_speed_is_asked_for_only_where_it_matters() -> None:
    def asked() -> Pace:
        raise AssertionError

    for needed, total in ((needs_of_the_26b(), 64), (needs_of_the_26b(), 4), (needs_of(PUBLISHED[-1]), 16)):
        memory = {"total": total * GIB, "available": total * GIB}
        _, said = fit(needed.memory, 0, memory, CPU, 1 << 50, "Linux", needed.streaming, asked)
        assert said.cause not in STREAMS
