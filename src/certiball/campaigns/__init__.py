"""Campaigns: one attack on one model, over a set of inputs, stored so that it can go on later.

An attack is a function of its input, its seed and the answers that it had, so those are the stored
fact: what an attack knew when it was stopped is found again by telling it the same answers.
"""
