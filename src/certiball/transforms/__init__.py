"""What may happen to a whole image, as differentiable torch operations: one file for each.

Images are [n, H, W] or [n, C, H, W], and every image has a parameter of its own.
"""
