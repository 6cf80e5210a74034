"""From a file to a ``Document``: both ends of the pipe to the reading process."""
