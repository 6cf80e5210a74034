"""Child processes that parse files: started, confined, asked, and ended for certain."""
