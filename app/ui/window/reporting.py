"""Saving a problem report: asked for in the settings and in the Help menu."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.i18n import tr


def choose_report(parent: QWidget) -> Path | None:
    """Ask where to; the name always ends in ``.zip``, which is what is written. ``None``: nowhere."""
    name, _ = QFileDialog.getSaveFileName(parent, tr("Save a report"), "lectern-report.zip", "ZIP (*.zip)")
    if not name:
        return None
    path = Path(name)
    return path if path.suffix.lower() == ".zip" else path.with_name(f"{path.name}.zip")


def save_report(path: Path) -> str:
    """Write the report; what became of it, in a sentence."""
    from app.diagnostics.problem_report import write_report

    try:
        write_report(path)
    except OSError as error:
        return tr("Not saved: {error}", error=error.strerror or str(error))
    return tr("Saved as {name}", name=path.name)
