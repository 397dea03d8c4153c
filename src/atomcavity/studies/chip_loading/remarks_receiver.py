"""What the calculation says about the rules that watch the clicks, in sentences with their numbers."""

from __future__ import annotations

import numpy as np

from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.published import published
from atomcavity.studies.chip_loading.receiver import CONFIDENCES, COUNTS, DECISIONS, Receiver, Seen

SHARES = (0.1, 0.2)


def about_receiver(found: Receiver) -> list[str]:
    """Threshold against cumulative sum, delay and place, purity before and after the transfer."""
    return [
        *[_detection(seen, seen.device.blue_energy / MEGA) for seen in found.seen],
        *[_purity(seen, seen.device.blue_energy / MEGA) for seen in found.seen],
        _loaded(found),
    ]


def _detection(seen: Seen, field: float) -> str:
    count = seen.device.experiment.feedback.count
    k = list(COUNTS).index(count)
    plain, better, long = (seen.curves[name, 1] for name in ("count", "CUSUM", "long count"))
    two = seen.curves["count", 2].detection[k]
    gain = [a >= b for a, b in zip(better.detection, plain.detection, strict=True)]
    everywhere = "everywhere" if all(gain) else f"at {sum(gain)} of {len(gain)} thresholds"
    longer = float(np.interp(-np.log(seen.false_alarms[k]), -np.log(long.false_alarms), long.detection))
    height = seen.heights(seen.cusums[k], 1).mean()
    return (
        f"Blue field of {field:g} MHz: the paper's {count} counts see a single atom with the probability {plain.detection[k]:.3f} and two with {two:.3f}, at {seen.false_alarms[k]:.2g} false "
        f"alarms a second; a longer window {longer:.2f}, the cumulative sum {better.detection[k]:.3f} at the same price (standard error {better.detection_error[k]:.3f}), and it is better "
        f"{everywhere}. It fires at z₀/d = {height:.2f} in the mean."
    )


def _purity(seen: Seen, field: float) -> str:
    parts = []
    for decision in DECISIONS:
        pure = seen.purities[decision]
        parts.append(
            f"judged at {decision:g} d "
            + " and ".join(f"{pure.at(share):.3f} at {100 * share:.0f} % of the sites" for share in SHARES)
        )
    share, single = seen.count_purities
    k = list(COUNTS).index(seen.device.experiment.feedback.count)
    return (
        f"Sites of known arrival with {seen.device.occupation:g} atoms in the mean, {field:g} MHz: those that the posterior likes best hold exactly one atom with the probability {'; '.join(parts)}. "
        f"Of the {100 * share[k]:.1f} % of the sites that reach the paper's count {100 * single[k]:.0f} % do."
    )


def _loaded(found: Receiver) -> str:
    parts = []
    for result, confidence in zip(found.pure, CONFIDENCES, strict=True):
        alarms = int(result.triggered.sum())
        passed = int(np.where(result.triggered, result.site + 1, result.sites).sum())
        single = float(result.probabilities()[1])
        error = np.sqrt(single * (1 - single) / alarms)
        parts.append(
            f"{single:.3f} ± {error:.3f} at {100 * alarms / passed:.0f} % of the sites (asked for {confidence:g})"
        )
    return (
        f"In the whole experiment with that posterior as its rule, on rides that it has not seen and without any loss by collisions, the share of single atoms after the transfer, empty traps counted, is "
        f"{' and '.join(parts)}; the paper's own is {published('s4.fb_P1'):.3f}, by its count and, as it supposes, with collisions that take pairs away. This is a simulation: the same model makes "
        "the atoms and the rule."
    )
