"""What the repetitions say about the errors of the fits."""

from __future__ import annotations

from atomcavity.studies.chip_loading.coverage import OF_THESE, OWN, SITES, TRAPS, Coverage


def about_coverage(found: Coverage) -> list[str]:
    """Shares within one error; the two ways to wrong errors."""
    sound = [row for row in found.rows if row.fit not in (OF_THESE, OWN)]
    shares = [row.within(1) for row in sound]
    least = min(sound, key=lambda row: row.within(1))
    number, these = found.row("occupation", "occupation"), found.row(OF_THESE, "occupation")
    atoms, own = found.row("antibunching", "atoms"), found.row(OWN, "atoms")
    return [
        f"Errors of the laboratory's fits, from {found.repeats} simulated experiments each with known truth: it lies within one standard error in {100 * min(shares):.0f} "
        f"({least.fit}, {least.parameter}) to {100 * max(shares):.0f} % of them, where 68 ± {100 * least.uncertain:.0f} % are expected, and within two in "
        f"{100 * min(row.within(2) for row in sound):.0f} % or more. Histograms of {TRAPS} traps; everything of this paragraph is simulated.",
        f"The mean occupation of {SITES} sites scatters by Poisson's law even where every count is exact. Told the number of sites, the fit's error is "
        f"{number.error.mean():.3f} and covers the true mean in {100 * number.within(1):.0f} %; without it the error is {these.error.mean():.3f}, that of these sites' own mean, and covers it in "
        f"{100 * these.within(1):.0f} %.",
        f"Errors of g² from each bin's own few pairs are small where the pairs are few by chance: the fitted number of atoms is then {own.value.mean() - own.truth:+.2f} off on average, and within "
        f"its error in {100 * own.within(1):.0f} %. With the errors that a first fit expects these are {atoms.value.mean() - atoms.truth:+.2f} and {100 * atoms.within(1):.0f} %.",
    ]
