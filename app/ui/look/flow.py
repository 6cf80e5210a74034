"""Buttons beside each other that go on in further lines where there is no room."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtWidgets import QPushButton, QWidget


class Flow(QWidget):
    """Buttons in as many lines as they need; hidden ones take no room."""

    USUAL = 540
    """Pixels that it has in most places."""

    def __init__(self, buttons: Sequence[QPushButton], *, gap: int = 8, centred: bool = False) -> None:
        super().__init__()
        self._buttons, self._gap, self._centred = buttons, gap, centred
        for button in buttons:
            button.setParent(self)
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        """For the width that it usually has."""
        return QSize(self.USUAL, self.heightForWidth(self.USUAL))

    def minimumSizeHint(self) -> QSize:
        """As wide as the widest button."""
        sizes = [button.sizeHint() for button in self._shown] or [QSize(0, 0)]
        return QSize(max(size.width() for size in sizes), sizes[0].height())

    def hasHeightForWidth(self) -> bool:
        """More lines where it is narrow."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height of all lines of buttons at this width."""
        lines = self._lines(width)
        heights = [max(button.sizeHint().height() for button in line) for line in lines]
        return sum(heights) + self._gap * max(0, len(lines) - 1)

    def resizeEvent(self, event: object) -> None:
        """Put the buttons where they fit."""
        self._place()

    def event(self, event: QEvent) -> bool:
        """A button was shown or hidden, or has other words."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            self._place()
        return super().event(event)

    @property
    def _shown(self) -> list[QPushButton]:
        return [button for button in self._buttons if not button.isHidden()]

    def _lines(self, width: int) -> list[list[QPushButton]]:
        lines: list[list[QPushButton]] = []
        left = 0
        for button in self._shown:
            wide = button.sizeHint().width()
            if not lines or left + wide > width:
                lines.append([])
                left = 0
            lines[-1].append(button)
            left += wide + self._gap
        return lines

    def _place(self) -> None:
        top = 0
        for line in self._lines(self.width()):
            sizes = [button.sizeHint() for button in line]
            room = self.width() - sum(size.width() for size in sizes) - self._gap * (len(line) - 1)
            left = max(0, room // 2) if self._centred else 0
            for button, size in zip(line, sizes, strict=True):
                button.setGeometry(left, top, size.width(), size.height())
                left += size.width() + self._gap
            top += max(size.height() for size in sizes) + self._gap
