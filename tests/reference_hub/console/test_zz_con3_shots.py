import os
from pathlib import Path
from tests.reference_hub.console.browsing import PHONE, DESKTOP
from tests.reference_hub.console.student import WHY
from tests.reference_hub.console.test_browser_people import ground, PAGES

def test_shots(ground, browse):
    out=Path('/tmp/w/con3/shots'); out.mkdir(exist_ok=True)
    for nm,size in (('d',DESKTOP),('p',PHONE)):
        page=browse(ground.address('/audit'),size=size,cookies=ground.web.http.cookies)
        for p in PAGES:
            page.goto(ground.address(p)); page.screenshot(path=out/f"{nm}{p.replace('/','_')}.png",full_page=True)
        page.goto(ground.address('/people'))
        page.get_by_label("Local number of the student").fill(ground.number); page.get_by_label("Why you look").fill(WHY); page.keyboard.press("Enter")
        page.screenshot(path=out/f"{nm}_person.png",full_page=True)
        if nm=='d':
            page.emulate_media(media='print'); page.screenshot(path=out/"print_person.png",full_page=True); page.emulate_media(media='screen')
            page.get_by_role("button",name="Have this student").click(); page.screenshot(path=out/f"{nm}_sure.png",full_page=True)
            page.get_by_role("button",name="Have it deleted").click(); page.screenshot(path=out/f"{nm}_case.png",full_page=True)
            page.goto(ground.address('/deletions/1/note')); page.screenshot(path=out/f"{nm}_note.png",full_page=True)
            page.goto(ground.address('/collection/ma-sims')); page.emulate_media(media='print'); page.screenshot(path=out/"print_collection.png",full_page=True); page.emulate_media(media='screen')
        else:
            page.goto(ground.address('/deletions/1')); page.screenshot(path=out/f"{nm}_case.png",full_page=True)
        page.goto(ground.desk.base+'/public/demo-district'); page.screenshot(path=out/f"{nm}_public.png",full_page=True)
        page.goto(ground.desk.base+'/public/demo-district?lang=es'); page.emulate_media(media='print'); page.screenshot(path=out/f"{nm}_public_print.png",full_page=True)
