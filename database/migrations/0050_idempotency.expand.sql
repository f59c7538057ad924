-- Answers to changes, kept for a day so that the same change asked for twice is made once.
create table idempotency_keys (
    caller       text        not null, -- the user's id, or a stranger's network
    key_hash     bytea       not null check (octet_length(key_hash) = 32),
    request_hash bytea       not null check (octet_length(request_hash) = 32),
    lease        uuid        not null, -- of whoever works on it
    lease_until  timestamptz not null,
    expires_at   timestamptz not null,
    sealed       bytea,                -- the answer; null while the work is under way
    primary key (caller, key_hash)
);
comment on column idempotency_keys.sealed is
    'Encrypted with a key made from the client''s own Idempotency-Key, of which only the hash is stored.';

create index idempotency_keys_past on idempotency_keys (expires_at);
