"""The panel that compares two documents."""
