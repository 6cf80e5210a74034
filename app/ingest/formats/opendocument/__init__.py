"""OpenDocument files, as LibreOffice saves them."""
