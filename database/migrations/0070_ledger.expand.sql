-- Whose the money is. Double entry: each transaction sums to zero in each of its currencies, and nothing written is ever changed.

create table ledger_transactions (
    id        uuid primary key,
    -- What it stands for, such as `order/<id>/paid`: the same is never posted twice.
    key       text not null constraint ledger_transactions_key unique check (length(key) between 1 and 200),
    kind      text not null check (kind ~ '^[a-z_]+$' and length(kind) <= 40),
    reference uuid,
    at        timestamptz not null,
    -- How many entries it was written with, so that one cannot be added afterwards.
    entries   smallint not null check (entries >= 2)
);
create index ledger_transactions_about on ledger_transactions (reference) where reference is not null;
create index ledger_transactions_at on ledger_transactions (at);

create table ledger_entries (
    id             uuid primary key,
    transaction_id uuid not null constraint ledger_entries_transaction references ledger_transactions,
    account        text not null check (account in (
                       'fan', 'creator_held', 'creator_available', 'creator_reserve', 'in_payout', 'platform_fees',
                       'provider', 'provider_fees', 'tax', 'refunds', 'disputes')),
    owner          uuid,
    amount         bigint not null constraint ledger_entries_amount check (amount <> 0),
    currency       text not null check (currency ~ '^[A-Z]{3}$'),
    release_at     timestamptz,
    constraint ledger_entries_owner check (
        (owner is not null) = (account in ('fan', 'creator_held', 'creator_available', 'creator_reserve', 'in_payout'))),
    constraint ledger_entries_held_has_release check ((account = 'creator_held') = (release_at is not null))
);
create index ledger_entries_of_transaction on ledger_entries (transaction_id);
create index ledger_entries_of_account on ledger_entries (account, owner, currency) include (amount);
create index ledger_entries_newest_of on ledger_entries (owner, id desc) where owner is not null;

-- Work to be done, not a book: what creators have and were not paid yet, entry by entry. A held one waits until `release_at`; then
-- `released_at` is set. What is taken into a payout leaves. The sums here equal the accounts' balances (an invariant says so).
create table ledger_unpaid (
    entry_id    uuid primary key references ledger_entries,
    owner       uuid not null,
    currency    text not null,
    amount      bigint not null,
    release_at  timestamptz,
    released_at timestamptz
);
create index ledger_unpaid_due on ledger_unpaid (release_at) where released_at is null and release_at is not null;
create index ledger_unpaid_of on ledger_unpaid (owner, currency);

-- Once per statement, for all that it wrote: a transaction comes whole, balanced, and is not added to later.
create function ledger_balanced() returns trigger language plpgsql as $$
declare
    _wrong record;
begin
    select transaction_id, currency, sum(amount) as off into _wrong
      from written group by transaction_id, currency having sum(amount) <> 0 limit 1;
    if found then
        raise exception 'transaction % does not sum to zero: % %', _wrong.transaction_id, _wrong.off, _wrong.currency
            using errcode = 'check_violation', constraint = 'ledger_balanced', table = 'ledger_entries';
    end if;
    select t.id into _wrong
      from (select distinct transaction_id from written) w join ledger_transactions t on t.id = w.transaction_id
     where t.entries <> (select count(*) from ledger_entries e where e.transaction_id = t.id) limit 1;
    if found then
        raise exception 'transaction % was written with another number of entries', _wrong.id
            using errcode = 'check_violation', constraint = 'ledger_whole', table = 'ledger_entries';
    end if;
    return null;
end;
$$;
create trigger ledger_entries_balance after insert on ledger_entries
    referencing new table as written for each statement execute function ledger_balanced();

-- At the commit: a transaction has its entries.
create function ledger_has_entries() returns trigger language plpgsql as $$
begin
    if not exists (select from ledger_entries where transaction_id = new.id) then
        raise exception 'transaction % has no entries', new.id
            using errcode = 'check_violation', constraint = 'ledger_has_entries', table = 'ledger_transactions';
    end if;
    return null;
end;
$$;
create constraint trigger ledger_transactions_have_entries after insert on ledger_transactions
    deferrable initially deferred for each row execute function ledger_has_entries();

create trigger ledger_transactions_only_grow before update or delete on ledger_transactions
    for each row execute function refuse_change();
create trigger ledger_transactions_stay before truncate on ledger_transactions
    for each statement execute function refuse_change();
create trigger ledger_entries_only_grow before update or delete on ledger_entries for each row execute function refuse_change();
create trigger ledger_entries_stay before truncate on ledger_entries for each statement execute function refuse_change();

revoke all on ledger_transactions, ledger_entries from directfanz_app;
grant select, insert on ledger_transactions, ledger_entries to directfanz_app;
