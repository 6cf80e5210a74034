"""Sound before it is soft tokens: samples, pieces of a recording, and the texts of pieces. No torch."""
