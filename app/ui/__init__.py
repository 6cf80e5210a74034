"""Widgets only: they emit what the user wants and draw state."""
