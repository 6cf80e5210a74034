"""The panel with the scenes of a video."""
