"""Above all layers: one WSGI entry for the products that are called, one request at a time."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from conformance.simulators.access import Access
from conformance.simulators.message import Request, Response, read_request, send
from conformance.simulators.problems import Refusal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class Served(Access):
    """A product that answers.

    A mutant names in `breaks` the requirements it violates on purpose, in `also` the honest
    collateral; `special` ones misbehave so widely that no exact list is claimed.
    """

    breaks: ClassVar[tuple[str, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()
    special: ClassVar[bool] = False

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """WSGI entry; a body that cannot be read is refused like any other request."""
        try:
            request = read_request(environ)
        except Refusal as refusal:
            request = Request(environ["REQUEST_METHOD"], "", (), (), {}, {}, b"")
            refused = self.finish(request, self.refused(request, refusal))
            return send(refused, request.method, start_response)
        return send(self.answer(request), request.method, start_response)

    def answer(self, request: Request) -> Response:
        """Answer one request, one at a time, with all headers."""
        with self.state.lock:
            self.begin()
            try:
                response = self.route(request)
            except Refusal as refusal:
                response = self.refused(request, refusal)
            except Exception:  # a defect of ours must not tear the connection down
                response = self.failed(request)
            return self.finish(request, response)

    def begin(self) -> None:
        """What is set before each request. Nothing here."""

    def route(self, request: Request) -> Response:  # noqa: ARG002
        """Find the service of a path; each product has its own."""
        raise Refusal(404, "Nothing is offered under this path.")
