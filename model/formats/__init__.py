"""Number formats: how weights are stored, and multiplied as they are."""
