"""Playing a video: both ends of the pipe to a separate process."""
