-- Who is owed something by a page that closed.
create index memberships_closed on memberships (ended_at) where end_reason = 'page_closed';
