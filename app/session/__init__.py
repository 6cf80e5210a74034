"""Conversations, files, turns and costs, without Qt: what the window and the command line share."""
