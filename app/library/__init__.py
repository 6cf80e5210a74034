"""Data on disk: settings, and which model folders there are. No Qt, no torch."""
