"""What was measured, as a table for a terminal, as plain data, and as an SVG plot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from statistics import median
from textwrap import shorten
from typing import TYPE_CHECKING, Any

from app.library.fitting import gigabytes
from model.bench.figures import Figure

if TYPE_CHECKING:
    from app.diagnostics.questions import Marked

_LONGEST = 80
"""Characters shown of a wrong answer."""


@dataclass
class Report:
    """Everything that one run found. ``peaks`` are bytes of resident memory, ours first."""

    model: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)
    peers: dict[str, dict[str, Any]] = field(default_factory=dict)
    peaks: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    questions: list[Marked] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """One object, as ``--json`` prints it."""
        return {
            "model": self.model,
            "about": self.about,
            "machine": self.machine,
            "figures": [figure.as_json() for figure in self.figures],
            "peers": self.peers,
            "peak_bytes": self.peaks,
            "notes": self.notes,
            **({"questions": [one.as_json() for one in self.questions]} if self.questions else {}),
        }


def lines(report: Report) -> list[str]:
    """The report as lines of a table."""
    head = []
    if report.model:
        head.append(f"{report.model}: {report.about['quantisation']}, {gigabytes(report.about['weight_bytes'])}")
    if report.machine:
        rates = report.machine
        head.append(
            f"This machine: {rates['bandwidth'] / 1e9:.1f} GB/s of reading, {rates['matrix_rate'] / 1e9:.0f} GFLOP/s "
            f"of bf16 products, {rates['threads']} threads"
        )
    table = _columns(report) if report.figures else []
    peaks = [f"{name} {gigabytes(size)}" for name, size in report.peaks.items() if size]
    tail = [f"Peak memory: {', '.join(peaks)}"] if peaks else []
    tail += [f"{name}: {about['name']}" for name, about in report.peers.items() if about.get("name")]
    return [*head, *table, *_marks(report.questions), *tail, *report.notes]


def _marks(questions: Sequence[Marked]) -> list[str]:
    if not questions:
        return []
    right, shown = sum(one.right for one in questions), sum(one.evidenced for one in questions)
    lines = []
    for one in questions:
        lines.append(f"{'✓' if one.right else '✗'} {'“' if one.evidenced else ' '} {one.question.text}")
        if not one.right:
            answer = shorten(one.answer, _LONGEST, placeholder="…") or "nothing"
            lines.append(f"    answered: {answer}; right: {' or '.join(one.question.answers)}")
    total = len(questions)
    return [
        *lines,
        f"Right: {right:,} of {total:,} ({100 * right / total:.1f} %). With a quotation that was found (“): {shown:,}.",
        f"Seconds a question, median: {median(one.seconds for one in questions):.1f}",
    ]


def _columns(report: Report) -> list[str]:
    others = list(dict.fromkeys(name for figure in report.figures for name in figure.peers))
    rows = [["", "median", "", "spread", "of limit", *others]]
    for figure in report.figures:
        limit = figure.of_limit
        row = [figure.name, number(figure.value), figure.unit, f"± {50 * figure.spread:.0f} %"]
        row.append("" if limit is None else f"{100 * limit:.0f} %")
        row += [_against(figure, name) for name in others]
        rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(_aligned(cell, widths[at], at) for at, cell in enumerate(row)).rstrip() for row in rows]


def _aligned(cell: str, width: int, column: int) -> str:
    return cell.ljust(width) if column in (0, 2) else cell.rjust(width)


def _against(figure: Figure, name: str) -> str:
    times = figure.times(name)
    return "" if times is None else f"{number(figure.rate(figure.peers[name]))}, {times:.2f} ×"


def number(value: float) -> str:
    """A figure with three digits that count."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3g}"


# The plot: one bar a figure for us, one for each peer, each figure on its own scale.

_WIDTH, _LEFT, _RIGHT, _BAR, _GAP = 760, 270, 130, 13, 12
_COLOURS = ("#2b5f8a", "#b0793a", "#6f8f4a", "#8a5b8f", "#9a4b4b")


def svg(report: Report) -> str:
    """Bars of what is measured in units a second; the grey line is the machine's limit."""
    shapes: list[str] = []
    y = 64
    names = ["Lectern", *dict.fromkeys(name for figure in report.figures for name in figure.peers)]
    for figure in report.figures:
        if figure.amount:
            y = _bars(figure, names, y, shapes)
    legend = [
        f'<rect x="{_LEFT + 120 * at}" y="38" width="11" height="11" fill="{_COLOURS[at % len(_COLOURS)]}"/>'
        f'<text x="{_LEFT + 120 * at + 16}" y="48">{escape(name)}</text>'
        for at, name in enumerate(names)
    ]
    title = f'<text x="16" y="24" font-size="15">{escape(report.model or "Reading files")}</text>'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 8}" font-family="sans-serif" '
    head += 'font-size="12" fill="#223">'
    sheet = f'<rect width="{_WIDTH}" height="{y + 8}" fill="#fff"/>'
    return "\n".join([head, sheet, title, *legend, *shapes, "</svg>", ""])


def _bars(figure: Figure, names: Sequence[str], y: int, shapes: list[str]) -> int:
    values = [("Lectern", figure.value)]
    values += [(name, figure.rate(figure.peers[name])) for name in names if name in figure.peers]
    limit = figure.rate(figure.limit_s) if figure.limit_s else 0.0
    scale = (_WIDTH - _LEFT - _RIGHT) / max(limit, *(value for _, value in values), 1e-9)
    shapes.append(f'<text x="{_LEFT - 10}" y="{y + 11}" text-anchor="end">{escape(figure.name)}</text>')
    top = y
    for name, value in values:
        colour = _COLOURS[names.index(name) % len(_COLOURS)]
        shapes.append(f'<rect x="{_LEFT}" y="{y}" width="{value * scale:.1f}" height="{_BAR - 2}" fill="{colour}"/>')
        label = f"{number(value)} {escape(figure.unit)}" if name == "Lectern" else number(value)
        shapes.append(f'<text x="{_LEFT + value * scale + 5:.1f}" y="{y + 10}">{label}</text>')
        y += _BAR
    if limit:
        x = _LEFT + limit * scale
        shapes.append(f'<path d="M{x:.1f} {top - 2}V{y}" stroke="#777" stroke-dasharray="3 2"/>')
    return y + _GAP
