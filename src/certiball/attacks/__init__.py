"""Attacks: what a defence is worth to somebody who wants to get past it. One attack per file."""
