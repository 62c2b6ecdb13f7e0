"""Is a point adversarial? Levels, fresh noise, and what contradicts a certificate."""
