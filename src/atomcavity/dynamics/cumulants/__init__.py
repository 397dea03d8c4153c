"""Moments of groups up to second order."""
