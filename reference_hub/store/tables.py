"""The tables. Each carries zone (a district) and context, as every SIF request does.

An accepted change is one `object_version`; `sif_object` points at the current one. In the same
transaction each subscriber gets a `message` row that names the version, never its content: filter
and translation happen when the row is claimed, under the POD that is live then. A row belongs to a
subscriber (the hub pushes) or to a queue (a consumer pulls).

Tables that only SQL text touches (queue, subscription, provider, job, receipt, exclusion, deletion,
seals of the audit and others) are described in `migrations/versions` alone.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

MESSAGE_KINDS = ("event", "response", "error", "pod", "file")
_RANDOM = text(
    "decode(replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', ''), 'hex')"
)
MESSAGE_STATES = ("waiting", "leased", "held", "dead", "done", "purged")


def _zone() -> list[Column[str]]:
    return [Column("zone_id", Text, nullable=False), Column("context_id", Text, nullable=False)]


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    default = None if nullable else text("now()")
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _among(name: str, column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(value) for value in values)})", name=name)


vendor = Table(
    "vendor",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("party_id", Text, nullable=False),
    *_zone(),
    Column("pod_policy", Text, nullable=False, server_default="required"),
    Column("acknowledge_by", Text, nullable=False, server_default="marker"),
    # For pseudonyms and hashes of this vendor alone; it never leaves the hub.
    Column("secret", LargeBinary, nullable=False, server_default=_RANDOM),
    _moment("created"),
    _among("pod_policy", "pod_policy", ("required", "offered", "off")),
    _among("acknowledge_by", "acknowledge_by", ("marker", "receipt")),
)

application = Table(
    "application",
    metadata,
    Column("key", Text, primary_key=True),
    Column("secret", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("vendor_id", ForeignKey("vendor.id")),
    *_zone(),
    Column("environment_type", Text, nullable=False, server_default="DIRECT"),
    Column("notation", Text, nullable=False, server_default=""),
    Column("rights", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("requestable", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("app_id", Text, nullable=False, server_default=""),
    # What the district of an application of the settings asks for before it gets data.
    Column("decision", Text, nullable=False, server_default=""),
    _moment("created"),
    _among("kind", "kind", ("source", "vendor", "provider")),
    _among("decision", "decision", ("", "required", "console", "optional")),
    _among("environment_type", "environment_type", ("DIRECT", "BROKERED")),
    CheckConstraint("(kind = 'vendor') = (vendor_id IS NOT NULL)", name="vendor_named"),
)

environment = Table(
    "environment",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("application_key", ForeignKey("application.key"), nullable=False),
    Column("instance_id", Text, nullable=False, server_default=""),
    Column("user_token", Text, nullable=False, server_default=""),
    *_zone(),
    Column("session_token", Text, nullable=False, unique=True),
    Column("fingerprint", Text, nullable=False, unique=True),
    Column("authentication_method", Text, nullable=False),
    Column("consumer_name", Text, nullable=False, server_default=""),
    Column("solution_id", Text, nullable=False, server_default=""),
    Column("namespace", Text, nullable=False, server_default=""),
    Column("infrastructure_version", Text, nullable=False, server_default=""),
    Column("data_model_namespace", Text, nullable=False, server_default=""),
    Column("type", Text, nullable=False, server_default="DIRECT"),
    Column("products", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("rights", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    _moment("created"),
    _moment("last_used"),
    UniqueConstraint("application_key", "instance_id", "user_token"),
)

subscriber = Table(
    "subscriber",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("vendor_id", ForeignKey("vendor.id"), nullable=False),
    Column("name", Text, nullable=False, unique=True),
    *_zone(),
    Column("format", Text, nullable=False),
    Column("transport", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("credentials", JSONB, nullable=False),
    Column("objects", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="sandbox"),
    Column("session", JSONB),
    Column("app_id", Text, nullable=False, server_default=""),
    # Its agreement ended and what waited was purged: the next one begins with everything.
    Column("cut_off", Boolean, nullable=False, server_default=text("false")),
    Column("delivery", JSONB, nullable=False, server_default=text("'{}'")),
    # Since when somebody of the district lets nothing go, and who that was.
    _moment("paused", nullable=True),
    Column("paused_by", Text, nullable=False, server_default=""),
    _moment("created"),
    _among("state", "state", ("sandbox", "live")),
)

pod = Table(
    "pod",
    metadata,
    Column("id", UUID(as_uuid=False), primary_key=True),
    Column("vendor_id", ForeignKey("vendor.id"), nullable=False),
    *_zone(),
    Column("version", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),
    Column("status", Text, nullable=False),
    Column("starts", Date, nullable=False),
    Column("ends", Date),
    Column("document", LargeBinary, nullable=False),
    Column("app_id", Text, nullable=False, server_default=""),
    Column("agreement_id", Text, nullable=False, server_default=""),
    Column("content", Text, nullable=False, server_default=""),
    Column("entries", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("objects", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("ended", Text, nullable=False, server_default=""),
    _moment("rejected", nullable=True),
    Column("acknowledged_how", Text),
    _moment("acknowledged", nullable=True),
    _moment("created"),
    _among("status", "status", ("Draft", "Pending", "Live", "Expired")),
    Index(
        "uq_pod_live",
        "vendor_id",
        "zone_id",
        "context_id",
        "app_id",
        unique=True,
        postgresql_where=text("status = 'Live'"),
    ),
)

object_version = Table(
    "object_version",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    *_zone(),
    Column("object_type", Text, nullable=False),
    Column("refid", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("body", LargeBinary),
    Column("judged_by", Text, nullable=False, server_default=""),
    Column("source_key", Text, nullable=False),
    Column(
        "txid",
        BigInteger,
        nullable=False,
        server_default=text("(pg_current_xact_id()::text)::bigint"),
    ),
    _moment("accepted"),
    _among("action", "action", ("CREATE", "UPDATE", "DELETE")),
    CheckConstraint("(action = 'DELETE') = (body IS NULL)", name="tombstone_has_no_body"),
)

sif_object = Table(
    "sif_object",
    metadata,
    *[
        Column(name, Text, primary_key=True)
        for name in ("zone_id", "context_id", "object_type", "refid")
    ],
    Column("position", BigInteger, nullable=False),
    Column("version_id", ForeignKey("object_version.id"), nullable=False),
    Column("tombstone", Boolean, nullable=False, server_default=text("false")),
    Index(
        "ix_sif_object_listing",
        "zone_id",
        "context_id",
        "object_type",
        "position",
        postgresql_where=text("NOT tombstone"),
    ),
)

message = Table(
    "message",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column(
        "message_id",
        UUID(as_uuid=False),
        nullable=False,
        server_default=text("gen_random_uuid()"),
    ),
    *_zone(),
    Column("subscriber_id", ForeignKey("subscriber.id")),
    Column("queue_id", UUID(as_uuid=False)),
    Column("kind", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False),
    Column("version_id", ForeignKey("object_version.id")),
    Column("versions", ARRAY(BigInteger)),
    Column("payload_id", BigInteger),
    Column("connection_id", Integer),
    Column("pod_id", ForeignKey("pod.id")),
    Column("state", Text, nullable=False, server_default="waiting"),
    Column("reason", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("faults", Integer, nullable=False, server_default="0"),
    _moment("not_before"),
    _moment("lease_until", nullable=True),
    _moment("created"),
    _moment("settled", nullable=True),
    _among("kind", "kind", MESSAGE_KINDS),
    _among("state", "state", MESSAGE_STATES),
    CheckConstraint("(subscriber_id IS NULL) <> (queue_id IS NULL)", name="one_receiver"),
    UniqueConstraint("message_id", "queue_id", postgresql_nulls_not_distinct=True),
    Index(
        "ix_message_open",
        "subscriber_id",
        "id",
        postgresql_where=text("state IN ('waiting', 'leased', 'held')"),
    ),
    Index(
        "uq_message_file",
        "subscriber_id",
        unique=True,
        postgresql_where=text("kind = 'file' AND state IN ('waiting', 'held')"),
    ),
)

id_map = Table(
    "id_map",
    metadata,
    *_zone(),
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True),
    Column("entity", Text, primary_key=True),
    Column("refid", Text, primary_key=True),
    Column("target_id", Text, nullable=False),
    Column("natural_key", JSONB),
    _moment("first_seen"),
    _moment("last_seen"),
    _moment("retired", nullable=True),
    UniqueConstraint("subscriber_id", "entity", "target_id"),
)

imported_id = Table(
    "imported_id",
    metadata,
    Column("zone_id", Text, primary_key=True),
    Column("context_id", Text, primary_key=True),
    Column("collection", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("told", Text, nullable=False),
    Column("folded", Text, nullable=False),
    Index(
        "ix_imported_id_zone_id_context_id_collection_folded",
        "zone_id",
        "context_id",
        "collection",
        "folded",
    ),
)

loss = Table(
    "loss",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    *_zone(),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("message_id", UUID(as_uuid=False)),
    Column("entity", Text, nullable=False),
    Column("refid", Text),
    Column("crosswalk_id", Text, nullable=False),
    Column("source_path", Text, nullable=False),
    Column("target_field", Text),
    Column("kind", Text, nullable=False),
    Column("original_kept", Boolean, nullable=False),
    Column("note", Text, nullable=False),
    _moment("seen"),
    UniqueConstraint(
        "subscriber_id",
        "crosswalk_id",
        "source_path",
        "kind",
        "refid",
        postgresql_nulls_not_distinct=True,
    ),
)

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    *_zone(),
    _moment("at"),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object_type", Text, nullable=False, server_default=""),
    Column("count", Integer, nullable=False, server_default="1"),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("seal_id", BigInteger),
    Index("ix_audit_seal_id", "seal_id"),
)
