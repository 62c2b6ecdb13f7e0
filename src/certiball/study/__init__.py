"""The study of arXiv 2204.14187 ("Randomized smoothing under attack"), on any model and data."""
