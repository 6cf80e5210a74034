"""Model folders on disk: checked, opened, quantised."""
