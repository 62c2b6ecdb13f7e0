"""What a run proved, as a document that others can check."""
