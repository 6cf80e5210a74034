"""Long work on model folders, apart from the model that answers: download, import, quantise, check, remove."""
