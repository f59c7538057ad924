-- What is made of files: who works on which, how far they are, and where people were when they stopped watching.

-- One row per file that is or was worked on. The lease says who may: a worker that is silent past it has lost the file.
create table processing (
    asset_id    uuid primary key references assets on delete cascade,
    attempt     integer not null default 0 check (attempt >= 0),
    stage       text not null default 'waiting' check (stage in
                ('waiting', 'fetching', 'looking', 'pictures', 'sound', 'film', 'pages', 'storing', 'done')),
    -- Of the whole, from 0 to 1. It never goes back within one attempt.
    progress    real not null default 0 check (progress between 0 and 1),
    worker      text,
    lease_until timestamptz,
    -- Somebody of the team does not want it any more; the worker sees it with its next heartbeat.
    cancel      boolean not null default false,
    -- What earlier attempts finished, by name: it is not done again.
    kept        jsonb not null default '{}',
    updated_at  timestamptz not null,
    constraint processing_leased check ((worker is null) = (lease_until is null))
);
create index processing_leases on processing (lease_until) where lease_until is not null;

-- Every attempt with how it ended, for the team and for support. `lost`: the worker went away without a word.
create table processing_attempts (
    asset_id    uuid not null references assets on delete cascade,
    attempt     integer not null check (attempt > 0),
    worker      text not null,
    began_at    timestamptz not null,
    ended_at    timestamptz,
    outcome     text check (outcome in ('ready', 'failed', 'cancelled', 'interrupted', 'lost')),
    reason_code text,
    reason      text,
    primary key (asset_id, attempt),
    constraint processing_attempts_ended check ((outcome is null) = (ended_at is null))
);

-- Where somebody stopped watching or listening.
create table watch_positions (
    user_id     uuid not null references users on delete cascade,
    asset_id    uuid not null references assets on delete cascade,
    position_ms integer not null check (position_ms >= 0),
    duration_ms integer not null check (duration_ms >= 0),
    updated_at  timestamptz not null,
    primary key (user_id, asset_id)
);
create index watch_positions_of_asset on watch_positions (asset_id);

create index assets_in_processing on assets (updated_at) where state = 'processing' and removed_at is null;
