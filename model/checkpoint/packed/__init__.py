"""Weights that other programs have quantised, read as they are stored."""
