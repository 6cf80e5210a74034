"""Reading, drawing and playing files: one thread and one child process each, behind Qt signals."""
