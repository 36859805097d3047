"""The HTTP API under `/api`: the shapes of `--json`, one module for each noun."""

from typing import Final

from roadworthy.server.api import cases, findings, labels, runs, traces, version

ROUTES: Final = (
    *traces.ROUTES,
    *findings.ROUTES,
    *runs.ROUTES,
    *cases.ROUTES,
    *labels.ROUTES,
    *version.ROUTES,
)
