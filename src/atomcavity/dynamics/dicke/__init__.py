"""Collective emission down the ladder |J = N/2, M>: closed recursions."""
