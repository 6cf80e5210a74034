"""Subtitles: files by themselves, files beside a video, and tracks in it."""
