"""What an attacker may do, and what certificates say against it. No torch."""
