"""The kernels that serve every model on a card: its LM head, and its weights in bf16. Tried before they are used."""

from __future__ import annotations

import functools
import logging

import torch
from torch import Tensor
from torch.nn import functional

from model.formats.table import NF4_VALUES
from model.kernels.cuda import mixture
from model.kernels.cuda.driver import CompileError, Driver
from model.kernels.cuda.launcher import BF16, INT8, NF4, Launcher, Weights, dequantise, fits, job, project, sources
from model.kernels.native import SWITCH, wanted

SHARED_SOURCES = ("project.cu", "mixture.cu")
_log = logging.getLogger(__name__)
_LONGEST = 300
"""Letters of a compiler's complaint that are shown."""
_CLOSE = 1e-3
"""How far a kernel's sums may be from torch's, as a part of them: both add in float32, in another order."""


def head(launcher: Launcher, x: Tensor, table: Weights, cap: float | None) -> Tensor:
    """[1, D] → the logits of all words, float32 [1, V], after the soft cap; ``table`` [V, D] in 8 bits."""
    given, out = x[0].float().contiguous(), torch.empty((1, table.rows), device=x.device)  # both live until the launch
    launcher.launch(project(job(table.argument(), given, out, cap=cap or 0.0)))
    return out


@functools.cache
def launcher_for(device: torch.device) -> Launcher | None:
    """The kernels on a CUDA ``device``; ``None`` where they cannot be used, which is then in the log."""
    launcher, reason = _tried(device) if device.type == "cuda" else (None, "")
    if reason:
        _log.warning("the kernels for this card are not used: %s", reason)
    return launcher


def why_not(device: torch.device) -> str:
    """Why the kernels are not used on a CUDA ``device``; empty where they are."""
    return _tried(device)[1]


@functools.cache
def _tried(device: torch.device) -> tuple[Launcher | None, str]:
    if wanted() == "off":
        return None, f"{SWITCH} is off"
    try:
        made = Driver(device, sources(SHARED_SOURCES))
        fault = fault_of(made)
    except (CompileError, OSError, RuntimeError) as error:
        return None, " ".join(str(error).split())[:_LONGEST]
    return (made, "") if fault is None else (None, fault)


@torch.inference_mode()
def fault_of(launcher: Launcher) -> str | None:
    """Which kernel's results are not torch's, for small sizes; ``None`` where all are right."""
    random = torch.Generator().manual_seed(0)
    for name, (ours, truth) in {
        "4 bits": _four_bits(launcher, random),
        "bf16": _plain(launcher, random),
        "8 bits": _eight_bits(launcher, random),
        "the router": _route(launcher, random),
        "the residual": _finish(launcher, random),
    }.items():
        error = float((ours - truth).abs().max() / truth.abs().max())
        if not error <= _CLOSE:
            return f"{name} are off by {error:.2g}" if name.endswith("bits") else f"{name} is off by {error:.2g}"
    return None


def _normal(random: torch.Generator, launcher: Launcher, *shape: int) -> Tensor:
    return torch.randn(shape, generator=random).to(launcher.device)


def _four_bits(launcher: Launcher, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Widened by one kernel, multiplied by the other: their product with themselves widened is the truth."""
    data = torch.randint(0, 256, (36, 96), generator=random, dtype=torch.uint8).to(launcher.device)
    scales = _normal(random, launcher, 36, 3)
    weights = Weights(NF4, data, scales, 36, 192, 64)
    table = torch.tensor(NF4_VALUES, device=launcher.device)
    codes = torch.stack([data >> 4, data & 15], dim=-1).view(36, 192)
    truth = table[codes.long()] * scales.repeat_interleave(64, dim=1)
    wide = torch.empty(36, 192, dtype=torch.bfloat16, device=launcher.device)
    launcher.launch(dequantise(weights, wide, 0, 36))
    x, out = _normal(random, launcher, 192), torch.empty(36, device=launcher.device)
    launcher.launch(project(job(weights.argument(), x, out)))
    exact = torch.cat([out, (wide.float() != truth.bfloat16().float()).sum()[None].float()])
    return exact, torch.cat([functional.linear(x, truth), torch.zeros(1, device=launcher.device)])


def _plain(launcher: Launcher, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Gated rows behind a norm."""
    gate, up = (_normal(random, launcher, 21, 72).bfloat16() for _ in range(2))
    x, norm = _normal(random, launcher, 72), _normal(random, launcher, 72)
    first, second = (Weights(BF16, one, None, 21, 72).argument() for one in (gate, up))
    out = torch.empty(21, device=launcher.device)
    launcher.launch(project(job(first, x, out, second=second, norm=norm, normed=True, eps=1e-6)))
    normed = x * torch.rsqrt(x.square().mean() + 1e-6) * norm
    gated = functional.gelu(gate.float() @ normed, approximate="tanh")
    return out, gated * (up.float() @ normed)


def _eight_bits(launcher: Launcher, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """An LM head with a soft cap."""
    data = torch.randint(-128, 128, (37, 80), generator=random, dtype=torch.int8).to(launcher.device)
    scales, x = _normal(random, launcher, 37) / 64, _normal(random, launcher, 1, 80)
    table = Weights(INT8, data, scales, 37, 80)
    assert fits(table)
    truth = torch.tanh(functional.linear(x, data.float()) * scales / 30) * 30
    return head(launcher, x, table, 30.0), truth


def _route(launcher: Launcher, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Ids and weights in one row of numbers."""
    scores, scale = _normal(random, launcher, 70), _normal(random, launcher, 70)
    ids = torch.zeros(5, dtype=torch.int32, device=launcher.device)
    weights = torch.zeros(5, device=launcher.device)
    launcher.launch(mixture.route(scores, scale, ids, weights))
    best, places = scores.softmax(0).topk(5)
    return torch.cat([ids.float(), weights]), torch.cat([places.float(), best / best.sum() * scale[places]])


def _finish(launcher: Launcher, random: torch.Generator) -> tuple[Tensor, Tensor]:
    """With experts; without them it is a part of this."""
    x, dense, first, second, third = (_normal(random, launcher, 600) for _ in range(5))
    outputs, eps = _normal(random, launcher, 3, 600), 1e-6

    def normed(value: Tensor, norm: Tensor) -> Tensor:
        return value * torch.rsqrt(value.square().mean() + eps) * norm

    truth = (x + normed(normed(dense, first) + normed(outputs.sum(0), second), third)) * 0.5
    launcher.launch(mixture.finish(x, dense, third, eps, 0.5, mixture.Routed(outputs, second, first)))
    return x, truth
