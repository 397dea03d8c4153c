"""Where the numbers of a data file come from."""

from __future__ import annotations


class Sources(dict[str, list[str]]):
    """Each citation with the quantities taken from it; prints one citation after the other.

    >>> print(Sources({"Malitson, J. Opt. Soc. Am. 55, 1205 (1965)": ["dispersion of fused silica"]}))
    Malitson, J. Opt. Soc. Am. 55, 1205 (1965)
        dispersion of fused silica
    """

    def __str__(self) -> str:
        return "\n".join(
            f"{citation}\n" + "\n".join(f"    {text}" for text in taken) for citation, taken in self.items()
        )
