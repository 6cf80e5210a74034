"""Choosing, importing and quantising models, and the settings."""
