"""Fluctuations linearised around a lasing mean-field branch."""
