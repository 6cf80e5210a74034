"""Work in parts behind the window: one request at a time in the queue of the model."""
