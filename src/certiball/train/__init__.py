"""Training: one loop, and one loss per file."""
