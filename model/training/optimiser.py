"""Muon for matrices, AdamW for the rest, with all state in plain tensors so that a resumed run is the same run."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn

_ADAM_ONLY = (
    *("embed_tokens", "position_embedding_table", "router.proj", "norm"),
    *("spelling", "reading.", "lessons.", ".conv.", "depthwise_conv1d"),
)  # fmt: skip
_COEFFICIENTS = ((4.0848, -6.8946, 2.9270), (3.9505, -6.3029, 2.6377), (3.7418, -5.5913, 2.3037),
                 (2.8769, -3.1427, 1.2046), (2.8366, -3.0525, 1.2012))  # fmt: skip
"""Newton–Schulz steps towards the nearest orthogonal matrix, each with its own coefficients."""


def is_matrix(name: str, parameter: Tensor) -> bool:
    """Whether Muon updates ``parameter``; the others are left to Adam."""
    return parameter.ndim >= 2 and not any(word in name for word in _ADAM_ONLY)


def orthogonal(matrices: Tensor) -> Tensor:
    """[n, rows, columns] → about orthogonal ones, in bfloat16."""
    x = matrices.bfloat16()
    turned = x.shape[-2] > x.shape[-1]
    if turned:
        x = x.transpose(-1, -2)
    x = x / (x.norm(dim=(-2, -1), keepdim=True) * 1.01 + 1e-7)
    for a, b, c in _COEFFICIENTS:
        square = x @ x.transpose(-1, -2)
        x = a * x + (b * square + c * square @ square) @ x
    return x.transpose(-1, -2) if turned else x


class Muon:
    """Both optimisers in one; ``rate`` is Muon's, AdamW's is a fixed share of it."""

    def __init__(
        self,
        parameters: Iterable[tuple[str, nn.Parameter]],
        *,
        momentum: float = 0.95,
        adam_share: float = 0.3,
        decay: float = 0.02,
    ) -> None:
        named = [(name, parameter) for name, parameter in parameters if parameter.requires_grad]
        self.names = [name for name, _ in named]
        self._parameters = dict(named)
        self._momentum, self._adam_share, self._decay = momentum, adam_share, decay
        self.state: dict[str, dict[str, Tensor]] = {}
        self.steps: dict[str, int] = {}

    def zero_grad(self) -> None:
        """Clear the gradients."""
        for parameter in self._parameters.values():
            parameter.grad = None

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """One update. Parameters without a gradient are left alone."""
        groups: dict[tuple[int, int], list[tuple[Tensor, Tensor]]] = defaultdict(list)
        for name, parameter in self._parameters.items():
            if parameter.grad is None:
                continue
            if is_matrix(name, parameter):
                groups[parameter.shape[-2], parameter.shape[-1]].append((parameter, self._direction(name, parameter)))
            else:
                self._adam(name, parameter, rate * self._adam_share)
        for shape, pairs in groups.items():
            self._muon(shape, pairs, rate)

    def _muon(self, shape: tuple[int, int], pairs: list[tuple[Tensor, Tensor]], rate: float) -> None:
        """All matrices of one shape at once."""
        rows, columns = shape
        stacked = torch.cat([direction.reshape(-1, rows, columns) for _, direction in pairs])
        updates = orthogonal(stacked).float() * (0.2 * max(shape) ** 0.5)
        sizes = [weights.numel() // (rows * columns) for weights, _ in pairs]
        for (weights, _), update in zip(pairs, updates.split(sizes), strict=True):
            weights.mul_(1 - rate * self._decay).add_(update.view_as(weights), alpha=-rate)

    def _direction(self, name: str, parameter: Tensor) -> Tensor:
        assert parameter.grad is not None
        state = self.state.setdefault(name, {"momentum": torch.zeros_like(parameter)})
        state["momentum"].lerp_(parameter.grad, 1 - self._momentum)
        return parameter.grad.lerp(state["momentum"], self._momentum)

    def _adam(self, name: str, parameter: Tensor, rate: float) -> None:
        assert parameter.grad is not None
        state = self.state.setdefault(
            name, {"mean": torch.zeros_like(parameter), "square": torch.zeros_like(parameter)}
        )
        step = self.steps[name] = self.steps.get(name, 0) + 1
        state["mean"].lerp_(parameter.grad, 0.1)
        state["square"].lerp_(parameter.grad.square(), 0.01)
        size = (state["square"] / (1 - 0.99**step)).sqrt_().add_(1e-8)
        parameter.addcdiv_(state["mean"] / (1 - 0.9**step), size, value=-rate)

    def state_dict(self) -> dict[str, Any]:
        """Everything that a resumed run needs."""
        return {"state": self.state, "steps": self.steps}

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Continue from ``state_dict``; what this optimiser does not know is dropped."""
        self.state = {
            name: {key: value.to(self._parameters[name].device) for key, value in values.items()}
            for name, values in saved["state"].items()
            if name in self._parameters and all(v.shape == self._parameters[name].shape for v in values.values())
        }
        self.steps = {name: step for name, step in saved["steps"].items() if name in self.state}
