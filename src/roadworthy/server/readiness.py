"""What is done once before the first request, so that none pays for it.

A view makes thousands of objects and no cycles, yet Python's collector, left as it is, now and
then walks over the 100,000 that the libraries keep, and every request waits 70 to 100 ms. So
what is there when the server starts is put out of its sight; what is left then are some 6,000,
2 ms. And it comes by less often, which is a trade: capture would like it rarely (at 700, the
default, it takes a fifth of the work), requests wait for all that it walks over at once (50,000
objects have been a pause of 50 ms). At 10,000 it costs capture a few per cent, requests 5 ms.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from litestar import Litestar
from litestar.plugins.jinja import JinjaTemplateEngine

from roadworthy.app.app import App

THRESHOLDS: Final = (10_000, 20, 20)
"""Objects made and not yet gone before a look; looks at young ones before one at older ones."""


def warm_up(app: App, server: Litestar) -> None:
    """Open the store and compile every template.

    Raises:
        StoreError: the store cannot be opened.
    """
    assert app.store is not None
    engine = server.template_engine
    assert isinstance(engine, JinjaTemplateEngine)
    for name in engine.engine.list_templates():
        engine.engine.get_template(name)


@contextmanager
def short_pauses() -> Iterator[None]:
    """Keep the collector's pauses short for as long as the block lasts."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
