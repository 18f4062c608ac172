"""A district at work: vendors in every state, deliveries that arrived, wait, were given up."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from reference_hub.codec.pod_document import Obligations, write_pod
from reference_hub.model.pod import PENDING, Pod, Terms
from reference_hub.model.scope import Scope
from reference_hub.store import audits, pods, receipts, vendors
from reference_hub.store.audits import Entry
from tests.reference_hub.console.conftest import SCOPE, Desk

GRANTED = ("xStudent/@refId", "xStudent/name/givenName", "xStudent/localId", "xStudent/gender")


@dataclass
class District:
    """What tests put into the store of a desk."""

    desk: Desk

    def connection(
        self, vendor_id: int, name: str, format: str = "sif-xml", transport: str = "sif_push"
    ) -> int:
        """A connection of a vendor."""
        with self.desk.engine.begin() as connection:
            return vendors.add_subscriber(
                connection,
                vendor_id,
                name,
                SCOPE,
                format=format,
                transport=transport,
                url="https://key:secret@vendor.example/sif?token=hidden",
                credentials={},
                objects=["xStudent"],
            )

    def pod(
        self,
        vendor_id: int,
        *,
        acknowledged: bool = True,
        starts: date = date(2025, 7, 1),
        ends: date | None = date(2035, 6, 30),
        version: str = "1.0.0",
        scope: Scope = SCOPE,
    ) -> Pod:
        """A POD, in force unless told otherwise, acknowledged in the form by a person."""
        pod_id, token = str(uuid.uuid4()), str(uuid.uuid4())
        terms = Obligations(
            "https://registry.example/1", "Reading", "1", starts, ends or date(2035, 6, 30),
            "District", "https://d.example", "Vendor", "https://v.example", ("Practice",), (), 60,
        )  # fmt: skip
        document = write_pod(pod_id, token, version, "Vendor", scope, GRANTED, terms)
        made = Pod(
            pod_id, vendor_id, scope, version, token, PENDING, starts, ends, document,
            None, (Terms(granted=GRANTED),), agreement_id="NDPA-7",
        )  # fmt: skip
        now = self.desk.clock.now()
        with self.desk.engine.begin() as connection:
            pods.insert(connection, made)
            if acknowledged:
                pods.set_acknowledged(connection, pod_id, "form", now)
                pods.set_status(connection, pod_id, "Live")
                receipt = receipts.Receipt(
                    str(uuid.uuid4()), pod_id, receipts.ACKNOWLEDGED, "form", version, now,
                    given_by={"name": "Ana Ruiz", "role": "privacy officer"},
                )  # fmt: skip
                receipts.insert(connection, receipt)
        return made

    def messages(self, connection_id: int, number: int, state: str, reason: str = "") -> None:
        """Messages of a connection, one a second apart, the last one now."""
        self.desk.run(
            "INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type,"
            " state, reason, attempts, created, settled)"
            " SELECT 'demo-district', 'DEFAULT', :id, 'event', 'CREATE', 'xStudent', :state,"
            " :reason, 1, at, CASE WHEN :state IN ('done', 'dead', 'purged') THEN at END"
            " FROM (SELECT CAST(:now AS timestamptz) - (:number - n) * interval '1 second' AS at"
            "       FROM generate_series(1, :number) n) moment",
            id=connection_id, state=state, reason=reason, number=number,
            now=self.desk.clock.now(),
        )  # fmt: skip

    def audit(self, entry: Entry) -> None:
        """An entry of now."""
        with self.desk.engine.begin() as connection:
            audits.add(connection, SCOPE, self.desk.clock.now(), entry)

    def delivered(self, connection: str, number: int, pod: Pod, paths: Sequence[str]) -> None:
        """The audit of objects that left today."""
        detail = {"connection": connection, "pod": pod.id, "fields": dict.fromkeys(paths, number)}
        self.audit(Entry("delivery", "delivered CREATE", "xStudent", number, detail))

    def busy(self) -> dict[str, int]:
        """Six vendors in six states and a SIS; the ids of the vendors by name."""
        with self.desk.engine.begin() as connection:
            vendors.add_application(connection, "district-sis", "a-secret", SCOPE)
        self.audit(Entry("district-sis", "accepted CREATE", "xStudent", 1204))
        ids = {
            name: self.desk.vendor(name)
            for name in ("Bright Reading", "Lunch Counter", "Maths Lab", "Bus Routes",
                         "Library Plus", "New Portal")
        }  # fmt: skip
        self._well(ids["Bright Reading"])
        self._held(ids["Lunch Counter"])
        self._dead(ids["Maths Lab"])
        self._silent(ids["Bus Routes"])
        self._comes(ids["Library Plus"])
        return ids

    def _well(self, vendor_id: int) -> None:
        one = self.connection(vendor_id, "bright-sif")
        pod = self.pod(vendor_id)
        self.messages(one, 12, "done")
        self.delivered("bright-sif", 1204, pod, GRANTED[:3])

    def _held(self, vendor_id: int) -> None:
        one = self.connection(vendor_id, "lunch-files", "oneroster-1.2-csv", "sftp")
        self.pod(vendor_id, acknowledged=False)
        self.messages(one, 3, "held", "POD not acknowledged")

    def _dead(self, vendor_id: int) -> None:
        one = self.connection(vendor_id, "maths-sif")
        self.pod(vendor_id)
        self.messages(one, 40, "done")
        self.messages(one, 2, "dead", "the vendor answered 400")

    def _silent(self, vendor_id: int) -> None:
        one = self.connection(vendor_id, "bus-edfi", "edfi-5.1", "edfi")
        self.pod(vendor_id)
        self.messages(one, 7, "waiting", "the vendor cannot be reached")
        now = self.desk.clock.now()
        self.desk.run(
            "INSERT INTO standstill (subscriber_id, zone_id, context_id, failures, pauses,"
            " paused_until, reason, since) VALUES (:id, 'demo-district', 'DEFAULT', 12, 2, :until,"
            " 'the vendor cannot be reached', :since)",
            id=one, until=now + timedelta(minutes=10), since=now - timedelta(hours=3),
        )  # fmt: skip

    def _comes(self, vendor_id: int) -> None:
        with self.desk.engine.begin() as connection:
            vendors.add_application(connection, "library", "a-secret", SCOPE, vendor_id=vendor_id)
        pod = self.pod(vendor_id, ends=date(2035, 1, 31))
        detail = {"pod": pod.id, "fields": {GRANTED[0]: 311}}
        self.audit(Entry("library", "read", "xStudent", 311, detail))
