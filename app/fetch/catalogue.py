"""The models that can be fetched: Google's own files, trained for 4 bits, and what each needs on this machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from app.library.budgets import fits_in_memory
from app.library.fitting import fit
from model.engine.needs import USUAL_CONTEXT, Needs, needs_of
from model.engine.streaming import Pace
from model.errors import UnsupportedModelError
from model.family.families import PUBLISHED, Published
from model.formats.table import INT4
from model.messages import Message, msg

ENDPOINT_VARIABLE = "HF_ENDPOINT"
_ENDPOINT = "https://huggingface.co"
_BESIDE = 1 << 30
"""Bytes that a recommended model leaves to other programs."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A model that can be fetched."""

    name: str
    """As on the command line."""
    published: Published
    repository: str
    """On Hugging Face: a GGUF file with the text model, and one with what it sees and hears with."""
    download: int
    """Bytes, roughly; the exact number is known once the server has been asked."""
    good_for: Message

    @property
    def title(self) -> str:
        """As in the window."""
        return self.published.name

    @property
    def address(self) -> str:
        """Its page on Hugging Face, for the user's own browser."""
        return f"{_ENDPOINT}/{self.repository}"

    @property
    def needs(self) -> Needs:
        """Disk and memory, as for every other model: the 4-bit numbers are taken over as they are."""
        return needs_of(self.published, INT4.name, USUAL_CONTEXT)


@dataclass(frozen=True, slots=True)
class Fitting:
    """An offer beside a machine."""

    offer: Offer
    fits: bool
    verdict: Message
    recommended: bool = False


def _offer(shape: str, repository: str, gigabytes: float, good_for: Message) -> Offer:
    published = next(one for one in PUBLISHED if one.shape == shape)
    return Offer(shape, published, f"google/{repository}-qat-q4_0-gguf", int(gigabytes * 1e9), good_for)


OFFERS = (
    _offer(
        "26b",
        "gemma-4-26B-A4B-it",
        15.6,
        msg("offer.26b", "The best choice for documents: thorough, and as quick as a model of 4 billion parameters."),
    ),
    _offer(
        "12b", "gemma-4-12B-it", 8.3, msg("offer.12b", "Careful answers on a machine with 16 GB; reads more slowly.")
    ),
    _offer("e4b", "gemma-4-E4B-it", 6.1, msg("offer.e4b", "Everyday questions, quick on an ordinary laptop.")),
    _offer("e2b", "gemma-4-E2B-it", 4.3, msg("offer.e2b", "The quickest: simple questions about short documents.")),
    _offer("31b", "gemma-4-31B-it", 18.9, msg("offer.31b", "The most thorough, and by far the slowest.")),
)
"""In the order in which they are recommended, among those that fit; the last one never is."""


def offer_of(name: str) -> Offer:
    """The offer with this name on the command line. Raises ``UnsupportedModelError``."""
    found = next((one for one in OFFERS if one.name == name.lower()), None)
    if found is None:
        raise UnsupportedModelError(
            msg(
                "get.unknown",
                "There is no model {name} to download; the models are {names}.",
                name=name,
                names=", ".join(one.name for one in OFFERS),
            )
        )
    return found


def fittings(
    memory: dict[str, int],
    device: dict[str, Any],
    free_disk: int,
    pace: Callable[[], Pace | None] = lambda: None,
) -> list[Fitting]:
    """Every offer beside this machine, the recommended one first.

    ``memory``, ``device``, ``free_disk`` and ``pace`` are as for ``app.library.fitting.fit``. While a model is
    imported, its download and the imported model are on the disk together.
    """
    found = []
    for offer in OFFERS:
        needs = offer.needs
        disk = offer.download + needs.disk
        fits, verdict = fit(needs.memory, disk, memory, device, free_disk, streaming=needs.streaming, pace=pace)
        found.append(Fitting(offer, fits, verdict))
    best = next((one for one in found[:-1] if one.fits and _leaves_room(one.offer, memory, device)), None)
    if best is None:
        return found
    rest = [one for one in found if one is not best]
    return [Fitting(best.offer, best.fits, best.verdict, recommended=True), *rest]


def _leaves_room(offer: Offer, memory: dict[str, int], device: dict[str, Any]) -> bool:
    """Whether a browser can stay open beside it."""
    return device["kind"] == "cuda" or fits_in_memory(offer.needs.memory + _BESIDE, memory["total"])


def host() -> str:
    """The host that is connected to: Hugging Face, or the mirror that ``HF_ENDPOINT`` names."""
    address = os.environ.get(ENDPOINT_VARIABLE) or _ENDPOINT
    return urlsplit(address if "://" in address else f"https://{address}").netloc.rpartition("@")[2] or address
