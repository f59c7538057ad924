-- Community: who speaks with whom, and who wants nothing to do with whom.

-- A page and a person who are kept apart: by the page's team, by the person, or by both.
create table page_blocks (
    creator_id uuid not null references creators on delete cascade,
    user_id    uuid not null references users on delete cascade,
    by         text not null check (by in ('page', 'person')),
    by_user    uuid references users on delete set null,
    reason     text not null default '' check (length(reason) <= 200),
    created_at timestamptz not null,
    primary key (creator_id, user_id, by)
);
create index page_blocks_of on page_blocks (user_id, created_at desc);
create index page_blocks_by on page_blocks (by_user) where by_user is not null;
