"""Playing a video: both ends of the pipe to a process of its own."""
