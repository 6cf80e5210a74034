"""Room for each exchange of a conversation. Only those near what is in sight are drawn; the others keep their height.

A conversation of hundreds of exchanges costs, when it is opened and while it is read, what a few screens of it cost.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.conversation import Exchange
from app.ui.conversation.message import ExchangeView
from app.ui.look.widgets import column

MOST_DRAWN = 32
"""The most widgets that are kept; beyond it, those farthest away are deleted."""
_UNBOUND = 16_777_215
_LINE_CHARS, _LINE_PX, _AROUND_PX = 95, 25, 150

Make = Callable[[Exchange], ExchangeView]


class Slot(QWidget):
    """An exchange's room in the column, with or without its view."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__()
        self.exchange = exchange
        self.view: ExchangeView | None = None
        self._layout = column(self)
        self.setFixedHeight(estimate(exchange))

    def draw(self, make: Make, width: int) -> ExchangeView:
        """Make the view, if it is not there."""
        if self.view is None:
            self.view = make(self.exchange)
            for _ in range(2):  # heights depend on widths, which the first pass gives
                self.view.resize(width, self.view.sizeHint().height())
                layout = self.view.layout()
                assert layout is not None
                layout.activate()
            self._layout.addWidget(self.view)
            self.view.show()  # Qt would only do it when the event loop comes to it
            self.setMinimumHeight(0)
            self.setMaximumHeight(_UNBOUND)
        return self.view

    def let_go(self) -> None:
        """Keep the room, drop the view."""
        if self.view is not None:
            self.setFixedHeight(self.height())
            self._layout.removeWidget(self.view)
            self.view.hide()
            self.view.deleteLater()
            self.view = None

    @property
    def needed(self) -> bool:
        """Whether something happens in it."""
        return not self.exchange.stage.over or (self.view is not None and self.view.isAncestorOf(self.focus_widget))

    @property
    def focus_widget(self) -> QWidget:
        """The widget with the keyboard in this window, else itself."""
        return self.window().focusWidget() or self


class Slots(Mapping[int, ExchangeView]):
    """The exchanges by their keys, in order. Asking for a view makes it."""

    def __init__(self, layout: QVBoxLayout, make: Make, width: Callable[[], int]) -> None:
        self._layout, self._make, self._width = layout, make, width
        self._slots: dict[int, Slot] = {}
        self.order: list[int] = []
        self.made = 0
        """How many views have been made: the work that was done."""

    def __getitem__(self, key: int) -> ExchangeView:
        """The view, drawn if it is not yet."""
        return self._slots[key].draw(self._count, self._width())

    def __iter__(self) -> Iterator[int]:
        return iter(self.order)

    def __len__(self) -> int:
        return len(self.order)

    def _count(self, exchange: Exchange) -> ExchangeView:
        self.made += 1
        return self._make(exchange)

    @property
    def drawn(self) -> list[ExchangeView]:
        """The views that are there."""
        return [slot.view for slot in self._slots.values() if slot.view is not None]

    def slot(self, key: int) -> Slot:
        """The room of an exchange."""
        return self._slots[key]

    def add(self, exchange: Exchange) -> None:
        """Room for one more at the end."""
        slot = Slot(exchange)
        self._slots[exchange.key] = slot
        self.order.append(exchange.key)
        self._layout.insertWidget(self._layout.count() - 1, slot)
        slot.show()  # without it, it has no room until the event loop comes to it

    def remove(self, key: int) -> None:
        """It is no longer part of what is shown."""
        slot = self._slots.pop(key, None)
        if slot is not None:
            self.order.remove(key)
            self._layout.removeWidget(slot)
            slot.hide()
            slot.deleteLater()

    def between(self, top: int, bottom: int) -> list[Slot]:
        """Those that are at these heights, as the layout has them."""
        first = max(0, bisect_right(self.order, top, key=lambda key: self._slots[key].y()) - 1)
        found = []
        for key in self.order[first:]:
            slot = self._slots[key]
            if slot.y() > bottom:
                break
            if slot.y() + slot.height() >= top:
                found.append(slot)
        return found

    def draw(self, slots: list[Slot]) -> bool:
        """Draw what is missing among these; whether anything was."""
        missing = [slot for slot in slots if slot.view is None]
        for slot in missing:
            slot.draw(self._count, self._width())
        return bool(missing)

    def thin_out(self, near: list[Slot]) -> None:
        """Let go of what is far away."""
        keep = set(near)
        drawn = [
            slot for slot in self._slots.values() if slot.view is not None and slot not in keep and not slot.needed
        ]
        spare = len(self.drawn) - MOST_DRAWN
        if spare > 0 and near:
            middle = near[len(near) // 2].y()
            for slot in sorted(drawn, key=lambda slot: abs(slot.y() - middle), reverse=True)[:spare]:
                slot.let_go()


def estimate(exchange: Exchange) -> int:
    """About how high an exchange will be."""
    lines = len(exchange.question) // 70 + exchange.question.count("\n")
    lines += len(exchange.answer) // _LINE_CHARS + exchange.answer.count("\n")
    return _AROUND_PX + _LINE_PX * lines
