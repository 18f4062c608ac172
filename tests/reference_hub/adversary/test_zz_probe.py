from __future__ import annotations
from urllib.parse import quote
import requests
from lxml import etree
from fixtures.writers import xpress
from reference_hub.model.pod import *
from tests.reference_hub.gate.conftest import LIST, XML, entry
from tests.reference_hub.gate.doors import MARKER, QBE

def test_probe(ground):
    conds=(Condition(HASH,"xStudent/localId"),Condition(GENERALISE,"xStudent/demographics/birthDate","year"),Condition(HASH,"xStudent/@refId"))
    g=("xStudent/@refId","xStudent/localId","xStudent/name/givenName","xStudent/demographics/birthDate")
    pod=ground.pod(entries=(entry(*g,conditions=conds),))
    M={MARKER:pod.token}
    r=ground.reader.send("GET",LIST,**M); print(r.status_code, r.text[:600])
    local=ground.students[0].findtext("{*}localId"); birth=ground.students[0].findtext("{*}demographics/{*}birthDate"); fam=ground.students[0].findtext("{*}name/{*}familyName")
    giv=ground.students[0].findtext("{*}name/{*}givenName")
    for w in (f'[localId="{local}"]',f'[name/givenName="{giv}"]',f'[demographics/birthDate="{birth}"]',f'[demographics/birthDate>"{birth[:4]}-01-01"]',f'[name/familyName="{fam}"]',f'[name/familyName!="{fam}"]',f'[@refId="{ground.one}"]'):
        r=ground.reader.send("GET",LIST+"?where="+quote(w),**M); print(w.replace(local,"L").replace(fam,"F"),r.status_code,r.headers.get("navigationCount"),r.text[:150] if r.status_code>=400 else "")
    for o in ("[name/familyName=ascending]","[localId=descending]","[demographics/birthDate=ascending]"):
        r=ground.reader.send("GET",LIST+"?order="+quote(o),**M); print(o,r.status_code,[ [s.get("refId")[:4] for s in ground.students].index(x.get("refId")[:4]) if x.get("refId")[:4] in [s.get("refId")[:4] for s in ground.students] else x.get("refId")[:4] for x in etree.fromstring(r.content)])
    for b in (f'<xStudent xmlns="{xpress.NA4}"><localId>{local}</localId></xStudent>',f'<xStudent xmlns="{xpress.NA4}"><name><familyName>{fam}</familyName></name></xStudent>',f'<xStudent xmlns="{xpress.NA4}" refId="{ground.one}"/>'):
        r=ground.reader.send("POST",LIST,b.encode(),**M,**QBE,Content_Type=XML); print("qbe",r.status_code,r.headers.get("navigationCount"),r.text[:200])
    for p in (f"{LIST}/{ground.one}",f"{LIST}/{ground.one.lower()}","/requests/xStudents/nope",f"/requests/xSchools/{ground.school}",f"/requests/xSchools/{ground.school}/xStudents",f"{LIST}/{ground.one}/xSchools",f"/requests/xRosters/x/xStudents"):
        r=ground.reader.send("GET",p,**M); print(p.replace(ground.one,"ONE"),r.status_code,etree.fromstring(r.content).findtext("{*}message") if r.content else "", etree.fromstring(r.content).findtext("{*}description")if r.content else "")
    et=ground.reader.send("HEAD",LIST,**M); since=et.headers["changesSinceMarker"]
    body=f'<xStudent xmlns="{xpress.NA4}"><name><familyName>Other</familyName></name></xStudent>'
    print(ground.sis.send("PUT",f"{LIST}/{ground.one}",body.encode(),Content_Type=XML).status_code)
    e2=ground.reader.send("HEAD",LIST,**M); print("ETag same after hidden change:",et.headers["ETag"]==e2.headers["ETag"], "since same:", since==e2.headers["changesSinceMarker"])
    import base64; raw=base64.urlsafe_b64decode(since+"=="); print(raw[12:])
    r=ground.reader.send("GET",LIST+"?changesSinceMarker="+quote(since,safe=""),**M); print("since",r.status_code,dict(r.headers))
    print([h for h in ground.box.read(**M).headers.items()])
    print(requests.get(ground.hub.base+"/metrics").text[:3000])
    print(ground.reader.send("GET","/requests/alerts").text[:500])
    for u in ("/requests/pods","/requests/zones","/requests/providers"): print(u, ground.reader.send("GET",u).text[:300])
    assert 0
