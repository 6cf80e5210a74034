"""The parsers of each kind of file. Only child processes import these modules."""
