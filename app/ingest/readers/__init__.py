"""The parsers of each kind of file. Only the ingest process imports these modules."""
