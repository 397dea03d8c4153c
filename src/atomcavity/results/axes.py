"""Where `.plot(ax=None)` draws."""

from __future__ import annotations

from typing import Any


def axes_or_new(ax: Any = None, **figure: Any) -> Any:
    """The axes that are given, or else those of a new pyplot figure: never those of another result.

    figure  arguments of the new figure, such as figsize
    """
    if ax is not None:
        return ax
    from matplotlib import pyplot as plt

    return plt.subplots(**{"layout": "constrained", **figure})[1]
