"""From a question in the window to its answer: waiting, cost, choice, stop."""
