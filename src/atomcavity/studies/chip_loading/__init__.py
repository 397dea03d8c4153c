"""Zhou et al., arXiv:2606.07800 (2026): single atoms on a conveyor belt, loaded onto a microring."""
