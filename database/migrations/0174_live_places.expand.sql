-- Streams that a service of AWS takes: what was made there for each, and what it shall come to. No secret is in `ids`.

create table stream_places (
    stream_id   uuid primary key references streams on delete cascade,
    backend     text not null check (backend in ('medialive', 'ivs')),
    ids         jsonb not null,
    endpoints   jsonb not null,
    wanted      text not null default 'idle' check (wanted in ('idle', 'armed', 'released')),
    state       text not null default 'idle' check (state in ('gone', 'idle', 'arming', 'armed', 'live', 'stopping', 'failed')),
    problem     text not null default '',
    -- Since when it costs; and since when no picture comes, while it is ready for one.
    armed_at    timestamptz,
    quiet_since timestamptz,
    made_at     timestamptz not null,
    seen_at     timestamptz not null,
    released_at timestamptz
);
create index stream_places_open on stream_places (backend, stream_id) where released_at is null;

-- What was ready from when to when: the month's cost is its sum.
create table stream_place_hours (
    stream_id uuid not null references stream_places on delete cascade,
    began_at  timestamptz not null,
    ended_at  timestamptz not null check (ended_at >= began_at),
    primary key (stream_id, began_at)
);
create index stream_place_hours_by_end on stream_place_hours (ended_at);

-- For the job that forgets figures.
create index stream_health_old on stream_health (at) where kind = 'figures';
