"""Questions, answers and evidence as they are shown, and the box in which questions are written."""
