"""Exact statistics: integers in, float64 out, always on the safe side. No torch."""
