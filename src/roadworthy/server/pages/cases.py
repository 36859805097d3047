"""One case: what it asks, where it comes from, how it went, and its file."""

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Template

from roadworthy.app.app import App
from roadworthy.app.suite_detail import load_case_overview
from roadworthy.server.pages.addresses import named
from roadworthy.server.pages.show import show
from roadworthy.server.views.expectations import in_words


@get("/suites/{suite:str}/cases/{case:str}", sync_to_thread=True)
def show_case(app: NamedDependency[App], suite: FromPath[str], case: FromPath[str]) -> Template:
    """One case of a suite in the project."""
    found = load_case_overview(app, named(suite), named(case))
    return show(
        "case.html",
        "Suites",
        found=found,
        one=found.overview,
        suite=found.suite,
        expected=[(spec, in_words(spec)) for spec in found.overview.case.graders],
    )


ROUTES = (show_case,)
