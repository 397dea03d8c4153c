"""The master equation of identical emitters alone, the cavity eliminated, on the ladders |J, M>."""
