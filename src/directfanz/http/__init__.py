"""The conventions that every domain's `api.py` and `pages.py` speak.

For handlers:
    caller.py        who is asking, and the guards that let them in
    dependencies.py  what a handler gets by naming it: `Given[Backends]`, `Given[Caller]`
    validation.py    a JSON body as a struct, every mistake named; `Input`
    forms.py         the same for a posted form; refusals.py: a service's no beside its field
    pages.py         HTML from templates: `render`, `see_other`; notices.py: "Saved.", shown once
    paging.py        `limit` and `cursor`, `next` and the Link header
    etags.py         `If-Match` for changes
    limits.py        `opt=rate_limit("name", per_minute=10)`

Kept without asking:
    frame.py         the outermost layer: request id, address, body and time limits, measurements, the access log
    gate.py          well-formed text, no forgery across sites, who it is from
    conventions.py   limits, traces, ETags, and idempotency/
    errors.py        the one shape of every error; answers.py: as JSON or as a page
    headers.py       what browsers are told to refuse
"""
