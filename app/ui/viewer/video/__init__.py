"""The player: picture, timeline, controls and sound."""
