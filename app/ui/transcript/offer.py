"""The strip above a transcript: begins one, shows how far it is, stops it. Hidden where there is nothing to hear."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QPushButton

from app.i18n import tr, translated
from app.ingest.types import Document
from app.ui.look.icons import IconButton
from app.ui.look.widgets import Note, column, label, row
from app.ui.transcript.work import Phase, TranscriptWork, Work, progress_words, share_done


class TranscriptOffer(QFrame):
    """About one document at a time."""

    heard = Signal()
    """More of what is shown was heard."""

    def __init__(self, work: TranscriptWork) -> None:
        super().__init__()
        self._work = work
        self._document: Document | None = None
        self.status = label(look="small", wrap=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setRange(0, 1000)
        self.bar.setFixedHeight(4)
        self.bar.setAccessibleName(tr("Progress of the transcript"))
        self.start_button = QPushButton(tr("Transcribe"))
        self.stop_button = IconButton("stop", tr("Stop"), size=16)
        self.note = Note("danger")
        self.note.hide()
        layout = column(self, spacing=4)
        line = row(spacing=6)
        line.addWidget(self.start_button)
        line.addWidget(self.status, 1)
        line.addWidget(self.stop_button)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        layout.addWidget(self.note)
        self.start_button.clicked.connect(self._start)
        self.stop_button.clicked.connect(self._stop)
        work.changed.connect(self._changed)
        work.able.connect(self._draw)
        self._draw()

    @property
    def there(self) -> bool:
        """Whether the shown file has something to hear."""
        return self._document is not None and bool(self._document.sound)

    def show_document(self, document: Document | None) -> None:
        """Offer it for another document, or for the same one, read anew."""
        self._document = document
        self._draw()

    def _start(self) -> None:
        if self._document is not None:
            self._work.start(self._document)

    def _stop(self) -> None:
        if self._document is not None:
            self._work.stop(self._document.content_hash)

    def _changed(self, work: Work) -> None:
        if self._document is not None and work.content_hash == self._document.content_hash:
            self._draw()
            self.heard.emit()

    def _draw(self) -> None:
        document = self._document
        work = self._work.of(document.content_hash) if document is not None else None
        busy = work is not None and work.phase.busy
        done = work is not None and work.phase is Phase.DONE
        heard = document is not None and any(cue.source == "transcript" for cue in document.cues)
        self.setVisible(self.there and not done)
        self.start_button.setVisible(not busy)
        self.start_button.setText(tr("Continue") if heard or (work is not None and work.cues) else tr("Transcribe"))
        self.start_button.setEnabled(self._work.possible)
        self.stop_button.setVisible(busy)
        self.bar.setVisible(busy)
        if work is not None:
            self.bar.setValue(round(1000 * share_done(work)))
        self.status.setText(progress_words(work) if work is not None else self._hint())
        self.note.set_text(translated(work.error) if work is not None and work.error else "")

    def _hint(self) -> str:
        if self._work.possible:
            return tr("Write down what is said, with times.")
        return tr("The open model does not hear; choose one that does, or set a transcription model in the settings.")
