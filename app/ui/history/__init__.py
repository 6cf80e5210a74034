"""Earlier conversations: the list, search, and what writes them down."""
