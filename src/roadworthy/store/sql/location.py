"""Where a store is: a path, or a URL whose scheme names the kind of database.

Nothing here opens the file, and nothing else of ours may, other than SQLite. POSIX locks belong
to a process and its file, not to a descriptor: closing any descriptor of a file gives up all
locks that the process holds on it, those of every open connection included. Another process
would then believe itself the last one and delete the log that we still write to. SQLite takes
care of that between its own connections; it cannot know of ours. See
https://www.sqlite.org/howtocorrupt.html, section 2.2.
"""

from pathlib import Path

from roadworthy.base.errors import StoreError
from roadworthy.store.sql.errors import not_a_database

_SQLITE = "sqlite:///"
_LATER = ("postgresql", "postgres")
_SMALLEST_PAGE = 512  # bytes, of any SQLite database


def store_file(url_or_path: str | Path) -> Path:
    """The absolute path of the SQLite file that is meant.

    ``sqlite:///a.db`` is relative, ``sqlite:////srv/a.db`` absolute, as everywhere else.

    Raises:
        StoreError: another kind of database, or no file at all. A URL may hold a password,
            so only its scheme is repeated.
    """
    text = str(url_or_path)
    if isinstance(url_or_path, str) and (":" in text and "//" in text.partition(":")[2][:2]):
        text = _path_of_url(text)
    if not text or text == ":memory:":
        raise StoreError(
            "a store needs a file", hint="give a path such as .roadworthy/roadworthy.db"
        )
    if "\0" in text:
        raise StoreError("the path of the store holds a NUL character", hint="give another path")
    return Path(text).absolute()


def check_place(path: Path, *, create: bool) -> None:
    """See that a store can be there.

    Raises:
        StoreError: the place is a folder, has no parent folder, holds nothing and `create` is
            false, or holds something else.
    """
    try:
        _check_place(path, create=create)
        _check_size(path)
    except OSError as error:
        raise StoreError(
            f"the store {path} cannot be reached: {error.strerror}", hint="give another path"
        ) from error


def _check_place(path: Path, *, create: bool) -> None:
    if path.is_dir():
        raise StoreError(f"{path} is a folder, not a store", hint="name a file in it")
    if path.exists() and not path.is_file():
        raise StoreError(f"{path} is not a regular file", hint="give another path")
    if not path.parent.is_dir():
        raise StoreError(
            f"the folder {path.parent} does not exist", hint=f"make it: mkdir -p '{path.parent}'"
        )
    if not create and not path.exists():
        raise StoreError(
            f"there is no store at {path}",
            hint="`roadworthy eval run` or `roadworthy trace import` makes one",
        )


def _check_size(path: Path) -> None:
    """SQLite takes a file of one byte for a new database, and would write over it.

    Whether what is long enough is a database, SQLite finds out when it reads it.
    """
    if path.exists() and 0 < path.stat().st_size < _SMALLEST_PAGE:
        raise not_a_database(str(path))


def _path_of_url(url: str) -> str:
    scheme = url.partition(":")[0]
    if scheme.partition("+")[0].lower() in _LATER:
        raise StoreError(
            "PostgreSQL stores come in a later version", hint="use a file for now: sqlite:///PATH"
        )
    if not url.startswith(_SQLITE):
        raise StoreError(
            f"{scheme!r} is no kind of store this version knows",
            hint="give a path, or sqlite:///PATH",
        )
    path, asked, _ = url.removeprefix(_SQLITE).partition("?")
    if asked:
        raise StoreError("a store URL takes no options after `?`", hint=f"give {_SQLITE}{path}")
    return path
