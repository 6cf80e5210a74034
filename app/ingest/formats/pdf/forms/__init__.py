"""A page's form: its fields and where their values belong."""
