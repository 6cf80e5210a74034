"""Strips with a notice and what can be done about it."""
