-- What a change of tier is about to charge, counted against the person's cap until the provider has told of the payment.
create table spend_holds (
    id            uuid primary key,
    membership_id uuid not null constraint spend_holds_one unique references memberships,
    user_id       uuid not null references users on delete cascade,
    currency      text not null check (currency ~ '^[A-Z]{3}$'),
    amount        bigint not null check (amount >= 0),
    until         timestamptz not null
);
create index spend_holds_of on spend_holds (user_id, currency);
