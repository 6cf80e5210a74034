"""The application's icon in the forms that the systems want: icons.py FOLDER writes PNGs, an ICO and an ICNS."""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path

SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SOURCE = Path(__file__).resolve().parent.parent / "resources" / "icons" / "lectern.svg"


def write_icons(folder: Path) -> None:
    """PNG files by size as the freedesktop icon theme names them, and ``lectern.ico``, ``lectern.icns``."""
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: Image.open(BytesIO(_drawn(size))).convert("RGBA") for size in (*SIZES, 1024)}
    for size in SIZES:
        place = folder / "hicolor" / f"{size}x{size}" / "apps"
        place.mkdir(parents=True, exist_ok=True)
        pictures[size].save(place / "lectern.png")
    pictures[256].save(folder / "lectern.ico", sizes=[(size, size) for size in SIZES if size <= 256])
    pictures[1024].save(folder / "lectern.icns")


def _drawn(size: int) -> bytes:
    """The SVG as PNG bytes."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice, Qt
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    _application = QGuiApplication.instance() or QGuiApplication([])
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


if __name__ == "__main__":
    write_icons(Path(sys.argv[1]))
