-- Payments: what was bought, what went back, what creators were paid, and what the billing provider told us of it.

create table customers (
    user_id    uuid primary key references users,
    customer   text not null constraint customers_customer_key unique,
    created_at timestamptz not null
);

-- What a person lets themselves spend in a calendar month, in one currency.
create table spend_caps (
    user_id    uuid not null references users on delete cascade,
    currency   text not null check (currency ~ '^[A-Z]{3}$'),
    amount     bigint not null check (amount >= 0),
    updated_at timestamptz not null,
    primary key (user_id, currency)
);

create table goals (
    id         uuid primary key,
    creator_id uuid not null references creators,
    title      text not null check (length(title) between 1 and 80),
    about      text not null default '' check (length(about) <= 1000),
    target     bigint not null check (target > 0),
    currency   text not null check (currency ~ '^[A-Z]{3}$'),
    state      text not null default 'open' check (state in ('open', 'closed')),
    created_at timestamptz not null,
    ends_at    timestamptz,
    closed_at  timestamptz
);
create index goals_of on goals (creator_id, id desc);

create table orders (
    id            uuid primary key,
    user_id       uuid not null references users,
    creator_id    uuid not null references creators,
    kind          text not null check (kind in ('membership', 'tip', 'purchase', 'gift')),
    membership_id uuid references memberships,
    gift_id       uuid references gifts,
    goal_id       uuid references goals,
    object_id     uuid,
    object_kind   text check (object_kind in ('post', 'stream', 'collection')),
    title         text not null check (length(title) between 1 and 200),
    message       text not null default '' check (length(message) <= 500),
    subtotal      bigint not null check (subtotal >= 0),
    discount      bigint not null default 0 check (discount >= 0),
    tax           bigint not null default 0 check (tax >= 0),
    total         bigint not null check (total >= 0),
    -- The platform's and the provider's part, known once it is paid.
    fee           bigint not null default 0 check (fee >= 0),
    provider_fee  bigint not null default 0,
    -- What went back, by refunds and lost disputes, and the parts of it that tax and fee gave.
    refunded      bigint not null default 0,
    refunded_tax  bigint not null default 0,
    refunded_fee  bigint not null default 0,
    currency      text not null check (currency ~ '^[A-Z]{3}$'),
    state         text not null default 'pending' check (state in (
                      'pending', 'paid', 'part_refunded', 'refunded', 'disputed', 'failed', 'expired')),
    -- What the person asked with: the same asked twice is one order.
    key           text,
    checkout      text constraint orders_checkout_key unique,
    payment       text constraint orders_payment_key unique,
    charge        text constraint orders_charge_key unique,
    invoice       text constraint orders_invoice_key unique,
    created_at    timestamptz not null,
    expires_at    timestamptz,
    paid_at       timestamptz,
    constraint orders_key unique (user_id, key),
    constraint orders_adds_up check (total = subtotal - discount + tax),
    constraint orders_refunded_at_most check (refunded between 0 and total),
    constraint orders_paid_when check ((paid_at is null) = (state in ('pending', 'failed', 'expired'))),
    constraint orders_purchase_of check ((kind = 'purchase') = (object_id is not null and object_kind is not null))
);
create index orders_of on orders (user_id, id desc);
create index orders_to on orders (creator_id, id desc) where paid_at is not null;
create index orders_membership on orders (membership_id) where membership_id is not null;
create index orders_gift on orders (gift_id) where gift_id is not null;
create index orders_goal on orders (goal_id) where goal_id is not null;
create index orders_expiring on orders (expires_at) where state = 'pending';
create index orders_spent on orders (user_id, currency, paid_at) where paid_at is not null;
create index orders_owned on orders (user_id, object_id)
    where kind = 'purchase' and state in ('paid', 'part_refunded', 'disputed');

create table refunds (
    id         uuid primary key,
    order_id   uuid not null references orders,
    amount     bigint not null check (amount > 0),
    tax_part   bigint not null,
    fee_part   bigint not null,
    currency   text not null check (currency ~ '^[A-Z]{3}$'),
    reason     text not null check (length(reason) <= 500),
    asked_by   uuid references users,
    state      text not null default 'asked' check (state in ('asked', 'sent', 'done', 'failed')),
    refund     text constraint refunds_refund_key unique,
    key        text,
    problem    text,
    created_at timestamptz not null,
    settled_at timestamptz,
    constraint refunds_key unique (order_id, key)
);
create index refunds_waiting on refunds (created_at) where state = 'asked';
create index refunds_by on refunds (asked_by) where asked_by is not null;

create table disputes (
    id          uuid primary key,
    order_id    uuid not null references orders,
    dispute     text not null constraint disputes_dispute_key unique,
    amount      bigint not null check (amount > 0),
    fee         bigint not null default 0,
    tax_part    bigint not null,
    fee_part    bigint not null,
    -- The provider took the money: an inquiry does not.
    withdrawn   boolean not null,
    currency    text not null check (currency ~ '^[A-Z]{3}$'),
    reason      text not null,
    state       text not null check (state in ('warning', 'needs_response', 'under_review', 'won', 'lost')),
    due_at      timestamptz,
    evidence    jsonb,
    sent_at     timestamptz,
    sent_by     uuid references users,
    opened_at   timestamptz not null,
    closed_at   timestamptz,
    constraint disputes_closed check ((closed_at is not null) = (state in ('won', 'lost')))
);
create index disputes_order on disputes (order_id);
create index disputes_due on disputes (due_at) where state = 'needs_response';
create index disputes_by on disputes (sent_by) where sent_by is not null;

-- Papers: numbered without a gap per creator and year, and never changed. A credit note takes back what an invoice said.
create table invoice_numbers (
    creator_id uuid not null references creators,
    year       integer not null,
    last       integer not null,
    primary key (creator_id, year)
);
create table invoices (
    id         uuid primary key,
    creator_id uuid not null references creators,
    year       integer not null,
    number     integer not null check (number >= 1),
    kind       text not null check (kind in ('invoice', 'credit_note')),
    order_id   uuid not null references orders,
    refund_id  uuid references refunds,
    issued_at  timestamptz not null,
    paper      jsonb not null,
    constraint invoices_number_key unique (creator_id, year, number),
    constraint invoices_once unique nulls not distinct (order_id, refund_id),
    constraint invoices_credit_note check ((kind = 'credit_note') = (refund_id is not null))
);
create index invoices_refund on invoices (refund_id) where refund_id is not null;
create trigger invoices_only_grow before update or delete on invoices for each row execute function refuse_change();
revoke update, delete on invoices from directfanz_app;

-- A renewal whose payment failed, and when it is tried again.
create table dunnings (
    id            uuid primary key,
    invoice       text not null constraint dunnings_invoice_key unique,
    membership_id uuid not null references memberships,
    user_id       uuid not null references users,
    creator_id    uuid not null references creators,
    amount        bigint not null,
    currency      text not null,
    state         text not null default 'open' check (state in ('open', 'recovered', 'given_up')),
    failed_at     timestamptz not null,
    tries         integer not null default 0,
    next_try_at   timestamptz,
    ended_at      timestamptz,
    constraint dunnings_open_goes_on check (state <> 'open' or next_try_at is not null)
);
create index dunnings_due on dunnings (next_try_at) where state = 'open';
create index dunnings_membership on dunnings (membership_id);
create index dunnings_user on dunnings (user_id);
create table dunning_attempts (
    dunning_id uuid not null references dunnings,
    number     integer not null,
    at         timestamptz not null,
    outcome    text not null check (outcome in ('paid', 'refused', 'unreachable')),
    reason     text,
    primary key (dunning_id, number)
);

-- What the provider told us. Written in the transaction that has its effect; a row that is not processed waits for its next try.
create table provider_events (
    provider     text not null,
    event_id     text not null,
    kind         text not null,
    object_id    text not null,
    account      text,
    payload      jsonb not null,
    created_at   timestamptz not null,
    received_at  timestamptz not null,
    processed_at timestamptz,
    handled      boolean not null default false,
    attempts     integer not null default 0,
    error        text,
    primary key (provider, event_id)
);
create index provider_events_failed on provider_events (received_at) where processed_at is null;
create index provider_events_newest on provider_events (received_at desc, event_id desc);

create table payouts (
    id             uuid primary key,
    creator_id     uuid not null references creators,
    account        text not null,
    amount         bigint not null check (amount > 0),
    currency       text not null check (currency ~ '^[A-Z]{3}$'),
    state          text not null default 'draft' check (state in (
                       'draft', 'transferred', 'submitted', 'paid', 'failed', 'returned')),
    transfer       text constraint payouts_transfer_key unique,
    payout         text constraint payouts_payout_key unique,
    failure        text,
    first_tried_at timestamptz,
    created_at     timestamptz not null,
    arrives_at     timestamptz,
    ended_at       timestamptz,
    constraint payouts_transferred check (state = 'draft' or state = 'returned' or transfer is not null)
);
create index payouts_of on payouts (creator_id, id desc);
create index payouts_under_way on payouts (id) where state in ('draft', 'transferred', 'failed');
-- Each entry is in one payout at most; what came back from a failed one is an entry of its own.
create table payout_items (
    entry_id  uuid primary key references ledger_entries,
    payout_id uuid not null references payouts,
    amount    bigint not null
);
create index payout_items_of on payout_items (payout_id);
revoke update, delete on payout_items from directfanz_app;

-- Lines of the provider's own account, each beside the transaction of ours that it stands for.
create table provider_moves (
    id           text primary key,
    kind         text not null,
    source       text,
    amount       bigint not null,
    fee          bigint not null,
    net          bigint not null,
    currency     text not null,
    created_at   timestamptz not null,
    ledger_key   text constraint provider_moves_ledger_key unique
);
create index provider_moves_alone on provider_moves (created_at) where ledger_key is null;
create table reconciliations (
    id          uuid primary key,
    at          timestamptz not null,
    since       timestamptz not null,
    until       timestamptz not null,
    moves       integer not null,
    differences jsonb not null,
    balances    jsonb not null
);
create index reconciliations_newest on reconciliations (id desc);

-- What was bought opens until all of it went back. A refund that is only asked for takes nothing away yet.
create or replace view entitlement_claims (user_id, creator_id, scope, rank, object_id, source, source_id, starts_at, ends_at, tier_name) as
    select m.user_id, m.creator_id, 'tier'::text, t.rank, null::uuid,
           case m.source when 'gift' then 'gift' when 'comp' then 'comp' else 'membership' end,
           m.id, m.started_at,
           case when m.state in ('trialing', 'active', 'past_due') then coalesce(m.grace_until, m.period_end)
                else m.period_end end,
           t.name
    from memberships m join tiers t on t.id = m.tier_id
    where m.state not in ('incomplete', 'ended')
    union all
    select g.claimed_by, g.creator_id, 'tier', t.rank, null, 'gift', g.id, g.starts_at, g.ends_at, t.name
    from gifts g join tiers t on t.id = g.tier_id
    where g.state = 'claimed' and g.on_top
    union all
    select o.user_id, o.creator_id, o.object_kind, null, o.object_id, 'purchase', o.id, o.paid_at, null, ''
    from orders o
    where o.kind = 'purchase' and o.paid_at is not null
      and (o.refunded < o.total or exists (select from refunds r where r.order_id = o.id and r.state = 'asked'))
      -- Bought twice in two tabs, the second goes back and opens nothing.
      and not exists (select from refunds r where r.order_id = o.id and r.key = 'surplus');
