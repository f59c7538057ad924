-- Accounts: who people are, how they show it, and where they are signed in.

create table users (
    id                uuid primary key,
    -- Null once erased. Many people may try to sign up with one address; only one of them can prove it is theirs,
    -- so the address is unique among the proven, not among the attempts.
    email             citext check (length(email) <= 254),
    handle            citext not null constraint users_handle_key unique
                      constraint users_handle_form check (handle::text ~ '^[a-z0-9][a-z0-9_]{1,38}[a-z0-9]$'),
    display_name      text not null check (length(display_name) <= 80),
    bio               text not null default '' check (length(bio) <= 500),
    avatar            text check (avatar ~ '^[0-9a-f]{32}$'),
    role              text not null default 'fan' check (role in ('fan', 'creator', 'admin')),
    status            text not null default 'unverified'
                      check (status in ('unverified', 'active', 'suspended', 'closing', 'erased')),
    status_reason     text,
    status_changed_at timestamptz not null,
    locale            text not null default 'en',
    timezone          text not null default 'UTC',
    theme             text not null default 'system' check (theme in ('system', 'light', 'dark')),
    listed            boolean not null default true,
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    constraint users_erased_has_no_email check ((email is null) = (status = 'erased'))
);
create unique index users_email_key on users (email) where status in ('active', 'suspended', 'closing');
create index users_email_unverified on users (email, id desc) where status = 'unverified';
create index users_unverified_since on users (created_at) where status = 'unverified';
create index users_people on users (id desc) where status = 'active' and listed;
create index users_by_status on users (status, id desc);
create index users_admins on users (id) where role = 'admin';
create index users_search on users using gin (
    (handle::text) gin_trgm_ops, display_name gin_trgm_ops, (email::text) gin_trgm_ops
);
create index users_avatar on users (avatar) where avatar is not null;

-- A handle given up stays its owner's for a while, so that nobody takes over a name that others still link to.
create table past_handles (
    handle  citext primary key,
    user_id uuid not null references users on delete cascade,
    until   timestamptz not null
);
create index past_handles_of on past_handles (user_id);

create table passwords (
    user_id    uuid primary key references users on delete cascade,
    hash       text not null,
    changed_at timestamptz not null
);

create table sessions (
    id               uuid primary key,
    user_id          uuid not null references users on delete cascade,
    -- SHA-256 of what the cookie holds: neither this table nor the cache opens anything.
    token_hash       bytea not null constraint sessions_token_hash_key unique check (length(token_hash) = 32),
    method           text not null check (method in ('password', 'passkey', 'oidc', 'sign_up')),
    device           text not null,
    address_prefix   text not null,
    created_at       timestamptz not null,
    authenticated_at timestamptz not null,
    last_seen_at     timestamptz not null,
    expires_at       timestamptz not null,
    revoked_at       timestamptz
);
create index sessions_live_of on sessions (user_id, last_seen_at desc) where revoked_at is null;
create index sessions_expiring on sessions (expires_at);

-- A request that a mail answers. The link's secret is derived from the id under a key the database does not hold, so
-- there is nothing here to steal. A row is made whether or not somebody has that address: only the mail tells.
create table email_requests (
    id         uuid primary key,
    purpose    text not null check (purpose in (
                   'verify', 'verify_again', 'reset', 'change', 'undo_change', 'warn_of_attempts')),
    user_id    uuid references users on delete cascade,
    email      citext not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at    timestamptz
);
create index email_requests_of on email_requests (user_id, purpose) where used_at is null;
create index email_requests_to on email_requests (email, created_at);
create index email_requests_expiring on email_requests (expires_at);

create table totp (
    user_id      uuid primary key references users on delete cascade,
    sealed       bytea not null,
    begun_at     timestamptz not null,
    confirmed_at timestamptz,
    -- The last time step that opened something: no code opens twice.
    last_step    bigint not null default 0
);

create table recovery_codes (
    user_id uuid not null references users on delete cascade,
    hash    bytea not null,
    used_at timestamptz,
    primary key (user_id, hash)
);

create table passkeys (
    id            uuid primary key,
    user_id       uuid not null references users on delete cascade,
    credential_id bytea not null constraint passkeys_credential_id_key unique,
    public_key    bytea not null,
    sign_count    bigint not null,
    name          text not null check (length(name) <= 60),
    transports    text[] not null default '{}',
    backed_up     boolean not null,
    created_at    timestamptz not null,
    last_used_at  timestamptz
);
create index passkeys_of on passkeys (user_id, created_at);

-- Who somebody is at another provider. The subject is what is matched; the address is only shown.
create table identities (
    id           uuid primary key,
    user_id      uuid not null references users on delete cascade,
    provider     text not null,
    issuer       text not null,
    subject      text not null,
    email        citext,
    created_at   timestamptz not null,
    last_used_at timestamptz,
    constraint identities_subject_key unique (issuer, subject),
    constraint identities_provider_key unique (user_id, provider)
);

create table access_tokens (
    id           uuid primary key,
    user_id      uuid not null references users on delete cascade,
    name         text not null check (length(name) <= 60),
    token_hash   bytea not null constraint access_tokens_token_hash_key unique,
    hint         text not null,
    scopes       text[] not null,
    created_at   timestamptz not null,
    expires_at   timestamptz not null,
    last_used_at timestamptz,
    revoked_at   timestamptz
);
create index access_tokens_of on access_tokens (user_id, created_at desc) where revoked_at is null;
create index access_tokens_expiring on access_tokens (expires_at);
