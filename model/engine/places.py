"""The places that this machine has for a model's weights, as they are now, and the plan for a model over them.

Cards have never been there when this was tried: what is measured on them is as torch documents it.
"""

from __future__ import annotations

import time
from typing import Protocol

import torch

from model.engine.device_plan import DevicePlan, Place, plan_devices
from model.engine.needs import USUAL_CONTEXT
from model.engine.pace import memory_rate
from model.family.config import ModelConfig
from model.formats.placed import PlacedSource
from model.formats.table import INT4
from model.formats.weights import WeightSource
from model.memory import machine_memory

_READ = 256 << 20
_PLANNED = INT4.name
"""The largest of the 4-bit formats: what is planned for it holds the others too."""


def places(*, measured: bool) -> list[Place]:
    """Every card with its free memory, and the processor's memory last; their rates are 1 unless they are measured."""
    found = []
    for index in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        free, _ = torch.cuda.mem_get_info(index)
        name = f"cuda:{index}"
        found.append(Place(name, torch.cuda.get_device_name(index), int(free), _card_rate(name) if measured else 1))
    return [*found, Place("cpu", "", machine_memory().available, memory_rate() if measured else 1)]


def _card_rate(device: str) -> float:
    numbers = torch.ones(_READ // 4, device=device)
    best = float("inf")
    for _ in range(3):
        torch.cuda.synchronize(device)
        started = time.perf_counter()
        numbers.sum()
        torch.cuda.synchronize(device)
        best = min(best, time.perf_counter() - started)
    return _READ / best


def planned(config: ModelConfig, context: int = USUAL_CONTEXT) -> DevicePlan | None:
    """The plan for a model over this machine's cards and memory; ``None`` without cards or enough room."""
    if not torch.cuda.is_available():
        return None
    plan = plan_devices(config, _PLANNED, context, places(measured=False))
    if plan is None or not plan.is_split:
        return plan
    return plan_devices(config, _PLANNED, context, places(measured=True))  # what goes where does not depend on rates


class Opened(Protocol):
    """Opens a model's weights for one device."""

    def __call__(self, *, device: torch.device) -> WeightSource:
        """The weights on ``device``."""
        ...


def open_placed(plan: DevicePlan, opened: Opened) -> PlacedSource:
    """The weights as ``plan`` places them."""
    return PlacedSource(
        lambda device: opened(device=device),
        [torch.device(place.device) for place in plan.places],
        plan.layers,
        plan.experts,
    )
