"""*Tools → Figures…*: what has been read, reused, written and found since the start, also over time."""

from __future__ import annotations

import time

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QGridLayout, QWidget

from app.engine.model import kept
from app.engine.model.figures import FIGURES, Counts
from app.engine.model.history import Past
from app.engine.threads.background import Background, only_logged
from app.i18n import number, tr
from app.text.sizes import size
from app.ui.api.chart import Chart, Line
from app.ui.look.buttons import close_button
from app.ui.look.widgets import column, label

REFRESH_MS = 1000


class FiguresDialog(QDialog):
    """Figures of the window's own answers and of other programs'."""

    def __init__(self, background: Background, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Figures"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._background = background
        self.words = label(wrap=True, selectable=True)
        self.speed = Chart(tr("Tokens per second, writing"), lambda value: number(value, _digits(value)))
        self.first = Chart(tr("Seconds to the first word"), lambda value: number(value, _digits(value)))
        self.cached = Chart(tr("Cached documents"), lambda value: size(round(value)))
        self.memory = Chart(tr("Memory of Lectern"), lambda value: size(round(value)))
        layout = column(self, margins=(20, 18, 20, 16), spacing=12)
        layout.addWidget(label(tr("Figures since Lectern started"), "heading"))
        layout.addWidget(self.words)
        grid = QGridLayout()
        grid.setHorizontalSpacing(20)
        grid.setVerticalSpacing(12)
        for place, chart in enumerate((self.speed, self.first, self.cached, self.memory)):
            grid.addWidget(chart, place // 2, place % 2)
        layout.addLayout(grid, 1)
        close = close_button()
        close.rejected.connect(self.reject)
        layout.addWidget(close)
        self._timer = QTimer(self, interval=REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        self._timer.start()
        self.refresh()
        self.resize(max(720, self.sizeHint().width()), self.sizeHint().height())

    def refresh(self) -> None:
        """Show the current figures; the disk is measured on the background thread, for the next time."""
        self._background.run(_look, lambda _nothing: None, only_logged)
        words = "\n".join(figure_lines(FIGURES.snapshot()))
        if words != self.words.text():  # what a reader has selected stays
            self.words.setText(words)
        self.show_past(FIGURES.history.past(), time.time())

    def show_past(self, past: Past, now: float) -> None:
        """Draw all charts over the same time."""
        begin = min((points[0].at_s for points in (past.answers, past.levels) if points), default=now)
        writing, firsts = tr("Tokens per second, writing"), tr("Seconds to the first word")
        charts = (
            (self.speed, [(writing, [(one.at_s, one.tokens_per_s) for one in past.answers if one.tokens_per_s > 0])]),
            (self.first, [(firsts, [(one.at_s, one.first_word_s) for one in past.answers if one.first_word_s > 0])]),
            (
                self.cached,
                [
                    (tr("in memory"), [(one.at_s, float(one.cached)) for one in past.levels]),
                    (tr("on disk"), [(one.at_s, float(one.on_disk)) for one in past.levels]),
                ],
            ),
            (self.memory, [(tr("Memory of Lectern"), [(one.at_s, float(one.memory)) for one in past.levels])]),
        )
        for chart, lines in charts:
            chart.show_lines([Line(name, tuple(points)) for name, points in lines], begin, now)


def figure_lines(counts: Counts) -> list[str]:
    """What was read, reused and written, how fast, and what was found; one line each."""
    prompts = counts.read_tokens + counts.reused_tokens
    share = f"{counts.reused_tokens / prompts:.0%}" if prompts else "–"
    read, reused = number(counts.read_tokens), number(counts.reused_tokens)
    reading = number(round(counts.read_tokens / counts.read_s)) if counts.read_s else "–"
    writing = number(counts.written_tokens / counts.written_s, 1) if counts.written_s else "–"
    firsts = sum(counts.first_words)
    first = number(counts.first_word_s / firsts, 1) if firsts else "–"
    accepted = f"{counts.accepted_tokens / counts.drafted_tokens:.0%}" if counts.drafted_tokens else "–"
    found = sum(counts.evidence[state] for state in counts.evidence if state not in ("unverified", "seen"))
    written, lost = number(counts.written_tokens), number(counts.evidence["unverified"])
    return [
        tr("Answers: {n}", n=number(sum(counts.answers.values()))),
        tr(
            "Tokens read anew: {read}, reused from the cache: {reused} ({share})", read=read, reused=reused, share=share
        ),
        tr("Tokens written: {written}; drafts accepted: {share}", written=written, share=accepted),
        tr("Tokens per second: {reading} reading, {writing} writing", reading=reading, writing=writing),
        tr("Seconds to the first word, on average: {seconds}", seconds=first),
        tr("Quotations found: {found}, not found: {lost}", found=number(found), lost=lost),
        tr("Cached in memory: {size}", size=size(counts.cached_bytes)),
    ]


def _look() -> None:
    FIGURES.look(kept.kept_bytes)


def _digits(value: float) -> int:
    return 0 if value >= 100 or value == int(value) else 1 if value >= 1 else 2
