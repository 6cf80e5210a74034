"""What machine, models and speeds there are, for the command line and the window. No Qt."""
