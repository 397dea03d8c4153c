"""Classical light and emitters: branches, thresholds, evolutions."""
