"""What is said in the video or recording that is shown: captions, and the transcript below it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QSplitter

from app.ingest.cues import Cue, shown_at
from app.session.items import Item
from app.ui.transcript.offer import TranscriptOffer
from app.ui.transcript.work import TranscriptWork
from app.ui.viewer.player.controls import PlayerControls
from app.ui.viewer.transcript.panel import TranscriptPanel


class Captioned(Protocol):
    """What shows the words at the position: a video's picture, or a line below a waveform."""

    def set_caption(self, words: str) -> None:
        """Show these words."""

    def isVisible(self) -> bool:
        """Whether it is in sight."""
        ...

    def setFocus(self) -> None:
        """Take the keys."""


class PlayerWords(QObject):
    """Follows the position; ``panel.seek_wanted`` asks for another one."""

    def __init__(self, canvas: Captioned, controls: PlayerControls, splitter: QSplitter, parent: QObject) -> None:
        super().__init__(parent)
        self._canvas, self._controls = canvas, controls
        self._time = 0.0
        self._captions = True
        self._said: tuple[Cue, ...] = ()
        self._starts: list[float] = []
        self._item: Item | None = None
        self._transcripts: TranscriptWork | None = None
        self.offer: TranscriptOffer | None = None
        self.panel = TranscriptPanel()
        splitter.addWidget(self.panel)
        splitter.setStretchFactor(splitter.indexOf(self.panel), 2)
        self.panel.hide()
        self.panel.track_changed.connect(self._take_track)
        self.panel.closed.connect(lambda: self.show_panel(False))
        controls.captions_wanted.connect(self.show_captions)
        controls.transcript_wanted.connect(self.show_panel)

    def use_transcripts(self, work: TranscriptWork) -> None:
        """Offer to write down what is said."""
        self._transcripts = work
        self.offer = TranscriptOffer(work)
        self.panel.add_offer(self.offer)
        self.offer.heard.connect(self._show_words)

    @property
    def there(self) -> bool:
        """Whether anything is said, as far as is known."""
        return bool(self.panel.shown)

    @property
    def offered(self) -> bool:
        """Whether there are words, or sound that could be written down."""
        return self.there or (self.offer is not None and self.offer.there)

    def show_item(self, item: Item | None) -> None:
        """The words of this video, or of none."""
        self._item = item
        if self.offer is not None:
            self.offer.show_document(item.document if item is not None and not item.altered else None)
        self._show_words()

    def _show_words(self) -> None:
        item = self._item
        document = item.document if item is not None else None
        cues = document.cues if document is not None else ()
        if document is not None and self._transcripts is not None:
            cues = self._transcripts.with_words(document)
        self.panel.set_cues(cues, item.path if item is not None else None)
        self._controls.set_words(bool(self._said), self.offered, captions=self._captions)
        if not self.offered:
            self.show_panel(False)
        self.set_time(self._time)

    def set_time(self, seconds: float) -> None:
        """Show what is said at this second."""
        self._time = seconds
        self.panel.set_time(seconds)
        shown = shown_at(self._said, self._starts, seconds) if self._captions else ()
        self._canvas.set_caption("\n".join(cue.text for cue in shown))

    def show_captions(self, on: bool) -> None:
        """Show or hide the words on the picture."""
        self._captions = on
        self._controls.set_words(bool(self._said), self.offered, captions=on)
        self.set_time(self._time)

    def show_panel(self, on: bool) -> None:
        """Show or hide the transcript."""
        on = on and self.offered
        self._controls.transcript_button.setChecked(on)
        self.panel.setVisible(on)
        if on:
            self.panel.set_time(self._time)
        elif self._canvas.isVisible():
            self._canvas.setFocus()

    def begin_find(self) -> None:
        """Find words in what is said."""
        if self.there:
            self.show_panel(True)
            self.panel.begin_find()

    def _take_track(self) -> None:
        # What was read on frames can be seen there already.
        self._said = tuple(cue for cue in self.panel.caption_cues if cue.source != "frames")
        self._starts = [cue.start_s for cue in self._said]
        self.set_time(self._time)
