"""What several commands share: options, files, the engine, and output."""
