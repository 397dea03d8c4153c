"""A second look at what was caught: sites that do not hold one atom are thrown away, and the belt goes on (past the paper)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection import CountThreshold, Cusum, LikelihoodRatio
from atomcavity.loading.controller import Controller
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.studies.chip_loading.feedback import FEW_SITES, Loop

Array = NDArray[np.float64]

CONFIDENCE = 0.9
"""Posterior probability of one atom below which a site is thrown away."""
LARGEST = 3
"""Atoms that the second look tells from more."""
SAMPLES = 400
"""Runs of each number of atoms that it knows, at most."""
RIDES = 1000
"""Rides that it has seen."""
HOLD = 20e-6
"""How long atoms are held that have been accepted (s)."""


def same_alarms(loop: Loop) -> Cusum:
    """The cumulative sum with as few false alarms as the paper's rule, for the largest mean transmission with one atom."""
    device, bank = loop.device, loop.bank
    off = float(device.counter.rate(device.probe.empty()))
    on = float(device.counter.rate(bank.transmission(1, bank.count).mean(axis=0).max()))
    return Cusum.at_false_alarms(off, on, loop.rule.false_alarm_rate(off))


@dataclass(frozen=True)
class Choice:
    """One rule at the printed occupation, without and with the second look.

    known  the loop with other rides, from which the second look learns
    """

    name: str
    loop: Loop
    known: Loop
    rule: CountThreshold | Cusum

    @property
    def controller(self) -> Controller:
        """The paper's with this rule."""
        return replace(self.loop.controller, rule=self.rule)

    @cached_property
    def plain(self) -> LoadingResult:
        """Whatever fires is kept; the second look learns from these runs."""
        loop = self.known
        runs = 40 if loop.quick else 500
        return loop.load(self.controller, loop.device.occupation, runs=runs, sites=FEW_SITES, seed=7)

    @cached_property
    def samples(self) -> tuple[Array, NDArray[np.int64], Array]:
        """Counts per second of known runs, their numbers of atoms, and how likely each is."""
        known, rates, atoms = self.plain, [], []
        steady = known.triggered & (known.kept == known.held)
        number = np.minimum(known.held, LARGEST)
        for n in range(LARGEST + 1):
            light = known.light[steady & (number == n)][:SAMPLES]
            if n == 0 and len(light) == 0:
                light = np.array([float(self.loop.device.probe.empty())])
            rates.append(self.loop.device.counter.rate(light))
            atoms.append(np.full(len(light), n))
        numbers = np.concatenate(atoms)
        share = np.bincount(number[known.triggered], minlength=LARGEST + 1) + 0.5
        prior = (share / np.maximum(1, np.bincount(numbers, minlength=LARGEST + 1)))[numbers]
        return np.concatenate(rates), numbers, prior / prior.sum()

    @cached_property
    def second(self) -> LikelihoodRatio:
        """The posterior over the number of atoms, from as many clicks as the paper counts."""
        rates, atoms, prior = self.samples
        look = self.loop.device.experiment.feedback.hold
        steady = rates[:, None] * np.ones(2)
        return LikelihoodRatio([0.0, look], steady, prior, atoms=atoms, wanted=1, confidence=CONFIDENCE)

    def posterior(self, counts: ArrayLike) -> Array:
        """Of one atom, after so many clicks in the second look."""
        rates, atoms, prior = self.samples
        mean = rates * self.loop.device.experiment.feedback.hold
        logs = np.log(prior) + np.asarray(counts)[:, None] * np.log(mean) - mean
        law = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(law[:, atoms == 1].sum(axis=1) / law.sum(axis=1))

    @cached_property
    def selected(self) -> LoadingResult:
        """Runs, with rides that it has not seen, in which the second look has thrown away what it is not sure of."""
        loop = self.loop
        runs = 4 if loop.quick else 200
        sites = loop.device.experiment.feedback.sites
        return loop.load(
            self.controller,
            loop.device.occupation,
            runs=runs,
            sites=sites,
            hold=HOLD,
            second=self.second,
            seed=21,
        )

    def delivered(self, result: LoadingResult) -> tuple[float, float, float]:
        """P_1 after the transfer, its standard error, and single atoms per second of the belt and of looking."""
        fired = int(result.triggered.sum())
        single = int((result.held[result.triggered] == 1).sum())
        share = single / fired
        passed = np.where(result.triggered, result.site + 1, result.sites).sum()
        looks = fired + result.rejected.sum()
        given = self.loop.device.experiment.feedback
        time = passed / given.frequency + looks * (given.stop + given.hold)
        return share, float(np.sqrt(max(share * (1 - share), 0.25 / fired) / fired)), float(single / time)


def choices(loop: Loop) -> tuple[Choice, Choice]:
    """The paper's rule, and the better one."""
    other = replace(loop.bank, seed=loop.bank.seed + 1, count=loop.bank.count if loop.quick else RIDES)
    known = replace(loop, bank=other)
    return (
        Choice(f"{loop.rule.count} counts", loop, known, loop.rule),
        Choice("cumulative sum", loop, known, same_alarms(loop)),
    )
