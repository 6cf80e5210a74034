"""The line that saves the differences of two documents as a Word document or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QHBoxLayout

from app.chat.compare.aligning import Change
from app.chat.compare.export import listed, to_markdown
from app.i18n import tr, translated
from app.session.export.markdown import ExportError, write
from app.text.file_names import fit_stem
from app.ui.files.folders import show_in_folder
from app.ui.look.buttons import push_button
from app.ui.look.widgets import ElidedLabel


class SavingLine(QHBoxLayout):
    """Two buttons, and what was saved last."""

    def __init__(self) -> None:
        super().__init__()
        self._names = ("", "")
        self._changes: tuple[Change, ...] = ()
        self._meanings: Sequence[str] = ()
        self._saved: Path | None = None
        self.word_button = push_button(tr("Save as Word…"), lambda: self._choose(".docx"))
        self.markdown_button = push_button(tr("Save as Markdown…"), lambda: self._choose(".md"))
        self.saved = ElidedLabel(look="small")
        self.saved.setAccessibleName(tr("Saved differences"))
        self.folder_button = push_button(tr("Show in folder"), self._show_folder, "link")
        for button in (self.word_button, self.markdown_button):
            self.addWidget(button)
        self.addWidget(self.saved, 1)
        self.addWidget(self.folder_button)
        self.clear()

    def clear(self) -> None:
        """There is nothing to save."""
        self.set_changes("", "", ())

    def set_changes(self, first: str, second: str, changes: tuple[Change, ...]) -> None:
        """Save these from now on, by the names of the two documents."""
        self._names, self._changes, self._meanings = (first, second), changes, ()
        for button in (self.word_button, self.markdown_button):
            button.setEnabled(bool(changes))
        self._say("")

    def set_meanings(self, meanings: Sequence[str]) -> None:
        """With what was explained so far."""
        self._meanings = meanings

    def save(self, path: Path) -> None:
        """Write them: as a Word document where the name says so, else as Markdown. A failure is shown."""
        from app.session.export.word import markdown_docx

        try:
            if path.suffix.lower() == ".docx":
                text = listed(self._changes, self._meanings, translated)
                write(path, markdown_docx(" → ".join(self._names), text))
            else:
                write(path, to_markdown(*self._names, self._changes, self._meanings, translated).encode())
        except ExportError as error:
            self._say(translated(error.message))
        else:
            self._say(tr("Saved as {path}", path=path), path)

    def _choose(self, suffix: str) -> None:
        kinds = f"{tr('Word document')} (*.docx)" if suffix == ".docx" else f"{tr('Markdown')} (*.md)"
        stem = fit_stem(" - ".join(Path(name).stem for name in self._names), tr("Differences"))
        button = self.word_button
        name, _ = QFileDialog.getSaveFileName(button.window(), tr("Save the differences"), f"{stem}{suffix}", kinds)
        if name:
            path = Path(name)
            self.save(path if path.suffix.lower() == suffix else path.with_name(path.name + suffix))

    def _say(self, words: str, saved: Path | None = None) -> None:
        self._saved = saved
        self.saved.setText(words)
        self.saved.setToolTip(words)
        self.folder_button.setVisible(saved is not None)

    def _show_folder(self) -> None:
        if self._saved is not None:
            show_in_folder(self._saved)
