"""The district's console: pages for people, below /console/, that need no JavaScript.

`site.py` is the way in: who may open a page, in which language, with which forms. `routes.py` lists
the modules with pages. See docs/console-permissions.md for who may open what.
"""
