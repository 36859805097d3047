"""Files that the agent left or did not leave, within the folder where it worked."""

import hashlib
import os
from pathlib import Path

import pytest

from roadworthy.base.codec import Json
from roadworthy.records.probe_spec import FileLook, ProbeSpec
from roadworthy.records.trial import Ending, Observation
from roadworthy.world.probes.observe import observe
from roadworthy.world.probes.subject import Subject, Surroundings


async def seen(folder: Path, look: FileLook, *, case: str = "c1", repeat: int = 0) -> Observation:
    subject = Subject(
        run="r1", case=case, repeat=repeat, trace_id="ab" * 16, ending=Ending.COMPLETED
    )
    around = Surroundings(folder=folder, environment={})
    (observation,) = await observe([ProbeSpec(name="file", look=look)], subject, around)
    return observation


def facts(data: bytes, **more: Json) -> Json:
    return {
        "exists": True,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        **more,
    }


async def test_text_json_or_digest_alone_is_kept_as_asked(tmp_path: Path) -> None:
    data = b'{"total": 5}'
    (tmp_path / "out.json").write_bytes(data)

    text = await seen(tmp_path, FileLook(path="out.json"))
    parsed = await seen(tmp_path, FileLook(path="out.json", read="json"))
    digest = await seen(tmp_path, FileLook(path="out.json", read="digest"))

    assert text.value == facts(data, text='{"total": 5}')
    assert parsed.value == facts(data, json={"total": 5})
    assert digest.value == facts(data)


async def test_a_path_takes_the_values_of_its_trial(tmp_path: Path) -> None:
    (tmp_path / "c1-3.txt").write_text("mine")

    found = await seen(tmp_path, FileLook(path="{case}-{repeat}.txt"), repeat=3)

    assert found.value == facts(b"mine", text="mine")


async def test_a_file_that_is_not_there_is_a_fact_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    for path in ("missing.txt", "file/below"):
        assert (await seen(tmp_path, FileLook(path=path))).value == {"exists": False}


@pytest.mark.parametrize(
    ("data", "read", "problem"),
    [(b"\xff\xfe", "text", "not UTF-8 text"), (b"{", "json", "not JSON")],
)
async def test_a_file_of_another_kind_is_a_fact_too(
    tmp_path: Path, data: bytes, read: str, problem: str
) -> None:
    (tmp_path / "out").write_bytes(data)
    look = FileLook(path="out", read="text" if read == "text" else "json")

    assert (await seen(tmp_path, look)).value == facts(data, problem=problem)


async def test_a_pipe_or_folder_in_its_place_is_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()

    for path in ("pipe", "folder"):
        found = await seen(tmp_path, FileLook(path=path))
        assert found.value == {"exists": True, "problem": "not a regular file"}


async def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "secret").write_text("s3cret")
    (inside / "link").symlink_to(tmp_path / "secret")

    for path in ("link", "../secret", str(tmp_path / "secret")):
        found = await seen(inside, FileLook(path=path))
        assert found.value is None
        assert found.error is not None
        assert "leads out of" in found.error


@pytest.mark.parametrize("case", ["../../etc", "a/b", "..", "a\0b"])
async def test_a_value_of_the_trial_can_never_lead_elsewhere(tmp_path: Path, case: str) -> None:
    found = await seen(tmp_path, FileLook(path="out/{case}"), case=case)

    assert found.error is not None
    assert found.error.startswith("the trial's case cannot be part of a path")


async def test_a_file_too_large_to_keep_is_no_observation_but_has_a_digest(tmp_path: Path) -> None:
    data = b"x" * 100_000
    (tmp_path / "big").write_bytes(data)

    text = await seen(tmp_path, FileLook(path="big"))
    digest = await seen(tmp_path, FileLook(path="big", read="digest"))

    assert text.error is not None
    assert "100000 bytes, at most 65536 are kept" in text.error
    assert digest.value == facts(data)


async def test_json_too_deep_to_store_is_no_observation(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("[" * 200 + "]" * 200)

    found = await seen(tmp_path, FileLook(path="deep", read="json"))

    assert found.error == "what it saw nests deeper than 64 levels"
