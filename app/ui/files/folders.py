"""The system's file manager, at the folder that a file is in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices


def show_in_folder(path: Path) -> bool:
    """Show a file in its folder, selected where the system can do that; false where its folder is gone."""
    if not path.parent.is_dir():
        return False
    command = {"win32": ["explorer", f"/select,{path}"], "darwin": ["open", "-R", str(path)]}.get(sys.platform)
    if command is not None and path.exists():
        subprocess.Popen(command)
        return True
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
