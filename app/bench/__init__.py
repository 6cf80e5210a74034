"""Measurements of ``lectern bench`` outside the model, and how they are shown."""
