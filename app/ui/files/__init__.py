"""The attached files: the list, what was read of each, and adding more."""
