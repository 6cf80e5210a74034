"""Background threads for the model and for reading files; their events become Qt signals."""
