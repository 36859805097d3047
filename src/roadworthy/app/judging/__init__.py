"""Judges of a project: models asked over the network, with a cache, a budget and patience."""
