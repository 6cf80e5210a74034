"""From a request to its tokens."""
