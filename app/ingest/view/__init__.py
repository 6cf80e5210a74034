"""Drawing pages and pictures for the viewer: both ends of the pipe to a separate process."""
