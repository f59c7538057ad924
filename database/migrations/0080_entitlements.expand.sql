-- Entitlements: who may see what, until when, and why. The only thing that a check of access reads.

create table entitlements (
    id         uuid primary key,
    user_id    uuid not null references users on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    -- `tier`: all that is open to members of this rank and below. The others open one object.
    scope      text not null check (scope in ('tier', 'post', 'stream', 'collection')),
    rank       integer check (rank >= 0),
    object_id  uuid,
    source     text not null check (source in ('membership', 'gift', 'purchase', 'comp', 'team')),
    source_id  uuid not null,
    tier_name  text not null default '',
    starts_at  timestamptz not null,
    ends_at    timestamptz,
    revoked_at timestamptz,
    revoked_why text,
    constraint entitlements_source_key unique nulls not distinct (source, source_id, scope, object_id),
    constraint entitlements_scope_fits check (
        case when scope = 'tier' then rank is not null and object_id is null else rank is null and object_id is not null end
    ),
    constraint entitlements_time_goes_on check (ends_at is null or ends_at >= starts_at)
);
create index entitlements_of on entitlements (user_id, creator_id) where revoked_at is null;
create index entitlements_by_creator on entitlements (creator_id);
