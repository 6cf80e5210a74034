"""Drawing pages and pictures for the viewer: both ends of the pipe to a process of its own."""
