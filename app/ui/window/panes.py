"""Three panes in one line: the library, the viewer, the conversation. Which fit is decided here, and their widths.

The library gives way first, then the conversation: what was asked for last stays. Widths are the user's own and
come back; a pane that is dragged shut is closed.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

SIDE_LEAST = 220
SIDE_USUAL = 280
SIDE_CHARS = 36
"""The width in letters with a larger system font."""
SIDE_MOST = 460
VIEWER_LEAST = 340
TALK_LEAST = 380
TWO = 760
"""A window at least so wide holds the library and the conversation, or the viewer and the conversation."""
THREE = 1120


@dataclass(frozen=True)
class Shown:
    """Which panes are shown in the window."""

    side: bool
    viewer: bool
    talk: bool


def arrange(width: int, side: bool, viewer: bool) -> Shown:
    """Those of the wanted panes that fit into ``width``."""
    if viewer:
        return Shown(side and width >= THREE, True, width >= TWO)
    return Shown(side and width >= TWO, False, True)


def widths(total: int, shown: Shown, side: int, viewer: int) -> tuple[int, int, int]:
    """How ``total`` is divided: the user's own widths as far as every pane keeps its least."""
    left = max(SIDE_LEAST, min(side, SIDE_MOST, total // 3)) if shown.side else 0
    rest = total - left
    if not shown.viewer:
        return left, 0, rest
    if not shown.talk:
        return left, rest, 0
    middle = max(VIEWER_LEAST, min(viewer or rest // 2, rest - TALK_LEAST))
    return left, middle, rest - middle


class Panes(QSplitter):
    """The three panes. ``side_wanted`` and ``viewer_wanted`` are the user's wishes; the width may deny one."""

    changed = Signal()
    """Another pane is shown or hidden."""
    viewer_shut = Signal()
    """The viewer was dragged shut."""

    def __init__(self, side: QWidget, viewer: QWidget, talk: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.side, self.viewer, self.talk = side, viewer, talk
        self.side_wanted, self.viewer_wanted = True, False
        self.side_width, self.viewer_width = 0, 0
        self.shown = Shown(True, False, True)
        self.setHandleWidth(1)
        for index, pane in enumerate((side, viewer, talk)):
            self.addWidget(pane)
            self.setCollapsible(index, pane is not talk)
            self.setStretchFactor(index, int(pane is not side))
        side.setMinimumWidth(SIDE_LEAST)
        side.setMaximumWidth(SIDE_MOST)
        viewer.setMinimumWidth(VIEWER_LEAST)
        talk.setMinimumWidth(TALK_LEAST)
        self.splitterMoved.connect(self._moved)
        viewer.hide()

    def show_side(self, wanted: bool) -> None:
        """Show or hide the library. Where there is no room for it beside the viewer, the viewer goes."""
        self.side_wanted = wanted
        if wanted and self.viewer_wanted and not arrange(self.width(), True, True).side:
            self.viewer_wanted = False
            self.viewer_shut.emit()
        self.apply()

    def show_viewer(self, wanted: bool) -> None:
        """Show or hide the viewer."""
        self.viewer_wanted = wanted
        self.apply()

    def make_room_for_talk(self) -> None:
        """The conversation is wanted: where it does not fit beside the viewer, the viewer goes."""
        if not self.shown.talk:
            self.viewer_wanted = False
            self.viewer_shut.emit()
            self.apply()

    def apply(self) -> None:
        """Show what is wanted and fits."""
        shown = arrange(self.width(), self.side_wanted, self.viewer_wanted)
        different = shown != self.shown
        self.shown = shown
        for pane, visible in ((self.side, shown.side), (self.viewer, shown.viewer), (self.talk, shown.talk)):
            pane.setVisible(visible)
        if different:
            self._divide()
            self.changed.emit()

    def restore(self, side_open: bool, side_width: int, viewer_width: int) -> None:
        """Restore the panes as saved; widths in pixels."""
        self.side_wanted = side_open
        self.side_width, self.viewer_width = side_width, viewer_width
        self.apply()
        self._divide()

    def _divide(self) -> None:
        shown = (self.shown.side, self.shown.viewer, self.shown.talk)
        room = self.width() - self.handleWidth() * (sum(shown) - 1)
        usual = max(SIDE_USUAL, SIDE_CHARS * self.fontMetrics().averageCharWidth())
        self.setSizes(list(widths(room, self.shown, self.side_width or usual, self.viewer_width)))

    def _moved(self, _position: int, _index: int) -> None:
        side, viewer, _talk = self.sizes()
        if self.shown.side and side == 0:
            self.show_side(False)
        elif self.shown.viewer and viewer == 0:
            self.show_viewer(False)
            self.viewer_shut.emit()
        else:
            self.side_width = side if self.shown.side else self.side_width
            self.viewer_width = viewer if self.shown.viewer and self.shown.talk else self.viewer_width

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A narrow window holds fewer panes."""
        super().resizeEvent(event)
        self.apply()

    def nudge(self, pixels: int) -> None:
        """Make the viewer wider or narrower by keyboard; without it, the library."""
        side, viewer, talk = self.sizes()
        if self.shown.viewer and self.shown.talk:
            self.viewer_width = max(VIEWER_LEAST, min(viewer + pixels, viewer + talk - TALK_LEAST))
        elif self.shown.side:
            self.side_width = max(SIDE_LEAST, min(side + pixels, SIDE_MOST))
        self._divide()
