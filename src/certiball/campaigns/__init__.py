"""Campaigns: one attack on one defence and a set of inputs, stored so that it can go on."""
