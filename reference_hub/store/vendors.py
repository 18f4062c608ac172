"""Applications, vendors and subscribers: who may call the hub and whom the hub delivers to."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, delete, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from reference_hub.model.party import FILE_TRANSPORTS, NATIVE, Application, Subscriber, Vendor
from reference_hub.model.rights import Grant, from_rows, to_rows
from reference_hub.model.scope import Scope
from reference_hub.problems import SetupError
from reference_hub.store import environments, tokens
from reference_hub.store.tables import application, subscriber, vendor

# Text, because it is asked at every read of a vendor.
_VENDOR_BY_ID = text(
    "SELECT id, name, party_id, zone_id, context_id, pod_policy, acknowledge_by"
    " FROM vendor WHERE id = :id"
)


def add_vendor(
    connection: Connection,
    name: str,
    party_id: str,
    scope: Scope,
    pod_policy: str = "required",
    acknowledge_by: str = "marker",
) -> int:
    """Register a vendor, or change party and policies of the one of that name; returns its id.

    Raises SetupError when it is known in another zone, where its connections would stay behind.
    """
    known = find_vendor(connection, name)
    if known and known.scope != scope:
        raise SetupError(
            f"{name} is a vendor of zone {known.scope.zone_id}; a vendor of {scope.zone_id} needs "
            "another name."
        )
    values = {
        "party_id": party_id,
        "zone_id": scope.zone_id,
        "context_id": scope.context_id,
        "pod_policy": pod_policy,
        "acknowledge_by": acknowledge_by,
    }
    statement = upsert(vendor).values(name=name, **values)
    statement = statement.on_conflict_do_update(index_elements=["name"], set_=values)
    return int(connection.execute(statement.returning(vendor.c.id)).scalar_one())


def find_vendor(connection: Connection, name: str) -> Vendor | None:
    """The vendor of that name."""
    row = _one(connection, select(vendor).where(vendor.c.name == name))
    return _vendor(row) if row else None


def required_vendor(connection: Connection, name: str) -> Vendor:
    """The vendor of that name; SetupError names the known ones when there is none."""
    found = find_vendor(connection, name)
    if found is None:
        known = ", ".join(each.name for each in all_vendors(connection)) or "none"
        raise SetupError(
            f"There is no vendor '{name}' (known: {known}); add it with: reference-hub vendor add"
        )
    return found


def vendor_by_id(connection: Connection, vendor_id: int) -> Vendor | None:
    """The vendor with that id."""
    row = connection.execute(_VENDOR_BY_ID, {"id": vendor_id}).mappings().one_or_none()
    return _vendor(row) if row else None


def all_vendors(connection: Connection) -> list[Vendor]:
    """Every vendor, by name."""
    rows = connection.execute(select(vendor).order_by(vendor.c.name)).mappings()
    return [_vendor(row) for row in rows]


def add_application(
    connection: Connection,
    key: str,
    secret: str,
    scope: Scope,
    *,
    vendor_id: int | None = None,
    kind: str = "",
    environment_type: str = "",
    notation: str | None = None,
    grants: Sequence[Grant] | None = None,
    requestable: Sequence[Grant] | None = None,
    app_id: str | None = None,
    decision: str | None = None,
) -> None:
    """Register an application key, or change it; what is not told stays as it is known.

    A new one is a vendor's, or a source's unless `kind` says otherwise. A provider's environments
    are BROKERED unless told otherwise, all others DIRECT. Another secret ends its access tokens,
    other rights end what was provisioned. Raises SetupError when the key is known for somebody
    else: a vendor's key must not become a source's, which sees everything, by a forgotten option.
    """
    known = find_application(connection, key)
    if known and (known.vendor_id, known.scope) != (vendor_id, scope):
        raise SetupError(_somebody_elses(connection, known))
    kind = "vendor" if vendor_id is not None else kind or (known.kind if known else "source")
    if vendor_id is not None:
        _refuse_elsewhere(connection, key, vendor_id, scope)
    usual = "BROKERED" if kind == "provider" else "DIRECT"
    kept = known or Application(key, secret, kind, vendor_id, scope, usual)
    new = replace(
        kept,
        secret=secret,
        kind=kind,
        environment_type=environment_type
        or (kept.environment_type if kind == kept.kind else usual),
        notation=kept.notation if notation is None else notation,
        grants=kept.grants if grants is None else tuple(grants),
        requestable=kept.requestable if requestable is None else tuple(requestable),
        # Without another word its key names the product.
        app_id=(kept.app_id if app_id is None else app_id) or key,
        decision=kept.decision if decision is None else decision,
    )
    _end_outdated(connection, known, new)
    _store_application(connection, new)


def _end_outdated(connection: Connection, known: Application | None, new: Application) -> None:
    if known is None:
        return
    if known.secret != new.secret:
        tokens.revoke(connection, new.key)
    if (known.kind, known.grants, known.requestable) != (new.kind, new.grants, new.requestable):
        environments.take_back_provisioned(connection, new.key)


def _store_application(connection: Connection, each: Application) -> None:
    values = {
        "secret": each.secret,
        "kind": each.kind,
        "vendor_id": each.vendor_id,
        "zone_id": each.scope.zone_id,
        "context_id": each.scope.context_id,
        "environment_type": each.environment_type,
        "notation": each.notation,
        "rights": to_rows(each.grants),
        "requestable": to_rows(each.requestable),
        "app_id": each.app_id,
        "decision": each.decision,
    }
    statement = upsert(application).values(key=each.key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


def _refuse_elsewhere(connection: Connection, key: str, vendor_id: int, scope: Scope) -> None:
    owner = vendor_by_id(connection, vendor_id)
    if owner is not None and owner.scope != scope:
        raise SetupError(
            f"{key} would act for vendor {owner.name} outside of zone {owner.scope.zone_id}, "
            f"context {owner.scope.context_id}, where its PODs hold; register it there."
        )


def _somebody_elses(connection: Connection, known: Application) -> str:
    owner = vendor_by_id(connection, known.vendor_id) if known.vendor_id else None
    whose = f"vendor {owner.name} (--vendor {owner.name})" if owner else "a source (no --vendor)"
    return (
        f"{known.key} is the key of {whose} in zone {known.scope.zone_id}; repeat exactly that to "
        f"change its secret, choose another key, or end it: reference-hub app remove {known.key}"
    )


def find_application(connection: Connection, key: str) -> Application | None:
    """The application with that key."""
    row = _one(connection, select(application).where(application.c.key == key))
    return _application(row) if row else None


def all_applications(connection: Connection) -> list[Application]:
    """Every application, by key."""
    rows = connection.execute(select(application).order_by(application.c.key)).mappings()
    return [_application(row) for row in rows]


def hold_application(connection: Connection, key: str) -> None:
    """Keep others from opening a session of the application until the transaction ends."""
    statement = select(application.c.key).where(application.c.key == key)
    connection.execute(statement.with_for_update())


def delete_application(connection: Connection, key: str) -> None:
    """Forget the application and its access tokens; its sessions must have ended."""
    connection.execute(delete(application).where(application.c.key == key))


def add_subscriber(
    connection: Connection,
    vendor_id: int,
    name: str,
    scope: Scope,
    *,
    format: str,
    transport: str,
    url: str,
    credentials: Mapping[str, str],
    objects: Sequence[str],
    app_id: str = "",
    delivery: Mapping[str, object] | None = None,
) -> int:
    """Register a connection to a vendor and queue, held, what the zone already stores.

    One of that name gets the new address, credentials and objects, and signs in anew; what is
    queued for it stays as it is.
    """
    changes = {
        "transport": transport,
        "url": url,
        "credentials": dict(credentials),
        "objects": list(objects),
        "app_id": app_id,
        "delivery": dict(delivery or {}),
    }
    changed = (
        update(subscriber)
        .where(subscriber.c.name == name)
        .values(**changes, session=None)
        .returning(subscriber.c.id)
    )
    if (known := connection.execute(changed).scalar_one_or_none()) is not None:
        return int(known)
    statement = insert(subscriber).values(
        vendor_id=vendor_id,
        name=name,
        zone_id=scope.zone_id,
        context_id=scope.context_id,
        format=format,
        **changes,
    )
    subscriber_id = int(connection.execute(statement.returning(subscriber.c.id)).scalar_one())
    whole = transport in FILE_TRANSPORTS or format != NATIVE
    _queue_what_is_stored(connection, subscriber_id, whole=whole)
    return subscriber_id


_QUEUE_EVENTS = text("""
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type, version_id,
                         state, reason)
    SELECT o.zone_id, o.context_id, s.id, 'event', 'CREATE', o.object_type, o.version_id,
           'held', :reason
    FROM subscriber s JOIN sif_object o USING (zone_id, context_id)
    WHERE s.id = :subscriber AND NOT o.tombstone AND s.objects ? o.object_type
    ORDER BY o.position
""")

_QUEUE_FILE = text("""
    INSERT INTO message (zone_id, context_id, subscriber_id, kind, action, object_type,
                         state, reason)
    SELECT s.zone_id, s.context_id, s.id, 'file', 'CREATE', '', 'held', :reason
    FROM subscriber s WHERE s.id = :subscriber AND EXISTS (
        SELECT FROM sif_object o
        WHERE o.zone_id = s.zone_id AND o.context_id = s.context_id AND s.objects ? o.object_type)
""")


def _queue_what_is_stored(connection: Connection, subscriber_id: int, *, whole: bool) -> None:
    statement = _QUEUE_FILE if whole else _QUEUE_EVENTS
    connection.execute(statement, {"subscriber": subscriber_id, "reason": "POD not acknowledged"})


def want(connection: Connection, to: Subscriber, objects: Sequence[str]) -> None:
    """Have a connection get these objects from now on; of what the zone stores nothing goes before
    it is released."""
    changed = update(subscriber).where(subscriber.c.id == to.id).values(objects=list(objects))
    connection.execute(changed)
    whole = to.transport in FILE_TRANSPORTS or to.format != NATIVE
    _queue_what_is_stored(connection, to.id, whole=whole)


def subscribers_of(connection: Connection, vendor_id: int) -> list[Subscriber]:
    """The connections of a vendor, oldest first."""
    statement = (
        select(subscriber).where(subscriber.c.vendor_id == vendor_id).order_by(subscriber.c.id)
    )
    return [subscriber_from(row) for row in connection.execute(statement).mappings()]


def set_session(
    connection: Connection, subscriber_id: int, session: Mapping[str, object] | None
) -> None:
    """Remember what the transport must know between deliveries (None: nothing)."""
    value = None if session is None else json.loads(json.dumps(session))
    connection.execute(
        update(subscriber).where(subscriber.c.id == subscriber_id).values(session=value)
    )


def set_delivery(
    connection: Connection, subscriber_id: int, delivery: Mapping[str, object]
) -> None:
    """The settings of one connection."""
    value = json.loads(json.dumps(delivery, default=str))
    connection.execute(
        update(subscriber).where(subscriber.c.id == subscriber_id).values(delivery=value)
    )


def subscriber_from(row: RowMapping) -> Subscriber:
    """Make a Subscriber of a row of the table."""
    return Subscriber(
        id=row["id"],
        vendor_id=row["vendor_id"],
        name=row["name"],
        scope=Scope(row["zone_id"], row["context_id"]),
        format=row["format"],
        transport=row["transport"],
        url=row["url"],
        credentials=row["credentials"],
        objects=tuple(row["objects"]),
        state=row["state"],
        session=row["session"],
        app_id=row["app_id"],
        delivery=row["delivery"],
    )


def _one(connection: Connection, statement: Select[Any]) -> RowMapping | None:
    return connection.execute(statement).mappings().one_or_none()


def _vendor(row: RowMapping) -> Vendor:
    scope = Scope(row["zone_id"], row["context_id"])
    policies = (row["pod_policy"], row["acknowledge_by"])
    return Vendor(row["id"], row["name"], row["party_id"], scope, *policies)


def _application(row: RowMapping) -> Application:
    return Application(
        row["key"],
        row["secret"],
        row["kind"],
        row["vendor_id"],
        Scope(row["zone_id"], row["context_id"]),
        row["environment_type"],
        row["notation"],
        from_rows(row["rights"]),
        from_rows(row["requestable"]),
        row["app_id"],
        row["decision"],
    )
