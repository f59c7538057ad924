-- Live: what is left of a stream (its markers, clips and post), who makes it with whom, and what a page allows.

-- A moment worth finding again: each becomes a chapter of the recording.
create table stream_markers (
    id         uuid primary key,
    stream_id  uuid not null references streams on delete cascade,
    at         timestamptz not null,
    label      text not null check (length(label) between 1 and 100),
    made_by    uuid references users on delete set null,
    constraint stream_markers_once unique (stream_id, at)
);
create index stream_markers_by on stream_markers (made_by) where made_by is not null;

-- The post that a recording was published as; gone with it.
alter table recordings add column post_id uuid;

-- Up to a minute of a stream. Its id is that of the file that is made of it.
create table clips (
    id         uuid primary key,
    stream_id  uuid not null references streams on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    made_by    uuid references users on delete set null,
    title      text not null check (length(title) between 1 and 140),
    begins_at  timestamptz not null,
    seconds    integer not null check (seconds between 1 and 60),
    state      text not null default 'making' check (state in ('making', 'ready', 'failed')),
    problem    text,
    created_at timestamptz not null
);
create index clips_of_stream on clips (stream_id, created_at desc);
create index clips_of_creator on clips (creator_id);
create index clips_by on clips (made_by) where made_by is not null;

-- What a page allows around its streams.
create table live_settings (
    creator_id uuid primary key references creators on delete cascade,
    clips      text not null default 'viewers' check (clips in ('team', 'members', 'viewers')),
    raids      text not null default 'ask' check (raids in ('ask', 'welcome', 'never')),
    -- Where its public streams may stand in a frame: nowhere, everywhere, or on these sites.
    embeds     text not null default 'anywhere' check (embeds in ('nowhere', 'anywhere', 'listed')),
    sites      text[] not null default '{}' check (cardinality(sites) <= 20)
);

-- Other creators who make a stream with its page. They are seen beside it once they say yes.
create table stream_hosts (
    stream_id  uuid not null references streams on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    state      text not null default 'invited' check (state in ('invited', 'accepted', 'declined')),
    moderates  boolean not null default false,
    invited_by uuid references users on delete set null,
    invited_at timestamptz not null,
    answered_at timestamptz,
    primary key (stream_id, creator_id)
);
create index stream_hosts_of on stream_hosts (creator_id, state);
create index stream_hosts_by on stream_hosts (invited_by) where invited_by is not null;

-- The viewers of one stream, sent to another at its end. One raid of a stream waits at a time.
create table stream_raids (
    id          uuid primary key,
    stream_id   uuid not null references streams on delete cascade,
    target_id   uuid not null references streams on delete cascade,
    state       text not null check (state in ('offered', 'accepted', 'refused', 'done', 'over')),
    viewers     integer not null default 0 check (viewers >= 0),
    offered_by  uuid references users on delete set null,
    offered_at  timestamptz not null,
    answered_at timestamptz,
    constraint stream_raids_another check (stream_id <> target_id)
);
create unique index stream_raids_waiting on stream_raids (stream_id) where state in ('offered', 'accepted');
create index stream_raids_target on stream_raids (target_id, offered_at desc);
create index stream_raids_by on stream_raids (offered_by) where offered_by is not null;

-- Per minute also the money, and how long was watched in which rendition.
alter table stream_samples add column tips integer not null default 0 check (tips >= 0);
alter table stream_samples add column tipped bigint not null default 0 check (tipped >= 0);
create table stream_rendition_seconds (
    stream_id uuid not null references streams on delete cascade,
    rendition text not null check (length(rendition) between 1 and 20),
    seconds   bigint not null default 0 check (seconds >= 0),
    primary key (stream_id, rendition)
);
-- What was given in one stream: its tips and its tickets.
create index orders_object_paid on orders (object_id, paid_at) where object_id is not null and paid_at is not null;
