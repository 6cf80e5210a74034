"""The functions that the model may call while it answers, and the checks of their arguments."""
