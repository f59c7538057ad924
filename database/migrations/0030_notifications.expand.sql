-- What people are told, and how they want to be told.

-- The last position given to each person. Taking the next one locks the row until the commit, so positions become
-- visible in order and a client that has seen 7 has seen all up to 7. A position means nothing in another epoch: give a new
-- one after a restore, and every client starts over.
create table notification_positions (
    user_id uuid primary key references users on delete cascade,
    last    bigint not null,
    epoch   uuid not null default gen_random_uuid()
);

create table notifications (
    id         uuid primary key,
    user_id    uuid not null references users on delete cascade,
    position   bigint not null,
    kind       text not null,
    facts      jsonb not null default '{}',
    link       text not null default '' check (link = '' or link like '/%'),
    dedupe_key text,
    created_at timestamptz not null,
    read_at    timestamptz,
    constraint notifications_position_key unique (user_id, position),
    constraint notifications_dedupe_key unique (user_id, dedupe_key)
);
create index notifications_unread on notifications (user_id) where read_at is null;
create index notifications_old on notifications (created_at);

-- Only what differs from the kind's own default.
create table notification_preferences (
    user_id uuid not null references users on delete cascade,
    kind    text not null,
    channel text not null check (channel in ('in_app', 'email')),
    wanted  boolean not null,
    primary key (user_id, kind, channel)
);
