-- Chat: rooms, what was said in them, who may not speak, and polls.

-- A room belongs to something that a higher domain keeps (a stream, say), which opens and closes it in its own transactions.
-- `last` is the position given last: taking the next one locks the row until the commit, so positions become visible in order
-- and whoever has seen 7 has seen all up to 7. A position means nothing in another epoch.
create table chat_rooms (
    id            uuid primary key,
    creator_id    uuid not null references creators on delete cascade,
    title         text not null check (length(title) between 1 and 200),
    access        text not null check (access in ('public', 'followers', 'members', 'rank', 'paid')),
    min_rank      integer check (min_rank between 1 and 1000),
    state         text not null default 'open' check (state in ('open', 'closed')),
    last          bigint not null default 0,
    epoch         uuid not null default gen_random_uuid(),
    slow_seconds  integer not null default 0 check (slow_seconds between 0 and 3600),
    members_only  boolean not null default false,
    pinned        bigint,
    opened_at     timestamptz not null,
    closed_at     timestamptz,
    constraint chat_rooms_rank_fits check ((access = 'rank') = (min_rank is not null)),
    constraint chat_rooms_closed check ((state = 'closed') = (closed_at is not null))
);
create index chat_rooms_of on chat_rooms (creator_id, id desc);

-- Everything that happens in a room, in order: words, and what moderators did. A replay reads it by time.
create table chat_events (
    room_id   uuid not null references chat_rooms on delete cascade,
    position  bigint not null,
    id        uuid not null,
    kind      text not null check (kind in (
                  'text', 'tip', 'system', 'removed', 'cleared', 'pinned', 'settings', 'poll_opened', 'poll_closed', 'opened', 'closed')),
    -- Null for what the server says, and once the person is erased.
    user_id   uuid references users on delete set null,
    -- In the moment of speaking: part of the team, or a member and of which tier.
    standing  text not null default '' check (standing in ('', 'team', 'member')),
    tier      text not null default '',
    body      text not null default '' check (length(body) <= 500),
    facts     jsonb not null default '{}',
    -- What the client named it: the same said twice is one.
    nonce     text check (length(nonce) <= 64),
    said_at   timestamptz not null,
    hidden_at timestamptz,
    hidden_by uuid references users on delete set null,
    primary key (room_id, position),
    constraint chat_events_once unique (room_id, user_id, nonce)
);
create index chat_events_by on chat_events (user_id, room_id, position desc) where user_id is not null;
create index chat_events_hidden_by on chat_events (hidden_by) where hidden_by is not null;
create index chat_events_when on chat_events (room_id, said_at, position);

-- Who may not speak with a creator, in any of their rooms; `until` is null for one that does not end. The last row counts.
create table chat_bans (
    id         uuid primary key,
    creator_id uuid not null references creators on delete cascade,
    user_id    uuid not null references users on delete cascade,
    reason     text not null default '' check (length(reason) <= 300),
    by_id      uuid references users on delete set null,
    created_at timestamptz not null,
    until      timestamptz,
    lifted_at  timestamptz
);
create index chat_bans_on on chat_bans (creator_id, user_id) where lifted_at is null;
create index chat_bans_of on chat_bans (user_id);
create index chat_bans_by on chat_bans (by_id) where by_id is not null;

create table chat_words (
    creator_id uuid not null references creators on delete cascade,
    word       text not null check (length(word) between 2 and 60),
    primary key (creator_id, word)
);

create table polls (
    id         uuid primary key,
    room_id    uuid not null references chat_rooms on delete cascade,
    question   text not null check (length(question) between 1 and 200),
    options    text[] not null check (cardinality(options) between 2 and 8),
    asked_by   uuid references users on delete set null,
    opened_at  timestamptz not null,
    closes_at  timestamptz not null,
    closed_at  timestamptz,
    constraint polls_time_goes_on check (closes_at > opened_at)
);
create unique index polls_one_open on polls (room_id) where closed_at is null;
create index polls_of on polls (room_id, opened_at desc);
create index polls_due on polls (closes_at) where closed_at is null;
create index polls_by on polls (asked_by) where asked_by is not null;

create table poll_votes (
    poll_id  uuid not null references polls on delete cascade,
    user_id  uuid not null references users on delete cascade,
    option   integer not null check (option >= 0),
    voted_at timestamptz not null,
    primary key (poll_id, user_id)
);
create index poll_votes_counted on poll_votes (poll_id, option);
create index poll_votes_of on poll_votes (user_id);
