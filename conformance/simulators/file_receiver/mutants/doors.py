"""File receivers that let the wrong ones in, or tell the wrong things."""

# An override may ignore what it is given.
# ruff: noqa: ARG002

from __future__ import annotations

import itertools
import json

from conformance.simulators.file_receiver.keeping import APPLIED, REFUSED, Result
from conformance.simulators.file_receiver.lines import Batch, Complaint
from conformance.simulators.file_receiver.mutants import breaks
from conformance.simulators.file_receiver.receiver import FileReceiver
from conformance.simulators.message import Request, Response
from conformance.simulators.problems import Refusal

_count = itertools.count()


@breaks("DAT-FIL-040")
class BlamesARowOfAGoodFile(FileReceiver):
    """Blames a row of a file that it has applied whole."""

    def result_file(self, name: str, result: Result) -> bytes:
        blamed = [Complaint("users.csv", 2, "It looks odd.")] if result.outcome == APPLIED else []
        return super().result_file(name, Result(result.outcome, [*result.complaints, *blamed]))


@breaks("DAT-FIL-040", also=("DAT-FIL-042", "DAT-FIL-043"))
class WritesNoResultOfGoodFiles(FileReceiver):
    """Has a result for what it refused only."""

    def show_result(self, name: str, who: str) -> Response:
        answer = super().show_result(name, who)
        if b'"applied"' in answer.body:
            raise Refusal(404, "There is no such result.")
        return answer


@breaks("DAT-FIL-041")
class GivesNoReason(FileReceiver):
    """Names rows without a reason."""

    def reason(self, complaint: Complaint) -> str:
        return ""


@breaks("DAT-FIL-041")
class NamesNoRow(FileReceiver):
    """Says that a file was refused, and nothing else."""

    def result_file(self, name: str, result: Result) -> bytes:
        return super().result_file(name, Result(result.outcome))


@breaks("DAT-FIL-041", also=("DAT-FIL-035",))
class CountsWithoutTheHeader(FileReceiver):
    """Counts the rows of data and not those of the file."""

    def result_file(self, name: str, result: Result) -> bytes:
        moved = [Complaint(one.file, max(0, one.row - 1), one.reason) for one in result.complaints]
        return super().result_file(name, Result(result.outcome, moved))


class _Remembers(FileReceiver):
    """Knows the people of the last file."""

    people: tuple[str, ...] = ()

    def understood(self, name: str, data: bytes) -> Batch:
        batch = super().understood(name, data)
        users = batch.tables.get("users", [])
        self.people = tuple(line.cells["givenName"] for line in users)
        return batch


@breaks("DAT-FIL-042")
class QuotesTheRow(_Remembers):
    """Tells the names of the people in a file that it refused."""

    def reason(self, complaint: Complaint) -> str:
        return f"{complaint.reason} See {', '.join(self.people)}."


@breaks("DAT-FIL-042")
class ListsWhoWasTaken(_Remembers):
    """Tells the names of all whom it has taken."""

    def result_file(self, name: str, result: Result) -> bytes:
        told = json.loads(super().result_file(name, result))
        return json.dumps(
            told | ({"taken": self.people} if result.outcome == APPLIED else {})
        ).encode()


@breaks("DAT-FIL-043")
class HasOneResult(FileReceiver):
    """Shows the result of the last file for that of any."""

    last = ""

    def receive(self, name: str, data: bytes) -> Result:
        self.last = name
        return super().receive(name, data)

    def show_result(self, name: str, who: str) -> Response:
        known = self.named(name, who) in self.kept.results
        return super().show_result(self.last if known else name, who)


@breaks("DAT-FIL-043")
class SpoilsEarlierResults(FileReceiver):
    """Calls every file refused once one was."""

    def receive(self, name: str, data: bytes) -> Result:
        result = super().receive(name, data)
        if result.outcome == REFUSED:
            for earlier in self.kept.results:
                self.kept.results[earlier] = self.kept.results[name]
        return result


@breaks("DAT-FIL-050")
class Answers203(FileReceiver):
    """Answers a file that it has applied with 203."""

    def status_of(self, result: Result) -> int:
        return 203 if result.outcome == APPLIED else super().status_of(result)


@breaks("DAT-FIL-051")
class LetsNobodyIn(FileReceiver):
    """Takes whoever says nothing of himself for the customer."""

    def authenticate(self, request: Request) -> str:
        return super().authenticate(request) if request.header("authorization") else self.key


@breaks("DAT-FIL-051", "DAT-FIL-060")
class NeverLooksAtTheSecret(FileReceiver):
    """Lets in whoever knows a key, whatever the secret."""

    def lets_in(self, user: str, secret: str) -> bool:
        return user in self.logins


@breaks("DAT-FIL-052")
class TakesAnyType(FileReceiver):
    """Takes a file whatever it says of itself."""

    def check_type(self, request: Request, name: str) -> None:
        return


@breaks("DAT-FIL-053")
class NeverLooksAtTheDigest(FileReceiver):
    """Takes a body whatever its digest is."""

    def check_digest(self, request: Request) -> None:
        return


@breaks("DAT-FIL-054")
class NeverCountsTheBody(FileReceiver):
    """Applies what has come of a body that was cut."""

    def check_whole(self, request: Request) -> None:
        return


@breaks("DAT-FIL-054")
class ForgivesAFewBytes(FileReceiver):
    """Applies a body that lacks less than a thousand bytes."""

    def check_whole(self, request: Request) -> None:
        if int(request.header("content-length") or 0) - len(request.body) > 1000:
            super().check_whole(request)


@breaks("DAT-FIL-055")
class ShowsResultsToAnyCustomer(FileReceiver):
    """Shows a result to whoever has a key of any kind."""

    def show_result(self, name: str, who: str) -> Response:
        return super().show_result(name, self.key)


@breaks("DAT-FIL-055")
class KeepsCustomersTogether(FileReceiver):
    """Puts the files of all customers into one place."""

    def named(self, name: str, who: str) -> str:
        return name


@breaks("DAT-FIL-060")
class OpensTheFolderToAnybody(FileReceiver):
    """Lets anybody open an SFTP session."""

    def may_enter(self, user: str, secret: str) -> bool:
        return True


@breaks("DAT-FIL-061", also=("DAT-FIL-065",))
class HasANewKeyEachTime(FileReceiver):
    """Makes itself another host key whenever it is asked for one."""

    def host_key_seed(self) -> bytes:
        return f"{super().host_key_seed()!r} {next(_count)}".encode()


@breaks("DAT-FIL-061", also=("DAT-FIL-065",))
class TellsTheWrongKey(FileReceiver):
    """Serves with one key after it has told of another."""

    told = False

    def host_key_seed(self) -> bytes:
        told, self.told = self.told, True
        return b"another key" if told else super().host_key_seed()


@breaks("DAT-FIL-062")
class ReadsTemporaryFiles(FileReceiver):
    """Reads a file that still has its temporary name."""

    def is_finished(self, name: str) -> bool:
        return super().is_finished(name.removesuffix(".tmp"))


@breaks("DAT-FIL-062")
class ReadsWhateverLiesThere(FileReceiver):
    """Reads every file, whatever its name is."""

    def is_finished(self, name: str) -> bool:
        return True


@breaks("DAT-FIL-063")
class ShowsEveryFolder(FileReceiver):
    """Lets a customer go wherever there is a folder."""

    def may_reach(self, user: str, path: str) -> bool:
        return True


@breaks("DAT-FIL-063")
class ShowsTheFolderAbove(FileReceiver):
    """Lets a customer see which others there are."""

    def may_reach(self, user: str, path: str) -> bool:
        return path == "/" or super().may_reach(user, path)


@breaks("DAT-FIL-064")
class DoesCommands(FileReceiver):
    """Does commands for whoever has a session."""

    def does_commands(self) -> bool:
        return True


@breaks("DAT-FIL-065")
class ForgetsTheFolder(FileReceiver):
    """Never looks into its folder."""

    def is_finished(self, name: str) -> bool:
        return False


@breaks("DAT-FIL-065")
class LaysNoResult(FileReceiver):
    """Writes nothing into the folder of results."""

    def dropped(self, name: str, user: str, data: bytes) -> bytes:
        super().dropped(name, user, data)
        return b""
