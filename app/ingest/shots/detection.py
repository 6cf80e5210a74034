"""Where one shot ends and the next begins, told from a row of tiny pictures taken at an even rate.

Each picture is ``ROWS × COLUMNS`` cells of red, green and blue. Three questions are asked of every place:

- *Cut*: do cells change at one step, for good, and by more than they do nearby? Medians over the pictures before and
  after are compared, so a camera flash, noise and steady motion do not count, while a new title on the same
  background does.
- *Fade*: does the picture lose its contrast for a moment (to black, to white, to any colour), and is it another one
  afterwards?
- *Dissolve*: are the pictures in between mixtures of the one before and the one after, in rising shares, with rest
  on both sides? A moving camera gives pictures that are no mixture; changing light knows no rest.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 18, 32
CELLS = ROWS * COLUMNS
WINDOW = 4
"""Pictures before and after a cut that are compared."""

Kind = Literal["cut", "fade", "dissolve"]
Cells = NDArray[np.uint8]
Floats = NDArray[np.float32]

_CHUNK = 2048
_NEAR_S = 1.5
_LEVELS = 10.0
"""Of 255: a cell that changes by less may be noise."""
_LEAST_CHANGE = 0.25
"""Levels, over all cells: a short title on the same background is more than this."""
_CONCENTRATED = 0.35
"""A key frame that renews a picture changes all of it a little; a scene changes some of it a lot."""
_OVER_NEARBY = 2.5
_OVER_MOTION = 3.0
_STAYS = 0.4
_AT_ONCE = 0.5
_JUMP = 14.0
_FLAT = 0.3
_FADE_S = 0.4
_BLACK_SCENE_S = 1.5
_MIXED = 0.42
_LEAST_DISSOLVE = 5.0
_OVER_OUTSIDE = 1.5
_OVER_OUTSIDE_WEAK = 2.25
_CLEAR = 20.0
"""Levels: a change of this size needs less of a difference to what happens outside of it."""
_ALIKE, _REST = 0.85, 0.5
_HALF_WINDOWS_S = (0.6, 0.9, 1.3, 1.8)
LEAST_SCENE_S = 0.7


@dataclass(frozen=True, slots=True)
class Boundary:
    """Between two pictures: ``index`` is the first one of the new shot. ``begin`` and ``end``: of the transition."""

    index: int
    kind: Kind
    score: float
    begin: int
    end: int


@dataclass(slots=True)
class Steps:
    """What happens from each picture to the next. All arrays have one entry a picture; the first has no meaning."""

    lasting: Floats
    """Change at this very step that stays, in levels over all cells."""
    at_once: Floats
    """Which share of the lasting change around here happens at this very step."""
    jump: Floats
    """Change at this step, lasting or not."""
    apart: Floats
    """How different the pictures before and after are, beyond what moves in them."""


def find_boundaries(cells: Cells, rate: float) -> list[Boundary]:
    """All boundaries in order. ``cells`` is [pictures, ROWS × COLUMNS × 3], ``rate`` pictures a second."""
    if len(cells) < 2:
        return []
    steps = measure(cells)
    calm = without_flashes(cells)
    fades = list(_fades(calm, _contrast(calm), rate))
    cuts = [cut for cut in _cuts(steps, rate) if not any(fade.begin <= cut.index <= fade.end + 1 for fade in fades)]
    found = [*fades, *cuts]
    found += _dissolves(calm, rate, found)
    return _apart(sorted(found, key=lambda boundary: boundary.index), len(cells), rate)


def measure(cells: Cells) -> Steps:
    """The steps, computed piece by piece so that an hour needs no more memory than a minute."""
    count = len(cells)
    steps = Steps(*(np.zeros(count, np.float32) for _ in range(4)))
    for start in range(0, count, _CHUNK):
        stop = min(count, start + _CHUNK)
        _measure_piece(cells, start, stop, steps)
    return steps


def _measure_piece(cells: Cells, start: int, stop: int, steps: Steps) -> None:
    low, high = start - WINDOW, stop + WINDOW - 1
    rows = np.clip(np.arange(low, high), 0, len(cells) - 1)
    x = cells[rows].astype(np.float32)
    middle, spread = _median4(x)
    number = stop - start
    before, after = middle[:number], middle[WINDOW : WINDOW + number]
    noise = spread[:number] + spread[WINDOW : WINDOW + number]
    now, last = x[WINDOW : WINDOW + number], x[WINDOW - 1 : WINDOW - 1 + number]
    change, step = np.abs(after - before), np.abs(now - last)
    changed = change > _LEVELS + 3 * noise
    lasting = np.where(changed, change, 0)
    here = np.where(changed, np.minimum(step, change), 0)
    part = slice(start, stop)
    total = lasting.mean(axis=1)
    steps.lasting[part] = here.mean(axis=1)
    steps.at_once[part] = steps.lasting[part] / np.maximum(total, 1e-6)
    steps.jump[part] = step.mean(axis=1)
    steps.apart[part] = np.maximum(change - noise, 0).mean(axis=1)
    if start == 0:
        steps.lasting[0] = steps.jump[0] = steps.apart[0] = 0


def without_flashes(cells: Cells) -> Cells:
    """Each cell as the median of itself and its neighbours in time: what is seen once only goes."""
    calm = cells.copy()
    for start in range(1, len(cells) - 1, _CHUNK):
        stop = min(len(cells) - 1, start + _CHUNK)
        last, now, following = cells[start - 1 : stop - 1], cells[start:stop], cells[start + 1 : stop + 1]
        low, high = np.minimum(last, now), np.maximum(last, now)
        calm[start:stop] = np.maximum(low, np.minimum(high, following))
    return calm


def _contrast(cells: Cells) -> Floats:
    result = np.zeros(len(cells), np.float32)
    for start in range(0, len(cells), _CHUNK):
        part = cells[start : start + _CHUNK].astype(np.float32)
        result[start : start + _CHUNK] = part.reshape(len(part), CELLS, 3).std(axis=1).mean(axis=1)
    return result


def _median4(x: Floats) -> tuple[Floats, Floats]:
    """Of each four neighbours the median, and how far the two in the middle are apart."""
    low, high = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
    one, other = np.minimum(high[:-2], high[2:]), np.maximum(low[:-2], low[2:])
    middle: Floats = (one + other) * np.float32(0.5)
    spread: Floats = np.abs(one - other)
    return middle, spread


def _cuts(steps: Steps, rate: float) -> Iterator[Boundary]:
    near = max(WINDOW, round(_NEAR_S * rate))
    for index in range(1, len(steps.jump)):
        if steps.lasting[index] < _LEAST_CHANGE and steps.jump[index] < _JUMP:
            continue
        around = np.r_[max(1, index - near) : max(1, index - 1), index + 2 : min(len(steps.jump), index + near + 1)]
        if steps.apart[index] < _STAYS * steps.jump[index] or steps.jump[index] < _OVER_MOTION * _usual(
            steps.jump, around
        ):
            continue
        lasting = steps.lasting[index] >= max(_LEAST_CHANGE, _CONCENTRATED * steps.jump[index])
        lasting = lasting and steps.at_once[index] > _AT_ONCE
        if (lasting and _peak(steps.lasting, index, around)) or (
            steps.jump[index] >= _JUMP and _peak(steps.jump, index, around)
        ):
            yield Boundary(index, "cut", float(steps.apart[index]), index, index)


def _peak(values: Floats, index: int, around: NDArray[np.int64]) -> bool:
    """Larger than its neighbours on both sides, and much larger than what is usual nearby."""
    here = values[index]
    if here < values[max(0, index - 2) : index + 3].max():
        return False
    return bool(here >= _OVER_NEARBY * _usual(values, around))


def _usual(values: Floats, around: NDArray[np.int64]) -> float:
    return float(np.quantile(values[around], 0.75)) if len(around) else 0.0


def _fades(cells: Cells, contrast: Floats, rate: float) -> Iterator[Boundary]:
    reach = max(2, round(2.0 * rate))
    index, count = 0, len(contrast)
    while index < count:
        left = contrast[max(0, index - reach) : index + 1].max()
        right = contrast[index : index + reach + 1].max()
        if contrast[index] > _FLAT * min(left, right) or min(left, right) < 4:
            index += 1
            continue
        stop = index
        limit = _FLAT * min(left, right)
        while stop + 1 < count and contrast[stop + 1] <= limit:
            stop += 1
        yield from _fade(cells, contrast, index, stop, rate)
        index = stop + 1


def _fade(cells: Cells, contrast: Floats, first: int, last: int, rate: float) -> Iterator[Boundary]:
    """One stretch without contrast, from ``first`` to ``last``."""
    reach = max(2, round(1.5 * rate))
    begin, end = first, last
    while begin > 0 and first - begin < reach and contrast[begin - 1] > contrast[begin] + 0.5:
        begin -= 1
    while end + 1 < len(contrast) and end - last < reach and contrast[end + 1] > contrast[end] + 0.5:
        end += 1
    if begin == 0 or end + 1 >= len(contrast) or (end - begin) / rate < _FADE_S:
        return
    before, after = cells[begin].astype(np.float32), cells[end].astype(np.float32)
    changed = np.abs(after - before) > 1.5 * _LEVELS
    if changed.mean() < 0.02:
        return
    score = float(np.abs(after - before).mean())
    if (last - first) / rate >= _BLACK_SCENE_S:
        yield Boundary(first, "fade", score, begin, first)
        yield Boundary(last + 1, "fade", score, last, end)
    else:
        yield Boundary((first + last + 1) // 2, "fade", score, begin, end)


def _dissolves(cells: Cells, rate: float, known: list[Boundary]) -> list[Boundary]:
    """Places that no cut or fade explains."""
    taken = np.zeros(len(cells), bool)
    for boundary in known:
        taken[max(0, boundary.begin - 1) : boundary.end + 1] = True
    found: list[Boundary] = []
    for seconds in _HALF_WINDOWS_S:
        half = max(2, round(seconds * rate))
        if len(cells) < 2 * half + 1:
            break
        across = _across(cells, half)
        for index in _maxima(across, max(1, half // 2)):
            if across[index] < _LEAST_DISSOLVE or taken[max(0, index - half) : index + half + 1].any():
                continue
            dissolve = _dissolve(cells, index, half)
            if dissolve is not None:
                found.append(dissolve)
                taken[dissolve.begin : dissolve.end + 1] = True
    return found


def _across(cells: Cells, half: int) -> Floats:
    """How different the pictures ``half`` before and after each place are."""
    result = np.zeros(len(cells), np.float32)
    for start in range(half, len(cells) - half, _CHUNK):
        stop = min(len(cells) - half, start + _CHUNK)
        after = cells[start + half : stop + half].astype(np.int16)
        result[start:stop] = np.abs(after - cells[start - half : stop - half]).mean(axis=1)
    return result


def _maxima(values: Floats, near: int) -> Iterator[int]:
    for index in range(near, len(values) - near):
        around = values[index - near : index + near + 1]
        if values[index] == around.max() and index - near + int(around.argmax()) == index:
            yield index


def _dissolve(cells: Cells, index: int, half: int) -> Boundary | None:
    """Whether the pictures around ``index`` go over from one to another as mixtures do."""
    low, high = max(0, index - half - 1), min(len(cells), index + half + 2)
    x = cells[low:high].astype(np.float32)
    before, after = x[:2].mean(axis=0), x[-2:].mean(axis=0)
    way = after - before
    length = float(way @ way)
    share = (x - before) @ way / max(length, 1e-6)
    off = np.sqrt(((x - before - share[:, None] * way) ** 2).sum(axis=1) / max(length, 1e-6))
    under = np.flatnonzero(share < 0.15)
    over = np.flatnonzero(share > 0.85)
    if not len(under) or not len(over):
        return None
    begin, end = int(under[-1]), int(over[0])
    between = slice(begin + 1, end)
    inside = end - begin - 1
    if inside < 2 or end - begin > 0.62 * (len(x) - 1) or (np.diff(share[begin : end + 1]) < -0.05).any():
        return None
    if float(np.median(off[between])) > _MIXED or begin < 1 or end > len(x) - 2:
        return None
    middle = low + begin + 1 + int(np.searchsorted(share[between], 0.5))
    # The last tenths of a mixture are hard to see: count them in.
    margin = max(1, inside // 4)
    if not _outstanding(cells, way, low + begin - margin, low + end + margin) or _same_but_light(before, after):
        return None
    return Boundary(middle, "dissolve", float(np.abs(way).mean()), low + begin - margin, low + end + margin)


def _outstanding(cells: Cells, way: Floats, begin: int, end: int) -> bool:
    """Whether more changes from ``begin`` to ``end`` than in as much time before and after."""
    lag, change = end - begin, float(np.abs(way).mean())
    needed = _OVER_OUTSIDE if change >= _CLEAR else _OVER_OUTSIDE_WEAK
    for side in (-1, 1):
        usual = [_outside(cells, begin if side < 0 else end, side, lag, round(far * lag)) for far in (0, 0.5, 1.0)]
        if change < needed * sorted(usual)[1]:
            return False
    return True


def _outside(cells: Cells, edge: int, side: int, lag: int, far: int) -> float:
    """How much changes within ``lag`` pictures, ``far`` away from the edge; 0 where the video has ended."""
    one, other = edge + side * far, edge + side * (far + lag)
    if min(one, other) < 0 or max(one, other) >= len(cells):
        return 0.0
    return float(np.abs(cells[one].astype(np.float32) - cells[other]).mean())


def _same_but_light(before: Floats, after: Floats) -> bool:
    """Whether one picture is the other under another light."""
    a, b = before.reshape(CELLS, 3), after.reshape(CELLS, 3)
    left, right = a - a.mean(axis=0), b - b.mean(axis=0)
    powers = np.maximum((left * left).sum(axis=0), 1e-6), np.maximum((right * right).sum(axis=0), 1e-6)
    product = (left * right).sum(axis=0)
    rest = np.abs(right - product / powers[0] * left).mean()
    alike = product / np.sqrt(powers[0] * powers[1])
    return bool((alike > _ALIKE).all() and rest < _REST * np.abs(b - a).mean())


def _apart(found: list[Boundary], count: int, rate: float) -> list[Boundary]:
    """No two nearer than a scene may be short, the stronger one stays; nor one at the very ends."""
    least = max(1, round(LEAST_SCENE_S * rate))
    kept: list[Boundary] = []
    for boundary in found:
        if boundary.index < min(least, 2) or boundary.index > count - min(least, 2):
            continue
        if kept and boundary.index - kept[-1].index < least:
            if boundary.score > kept[-1].score:
                kept[-1] = boundary
            continue
        kept.append(boundary)
    return kept
