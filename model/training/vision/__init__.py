"""How the vision tower learns to read, apart from the language side."""
