"""What requests are made of by chance: paths, parameters, documents, with a canary in places."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import strategies as st

INF = "http://www.sifassociation.org/infrastructure/3.3"
NA4 = "http://www.sifassociation.org/datamodel/na/4.x"
CANARY = "Kanarie7"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
REFID = "8A2A0C1B-55F3-4B6C-9C0F-0123456789AB"
UNKNOWN = "00000000-0000-4000-8000-000000000000"

# Whatever follows a connector; {environment} and {queue} are ids that exist.
SEGMENTS = (
    "xStudents", "xStudent", "xSchools", "StudentPersonals", "StudentPersonal", "zones", "zone",
    "providers", "provider", "namespaces", "codeSets", "codeSet", "xquerys", "xquery", "alerts",
    "alert", "pods", "pod", "environment", "{environment}", "queue", "{queue}", "messages",
    "subscription", "provisionRequest", "rosterValidations", "rosterValidation", "states", "state",
    "validate", REFID, REFID.lower(), UNKNOWN, CANARY, "", "0", "%00", "%2F", "..", "a.b", "x.json",
    "x.xml", "%FF", "\u00e9", "A" * 300,
)  # fmt: skip
# Ways that lead somewhere; chance alone finds few of them.
PLACES = (
    "/requests/xStudents", "/requests/xStudents", "/requests/xStudents/xStudent",
    f"/requests/xStudents/{REFID}", f"/requests/xSchools/{UNKNOWN}/xStudents",
    "/requests/StudentPersonals", "/requests/StudentPersonals/StudentPersonal",
    f"/requests/StudentPersonals/{REFID}", "/requests/xWidgets", "/requests/zones",
    "/requests/providers", "/requests/providers/provider", "/requests/namespaces",
    "/requests/codeSets", f"/requests/codeSets/{CANARY}", "/requests/xquerys",
    "/requests/xquerys/xquery", f"/requests/{CANARY}", "/requests/alerts", "/requests/alerts/alert",
    f"/requests/alerts/{UNKNOWN}", "/requests/pods", f"/requests/pods/{UNKNOWN}",
    "/privacy/markers", "/privacy/filter", "/privacy/deletions", f"/privacy/acknowledge/{CANARY}",
    f"/privacy/pods/{UNKNOWN}/acknowledgements", f"/privacy/deletions/{UNKNOWN}/confirmation",
    "/environments/environment", "/environments/{environment}", "/queues", "/queues/queue",
    "/queues/{queue}", "/queues/{queue}/messages", "/queues/{queue}/messages/" + UNKNOWN,
    "/subscriptions", "/subscriptions/subscription", f"/subscriptions/{UNKNOWN}",
    "/provisionRequests", "/provisionRequests/provisionRequest", f"/provisionRequests/{UNKNOWN}",
    "/services/rosterValidations", "/services/rosterValidations/rosterValidation",
    f"/services/rosterValidations/{UNKNOWN}", f"/services/rosterValidations/{UNKNOWN}/validate",
    f"/services/rosterValidations/{UNKNOWN}/validate/states/state", "/eventsConnector",
    "/eventsConnector", "/oauth/token",
)  # fmt: skip
MATRIX = (
    "", "", "", ";zoneId=demo-district", ";contextId=DEFAULT", ";zoneId=environment-global",
    f";zoneId={CANARY}", ";zoneId=other-district", f";deleteMessageId={UNKNOWN}", ";", ";;=",
    f";deleteMessageId={CANARY}", ";zoneId=a;zoneId=b", ";zoneId=%00",
)  # fmt: skip
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "navigationPage": ("1", "2", "0", "-1", CANARY, "99999999999999999999"),
    "navigationPageSize": ("1", "0", "1000", "1001", "", CANARY, "1e3"),
    "navigationId": (UNKNOWN, CANARY, ""),
    "queryIntention": ("ALL", "ONE-OFF", "NO-CACHING", "NO-CACHE", CANARY),
    "mustUseAdvisory": ("true", "False", CANARY),
    "where": (
        '[name/givenName="a"]', '[(localId="1")and(name/givenName!="b")]', '[@refId="1"]',
        "[localId>=1]", "[]", "", f'[{CANARY}="1"]', f'[localId="{CANARY}', "[[[[", '[a="1" or b]',
        "[localId=1][localId=2]", '[.="1"]', '[//*="1"]', '[a/../b="1"]', '[\u00e9="1"]',
    ),
    "order": (
        "[localId=ascending]", "[name/givenName=descending;localId=ascending]", "[]", "", CANARY,
        "[localId]", "[=ascending]", "[localId=up]", "[a=ascending;;]",
    ),
    "changesSinceMarker": ("", "0", CANARY, "1", "-1", "9" * 60, "%00"),
    "applicationKey": ("sis", CANARY, ""),
    "authenticationMethod": ("Basic", "Bearer", CANARY),
    "access_token": (CANARY, "c2lzOmEtc2VjcmV0"),
    "timestamp": ("2026-03-02T09:15:00Z", CANARY),
    "grant_type": ("client_credentials", CANARY),
    "instanceId": ("two", CANARY, "\u0000"),
    CANARY: ("1", "\u0000", ""),
}  # fmt: skip
FIELDS: Mapping[str, tuple[str, ...]] = {
    "Accept": ("application/xml", "application/json", "*/*", "text/html", CANARY, "", "a/b;q=x"),
    "Accept-Encoding": ("gzip", "identity", "br", CANARY, "gzip;q=0"),
    "Accept-Profile": ("urn:sif:inf/global/3.3+pesc", "urn:sif:inf/global/3.3+goessner", CANARY),
    "Content-Encoding": ("identity", "gzip", "br"),
    "Content-Profile": ("urn:sif:inf/global/3.3+goessner", CANARY),
    "ETag": ('"1"', CANARY, "*"),
    "If-None-Match": ("*", CANARY),
    "Origin": ("https://a.example", CANARY),
    "connectionId": ("0", "1", "-1", CANARY, "99999999999"),
    "contextId": ("DEFAULT", CANARY),
    "dataPrivacyMarker": (CANARY, "", UNKNOWN),
    "eventAction": ("CREATE", "UPDATE", "DELETE", "create", CANARY),
    "fingerprint": (CANARY,),
    "messageId": (UNKNOWN, CANARY),
    "messageType": ("REQUEST", "EVENT", "RESPONSE", CANARY),
    "methodOverride": ("GET", "POST", "UPDATE", "DELETE", CANARY),
    "queueId": (UNKNOWN, "{queue}", CANARY, ""),
    "replacement": ("FULL", "PARTIAL", CANARY),
    "requestAction": ("QUERY", "CREATE", "UPDATE", "DELETE", "HEAD", CANARY),
    "requestId": ("r-1", ""),
    "requestType": ("IMMEDIATE", "DELAYED", "DELAYED", CANARY),
    "serviceName": ("xStudents", "xWidgets", CANARY),
    "serviceType": (
        "OBJECT", "UTILITY", "FUNCTIONAL", "FUNCTION", "SERVICEPATH", "XQUERYTEMPLATE", "SERVICE",
        CANARY,
    ),
    "zoneId": ("demo-district", "environment-global", CANARY, ""),
    **{
        name: PARAMETERS[name]
        for name in ("navigationPage", "navigationPageSize", "navigationId", "queryIntention",
                     "mustUseAdvisory", "applicationKey", "timestamp")
    },
}  # fmt: skip
TYPES = (
    "application/xml", "application/xml", "application/json", "application/json", "text/xml",
    "application/xml; charset=utf-8", "application/xml; charset=latin-1", "text/plain", "",
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", CANARY,
)  # fmt: skip


def _inf(root: str, inner: str) -> str:
    return f'<{root} xmlns="{INF}">{inner}</{root}>'


_PLACE = "<zoneId>demo-district</zoneId><contextId>DEFAULT</contextId>"
_STUDENT = (
    f'<xStudent xmlns="{NA4}" refId="{REFID}"><localId>{CANARY}</localId>'
    "<name><givenName>a</givenName></name></xStudent>"
)
_PERSONAL = (
    f'<StudentPersonal xmlns="{NA4}" RefId="{REFID}"><LocalId>1</LocalId>'
    f'<Name Type="04"><LastName>{CANARY}</LastName><FirstName>a</FirstName></Name>'
    "</StudentPersonal>"
)
_ZONES = (
    '<provisionedZones><provisionedZone id="demo-district"><services><service type="OBJECT" '
    'name="xStudents" contextId="DEFAULT"><rights><right type="QUERY">REQUESTED</right></rights>'
    "</service></services></provisionedZone></provisionedZones>"
)
_STATE = "<state><type>COMPLETED</type></state>"
_ALERT = (
    f"<reporter>a</reporter><cause>{CANARY}</cause><exchange>REQUEST</exchange>"
    "<level>ERROR</level><category>1</category><code>400</code>"
)
_PROVIDER = (
    "<serviceType>OBJECT</serviceType><serviceName>xWidgets</serviceName>"
    f"<contextId>DEFAULT</contextId><zoneId>demo-district</zoneId><providerName>{CANARY}"
    "</providerName><endPoint><location>http://127.0.0.1:9/</location></endPoint>"
)
_XQUERY = (
    f"<type>SINGULAR</type><status>PENDING</status><description>{CANARY}</description>"
    "<script>for $a in {:a:} return $a</script><parameters><parameter><name>a</name>"
    "</parameter></parameters><returnType>xStudents</returnType>"
)
_SUBSCRIPTION = (
    f"{_PLACE}<serviceType>OBJECT</serviceType><serviceName>xStudents</serviceName>"
    "<queueId>{queue}</queueId>"
)
_PHASE = f"<phases><phase><name>validate</name><states>{_STATE}</states></phase></phases>"
_DELETES = f'<deletes><delete id="{REFID}"/><delete id="{CANARY}"/></deletes>'
_MANY = f'<xStudents xmlns="{NA4}">{_STUDENT}{_STUDENT}</xStudents>'
_ONE = "/requests/xStudents/xStudent"
_ALL = "/requests/xStudents"
_JOBS = "/services/rosterValidations"
EVENT = (
    ("messageType", "EVENT"), ("eventAction", "CREATE"), ("serviceName", "xStudents"),
    ("zoneId", "demo-district"), ("serviceType", "OBJECT"),
)  # fmt: skip
DELAYED = (("requestType", "DELAYED"), ("queueId", "{queue}"), ("requestId", "r-1"))
Fields = tuple[tuple[str, str], ...]
# Requests that fit together; chance alone makes few of them.
FITTING: tuple[tuple[str, str, str, Fields], ...] = (
    ("POST", _ONE, _STUDENT, ()),
    ("POST", _ALL, _MANY, ()),
    ("POST", _ALL, _MANY, DELAYED),
    ("POST", _ALL, _STUDENT, (("methodOverride", "GET"),)),
    ("PUT", f"{_ALL}/{REFID}", _STUDENT, ()),
    ("PUT", _ALL, _MANY, ()),
    ("PUT", _ALL, _inf("deleteRequest", _DELETES), (("methodOverride", "DELETE"),)),
    ("POST", "/requests/StudentPersonals/StudentPersonal", _PERSONAL, ()),
    ("GET", _ALL, "", ()),
    ("GET", _ALL, "", DELAYED),
    ("GET", f"{_ALL}/{REFID}", "", ()),
    ("GET", f"/requests/xSchools/{UNKNOWN}/xStudents", "", ()),
    (
        "POST",
        "/environments/environment",
        _inf("environment", "<consumerName>x</consumerName>"),
        (),
    ),
    ("POST", "/queues", _inf("queue", "<polling>IMMEDIATE</polling><name>q</name>"), ()),
    ("GET", "/queues/{queue}/messages", "", ()),
    ("POST", "/subscriptions", _inf("subscription", _SUBSCRIPTION), ()),
    ("POST", "/provisionRequests/provisionRequest", _inf("provisionRequest", _ZONES), ()),
    ("POST", "/requests/alerts/alert", _inf("alert", _ALERT), ()),
    ("POST", "/requests/providers/provider", _inf("provider", _PROVIDER), ()),
    ("POST", "/requests/xquerys/xquery", _inf("xquery", _XQUERY), ()),
    ("POST", f"{_JOBS}/rosterValidation", _inf("job", "<name>rosterValidation</name>"), ()),
    (
        "POST",
        f"{_JOBS}/{UNKNOWN}/validate/states/state",
        _inf("state", "<type>COMPLETED</type>"),
        (),
    ),
    ("POST", "/eventsConnector", _MANY, EVENT),
)
DOCUMENTS = (
    *(body for _, _, body, _ in FITTING if body),
    _inf("environment", f"<instanceId>{CANARY}</instanceId><consumerName>x</consumerName>"),
    _inf("queue", f"<name>{CANARY}</name><maxConcurrentConnections>3</maxConcurrentConnections>"),
    _inf("job", f"<name>rosterValidation</name><description>{CANARY}</description>"),
    _inf("job", f"<name>rosterValidation</name>{_PHASE}"),
    _inf("state", f"<type>COMPLETED</type><description>{CANARY}</description>"),
    f'<StudentPersonals xmlns="{NA4}">{_PERSONAL}</StudentPersonals>',
    f'{{"xStudent": {{"@refId": "{REFID}", "localId": "{CANARY}"}}}}',
    f'{{"xStudents": {{"xStudent": [{{"refId": "{REFID}", "localId": "{CANARY}"}}]}}}}',
    f'{{"environment": {{"instanceId": "{CANARY}"}}}}',
    '{"queue": {"polling": "IMMEDIATE", "idleTimeout": 0}}',
    '{"deleteRequest": {"deletes": {"delete": [{"@id": "1"}]}}}',
    f'{{"alert": {{"reporter": "a", "exchange": "REQUEST", "level": "INFO", "code": "{CANARY}"}}}}',
    "grant_type=client_credentials&client_id=sis",
)  # fmt: skip
WHO = ("source", "source", "provider", "provider", "vendor")
PIECES = (
    "<",
    ">",
    "&",
    "&amp;",
    '"',
    "\x00",
    "]]>",
    "<a>",
    "</a>",
    "{",
    "}",
    "[",
    "1",
    "\u00e9",
    "",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A request by chance; `who` is whose credentials it shows."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    fields: tuple[tuple[str, str], ...]
    body: bytes
    who: str


def _chosen(table: Mapping[str, tuple[str, ...]]) -> st.SearchStrategy[tuple[str, str]]:
    return st.sampled_from(sorted(table)).flatmap(
        lambda name: st.tuples(st.just(name), st.sampled_from(table[name]))
    )


@st.composite
def cut(draw: st.DrawFn, text: str) -> bytes:
    """A document as it is, or with a few cuts."""
    for _ in range(draw(st.sampled_from((0, 0, 1, 2)))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        text = text[:start] + draw(st.sampled_from(PIECES)) + text[end:]
    return text.encode(draw(st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-16", "utf-8-sig"))))


@st.composite
def paths(draw: st.DrawFn, rules: list[str]) -> str:
    """One of the routes, with something for each of its variables."""
    one = st.sampled_from(SEGMENTS)
    parts = st.lists(one, min_size=1, max_size=4).map("/".join)
    path = re.sub(r"<path:.*?>", lambda _: draw(parts), draw(st.sampled_from(rules)))
    return re.sub(r"<.*?>", lambda _: draw(one), path)


@st.composite
def fitting(draw: st.DrawFn) -> Made:
    """A request that fits together, with a parameter or a cut too many."""
    method, path, body, fields = draw(st.sampled_from(FITTING))
    more = draw(st.lists(_chosen(FIELDS), max_size=1))
    return Made(
        method,
        path,
        tuple(draw(st.lists(_chosen(PARAMETERS), max_size=1))),
        (*fields, ("Content-Type", "application/xml"), *more),
        draw(cut(body)) if body else b"",
        draw(st.sampled_from(WHO)),
    )


@st.composite
def scattered(draw: st.DrawFn, rules: list[str]) -> Made:
    """Method, path, parameters and body, each by chance."""
    path = draw(st.one_of(st.sampled_from(PLACES), paths(rules)))
    path += draw(st.sampled_from(MATRIX)) if path.count("/") > 1 else ""
    content_type = ("Content-Type", draw(st.sampled_from(TYPES)))
    return Made(
        draw(st.sampled_from(METHODS)),
        path,
        tuple(draw(st.lists(_chosen(PARAMETERS), max_size=3))),
        (content_type, *draw(st.lists(_chosen(FIELDS), max_size=4))),
        draw(st.sampled_from(DOCUMENTS).flatmap(cut)),
        draw(st.sampled_from((*WHO, "key", "nobody"))),
    )


def made(rules: list[str]) -> st.SearchStrategy[Made]:
    """A request to one of the routes."""
    return st.one_of(fitting(), scattered(rules))
