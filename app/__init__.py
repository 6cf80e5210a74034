"""Lectern, the desktop application. Nothing below imports torch at import time."""

__version__ = "0.1.0"
