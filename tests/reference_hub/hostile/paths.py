"""Hostile targets and message parameters of requests that are HTTP otherwise."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference_hub.hostile.attack import CANARY, Aim, Attack, head, whole

C = CANARY
LIST = "/requests/xStudents"
# Some of these are read-only questions with an honest answer; nothing must be stored by any.
FINE = frozenset({200, 204})

TARGETS = (
    f"{LIST};zoneId={C}",
    f"{LIST};zoneId=demo-district;zoneId={C}",
    f"{LIST};;zoneId={C}",
    f"{LIST};zoneId",
    f"{LIST};=;",
    f"{LIST};zoneId=%00{C}",
    f"{LIST};zoneId=%2f{C}",
    f"{LIST};zoneId=%ff{C}",
    f"{LIST}%3BzoneId=demo-district{C}",
    f"{LIST};zoneId=demo-district/{C}",
    f"/requests;zoneId=demo-district/{C}",
    f"{LIST};contextId={C};contextId=DEFAULT",
    f"{LIST};zoneid={C}/..;/x",
    f"/requests/..;/{C}",
    f"/requests/../{C}",
    f"/requests/%2e%2e/{C}",
    f"/requests/..%2f..%2fetc%2f{C}",
    f"/requests/{C}\\..\\x",
    f"/requests/%00{C}",
    f"/requests/{C}%0d%0aSet-Cookie:%20a=b",
    f"/requests/%c0%ae%c0%ae/{C}",
    f"/requests/%u0041{C}",
    f"/requests/%{C}",
    f"/requests/{C}%",
    f"/requests/{'a/' * 900}{C}",
    f"{LIST}/{C * 300}",
    f"{LIST}/{C}.xml.json.xml",
    f"{LIST}/.xml",
    f"{LIST}/.json;{C}=1",
    f"/requests/.json{C}",
    f"/requests/xSchools/{C}",
    f"/requests/xSchools/{C}/x{C}s",
    f"/requests/xSchools/{C}/xStudents/{C}",
    f"/requests/xSchools//xStudents{C}",
    f"/requests//{C}",
    f"//requests/{C}",
    f"/requests/{C};a=b;a=c",
    f"{LIST}/%ed%a0%80{C}",
    f"{LIST}/%f0%9f%92%a9{C}",
    f"{LIST}/'; drop table sif_object; --{C}".replace(" ", "%20"),
    f"{LIST}/%25s%25n{C}",
    f"{LIST}/{{{{7*7}}}}{C}",
    f"{LIST}/${{jndi:ldap://127.0.0.1:9/{C}}}",
    f"/environments/{C}",
    f"/environments/%00{C}",
    f"/environments/{C};zoneId=a",
    f"/queues/{C}",
    f"/queues/{C}/messages",
    f"/queues/{C}/messages;deleteMessageId={C}",
    f"/queues/%00{C}/messages",
    f"/queues/00000000-0000-4000-8000-000000000000/messages;deleteMessageId=%00{C}",
    f"/subscriptions/{C}",
    f"/subscriptions/%00{C}",
    f"/provisionRequests/{C}",
    f"/provisionRequests/%ff{C}",
    f"/services/{C}",
    f"/services/rosterValidations/{C}/{C}/states",
    f"/services/rosterValidations/%00{C}",
    f"/requests/alerts/{C}",
    f"/requests/alerts/%00{C}",
    f"/requests/codeSets/{C}",
    f"/requests/codeSets/%00{C}",
    f"/requests/providers/{C}",
    f"/requests/xquerys/{C}",
    f"/requests/zones/{C}",
    f"/requests/namespaces/{C}",
    f"/requests/pods/%00{C}",
    f"/oauth/token?grant_type={C}",
    f"/{C}",
    f"http://{C}/requests/x",
)

QUERIES = (
    f"where=[name='{C}']",
    f"where=[{C}]",
    "where=" + "[" * 3000 + C,
    f'where=[a="{C}" and b="c" or d="e"]',
    f'where=[(//{C})="1"]',
    f'where=[a="{C}")]or[1=1]',
    f"where=[document('file:///etc/passwd')=\"{C}\"]",
    "where=[" + "and".join(f'(a="{C}")' for _ in range(250)) + "]",
    f"where=%00{C}",
    f"where=%ff{C}",
    f'where=[a="{C}"]&where=[b="c"]',
    f"order=[{C}]",
    f"order=[a={C}]",
    "order=[" + "a=ascending;" * 500 + f"{C}",
    f"order=[..={C}]",
    f"order=%00{C}",
    f"changesSinceMarker={C}",
    f"changesSinceMarker=%00{C}",
    "changesSinceMarker=" + "9" * 400,
    f"navigationPage={C}&navigationPageSize=1",
    "navigationPage=99999999999999999999&navigationPageSize=1",
    "navigationPage=999999999&navigationPageSize=1000",
    "navigationPage=-1&navigationPageSize=1",
    "navigationPage=1e9&navigationPageSize=1",
    "navigationPage=1&navigationPageSize=999999999",
    "navigationPage=%D9%A1&navigationPageSize=1",
    f"navigationPageSize=1&navigationId={C}",
    f"navigationPageSize=1&navigationId=%00{C}",
    f"queryIntention={C}",
    f"mustUseAdvisory={C}",
    f"access_token={C}&authenticationMethod={C}",
    f"timestamp={C}",
    f"applicationKey={C}",
    f"%00={C}",
    f"%ff={C}",
    "&".join(f"a{n}={C}" for n in range(150)),
    f"requestType={C}&serviceType={C}",
)

FIELDS = (
    [("zoneId", C)],
    [("zoneId", C), ("zoneId", "demo-district")],
    [("contextId", C)],
    [("Authorization", f"Basic {C}")],
    [("Authorization", C)],
    [("Authorization", f"Bearer {C}.a.b")],
    [("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJpc3MiOiJhIn0.")],
    [("Authorization", "Basic " + "A" * 4000)],
    [("Authorization", f"SIF_HMACSHA256 {C}"), ("timestamp", C)],
    [("Authorization", f"{C} {C}")],
    [("requestType", C)],
    [("requestType", "DELAYED")],
    [("requestType", "DELAYED"), ("queueId", C), ("requestId", "r")],
    [
        ("requestType", "DELAYED"),
        ("queueId", "00000000-0000-4000-8000-000000000000"),
        ("requestId", "r" * 3000),
    ],
    [("serviceType", C)],
    [("serviceType", "XQUERYTEMPLATE")],
    [("serviceType", "FUNCTIONAL")],
    [("serviceType", "UTILITY")],
    [("messageType", C)],
    [("messageType", "EVENT")],
    [("requestAction", C)],
    [("requestAction", "DELETE")],
    [("navigationPage", C)],
    [("navigationPage", "1"), ("navigationPage", "2"), ("navigationPageSize", "1")],
    [("navigationPage", "1"), ("navigationPageSize", "\u00b2")],
    [("navigationPageSize", "1 1")],
    [("Accept", C)],
    [("Accept", f"{C}/*;q=9")],
    [("Accept", "application/json;q=nan")],
    [("Accept", "a" * 3000)],
    [("Accept", ",".join(["a/b"] * 900))],
    [("Content-Type", C)],
    [("Content-Type", "multipart/form-data")],
    [("Accept-Encoding", C)],
    [("Accept-Encoding", "gzip;q=nan")],
    [("Content-Encoding", C)],
    [("Accept-Profile", C)],
    [("Accept-Profile", f"urn:sif:data/{C}/9+{C};q=x,")],
    [("Content-Profile", C)],
    [("ETag", C)],
    [("If-None-Match", C)],
    [("Range", f"bytes={C}")],
    [("queryIntention", C)],
    [("dataPrivacyMarker", C)],
    [("fingerprint", C)],
    [("sourceName", C)],
    [("authenticatedUser", C)],
    [("connectionId", C)],
    [("timestamp", C)],
    [("messageId", C)],
    [("methodOverride", C)],
    [("X-HTTP-Method-Override", "DELETE")],
    [("Host", C)],
    [("X-Forwarded-For", C)],
    [("Cookie", C)],
    [("Origin", f"https://{C}")],
    [("generatorId", "\u00ff\u00fe")],
)


def targets(aim: Aim) -> Iterator[Attack]:
    """Each target, asked for, and every third one deleted or written as well."""
    for number, target in enumerate(TARGETS):
        yield Attack(f"GET {target[:80]}", whole("GET", target, aim.session), FINE)
        if number % 3 == 0:
            verb, body = (("DELETE", b""), ("PUT", b"<a/>"), ("POST", b"<a/>"))[number // 3 % 3]
            yield Attack(f"{verb} {target[:80]}", whole(verb, target, aim.session, body))


def queries(aim: Aim) -> Iterator[Attack]:
    """Each query string on the collection, and in turn on an object or a utility."""
    others = (f"{LIST}/{aim.refid}", "/requests/zones", "/requests/codeSets", "/requests/pods")
    for number, query in enumerate(QUERIES):
        query = query.replace(" ", "%20").replace('"', "%22")
        for path in (LIST, others[number % len(others)]):
            sent = whole("GET", f"{path}?{query}", aim.session)
            yield Attack(f"GET {path}?{query[:60]}", sent, FINE)


def fields(aim: Aim) -> Iterator[Attack]:
    """Each set of headers, beside a good Authorization, on a read."""
    own = ("Authorization", aim.session)
    for each in FIELDS:
        for target in (LIST, f"{LIST}/{aim.refid}"):
            for verb in ("GET", "HEAD"):
                sent = head(verb, target, [*each, own])
                yield Attack(f"{verb} {target} with {str(each)[:80]}", sent, FINE)


def attacks(aim: Aim) -> Iterator[Attack]:
    """All of them."""
    for family in (targets, queries, fields):
        yield from family(aim)
