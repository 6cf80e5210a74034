"""What ``lectern bench`` measures outside the model, and how it shows what it found."""
