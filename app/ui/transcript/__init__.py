"""Transcripts in the window: made by a model that hears, in the model's queue."""
