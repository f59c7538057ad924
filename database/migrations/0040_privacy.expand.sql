-- Taking one's data along, and leaving.

create table exports (
    id          uuid primary key,
    user_id     uuid not null references users on delete cascade,
    state       text not null default 'waiting' check (state in ('waiting', 'running', 'ready', 'failed', 'expired')),
    created_at  timestamptz not null,
    finished_at timestamptz,
    expires_at  timestamptz,
    bytes       bigint,
    sha256      text,
    problem     text
);
create unique index exports_one_at_a_time on exports (user_id) where state in ('waiting', 'running');
create index exports_of on exports (user_id, id desc);
create index exports_expiring on exports (expires_at) where state = 'ready';

create table closings (
    id       uuid primary key,
    user_id  uuid not null references users on delete cascade,
    state    text not null default 'waiting' check (state in ('waiting', 'kept', 'erased')),
    asked_at timestamptz not null,
    due_at   timestamptz not null,
    ended_at timestamptz
);
create unique index closings_one_at_a_time on closings (user_id) where state = 'waiting';
create index closings_due on closings (due_at) where state = 'waiting';
