"""The context meter: how much of the model's context the conversation takes, and how much of it is cached."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from app.i18n import tr
from app.ui.look.status import meter_long, meter_short
from app.ui.look.widgets import label, row
from model.types import Preflight

BAR = QSize(56, 6)


class ContextBar(QWidget):
    """A bar with two parts: filled for what is cached, outlined for what will be read."""

    def __init__(self) -> None:
        super().__init__()
        self.reused = self.used = 0.0
        self.over = False
        """More than the context holds."""
        self.setFixedSize(BAR)

    def set_shares(self, reused: float, used: float) -> None:
        """Shares of the context, from 0 to 1; more does not fit."""
        self.reused, self.used, self.over = min(1.0, reused), min(1.0, used), used > 1.0
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The groove, then the prompt's outline, then its cached part."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(self.palette().color(QPalette.ColorRole.Midlight))
        painter.setBrush(self.palette().color(QPalette.ColorRole.Midlight))
        painter.drawRoundedRect(whole, 2.5, 2.5)
        accent = self.palette().color(QPalette.ColorRole.BrightText if self.over else QPalette.ColorRole.Highlight)
        painter.setPen(accent)
        empty = accent if self.over else self.palette().color(QPalette.ColorRole.Light)
        for share, brush in ((self.used, empty), (self.reused, accent)):
            if share > 0:
                painter.setBrush(brush)
                part = QRectF(whole)
                part.setWidth(max(3.0, share * whole.width()))
                painter.drawRoundedRect(part, 2.5, 2.5)


class ContextMeter(QWidget):
    """The bar and its figures; shown once the engine has reported what the conversation costs."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = ContextBar()
        self._room = True
        self.words = label(look="small")
        line = row(spacing=7)
        line.addWidget(self.bar)
        line.addWidget(self.words)
        self.setLayout(line)
        self.setAccessibleName(tr("Context of this conversation"))
        self.hide()

    def set_room(self, enough: bool) -> None:
        """A narrow composer keeps the bar and leaves the words to the tooltip, unless they are a warning."""
        self._room = enough
        self.words.setVisible(enough or self.bar.over)

    def show_costs(self, costs: Preflight | None) -> None:
        """Draw what is known; nothing where nothing is."""
        self.setVisible(costs is not None)
        if costs is None:
            return
        context = max(1, costs.context_tokens)
        self.bar.set_shares(costs.reused_tokens / context, costs.prompt_tokens / context)
        self.words.setText(meter_short(costs))
        self.words.setProperty("look", "error" if self.bar.over else "small")
        self.words.style().unpolish(self.words)
        self.words.style().polish(self.words)
        self.set_room(self._room)
        self.setToolTip(meter_long(costs))
        self.setAccessibleDescription(meter_long(costs))
