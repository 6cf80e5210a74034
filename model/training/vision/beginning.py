"""How a fresh tower begins: looking at print, at its neighbours, and knowing a patch's place in its soft token.

None of it changes the architecture; it only saves finding out what all reading needs. Patches are taken in by the
principal components of drawn print. Every patch carries a constant, its place inside its soft token and coarse
coordinates. From the constant, the heads of the first layers attend to one neighbour each: a rotary score is
Σ cos(θ (distance − wanted distance)) where query and key are constant but for a turn of the query.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from model.soft_tokens import POOL

KNOWN = 40
"""Numbers of a patch's vector that begin with its place."""
CONSTANT, PHASES, WAVES = slice(0, 4), slice(4, 16), slice(16, 40)
_LOUD = 1.5
"""How loud the place is beside the picture's components, whose root mean square is 1."""

_RIGHT, _LEFT, _UP, _DOWN = (1, 0), (-1, 0), (0, -1), (0, 1)
NEIGHBOURS: tuple[tuple[tuple[int, int], ...], ...] = (
    (_RIGHT, _LEFT, _UP, _DOWN, (2, 0), (-2, 0), (1, 1), (-1, -1)),
    (_RIGHT, _LEFT, _UP, _DOWN, (2, 0), (-2, 0)),
    (_RIGHT, _LEFT, _UP, _DOWN),
    (_RIGHT, _LEFT),
)
"""For the first layers where the first heads look, in patches across and down; the other heads begin at random."""
_SHARPNESS = 1.6
_OPEN = 16.0
_WAVES_USED = 3
"""The fastest of a head's waves along each axis, which alone tell neighbours apart."""


@torch.no_grad()
def begin(network: Any, samples: Tensor) -> None:
    """Prepare a fresh network's tower; ``samples`` [n, 768] are some thousand patches of drawn print in [0, 1]."""
    tower = network.model.vision_tower
    embedder = tower.patch_embedder
    embedder.input_proj.weight.copy_(_components(samples, embedder.input_proj.weight.shape[0]))
    embedder.position_embedding_table.copy_(_places(*embedder.position_embedding_table.shape[1:]))
    frequencies = tower.encoder.rotary_emb.inv_freq
    for layer in tower.encoder.layers:  # nothing else is written where the place is
        layer.self_attn.o_proj.linear.weight[:KNOWN] = 0
        layer.mlp.down_proj.linear.weight[:KNOWN] = 0
    for layer, wanted in zip(tower.encoder.layers, NEIGHBOURS, strict=False):
        _look(layer.self_attn, wanted, frequencies)
    _arrange(tower.encoder.layers[-1].mlp)


def _components(samples: Tensor, width: int) -> Tensor:
    """[width, 768]: principal components of grey patches, the weak ones louder than they are; 0 at the places."""
    grey = samples.view(len(samples), -1, 3).mean(-1) * 2 - 1
    grey = grey - grey.mean(-1, keepdim=True)
    values, vectors = torch.linalg.eigh(grey.T @ grey / len(grey))
    count = min(width - KNOWN, grey.shape[1] - 1)
    values, vectors = values.flip(0)[:count], vectors.flip(1)[:, :count]
    scale = values.clamp_min(values[0] * 1e-4).pow(-0.35)
    scale *= (count / (scale**2 * values).sum()).sqrt()
    weight = torch.zeros(width, grey.shape[1])
    weight[KNOWN : KNOWN + count] = (vectors * scale).T
    return (weight[..., None] / 3).expand(-1, -1, 3).reshape(width, -1)


def _places(count: int, width: int) -> Tensor:
    """[2, count, width]: along each axis what a patch knows of its place."""
    table = torch.randn(2, count, width, generator=torch.Generator().manual_seed(0)) * 0.02
    places = np.arange(count)
    table[0, :, CONSTANT] += _LOUD
    for axis in (0, 1):
        phases = torch.nn.functional.one_hot(torch.from_numpy(places % POOL), POOL) * (2 * _LOUD)
        first = PHASES.start + axis * 6
        table[axis, :, first : first + 3] += phases
        first = WAVES.start + axis * 12
        for wave in range(6):
            angle = torch.from_numpy(places * 2 * math.pi / (6 * 2**wave)).float()
            table[axis, :, first + 2 * wave] += angle.cos() * _LOUD / 2
            table[axis, :, first + 2 * wave + 1] += angle.sin() * _LOUD / 2
    return table


def _look(attention: Any, wanted: tuple[tuple[int, int], ...], frequencies: Tensor) -> None:
    """The first heads' queries and keys come from the constant, a query turned by where its head looks."""
    size = attention.head_dim
    half, pairs = size // 2, size // 4
    queries = attention.q_proj.linear.weight.view(-1, size, attention.q_proj.linear.weight.shape[1])
    keys = attention.k_proj.linear.weight.view(-1, size, attention.k_proj.linear.weight.shape[1])
    fast = [axis * half + pair * pairs + wave for axis in (0, 1) for pair in (0, 1) for wave in range(_WAVES_USED)]
    for weights in (queries, keys):
        weights[len(wanted) :, fast] *= 0.2  # the norms are shared by all heads
    for head, distances in enumerate(wanted[: len(queries)]):
        query, key = torch.zeros(size), torch.zeros(size)
        for axis, distance in enumerate(distances):
            for wave in range(_WAVES_USED):
                place, turn = axis * half + wave, float(frequencies[wave]) * distance
                key[place] = 1
                query[place], query[place + pairs] = math.cos(turn), math.sin(turn)
        for weights, vector in ((queries, query), (keys, key)):
            weights[head] *= 0.1
            weights[head][:, CONSTANT] += vector[:, None] * 4
    attention.q_norm.weight[fast] = _SHARPNESS


def _arrange(mlp: Any) -> None:
    """Nine groups of hidden numbers, each open where a patch is in one of the nine places, each written elsewhere.

    So the average over a soft token's nine patches begins as nine vectors side by side.
    """
    gate, down = mlp.gate_proj.linear.weight, mlp.down_proj.linear.weight
    units, room = gate.shape[0] // POOL**2, (gate.shape[1] - KNOWN) // POOL**2
    for place in range(POOL**2):
        own = slice(place * units, (place + 1) * units)
        gate[own] *= 0.2
        gate[own, CONSTANT] -= 1.5 * _OPEN / (4 * _LOUD)
        for first in (PHASES.start + place % POOL, PHASES.start + 6 + place // POOL):
            gate[own, first] += _OPEN / (2 * _LOUD)
        kept = down[KNOWN + place * room : KNOWN + (place + 1) * room, own].clone()
        down[:, own] = 0
        down[KNOWN + place * room : KNOWN + (place + 1) * room, own] = kept * POOL
