"""The languages in which text is read from pictures, and the folder for further ones."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QLocale, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from app import paths
from app.i18n import tr
from app.ingest.ocr.languages import language_files, language_folders
from app.ui.look.widgets import column, label, row


def language_name(code: str) -> str:
    """A language in itself, ``Deutsch`` for ``deu``; Tesseract's code where Qt does not know it."""
    language = QLocale.codeToLanguage(code.split("_")[0], QLocale.LanguageCodeType.ISO639Part2)
    known = language not in (QLocale.Language.AnyLanguage, QLocale.Language.C)
    name = QLocale(language).nativeLanguageName().removeprefix("American ") if known else ""
    return f"{name} ({code})" if "_" in code and name else name or code


class Languages(QWidget):
    """What was found, and a button that opens the folder; looked up again when the window comes back to the front."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found = QLabel(wordWrap=True)
        self.problem = label(look="error", wrap=True)
        self.problem.hide()
        self.open_button = QPushButton(tr("Open their folder"))
        self.open_button.setAutoDefault(False)
        self.open_button.setToolTip(str(paths.languages_dir()))
        self.open_button.clicked.connect(self.open_folder)
        layout = column(self, spacing=4)
        line = row()
        line.addWidget(self.found, 1)
        line.addWidget(self.open_button)
        layout.addLayout(line)
        words = tr("For another language, put its Tesseract file (….traineddata) there and read the file again.")
        layout.addWidget(label(words, "small", wrap=True))
        layout.addWidget(self.problem)
        self.look()

    def look(self) -> None:
        """Show the languages that are there now."""
        names = [language_name(code) for code in language_files(language_folders())]
        self.found.setText(tr("Read in: {names}", names=", ".join(names) or tr("none")))

    def open_folder(self) -> None:
        """Open the folder in the system's file manager; it is made first."""
        folder = paths.languages_dir()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shown = show(folder)
        except OSError:
            shown = False
        self.problem.setText("" if shown else tr("The folder could not be opened: {folder}", folder=folder))
        self.problem.setVisible(not shown)

    def event(self, event: QEvent) -> bool:
        """A file may have been put there while another window was in front."""
        if event.type() == QEvent.Type.WindowActivate:
            self.look()
        return super().event(event)


def show(folder: Path) -> bool:
    """Ask the system to open a folder."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
