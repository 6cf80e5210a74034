"""What is said, beside a player: cues to read, to search, and to jump to."""
