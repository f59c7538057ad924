-- Who waits for a stream, who watched it for how long, and how many at each minute.

create table stream_reminders (
    stream_id  uuid not null references streams on delete cascade,
    user_id    uuid not null references users on delete cascade,
    created_at timestamptz not null,
    primary key (stream_id, user_id)
);
create index stream_reminders_of on stream_reminders (user_id);

-- One row for each who watched. A stranger has a name that their browser made up, known to nobody else.
create table stream_viewers (
    stream_id uuid not null references streams on delete cascade,
    viewer    text not null check (length(viewer) between 1 and 40),
    user_id   uuid references users on delete set null,
    source    text not null default '' check (length(source) <= 60),
    first_at  timestamptz not null,
    last_at   timestamptz not null,
    seconds   integer not null default 0 check (seconds >= 0),
    primary key (stream_id, viewer)
);
create index stream_viewers_now on stream_viewers (stream_id, last_at);
create index stream_viewers_of on stream_viewers (user_id) where user_id is not null;

create table stream_samples (
    stream_id uuid not null references streams on delete cascade,
    at        timestamptz not null,
    viewers   integer not null check (viewers >= 0),
    messages  integer not null default 0 check (messages >= 0),
    primary key (stream_id, at)
);

-- When followers and members were told that a stream has begun, so that they are told once.
alter table streams add column told_at timestamptz;
