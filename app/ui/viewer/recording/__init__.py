"""Recordings: a waveform to listen along, with what is said below it."""
