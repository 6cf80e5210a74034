"""A conversation becomes a model request here. No Qt, no torch."""
