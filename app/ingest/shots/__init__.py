"""Where a video cuts: both ends of the pipe to a process of its own."""
