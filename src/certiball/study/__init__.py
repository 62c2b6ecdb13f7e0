"""The study of "Randomized smoothing under attack" (Maho et al., 2022), on any model and data."""
