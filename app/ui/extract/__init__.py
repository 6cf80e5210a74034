"""The panel of the every-page pass."""
