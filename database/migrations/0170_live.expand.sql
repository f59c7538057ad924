-- Live: streams, the keys that publishers show, their sessions, how a stream does, and what is recorded of it.

create table streams (
    id           uuid primary key,
    creator_id   uuid not null references creators on delete cascade,
    created_by   uuid references users on delete set null,
    title        text not null check (length(title) between 1 and 140),
    about        text not null default '' check (length(about) <= 5000),
    access       text not null check (access in ('public', 'followers', 'members', 'rank', 'paid')),
    min_rank     integer check (min_rank between 1 and 1000),
    price        bigint check (price > 0),
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    state        text not null check (state in ('scheduled', 'preparing', 'live', 'reconnecting', 'ended')),
    -- Who encodes: this platform's own process, or a service of AWS.
    backend      text not null default 'local' check (backend in ('local', 'hybrid', 'medialive', 'ivs')),
    is_recorded  boolean not null default true,
    revision     integer not null default 1,
    scheduled_at timestamptz,
    began_at     timestamptz,
    dropped_at   timestamptz,
    ended_at     timestamptz,
    end_reason   text,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    constraint streams_rank_fits check ((access = 'rank') = (min_rank is not null)),
    constraint streams_price_fits check ((access = 'paid') = (price is not null)),
    constraint streams_scheduled check (state <> 'scheduled' or scheduled_at is not null),
    constraint streams_began check (state not in ('live', 'reconnecting') or began_at is not null),
    constraint streams_dropped check ((state = 'reconnecting') = (dropped_at is not null)),
    constraint streams_ended check ((state = 'ended') = (ended_at is not null))
);
create index streams_of_creator on streams (creator_id, created_at desc, id desc);
create index streams_running on streams (began_at desc, id desc) where state in ('live', 'reconnecting');
create index streams_coming on streams (scheduled_at, id) where state = 'scheduled';
create index streams_by on streams (created_by) where created_by is not null;

-- SHA-256 of 256 random bits: a copy of this table opens nothing. One key of a stream is good at a time.
create table stream_keys (
    id         uuid primary key,
    stream_id  uuid not null references streams on delete cascade,
    hash       bytea not null check (length(hash) = 32),
    hint       text not null check (length(hint) <= 12),
    created_at timestamptz not null,
    revoked_at timestamptz,
    used_at    timestamptz,
    constraint stream_keys_hash unique (hash)
);
create unique index stream_keys_good on stream_keys (stream_id) where revoked_at is null;

-- One publisher's connection. `node` is the process that has it.
create table stream_sessions (
    id         uuid primary key,
    stream_id  uuid not null references streams on delete cascade,
    key_id     uuid references stream_keys on delete set null,
    node       text not null check (length(node) <= 100),
    protocol   text not null check (protocol in ('rtmp', 'rtmps', 'srt', 'whip')),
    began_at   timestamptz not null,
    seen_at    timestamptz not null,
    ended_at   timestamptz,
    end_reason text
);
create unique index stream_sessions_open on stream_sessions (stream_id) where ended_at is null;
create index stream_sessions_of on stream_sessions (stream_id, began_at desc);
create index stream_sessions_by_key on stream_sessions (key_id) where key_id is not null;

-- What the creator's console shows: figures every few seconds, and things that happened, with the words for them.
create table stream_health (
    id        uuid primary key,
    stream_id uuid not null references streams on delete cascade,
    at        timestamptz not null,
    kind      text not null check (kind in ('figures', 'event')),
    level     text not null default 'info' check (level in ('info', 'warning', 'error')),
    code      text not null default '' check (length(code) <= 60),
    message   text not null default '' check (length(message) <= 500),
    figures   jsonb not null default '{}'
);
create index stream_health_of on stream_health (stream_id, at desc, id desc);

-- What is kept of a stream. `folder` is in the bucket `media`; `asset_id` once the media domain has taken it over.
create table recordings (
    id          uuid primary key,
    stream_id   uuid not null references streams on delete cascade,
    creator_id  uuid not null references creators on delete cascade,
    node        text not null check (length(node) <= 100),
    state       text not null check (state in ('recording', 'finishing', 'ready', 'adopted', 'failed')),
    folder      text not null check (length(folder) <= 200),
    began_at    timestamptz not null,
    ended_at    timestamptz,
    duration_ms bigint not null default 0 check (duration_ms >= 0),
    facts       jsonb not null default '{}',
    problem     text,
    asset_id    uuid,
    constraint recordings_one_per_stream unique (stream_id),
    constraint recordings_adopted check ((state = 'adopted') = (asset_id is not null))
);
create index recordings_of_creator on recordings (creator_id, began_at desc);
create index recordings_open on recordings (node) where state in ('recording', 'finishing');
