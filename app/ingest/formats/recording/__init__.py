"""Recordings: files whose only stream is sound, and the sound of videos as a model hears it."""
