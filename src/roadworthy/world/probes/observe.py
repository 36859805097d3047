"""Looking at what one trial left: every probe gives an observation, whatever happens to it."""

import asyncio
from collections.abc import Sequence
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.base.printable import printable
from roadworthy.records.probe_spec import FileLook, HttpLook, ProbeSpec, PythonLook, SqlLook
from roadworthy.records.trial import Observation
from roadworthy.world.probes.apart import call_python, query_url
from roadworthy.world.probes.cannot_look import CannotLook
from roadworthy.world.probes.file import look_at_file
from roadworthy.world.probes.http import look_at_http
from roadworthy.world.probes.sqlite import look_at_sqlite
from roadworthy.world.probes.subject import Subject, Surroundings
from roadworthy.world.probes.value import storable

_ERROR_LIMIT: Final = 300


async def observe(
    probes: Sequence[ProbeSpec], subject: Subject, around: Surroundings
) -> tuple[Observation, ...]:
    """One observation for each probe, made in order. Raises nothing but cancellation."""
    return tuple([await _observation(probe, subject, around) for probe in probes])


async def _observation(probe: ProbeSpec, subject: Subject, around: Surroundings) -> Observation:
    try:
        async with asyncio.timeout(probe.timeout_s):
            value = storable(await _look(probe, subject, around))
    except TimeoutError:
        return _failed(probe, f"it took longer than {probe.timeout_s:g} s")
    except CannotLook as error:
        return _failed(probe, str(error))
    except Exception as error:  # noqa: BLE001 - a probe that breaks must not break the run
        return _failed(probe, f"{type(error).__name__}: {error}")
    return Observation(name=probe.name, value=value)


async def _look(probe: ProbeSpec, subject: Subject, around: Surroundings) -> Json:
    timeout_s = probe.timeout_s
    match probe.look:
        case SqlLook(database=str()) as look:
            return await asyncio.to_thread(
                look_at_sqlite, look, subject, around, timeout_s=timeout_s
            )
        case SqlLook() as look:
            return await query_url(look, subject, around, timeout_s=timeout_s)
        case FileLook() as look:
            return await asyncio.to_thread(look_at_file, look, subject, around)
        case HttpLook() as look:
            return await look_at_http(look, subject)
        case PythonLook() as look:
            return await call_python(look, subject, around, timeout_s=timeout_s)


def _failed(probe: ProbeSpec, why: str) -> Observation:
    return Observation(name=probe.name, error=printable(why, limit=_ERROR_LIMIT))
