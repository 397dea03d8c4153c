"""The command line: `atomcavity new`, `check`, `run`, `sensitivity`, `schema`, `sweep`, `status`, `compare`, `study`, `species`,
`materials`.

A user's mistake ends with one sentence on standard error and exit status 2; nothing is written.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from atomcavity import __version__
from atomcavity.errors import AtomcavityError
from atomcavity.studies import CRYSTAL, KINDS, STUDIES

# The matrices are small: threads of the linear algebra cost more than they give. Set before NumPy is loaded.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


_WORKERS = click.option(
    "--workers",
    type=click.IntRange(1),
    default=1,
    help="Processes, where uncertain inputs or derivatives ask for many evaluations [default: 1].",
)


class _Cli(click.Group):
    """Turns the package's own exceptions into one sentence and exit status 2."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AtomcavityError as problem:
            click.echo(f"atomcavity: {problem}", err=True)
            sys.exit(2)
        except OSError as problem:
            place = f"{problem.filename}: " if problem.filename else ""
            click.echo(f"atomcavity: {place}{problem.strerror}", err=True)
            sys.exit(2)


@click.group(cls=_Cli, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Design and simulate trapped atoms and ions coupled to optical cavities."""


@main.command()
@click.argument("name", type=click.Choice([*STUDIES, "all"]))
@click.option("--figure", type=str, help="One figure only, for example 4 or 2b.")
@click.option("--quick", is_flag=True, help="Fewer points and trajectories.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the output [default: results/NAME].",
)
@click.option(
    "--ions", type=int, help="Ions of the true crystal (ion-laser); a large one is kept for the next run."
)
def study(name: str, figure: str | None, quick: bool, out: Path | None, ions: int | None) -> None:
    """Reproduce a paper: every figure, and every number beside the published one."""
    from atomcavity.studies import run_study

    for each in STUDIES if name == "all" else (name,):
        folder = (out or Path("results")) / each if name == "all" or out is None else out
        given = ions if name != "all" or each == CRYSTAL else None
        page = run_study(each, out=folder, quick=quick, figure=figure, ions=given)
        click.echo(f"{each}: {page}")


@main.command()
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--out", type=click.Path(path_type=Path), help="The file [default: KIND.toml].")
def new(kind: str, out: Path | None) -> None:
    """Write a commented experiment file, to be changed and run; a file that exists is never overwritten."""
    from atomcavity.studies.new import write_new

    file = out or Path(f"{kind}.toml")
    write_new(kind, file)
    click.echo(f"wrote {file}; next: atomcavity check {file}, atomcavity run {file}")


@main.command()
@click.argument("kind", type=click.Choice(KINDS), required=False)
def schema(kind: str | None) -> None:
    """Print the JSON schema of the experiment files of KIND (without it: of all kinds), for the completion of an editor."""
    import json

    from atomcavity.experiments import files
    from atomcavity.experiments.schema import json_schema, json_schema_of_any

    found = json_schema(files.KINDS[kind], kind) if kind else json_schema_of_any(files.KINDS)
    click.echo(json.dumps(found, indent=1, ensure_ascii=False))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help='Change a key, e.g. trap.red.power="30 mW".'
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the answers (created; must be empty).",
)
@click.option("--seed", type=click.IntRange(0), default=0, help="Of everything that is drawn by chance.")
@click.option(
    "--samples",
    type=click.IntRange(2),
    help="Carry uncertain inputs to the answers by so many samples, not by linear propagation.",
)
@_WORKERS
def run(
    file: Path, changes: tuple[str, ...], out: Path | None, seed: int, samples: int | None, workers: int
) -> None:
    """Compute one experiment file; the answers as a table, with --out also data, figures and a page.

    An input with an uncertainty, "5.03(1) um", gives each answer an error bar.
    """
    from atomcavity.studies.report import report_file

    click.echo(report_file(file, changes, out=out, seed=seed, samples=samples or 0, workers=workers))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help='Change a key, e.g. trap.red.power="30 mW".'
)
@click.option(
    "--samples", type=click.IntRange(2), help="As if run with so many samples of the uncertain inputs."
)
def check(file: Path, changes: tuple[str, ...], samples: int | None) -> None:
    """Say what running FILE would compute, by which method, how long and with how much memory."""
    from atomcavity.studies.cost import cost_of

    click.echo(cost_of(file, changes, samples=samples or 0))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help='Change a key, e.g. trap.red.power="30 mW".'
)
@click.option("--input", "inputs", multiple=True, metavar="KEY", help="Only this input, or table of inputs.")
@click.option(
    "--answer", "answers", multiple=True, metavar="KEY", help="Only this answer, or group; all inputs."
)
@click.option("--seed", type=click.IntRange(0), default=0, help="Of everything that is drawn by chance.")
@click.option("--save", type=click.Path(dir_okay=False, path_type=Path), help="Keep everything as netCDF.")
@_WORKERS
def sensitivity(
    file: Path,
    changes: tuple[str, ...],
    inputs: tuple[str, ...],
    answers: tuple[str, ...],
    seed: int,
    save: Path | None,
    workers: int,
) -> None:
    """Derivatives of the answers with respect to the inputs, the largest share of the error first."""
    from atomcavity.experiments.files import place_of, read_data
    from atomcavity.studies.uncertainty import sensitivity as sensitivity_of

    data, place = read_data(file, changes), place_of(file, changes)
    found = sensitivity_of(data, seed, inputs=inputs, workers=workers, place=place)
    if save is not None:
        found.save(save)
    click.echo(found.table(answers, most=None if answers else 5))


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the sweep: new, empty, or of an earlier run, which is continued [default: results/NAME of the file].",
)
@click.option("--workers", type=click.IntRange(1), help="Processes on this machine [default: one a core].")
@click.option("--scheduler", metavar="ADDRESS", help="Compute on the Dask cluster with this scheduler.")
@click.option(
    "--slurm",
    metavar="OPTIONS",
    help="Start workers through Slurm: partition=...,cores=...,memory=...,jobs=...",
)
@click.option(
    "--set", "changes", multiple=True, metavar="KEY=VALUE", help='Change a key, e.g. trap.red.power="30 mW".'
)
@click.option("--retry", is_flag=True, help="Compute the points that failed again.")
@click.option("--csv", "table", is_flag=True, help="Write sweep.csv beside sweep.nc.")
def sweep(
    file: Path,
    out: Path | None,
    workers: int | None,
    scheduler: str | None,
    slurm: str | None,
    changes: tuple[str, ...],
    retry: bool,
    table: bool,
) -> None:
    """Compute all points of the [sweep] table of an experiment file; what is finished is kept, whatever happens."""
    from atomcavity.sweeps import SweepStopped, run_sweep

    folder = out or Path("results") / file.stem
    try:
        end = run_sweep(
            *(file, folder),
            changes=changes,
            workers=workers,
            scheduler=scheduler,
            slurm=slurm,
            retry=retry,
        )
    except SweepStopped as stop:
        click.echo(f"stopped: {stop}", err=True)
        sys.exit(130)
    click.echo(end)
    if table:
        click.echo(f"table: {end.load().to_csv(folder / 'sweep.csv')}")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
def status(folder: Path) -> None:
    """How far the sweep in FOLDER is: points done, failed and left, rate, time left, running or not."""
    from atomcavity.sweeps import sweep_status

    click.echo(sweep_status(folder))


@main.command()
@click.argument("first", metavar="A", type=click.Path(path_type=Path))
@click.argument("second", metavar="B", type=click.Path(path_type=Path))
@click.option(
    "--tolerance",
    type=float,
    default=0.0,
    help="Relative difference up to which numbers are equal [default: 0].",
)
def compare(first: Path, second: Path, tolerance: float) -> None:
    """Compare two results, folders of answers, sweeps or studies: parameters and values that differ.

    The exit status is 0 if nothing differs, 1 if something does, and 2 if they cannot be compared.
    """
    from atomcavity.results.compare import compare as compared

    found = compared(first, second, tolerance=tolerance)
    click.echo(found)
    sys.exit(0 if found.equal else 1)


@main.command()
@click.argument("name", required=False)
def species(name: str | None) -> None:
    """What is known of a species, and from where (without NAME: which there are)."""
    from atomcavity.species import Species, known_species

    click.echo(Species(name).sources() if name else "\n".join(known_species()))


@main.command()
@click.argument("name", required=False)
def materials(name: str | None) -> None:
    """What is known of a material, and from where (without NAME: which there are)."""
    from atomcavity.materials import Material, known_materials

    click.echo(Material(name).sources() if name else "\n".join(known_materials()))


if __name__ == "__main__":
    main()
