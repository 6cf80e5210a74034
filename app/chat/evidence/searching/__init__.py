"""A document made searchable, and whether words that were found mean the same as those that were looked for."""
