"""This machine's own limits, measured with the threads that the engine uses: memory bandwidth and bf16 matrix rate.

Both are the best of several tries, since they show what is possible; the figures beside them are medians.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

from model.cancel import Cancel
from model.errors import CancelledError
from model.messages import msg

_BYTES = 512 << 20
"""Many times any cache."""

_SHAPES = ((2048, 2816, 4096), (1024, 2816, 8192), (512, 2112, 2816))
"""Products as in a prefill: tokens, in, out."""


@dataclass(frozen=True, slots=True)
class Machine:
    """``bandwidth`` in bytes a second of reading, ``matrix_rate`` in operations a second."""

    bandwidth: float
    matrix_rate: float
    threads: int


def measure_machine(device: torch.device, tries: int, cancel: Cancel) -> Machine:
    """Measure ``device``. Raises ``CancelledError`` where ``cancel`` is set between two tries."""
    return Machine(bandwidth(device, tries, cancel), matrix_rate(device, tries, cancel), torch.get_num_threads())


def bandwidth(device: torch.device, tries: int, cancel: Cancel) -> float:
    """Bytes a second of reading memory once, from one end to the other."""
    values = torch.ones(_BYTES // 4, dtype=torch.float32, device=device)
    return _BYTES / _best(lambda: values.sum(), device, tries, cancel)


def matrix_rate(device: torch.device, tries: int, cancel: Cancel) -> float:
    """Operations a second of bf16 matrix products."""
    rates = []
    for tokens, inner, outer in _SHAPES:
        x = torch.randn(tokens, inner, device=device).to(torch.bfloat16)
        weight = torch.randn(outer, inner, device=device).to(torch.bfloat16)
        rates.append(2.0 * tokens * inner * outer / _best(_product(x, weight), device, tries, cancel))
    return max(rates)


def _product(x: torch.Tensor, weight: torch.Tensor) -> Callable[[], object]:
    return lambda: torch.nn.functional.linear(x, weight)


def _best(action: Callable[[], object], device: torch.device, tries: int, cancel: Cancel) -> float:
    """Seconds of the fastest of several tries, after one that does not count."""
    action()
    best = float("inf")
    for _ in range(tries):
        if cancel.is_set():
            raise CancelledError(msg("cancelled.measuring", "Measuring was stopped."))
        _wait(device)
        started = time.perf_counter()
        action()
        _wait(device)
        best = min(best, time.perf_counter() - started)
    return best


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
