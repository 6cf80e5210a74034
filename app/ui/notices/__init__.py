"""Strips that tell something and offer what can be done about it."""
