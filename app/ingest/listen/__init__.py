"""Listening to a whole file for a transcript: one utterance after the other, out of a confined child process."""
