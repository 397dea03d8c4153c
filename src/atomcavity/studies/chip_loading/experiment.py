"""One experiment file, answered: waveguide, ring, belt, light on the way to the chip, and what the feedback loads."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.experiments.chip_loading import ChipLoadingExperiment
from atomcavity.loading.feedback import LoadingResult
from atomcavity.results import Answer, Answers, Result
from atomcavity.studies.asked import Asked, methods_of
from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.device import MEGA, Device, devices
from atomcavity.traps.site import find_site

RIDES = 500
TICK = 0.5e-6
_CROWDED = 1.1
"""Atoms in a site that triggers over those in an occupied site, above which a warning says so."""

CHIP = Asked(
    "chip",
    (
        ("effective_index", "of the guided mode", ""),
        ("group_index", "of the guided mode", ""),
        ("free_spectral_range", "of the ring", "angular"),
        ("g0", "coupling at the surface, above the middle of the waveguide", "angular"),
        ("decay", "length of the coupling's decay", "length"),
        ("empty_transmission", "of the ring on resonance without atoms", ""),
    ),
)
BELT = Asked(
    "belt",
    (
        ("spacing", "distance of the sites", "length"),
        ("depth", "of a site one and a half spacings above the chip", "temperature"),
        ("axial_frequency", "motion along z there", "angular"),
        ("peak_transmission", "largest mean transmission with one atom, at the belt's frequency", ""),
        ("peak_cooperativity", "largest mean cooperativity of one atom", ""),
    ),
)
LOADING = Asked(
    "loading",
    (
        ("trigger_probability", "probability of a run to trigger", ""),
        ("false_alarm_rate", "false alarms of the rule at the empty ring", "event rate"),
        ("transfer", "share of the triggers on atoms after which one is held", ""),
        ("P0", "share of the triggers after which no atom is held", ""),
        ("P1", "share of the triggers after which exactly one is held", ""),
        ("P2", "share of the triggers after which exactly two are held", ""),
        ("more", "share of the triggers after which three or more are held", ""),
        ("at_trigger", "mean number of atoms in a site that triggers", ""),
        ("y", "mean distance of held atoms from the middle of the waveguide", "length"),
        ("z", "mean height of held atoms", "length"),
        ("g", "mean coupling of held atoms", "angular"),
    ),
)


def answers(experiment: ChipLoadingExperiment, seed: int = 0) -> Answers:
    """Everything that the file asks; of several blue fields each under its own name, "blue-277MHz.loading.P1".

    Raises `InputError` for a species, line or material that is not known, or a belt that holds no atoms.
    """
    every = devices(experiment)
    rows: list[Answer] = []
    results: dict[str, Result] = {}
    warnings: dict[str, None] = {}
    for device in every:
        name = "" if len(every) == 1 else f"{_name(device)}."
        loaded = load(device, seed)
        rows += [*_chip(device, name), *_belt(device, name, seed), *_loading(device, loaded, name)]
        results[f"loading{'-' + name.rstrip('.') if name else ''}"] = loaded
        told = (*loaded.warnings, *crowding(loaded, device.occupation))
        warnings |= dict.fromkeys(f"{name.rstrip('.')}: {text}" if name else text for text in told)
    return Answers(
        experiment.title or "chip loading", tuple(rows), results, tuple(warnings), methods_of(results)
    )


def load(device: Device, seed: int) -> LoadingResult:
    """The feedback experiment of the file."""
    given = device.experiment.feedback
    bank = Bank(device, given.frequency, RIDES, seed=seed, tick=TICK)
    return bank.load(
        device.controller(device.rule),
        occupation=device.occupation,
        sites=given.sites,
        runs=given.runs,
        hold=given.hold,
        seed=seed,
    )


def _name(device: Device) -> str:
    megahertz = device.blue_energy / MEGA
    return f"blue-{megahertz:g}MHz".replace(".", "_")


def _chip(device: Device, name: str) -> tuple[Answer, ...]:
    found = {
        "effective_index": device.mode.effective_index,
        "group_index": device.mode.group_index,
        "free_spectral_range": device.ring.free_spectral_range,
        "g0": device.profile.g0,
        "decay": device.profile.decay,
        "empty_transmission": float(device.probe.empty()),
    }
    return CHIP.told(found, prefix=name)


def _belt(device: Device, name: str, seed: int) -> tuple[Answer, ...]:
    from scipy.constants import k as boltzmann

    bank = Bank(device, device.experiment.belt.frequency, RIDES, seed=seed, tick=TICK)
    start = bank.rides.position[:, 0].mean(axis=0)
    site = find_site(bank.potential, device.mass, near=start)
    along = site.frequencies[int(np.argmax(np.abs(site.axes[:, 2])))]
    light, strength = bank.transmission(1, bank.count), device.probe.cooperativity(bank.rides.position)
    found = {
        "spacing": device.spacing,
        "depth": site.depth / boltzmann,
        "axial_frequency": float(along),
        "peak_transmission": float(light.mean(axis=0).max()),
        "peak_cooperativity": float(strength.mean(axis=0).max()),
    }
    errors = {
        "peak_transmission": _error_at_peak(light),
        "peak_cooperativity": _error_at_peak(strength),
    }
    return BELT.told(found, errors=errors, prefix=name)


def _error_at_peak(values: np.ndarray) -> float:
    """Standard error of the largest mean over the first axis."""
    k = int(values.mean(axis=0).argmax())
    return float(values[:, k].std(ddof=1) / math.sqrt(len(values)))


def _loading(device: Device, loaded: LoadingResult, name: str) -> tuple[Answer, ...]:
    runs, fired = len(loaded.site), int(loaded.triggered.sum())
    found = {
        "trigger_probability": fired / runs,
        "false_alarm_rate": device.rule.false_alarm_rate(float(device.counter.rate(device.probe.empty()))),
    }
    errors = {"trigger_probability": _binomial(fired / runs, runs)}
    if fired:
        shares = {f"P{n}": float(p) for n, p in enumerate(loaded.probabilities()[:3])}
        shares["more"] = float(loaded.probabilities()[3:].sum())
        found |= {"transfer": loaded.transfer, **shares}
        errors |= {key: _binomial(found[key], fired) for key in ("transfer", *shares)}
        found["at_trigger"], errors["at_trigger"] = _mean(loaded.at_trigger[loaded.triggered])
    kept = np.asarray(loaded.atom_kept)
    if kept.sum() > 1:
        of_atoms = {
            "y": np.abs(loaded.place[kept, 1]),
            "z": loaded.place[kept, 2],
            "g": np.asarray(loaded.g)[kept],
        }
        for key, value in of_atoms.items():
            found[key], errors[key] = _mean(value)
    return LOADING.told(found, errors=errors, why=_why(fired, int(kept.sum())), prefix=name)


def _why(fired: int, kept: int) -> str:
    """Why a number about loaded atoms is not known."""
    if fired == 0:
        return "no run triggered"
    return "only one atom was held" if kept == 1 else "no run triggered on an atom that was held"


def crowding(loaded: LoadingResult, occupation: float) -> tuple[str, ...]:
    """A warning if the sites that trigger hold clearly more atoms than an occupied site does."""
    numbers = loaded.at_trigger[loaded.triggered & (loaded.at_trigger > 0)]
    if len(numbers) == 0 or occupation == 0:
        return ()
    mean, error = _mean(numbers)
    occupied = -occupation / math.expm1(-occupation)  # mean of a Poisson number that is not 0
    if mean - 3 * error < _CROWDED * occupied:
        return ()
    return (
        f"the rule selects crowded sites: one that triggers holds {mean:.2f} atoms in the mean, an occupied one "
        f"{occupied:.2f}; fewer atoms a site, or more counts from one atom, load more single atoms",
    )


def _mean(values: np.ndarray) -> tuple[float, float]:
    """Mean and its standard error; 0 for a single value."""
    count = len(values)
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(count)) if count > 1 else 0.0


def _binomial(share: float, count: int) -> float:
    """Standard error of a share; not 0 where all or none were counted."""
    k = share * count
    return math.sqrt((k + 1) * (count - k + 1) / (count + 2) ** 2 / (count + 3))
