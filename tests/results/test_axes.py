"""Two results never share axes unless the user says so."""

from matplotlib import pyplot as plt

from atomcavity.results import axes_or_new


def test_new_axes_unless_given():
    first = plt.subplots()[1]
    assert axes_or_new(first) is first
    second = axes_or_new(figsize=(3.0, 2.0))
    assert second.figure is not first.figure
    assert tuple(second.figure.get_size_inches()) == (3.0, 2.0)


def test_no_figure_is_left_from_the_test_before():
    assert plt.get_fignums() == []
