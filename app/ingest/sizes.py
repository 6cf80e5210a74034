"""The size of a page's or picture's view at each visual budget."""

from __future__ import annotations

from model.prompt.pictures import fit_size
from model.soft_tokens import SOFT_TOKEN_PX, VISUAL_BUDGETS

_FINE = 64
"""Pages are measured in points with fractions; sizes are computed on a finer whole grid."""


def picture_size(height: float, width: float, budget: int) -> tuple[int, int]:
    """(height, width) in pixels of a page or picture at a budget."""
    if float(height).is_integer() and float(width).is_integer():
        return fit_size(max(1, int(height)), max(1, int(width)), budget)
    return fit_size(max(1, round(height * _FINE)), max(1, round(width * _FINE)), budget)


def soft_tokens(height: float, width: float) -> dict[int, int]:
    """Soft tokens at every budget."""
    sizes = {budget: picture_size(height, width, budget) for budget in VISUAL_BUDGETS}
    return {budget: rows * columns // SOFT_TOKEN_PX**2 for budget, (rows, columns) in sizes.items()}


def pixels_per_point(height: float, width: float, budget: int) -> float:
    """How many pixels one point of a page gets at a budget."""
    rows, columns = picture_size(height, width, budget)
    return min(rows / height, columns / width)
