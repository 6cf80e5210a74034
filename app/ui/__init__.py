"""Widgets only: they emit what the person wants and draw state."""
