"""Students of a district and what vendors have of them, put into the store of a desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from lxml import etree
from lxml.etree import _Element

from fixtures.generate import student as drawn
from fixtures.writers import xpress
from reference_hub.codec.xml import fold
from reference_hub.model.change import CREATE, Change
from reference_hub.model.pod import Pod
from reference_hub.store import audits, objects, vendors
from tests.reference_hub.console.conftest import SCOPE, Desk
from tests.reference_hub.console.district import District

WHY = "request of the family, case 17"


@dataclass
class School:
    """Students in a desk's store."""

    desk: Desk

    def student(self, number: int = 1) -> tuple[str, str]:
        """Store one; its folded RefId and its local number."""
        element = xpress.student(drawn(11, number))
        return self.keep(element), element.findtext("{*}localId") or ""

    def keep(self, element: _Element) -> str:
        """Store an object; its folded RefId."""
        refid = fold(element.get("refId") or element.get("RefId") or "")
        name = etree.QName(element).localname
        changes = [Change(CREATE, name, refid, etree.tostring(element))]
        noted = [audits.Entry("sis", "accepted CREATE", name)]
        with self.desk.engine.begin() as connection:
            objects.store(connection, SCOPE, "sis", changes)
            objects.conclude(connection, SCOPE, self.desk.clock.now(), noted, changes)
        return refid

    def sent(self, vendor: str, refid: str) -> tuple[int, Pod]:
        """A vendor that was sent the student yesterday over a connection of its own."""
        district = District(self.desk)
        vendor_id = self.desk.vendor(vendor)
        connection_id = district.connection(vendor_id, f"{vendor}-sif")
        pod = district.pod(vendor_id)
        then = self.desk.clock.now() - timedelta(days=1)
        self.desk.run(
            "INSERT INTO id_map (zone_id, context_id, subscriber_id, entity, refid, target_id,"
            " first_seen, last_seen) VALUES ('demo-district', 'DEFAULT', :id, 'xStudent', :refid,"
            " :refid, :then, :then)",
            id=connection_id, refid=refid, then=then,
        )  # fmt: skip
        self.desk.run(
            "INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type,"
            " state, version_id, created, settled) SELECT 'demo-district', 'DEFAULT', :id, 'event',"
            " 'CREATE', 'xStudent', 'done', v.id, :then, :then FROM object_version v"
            " WHERE v.refid = :refid",
            id=connection_id, refid=refid, then=then,
        )  # fmt: skip
        return vendor_id, pod

    def comes(self, vendor: str) -> tuple[int, Pod]:
        """A vendor that came for its data."""
        vendor_id = self.desk.vendor(vendor)
        with self.desk.engine.begin() as connection:
            vendors.add_application(connection, vendor, "a-secret", SCOPE, vendor_id=vendor_id)
        self.desk.run(
            "INSERT INTO environment (id, application_key, zone_id, context_id, session_token,"
            " fingerprint, authentication_method, last_used) VALUES (gen_random_uuid(), :key,"
            " 'demo-district', 'DEFAULT', :key, :key, 'Basic', :now)",
            key=vendor, now=self.desk.clock.now(),
        )  # fmt: skip
        return vendor_id, District(self.desk).pod(vendor_id)

    def gone(self, vendor_id: int, refid: str) -> None:
        """The vendor was sent the deletion."""
        self.desk.run(
            "UPDATE id_map i SET retired = :now FROM subscriber s WHERE s.id = i.subscriber_id"
            " AND s.vendor_id = :vendor AND i.refid = :refid",
            vendor=vendor_id, refid=refid, now=self.desk.clock.now(),
        )  # fmt: skip

    def audited(self, action: str) -> list[dict[str, object]]:
        """The details of the entries of an action, oldest first."""
        rows = self.desk.run(
            "SELECT detail || jsonb_build_object('actor', actor) FROM audit"
            " WHERE action = :action ORDER BY id",
            action=action,
        )
        return [dict(row[0]) for row in rows]  # type: ignore[call-overload]
