"""A look at what the agent left, as people write it under `end_state`."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, NamedTuple, TypeAlias
from urllib.parse import urlsplit

from pydantic import Field, JsonValue

from roadworthy.base.registry import nearest
from roadworthy.records.probe_spec import (
    MOST_SECONDS,
    PLACEHOLDERS,
    FileLook,
    HttpLook,
    Look,
    ProbeSpec,
    PythonLook,
    SqlLook,
    is_loopback,
    unknown_placeholders,
)
from roadworthy.suite.strict_model import StrictModel

Text = Annotated[str, Field(min_length=1)]
Hosts: TypeAlias = Sequence[str] | None  # beside this machine; None: the suite cannot be read

KINDS: Final = ("sql", "file", "http", "python")
_BESIDE: Final = {
    "database": ("sql",),
    "url": ("sql",),
    "url_from": ("sql",),
    "bind": ("sql",),
    "read": ("file",),
    "root": ("sql", "file"),
}


class EndStateItem(StrictModel):
    """One look at the world after a trial, and what must be seen there."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    """What is looked at, e.g. `the order`; unique within the case."""
    sql: Text | None = None
    """A query that only reads. `:run`, `:case`, `:repeat`, `:trace_id` and what `bind` names are
    bound as values. Gives a list of rows, each a mapping from column to value."""
    file: Text | None = None
    """Path of a file, from the target's folder. Gives `exists`, `bytes`, `sha256` and its `text`
    or `json`."""
    http: Text | None = None
    """Address to GET. Gives `status` and `json` or `text`."""
    python: Text | None = None
    """`module:function` in the target's folder; gets the trial as a mapping, returns JSON."""
    database: Text | None = None
    """For `sql`: path of an SQLite file, from the target's folder."""
    url: Text | None = None
    """For `sql`: address of a database as SQLAlchemy takes it."""
    url_from: Text | None = None
    """For `sql`: the variable of the target's environment that holds the address."""
    bind: dict[str, str | int | float | bool | None] = {}
    """For `sql`: further values to bind by name."""
    read: Literal["text", "json", "digest"] | None = None
    """For `file`: what of it is kept; `text` unless said otherwise."""
    root: Text | None = None
    """For `file` and `database`: folder, from the target's, that the path must not leave."""
    timeout_s: Annotated[float, Field(gt=0, le=MOST_SECONDS)] = 5.0
    """Seconds that the look may take."""
    expect: JsonValue = None
    """What must be seen: a value, a constraint such as `$regex`, or a mapping from places in what
    was seen (`[0].status`, `json.total`) to values and constraints. Left out: it is only kept."""

    @property
    def expects(self) -> bool:
        """Whether it says what must be seen; `null` may be said too."""
        return "expect" in self.model_fields_set


class Wrong(NamedTuple):
    """What is wrong with one key of an item."""

    key: str
    message: str
    hint: str | None = None


def mistakes(item: EndStateItem, hosts: Hosts) -> Iterator[Wrong]:
    """Everything that is wrong with an item whose types are right."""
    kinds = [kind for kind in KINDS if getattr(item, kind) is not None]
    if len(kinds) != 1:
        said = ", ".join(kinds) if kinds else "none"
        yield Wrong(kinds[1] if kinds else "", f"takes one of {', '.join(KINDS)}, got {said}")
        return
    for key, beside in _BESIDE.items():
        if key in item.model_fields_set and kinds[0] not in beside:
            yield Wrong(key, f"belongs beside {' or '.join(beside)}, not {kinds[0]}")
    check = {"sql": _sql, "file": _file, "http": _http, "python": _python}[kinds[0]]
    yield from check(item, hosts)


def probe_of(item: EndStateItem, hosts: Hosts) -> ProbeSpec:
    """The probe that an item without mistakes asks for."""
    return ProbeSpec(name=item.name, look=_look(item, hosts), timeout_s=item.timeout_s)


def _look(item: EndStateItem, hosts: Hosts) -> Look:
    if item.sql is not None:
        return SqlLook(
            query=item.sql,
            database=item.database,
            url=item.url,
            url_from=item.url_from,
            bind=dict(item.bind),
            root=item.root,
        )
    if item.file is not None:
        return FileLook(path=item.file, read=item.read or "text", root=item.root)
    if item.http is not None:
        return HttpLook(url=item.http, declared=urlsplit(item.http).hostname in (hosts or ()))
    assert item.python is not None
    return PythonLook(function=item.python)


def _sql(item: EndStateItem, _hosts: Hosts) -> Iterator[Wrong]:
    where = [key for key in ("database", "url", "url_from") if getattr(item, key) is not None]
    if len(where) != 1:
        said = ", ".join(where) if where else "none"
        yield Wrong("sql", f"needs one of database, url, url_from beside it, got {said}")
    named = [name for name in PLACEHOLDERS if f"{{{name}}}" in (item.sql or "")]
    if named:
        hint = f"write :{named[0]}, which is bound as a value"
        yield Wrong("sql", f"holds {{{named[0]}}}, and nothing is pasted into a query", hint)
    if item.root is not None and item.database is None:
        yield Wrong("root", "belongs beside database")
    yield from _placeholders("database", item.database)
    for name, value in item.bind.items():
        yield from _placeholders(f"bind.{name}", value if isinstance(value, str) else None)


def _file(item: EndStateItem, _hosts: Hosts) -> Iterator[Wrong]:
    yield from _placeholders("file", item.file)


def _http(item: EndStateItem, hosts: Hosts) -> Iterator[Wrong]:
    url = item.http or ""
    try:
        address = urlsplit(url)
        host, _ = address.hostname, address.port
    except ValueError:
        yield Wrong("http", "is no address")
        return
    if address.scheme not in ("http", "https") or not host or not url.isprintable() or " " in url:
        yield Wrong("http", "is no address", "write http://127.0.0.1:8000/orders/{case}")
    elif "{" in address.netloc or "@" in address.netloc:
        yield Wrong("http", "names its host in plain, without {…} and without a user")
    elif not is_loopback(host) and hosts is not None and host not in hosts:
        hint = f"let the suite say so: end_state_hosts: [{host}]"
        yield Wrong("http", f"{host} is not this machine, and the suite does not name it", hint)
    yield from _placeholders("http", item.http)


def _python(item: EndStateItem, _hosts: Hosts) -> Iterator[Wrong]:
    module, _, function = (item.python or "").partition(":")
    parts = [*module.split("."), *function.split(".")]
    if not all(part.isidentifier() for part in parts):
        yield Wrong("python", "is written module:function")


def _placeholders(key: str, text: str | None) -> Iterator[Wrong]:
    for name in unknown_placeholders(text or ""):
        hint = nearest(name, list(PLACEHOLDERS))
        yield Wrong(key, f"{{{name}}} stands for nothing", hint)
