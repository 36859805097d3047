"""Queries of what the agent left: read-only, bounded, values bound and never pasted."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import pytest

from roadworthy.base.codec import Json
from roadworthy.records.probe_spec import ProbeSpec, SqlLook
from roadworthy.records.trial import Ending, Observation
from roadworthy.world.probes.observe import observe
from roadworthy.world.probes.subject import Subject, Surroundings
from roadworthy.world.probes.value import MAX_ROWS

HOSTILE = "'; drop table orders; --"


def a_subject(case: str = "refund", repeat: int = 2) -> Subject:
    return Subject(run="r1", case=case, repeat=repeat, trace_id="ab" * 16, ending=Ending.COMPLETED)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as database, database:
        database.execute("create table orders (name text, status text, usd real, seal blob)")
        database.executemany(
            "insert into orders values (?, ?, ?, ?)",
            [("refund", "cancelled", 12.5, b"\x00"), (HOSTILE, "open", 9e999, None)],
        )
    return tmp_path


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def seen(
    folder: Path,
    look: SqlLook,
    *,
    subject: Subject | None = None,
    timeout_s: float = 5.0,
    environment: Mapping[str, str] | None = None,
) -> Observation:
    around = Surroundings(folder=folder, environment=environment or {})
    probe = ProbeSpec(name="order", look=look, timeout_s=timeout_s)
    (observation,) = await observe([probe], subject or a_subject(), around)
    return observation


async def test_a_query_gives_rows_by_column_with_the_trials_own_values_bound(shop: Path) -> None:
    query = "select status, usd from orders where name = :case and :repeat = 2"

    found = await seen(shop, SqlLook(query=query, database="shop.db"))

    assert found == Observation(name="order", value=[{"status": "cancelled", "usd": 12.5}])


async def test_a_hostile_case_name_is_a_value_and_never_part_of_the_query(shop: Path) -> None:
    query = "select status, usd from orders where name = :who"
    look = SqlLook(query=query, database="shop.db", bind={"who": "{case}"})

    found = await seen(shop, look, subject=a_subject(case=HOSTILE))

    assert found.value == [{"status": "open", "usd": "inf"}]


async def test_bytes_are_kept_as_their_digest(shop: Path) -> None:
    query = "select seal from orders where name = :case"

    found = await seen(shop, SqlLook(query=query, database="shop.db"))

    digest = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert found.value == [{"seal": {"bytes": 1, "sha256": digest}}]


@pytest.mark.parametrize(
    "query",
    [
        "delete from orders",
        "drop table orders",
        "attach 'other.db' as other",
        "pragma journal_mode = wal",
        "select 1; delete from orders",
        "select name from no_such_table",
        "select name, name from orders",
        "select :nothing_is_bound_to_this",
    ],
)
async def test_what_writes_or_is_wrong_sees_nothing_and_changes_nothing(
    shop: Path, query: str
) -> None:
    before = (shop / "shop.db").read_bytes()

    found = await seen(shop, SqlLook(query=query, database="shop.db"))

    assert found.error
    assert (shop / "shop.db").read_bytes() == before
    assert names(shop) == ["shop.db"]


async def test_a_query_that_never_ends_is_given_up(shop: Path) -> None:
    endless = "with recursive n(x) as (select 1 union all select x + 1 from n) select max(x) from n"

    found = await seen(shop, SqlLook(query=endless, database="shop.db"), timeout_s=0.2)

    assert found.error


async def test_more_rows_than_are_kept_are_no_observation(shop: Path) -> None:
    many = (
        "with recursive n(x) as (select 1 union all select x + 1 from n where x <= 2000) "
        "select x from n"
    )

    found = await seen(shop, SqlLook(query=many, database="shop.db"))

    assert found.error == (
        f"the query gives more than {MAX_ROWS} rows; ask for fewer, or count them"
    )


async def test_larger_values_than_are_kept_are_no_observation(shop: Path) -> None:
    found = await seen(shop, SqlLook(query="select hex(zeroblob(90000)) as h", database="shop.db"))

    assert found.error is not None
    assert "at most 65536 are kept" in found.error


@pytest.mark.parametrize("database", ["missing.db", "../shop.db", "/etc/hostname"])
async def test_a_database_that_is_not_there_or_lies_outside_is_not_looked_at(
    shop: Path, database: str
) -> None:
    inner = shop / "inner"
    inner.mkdir()

    found = await seen(inner, SqlLook(query="select 1", database=database))

    assert found.error
    assert found.value is None


async def test_a_declared_root_may_lie_elsewhere(shop: Path) -> None:
    inner = shop / "inner"
    inner.mkdir()

    found = await seen(inner, SqlLook(query="select 1 as one", database="shop.db", root=".."))

    assert found.value == [{"one": 1}]


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "shop.db").write_text("not a database, though long enough to be one" * 30)

    found = await seen(tmp_path, SqlLook(query="select * from orders", database="shop.db"))

    assert found.error == "the query failed: file is not a database"


async def test_an_address_is_asked_through_sqlalchemy_and_rolled_back(shop: Path) -> None:
    url = f"sqlite:///{shop}/shop.db"
    asked = SqlLook(query="select status from orders where name = :case", url_from="SHOP_URL")
    deleting = SqlLook(query="delete from orders returning name", url=url)

    gone = await seen(shop, deleting, timeout_s=30)
    found = await seen(shop, asked, environment={"SHOP_URL": url}, timeout_s=30)

    rows: Json = gone.value
    assert isinstance(rows, list)
    assert len(rows) == 2
    assert found.value == [{"status": "cancelled"}]


async def test_an_address_never_shows_in_an_error(tmp_path: Path) -> None:
    url = "nosuchdialect://me:hunter2@db/shop"

    found = await seen(tmp_path, SqlLook(query="select 1", url=url), timeout_s=30)

    assert found.error
    assert "hunter2" not in found.error


async def test_an_address_that_the_environment_lacks_is_named(tmp_path: Path) -> None:
    found = await seen(tmp_path, SqlLook(query="select 1", url_from="SHOP_URL"))

    assert found.error == "the target's environment has no 'SHOP_URL'"
