"""The conventions that every domain's `api.py` and `pages.py` speak.

caller.py      who is asking, and the guards that let them in
pages.py       HTML from templates; `render`, `see_other`, notices
forms.py       a posted form as a struct, with a problem per field kept for showing it again
validation.py  the same for JSON
paging.py      `limit` and `cursor`, `next` and the Link header
etags.py       If-None-Match and If-Match
limits.py      how often a route may be called
errors.py      the one shape of every error answer
frame.py       the outermost layer: request id, address, limits of a body, measurements, the access log
"""
