"""Files by SFTP: whose server it is, who may enter, what is read, and what lies beside."""

from __future__ import annotations

from contextlib import closing
from pathlib import PurePosixPath

import pytest

from conformance import expect
from conformance.checks.file_receiver.looks import (
    accepted,
    all_shown,
    control,
    ids,
    none_shown,
    shown,
)
from conformance.checks.file_receiver.results import result
from conformance.delivery import TEMPORARY, Delivery, server_of
from conformance.outcomes import APPLIED
from conformance.parcels import Tables
from conformance.problems import NotVerified
from conformance.readback import ReadBack
from conformance.target_files import NAME, SFTP
from conformance.verifies import verifies


@verifies("DAT-FIL-065")
def check_file_in_the_folder_is_applied(
    drop: Delivery, readback: ReadBack, newcomer: Tables
) -> None:
    """A file that was put and given its name is applied, and a result lies in the other folder."""
    sent = drop.send(drop.parcel(newcomer), SFTP)
    accepted(drop.outcome(sent), "a file in the folder is taken")
    all_shown(drop, readback, newcomer)
    if drop.declared("outcome"):
        end, _, reply = result(drop, sent)
        expect.equal(end, APPLIED, "the end of a file in the folder", reply)


@verifies("DAT-FIL-060", negative=True)
def check_login_with_a_wrong_secret_is_refused(drop: Delivery) -> None:
    """A session with another secret is refused; with the right one it is opened."""
    with closing(drop.new_session(secret="not-the-secret")) as session:  # noqa: S106
        step = session.login()
        expect.true(not step.ok, "a login with a wrong secret is refused", step.reply)
    with closing(drop.new_session()) as session:
        if not session.login().ok:
            raise NotVerified("the positive control failed: the right secret is refused as well")


@verifies("DAT-FIL-061")
def check_host_key_is_the_one_that_is_known(drop: Delivery) -> None:
    """Two sessions one after the other show the key that the target file names."""
    from conformance.drop import fingerprint

    told = fingerprint(server_of(drop.setting))
    for _ in range(2):
        with closing(drop.new_session()) as session:
            step = session.login()
            expect.equal(session.shown_key, told, "fingerprint of the server's key", step.reply)


@pytest.mark.parametrize("part", ["whole", "half"])
@verifies("DAT-FIL-062", negative=True)
def check_file_under_a_temporary_name_is_not_read(
    drop: Delivery, readback: ReadBack, newcomer: Tables, part: str
) -> None:
    """What lies under a temporary name is not read, whole or cut; once renamed it is."""
    parcel = drop.parcel(newcomer)
    data, path = parcel.data(), drop.told.incoming.replace(NAME, drop.new_name(parcel.suffix))
    with closing(drop.new_session()) as session:
        step = session.put(path + TEMPORARY, data if part == "whole" else data[: len(data) // 2])
        if not step.ok:
            raise NotVerified(f"the preparation failed: nothing can be put: {step.said}")
        none_shown(drop, readback, "a file that has no name yet is not read", newcomer)
        if part == "half":
            session.hang_up()
            none_shown(drop, readback, "a file that was cut is not read", newcomer)
            session.remove(path + TEMPORARY)
            control(drop, readback, parcel, newcomer)
            return
        if not session.rename(path + TEMPORARY, path).ok:
            raise NotVerified("the positive control failed: a file cannot be given its name")
    if not all_there(drop, readback, newcomer):
        raise NotVerified("the positive control failed: the renamed file is not shown")


def all_there(drop: Delivery, readback: ReadBack, part: Tables) -> bool:
    """Whether every student is shown, waited for."""
    return set(ids(part)) <= set(shown(drop, readback, ids(part)))


@verifies("DAT-FIL-063", negative=True)
def check_folder_of_another_customer_is_closed(drop: Delivery) -> None:
    """The folder of another customer is not listed, and nothing is written to it or above."""
    own = drop.sftp.names(str(PurePosixPath(drop.told.incoming).parent))
    if not own.ok:
        raise NotVerified(f"our own folder cannot be listed, so nothing is proven: {own.said}")
    others = [drop.told.foreign] if drop.told.foreign else []
    for place in (*others, "..", "/etc"):
        step = drop.sftp.names(place)
        foreign = step.ok and set(step.names) - _own_root(drop)
        expect.true(not foreign, "a folder that is not ours is not listed", step.reply,
                    f"{len(step.names)} names")  # fmt: skip
    for place in others:
        step = drop.sftp.put(f"{place}/{drop.told.incoming.replace(NAME, 'qvex.zip')}", b"qvex")
        expect.true(not step.ok, "nothing is written to the folder of another", step.reply)


def _own_root(drop: Delivery) -> set[str]:
    """What lies in our own folder: where `..` leads back to it, that is as good as closed."""
    return set(drop.sftp.names(".").names)


@verifies("DAT-FIL-064", negative=True)
def check_no_command_of_the_machine_is_done(drop: Delivery) -> None:
    """A session is for files: no command of the machine is done, while a listing is given."""
    with closing(drop.new_session()) as session:
        listed = session.names(str(PurePosixPath(drop.told.incoming).parent))
        if not listed.ok:
            raise NotVerified(f"the positive control failed: no listing is given: {listed.said}")
        step = session.command("id")
        expect.true(not step.ok, "a command is refused", step.reply, "it is done")
