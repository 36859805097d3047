"""Templates and static files are part of the package, wherever it is installed."""

import re
from importlib.resources import files

import pytest

SERVER = files("roadworthy.server")
TEMPLATES = SERVER / "templates"
STATIC = SERVER / "static"


def named_in(pattern: str, *packages: str) -> set[str]:
    """What `pattern` finds in the modules and templates of these packages."""
    found: set[str] = set()
    for package in packages:
        for file in files(package).iterdir():
            if file.name.endswith((".py", ".html")):
                found |= set(re.findall(pattern, file.read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("package", ["roadworthy.server", "roadworthy.server.pages"])
def test_every_template_that_a_module_names_is_there(package: str) -> None:
    names = named_in(r'"(\w+\.html)"', package)

    assert names
    assert [name for name in names if not (TEMPLATES / name).is_file()] == []


def test_every_template_that_a_template_uses_is_there() -> None:
    names = named_in(r'% (?:extends|import|include) "(\w+\.html)"', "roadworthy.server.templates")

    assert {"base.html", "macros.html"} < names
    assert [name for name in names if not (TEMPLATES / name).is_file()] == []


def test_every_static_file_that_a_template_asks_for_is_there() -> None:
    names = named_in(r'"/static/([^"?]+)', "roadworthy.server.templates")

    assert {"page.css", "page.js", "mark.svg"} < names
    assert [name for name in names if not (STATIC / name).is_file()] == []


def test_the_report_brings_its_own_template_and_style() -> None:
    folder = files("roadworthy.app") / "templates"

    assert (folder / "report.html").is_file()
    assert (folder / "report.css").is_file()
    assert (files("roadworthy") / "py.typed").is_file()
