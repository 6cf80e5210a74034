"""What is different between two documents: found without a model, then explained by one."""
