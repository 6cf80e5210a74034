"""Where a video cuts: both ends of the pipe to a separate process."""
