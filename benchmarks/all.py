"""Every benchmark, each in a process of its own, and one table of all figures.

JSON goes to `benchmarks/results/NAME.json`. Peers are measured only with `--peers`, and
installed first with `--install`.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

from measuring import RESULTS, ROOT, parser, print_table

NAMES = (
    "trials",
    "importing",
    "grading",
    "startup",
    "boundary",
    "ingest",
    "store_scale",
    "page_views",
)


def main() -> None:
    asked = parser(__doc__ or "", runs=0)
    asked.add_argument("--peers", action="store_true", help="measure other tools, too")
    asked.add_argument("--install", action="store_true", help="install those that are missing")
    asked.add_argument("--results", type=Path, default=RESULTS, help="folder for the JSON files")
    given = asked.parse_args()
    names = [*NAMES, *(["peers"] if given.peers else [])]
    written = [_run(name, given) for name in names]
    print_table([json.loads(path.read_text(encoding="utf-8")) for path in written])
    if given.json is not None:
        reports = [json.loads(path.read_text(encoding="utf-8")) for path in written]
        given.json.write_text(json.dumps(reports, indent=2) + "\n", encoding="utf-8")


def _run(name: str, given: argparse.Namespace) -> Path:
    result: Path = given.results.resolve() / f"{name}.json"
    words = ["--date", given.date, "--json", str(result)]
    words += ["--quick"] if given.quick else []
    words += ["--runs", str(given.runs)] if given.runs else []
    words += ["--install"] if name == "peers" and given.install else []
    print(f"{name} …", file=sys.stderr)
    subprocess.run(
        [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), *words],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return result


if __name__ == "__main__":
    main()
