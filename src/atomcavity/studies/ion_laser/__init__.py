"""The ion laser of Kazakov, Bohnet and Schumm (2017): a bad-cavity laser of a Coulomb crystal of 176Lu+."""
