"""The few architectures that the field reports on, and model files.

Normalisation is a module inside the model, so that noise is always added before it.
"""
