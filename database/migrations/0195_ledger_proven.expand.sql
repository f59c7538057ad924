-- How far the nightly look at the book got, and what the accounts came to there: it goes on from here instead of reading everything.
create table ledger_proven (
    one   boolean primary key default true check (one),
    until uuid not null,
    at    timestamptz not null
);
create table ledger_proven_sums (
    account    text not null,
    owner      uuid,
    currency   text not null check (currency ~ '^[A-Z]{3}$'),
    amount     bigint not null,
    -- The part of it that refunds and disputes took.
    taken_back bigint not null,
    constraint ledger_proven_sums_key unique nulls not distinct (account, owner, currency)
);
