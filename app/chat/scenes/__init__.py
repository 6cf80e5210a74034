"""The scenes of a video: what is asked about each, what is stored, and export."""
