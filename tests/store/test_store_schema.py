"""The schema of a new store, the way to it by migrations, and stores of other ages."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from roadworthy.base.errors import StoreError
from roadworthy.store.sql import open_store, schema, upgrade
from roadworthy.store.sql.engine import Database
from roadworthy.testing import a_run

LATER = f"{int(schema.HEAD) + 1:04}"
NEXT = f"""
from alembic import op
import sqlalchemy as sa

revision = "{LATER}"
down_revision = "{schema.HEAD}"


def upgrade() -> None:
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
    with op.batch_alter_table("runs") as runs:
        runs.add_column(sa.Column("note", sa.Text))
        runs.alter_column("suite", new_column_name="suite_id")
"""


def definitions(path: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    connection.close()
    return rows


def execute(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.fixture
def a_later_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Pretend that this is a version with one migration more."""

    def install(migration: str = NEXT) -> None:
        folder = tmp_path / "migrations 100%"
        shutil.copytree(schema.MIGRATIONS, folder)
        (folder / "versions" / f"{LATER}_next.py").write_text(migration)
        monkeypatch.setattr(schema, "MIGRATIONS", folder)
        monkeypatch.setattr(schema, "HEAD", LATER)

    return install


def test_the_head_is_the_one_that_alembic_sees() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [schema.HEAD]


def test_migrations_make_exactly_the_tables_of_a_new_store(tmp_path: Path) -> None:
    open_store(tmp_path / "new.db").close()
    database = Database(tmp_path / "migrated.db")
    result = schema.migrate(database)
    database.close()

    assert (result.before, result.after) == (None, schema.HEAD)
    assert definitions(tmp_path / "new.db") == definitions(tmp_path / "migrated.db")
    open_store(tmp_path / "migrated.db").close()


def test_opening_a_store_does_not_import_alembic(tmp_path: Path) -> None:
    code = (
        "import sys; from roadworthy.store.sql import open_store\n"
        "for _ in range(2): open_store(sys.argv[1]).close()\n"
        "assert not [name for name in sys.modules if name.startswith('alembic')]"
    )

    subprocess.run([sys.executable, "-c", code, str(tmp_path / "store.db")], check=True)


def test_a_new_store_is_durable_by_default_and_writes_ahead(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")

    with store.database.raw() as connection:
        asked = ("journal_mode", "synchronous", "foreign_keys", "application_id", "busy_timeout")
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in asked]

    assert found == ["wal", 2, 1, schema.APPLICATION_ID, 30_000]
    store.close()


def test_a_closed_store_is_one_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "store.db")
    store.runs.create(a_run())
    store.close()

    assert [path.name for path in tmp_path.iterdir()] == ["store.db"]


def test_an_older_store_is_upgraded_when_it_is_opened_and_keeps_what_it_holds(
    tmp_path: Path, a_later_version: Callable[[], None]
) -> None:
    store = open_store(tmp_path / "store.db")
    store.runs.create(a_run())
    store.close()
    a_later_version()

    open_store(tmp_path / "store.db").close()

    with sqlite3.connect(tmp_path / "store.db") as connection:
        assert connection.execute("SELECT run, suite_id, note FROM runs").fetchall() == [
            ("run", "suite", None)
        ]
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [
            (LATER,)
        ]
    connection.close()


def test_an_upgrade_says_from_where_to_where_and_a_second_one_does_nothing(
    tmp_path: Path, a_later_version: Callable[[], None]
) -> None:
    open_store(tmp_path / "store.db").close()
    before = schema.HEAD
    a_later_version()

    first = upgrade(tmp_path / "store.db")
    second = upgrade(f"sqlite:///{tmp_path}/store.db")

    assert (first.before, first.after) == (before, LATER)
    assert (second.before, second.after) == (LATER, LATER)


def test_an_upgrade_that_fails_leaves_the_store_as_it_was(
    tmp_path: Path, a_later_version: Callable[[str], None]
) -> None:
    open_store(tmp_path / "store.db").close()
    before = definitions(tmp_path / "store.db")
    a_later_version(NEXT + "    op.execute('SELECT * FROM no_such_table')\n")

    with pytest.raises(StoreError, match="no such table"):
        upgrade(tmp_path / "store.db")

    assert definitions(tmp_path / "store.db") == before


def test_an_upgrade_that_would_leave_rows_pointing_at_nothing_is_undone(
    tmp_path: Path, a_later_version: Callable[[str], None]
) -> None:
    path = tmp_path / "store.db"
    open_store(path).close()
    a_later_version(
        NEXT
        + "    op.execute(\"INSERT INTO spans (trace, span, data) VALUES (7, x'00', x'00')\")\n"
    )

    with pytest.raises(StoreError, match="rows of spans point at nothing"):
        upgrade(path)

    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT count(*) FROM spans").fetchone() == (0,)
    connection.close()


def test_a_newer_store_is_refused_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    open_store(path).close()
    execute(path, "UPDATE alembic_version SET version_num = '0999'")

    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError, match="made by a newer version") as caught:
            attempt(path)
        assert caught.value.hint == "upgrade roadworthy, or name another store"


@pytest.mark.parametrize(
    "statements",
    [
        ("CREATE TABLE theirs (id INTEGER)",),
        ("CREATE TABLE alembic_version (v TEXT)", "INSERT INTO alembic_version VALUES ('0001')"),
        ("PRAGMA application_id = 42",),
        ("PRAGMA application_id = 1381192532",),
    ],
)
def test_a_database_of_another_program_is_refused_and_not_touched(
    tmp_path: Path, statements: tuple[str, ...]
) -> None:
    path = tmp_path / "theirs.db"
    execute(path, "CREATE TABLE first (id INTEGER)", *statements)
    before = path.read_bytes()

    for attempt in (open_store, upgrade):
        with pytest.raises(StoreError, match="not a Roadworthy store"):
            attempt(path)

    assert path.read_bytes() == before
