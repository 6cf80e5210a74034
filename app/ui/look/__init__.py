"""Colours, icons, style and small widgets."""
