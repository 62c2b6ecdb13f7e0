"""What attacks by gradients share: counted access, balls and boxes, losses."""
