"""atomcavity: trapped atoms and ions coupled to optical cavities.

>>> import atomcavity as ac
>>> ac.CavityMode(kappa=1e6).kappa
1000000.0

Public names are loaded when they are first used, so that importing the package is fast.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "atomcavity.errors": ("AtomcavityError", "ConvergenceError", "InputError"),
    "atomcavity.results": ("Answers", "load"),
    "atomcavity.results.compare": ("compare",),
    "atomcavity.species": ("HyperfineLevel", "MagicField", "Species"),
    "atomcavity.materials": ("Material",),
    "atomcavity.resonators": ("FabryPerot", "Microsphere", "OpticalMode", "radius_for"),
    "atomcavity.resonators.waveguide": ("Waveguide",),
    "atomcavity.resonators.guided": ("GuidedMode",),
    "atomcavity.resonators.microring": ("Microring",),
    "atomcavity.resonators.layers": ("Layers", "SheetBeam"),
    "atomcavity.resonators.section": ("Cylinder", "Profile", "Rectangle", "Section"),
    "atomcavity.resonators.scattering": ("scatter",),
    "atomcavity.resonators.field_map": ("FieldMap",),
    "atomcavity.resonators.field_files": ("read_field",),
    "atomcavity.traps": ("Beam", "SurfacePotential", "TwoColorTrap"),
    "atomcavity.traps.paul": ("PaulTrap",),
    "atomcavity.traps.magic_radio": ("StatePair", "magic_radio_frequency"),
    "atomcavity.traps.tuned_radio": ("tuned_radio_frequency",),
    "atomcavity.traps.orbits": ("periodic_orbits",),
    "atomcavity.traps.ion_shifts": ("IonShifts", "ion_shifts"),
    "atomcavity.traps.collective": ("collective_modes",),
    "atomcavity.traps.crystal": ("Crystal", "find_crystal"),
    "atomcavity.coupling.given_dipole": ("dipole_coupling",),
    "atomcavity.coupling": ("Coupling", "QuadrupoleCoupling", "couple"),
    "atomcavity.dynamics": ("CavityMode", "CavitySystem", "Emitters", "LevelScheme", "Preparation",
                            "Cumulants", "DickeLadder", "Exact", "Jumps", "LinearResponse", "Linearised", "MeanField",
                            "TruncatedWigner", "branches", "correlation", "eliminate", "evolve", "group",
                            "light_shifts", "pumping", "spectrum", "steady_state", "transmission"),
    "atomcavity.dynamics.dicke.centre": ("line_centre",),
    "atomcavity.dynamics.probe.ring": ("ring_transmission",),
    "atomcavity.detection": ("clicks", "ClickRecords", "heterodyne", "HeterodyneRecord", "CountThreshold", "Cusum",
                             "LikelihoodRatio", "PhotonCounter", "correlate", "read_time_tags", "receiver_curve",
                             "running_counts"),
    "atomcavity.detection.analysis": ("align_sites", "bright_windows", "fit_antibunching", "fit_background",
                                      "fit_histogram", "fit_lifetime", "fit_occupation", "photon_correlation"),
    "atomcavity.clocks": ("CavityLock", "Deviation", "Fluctuation", "FrequencySeries", "Noise", "PulsedClock",
                          "deviation", "dick_effect", "thermorefractive"),
    "atomcavity.traps.belt": ("ConveyorBelt", "GaussianBeam"),
    "atomcavity.traps.near_surface": ("CasimirPolder", "EvanescentField", "Gravity", "HarmonicWell"),
    "atomcavity.traps.time_law": ("TimeLaw",),
    "atomcavity.traps.site": ("find_site", "sites_along", "sites_in"),
    "atomcavity.loading.trajectories": ("BeamNoise", "ChipSurface", "Recoil", "trajectories"),
    "atomcavity.loading.ring_probe": ("RingProbe",),
    "atomcavity.loading.controller": ("Controller", "EverySite", "RandomStop"),
    "atomcavity.loading.feedback": ("load_atoms",),
    "atomcavity.loading.thermal": ("Atoms", "thermal_atoms"),
    "atomcavity.loading.cloud": ("ColdCloud", "fill_sites"),
    "atomcavity.loading.sideband_cooling": ("SidebandCooling",),
    "atomcavity.loading.collisions": ("Collisions",),
    "atomcavity.loading.probe_heating": ("ProbeScattering",),
    "atomcavity.loading.noise_heating": ("intensity_heating", "pointing_heating"),
    "atomcavity.loading.background_gas": ("dispersion_coefficient", "gas_loss"),
    "atomcavity.loading.ramps": ("least_heating_ramp", "ramp_excitation"),
    "atomcavity.loading.waveform": ("read_waveform", "waveform"),
    "atomcavity.loading.self_alignment": ("AlignedStop", "self_align"),
    "atomcavity.detection.fluorescence": ("fluorescence_clicks",),
    "atomcavity.loading": ("SiteOccupation", "blockaded_occupation", "poisson_occupation"),
    "atomcavity.experiments": ("read_experiment",),
    "atomcavity.sweeps": ("run_sweep", "sweep_status"),
    "atomcavity.sweeps.result": ("SweepResult",),
    "atomcavity.studies.points": ("evaluate",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'atomcavity' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
