"""Runs: a folder that holds what was asked, the votes so far, and how they came about.

The store keeps evidence only (integer counts); certificates are computed when read.
"""
