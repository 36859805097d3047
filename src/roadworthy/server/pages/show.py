"""Fills a template under a section of the bar."""

from typing import Any

from litestar.response import Template


def show(template: str, section: str, **context: Any) -> Template:
    """The view `template` under `section` of the bar."""
    return Template(template, context={"section": section, **context})
