-- Memberships: what a creator offers, and who is a member of it at what price until when.

create table tiers (
    id                uuid primary key,
    creator_id        uuid not null references creators,
    rank              integer not null check (rank between 1 and 1000),
    name              text not null check (length(name) between 1 and 60),
    about             text not null default '' check (length(about) <= 2000),
    benefits          text[] not null default '{}' check (cardinality(benefits) <= 20),
    min_amount        bigint not null check (min_amount >= 0),
    suggested_amount  bigint check (suggested_amount >= min_amount),
    -- Null: it cannot be paid by the year.
    yearly_min_amount bigint check (yearly_min_amount >= 0),
    currency          text not null check (currency ~ '^[A-Z]{3}$'),
    pay_what_you_want boolean not null default false,
    trial_days        integer not null default 0 check (trial_days between 0 and 90),
    cap               integer check (cap between 1 and 1000000),
    state             text not null default 'draft' check (state in ('draft', 'open', 'archived')),
    created_at        timestamptz not null,
    updated_at        timestamptz not null,
    constraint tiers_free_is_free check (min_amount > 0 or yearly_min_amount is null),
    -- Checked at the commit, so that two tiers may change places. An archived one keeps its place: its members keep their access.
    constraint tiers_rank_key unique (creator_id, rank) deferrable initially deferred
);

-- Every price that a tier had. `asks`: members who pay less were asked whether they agree to the new one.
create table tier_price_changes (
    id                uuid primary key,
    tier_id           uuid not null references tiers,
    at                timestamptz not null,
    by_user           uuid references users,
    old_amount        bigint not null,
    new_amount        bigint not null,
    old_yearly_amount bigint,
    new_yearly_amount bigint,
    currency          text not null,
    asks              boolean not null default false,
    note              text not null default '' check (length(note) <= 1000)
);
create index tier_price_changes_of on tier_price_changes (tier_id, at desc);
create index tier_price_changes_by on tier_price_changes (by_user);

create table offers (
    id           uuid primary key,
    creator_id   uuid not null references creators,
    tier_id      uuid references tiers,
    code         citext not null check (code::text ~ '^[A-Za-z0-9][A-Za-z0-9-]{2,29}$'),
    name         text not null check (length(name) between 1 and 60),
    percent      integer check (percent between 1 and 100),
    amount       bigint check (amount > 0),
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    periods      integer check (periods between 1 and 36),
    at_most      integer check (at_most >= 1),
    expires_at   timestamptz,
    audience     text not null default 'all' check (audience in ('all', 'new', 'former')),
    state        text not null default 'open' check (state in ('open', 'archived')),
    created_at   timestamptz not null,
    constraint offers_one_kind check (num_nonnulls(percent, amount) = 1),
    constraint offers_free_ends check (percent is distinct from 100 or periods is not null)
);
create unique index offers_code_key on offers (creator_id, code) where state = 'open';
create index offers_of on offers (creator_id, id desc);
create index offers_tier on offers (tier_id) where tier_id is not null;

create table memberships (
    id               uuid primary key,
    user_id          uuid not null references users,
    creator_id       uuid not null references creators,
    tier_id          uuid not null references tiers,
    state            text not null check (
        state in ('incomplete', 'trialing', 'active', 'past_due', 'paused', 'canceled', 'ended')
    ),
    source           text not null check (source in ('paid', 'gift', 'comp', 'free')),
    amount           bigint not null check (amount >= 0),
    currency         text not null check (currency ~ '^[A-Z]{3}$'),
    interval         text not null check (interval in ('month', 'year')),
    subscription     text constraint memberships_subscription_key unique,
    checkout         text,
    card             text,
    trial_days       integer not null default 0 check (trial_days >= 0),
    offer_id         uuid references offers,
    period_start     timestamptz,
    period_end       timestamptz,
    -- What renews lets its member in so long after the period, while the next one is being paid.
    grace_until      timestamptz,
    resumes_at       timestamptz,
    cancels_at_end   boolean not null default false,
    cancel_reason    text,
    cancel_comment   text not null default '' check (length(cancel_comment) <= 1000),
    pending_tier_id  uuid references tiers,
    pending_amount   bigint check (pending_amount >= 0),
    pending_interval text check (pending_interval in ('month', 'year')),
    -- From when the pending change is true: the end of the period, or the moment of a change that is being made now.
    pending_from     timestamptz,
    pending_now      boolean not null default false,
    held_until       timestamptz,
    -- When the provider was asked for what this row says: an older answer does not overwrite a newer one.
    as_of            timestamptz,
    created_at       timestamptz not null,
    started_at       timestamptz,
    ended_at         timestamptz,
    end_reason       text,
    constraint memberships_ended check ((state = 'ended') = (ended_at is not null)),
    constraint memberships_held check ((state = 'incomplete') = (held_until is not null)),
    constraint memberships_pending_whole check (
        num_nulls(pending_tier_id, pending_amount, pending_interval, pending_from) in (0, 4)
    )
);
-- One live membership per fan and creator, and beside it at most one that is being paid for: it takes the place of a gift.
create unique index memberships_one_live on memberships (user_id, creator_id) where state not in ('incomplete', 'ended');
create unique index memberships_one_joining on memberships (user_id, creator_id) where state = 'incomplete';
create index memberships_of on memberships (user_id, id desc);
create index memberships_members on memberships (creator_id, id desc) where state <> 'incomplete';
create index memberships_tier on memberships (tier_id, state);
create index memberships_pending_tier on memberships (pending_tier_id) where pending_tier_id is not null;
create index memberships_held_until on memberships (held_until) where state = 'incomplete';
create index memberships_period_end on memberships (period_end) where state in ('trialing', 'active', 'paused', 'canceled');
create index memberships_grace on memberships (grace_until) where state = 'past_due';
create index memberships_resumes on memberships (resumes_at) where state = 'paused';
create index memberships_changing on memberships (pending_from) where pending_from is not null;
create index memberships_offer on memberships (offer_id) where offer_id is not null;

-- The history of each. It only grows.
create table membership_events (
    id            uuid primary key,
    membership_id uuid not null references memberships,
    at            timestamptz not null,
    kind          text not null,
    actor_id      uuid references users,
    facts         jsonb not null default '{}'
);
create index membership_events_of on membership_events (membership_id, id);
create index membership_events_by on membership_events (actor_id);
revoke update, delete on membership_events from directfanz_app;
create trigger membership_events_only_grow before update or delete on membership_events
    for each row execute function refuse_change();

-- Who was asked to agree to a higher price, and what they said. Without a yes nothing changes for them.
create table price_questions (
    change_id     uuid not null references tier_price_changes,
    membership_id uuid not null references memberships,
    asked_at      timestamptz not null,
    agreed_at     timestamptz,
    primary key (change_id, membership_id)
);
create index price_questions_of on price_questions (membership_id, asked_at desc);

create table offer_redemptions (
    offer_id      uuid not null references offers,
    user_id       uuid not null references users,
    membership_id uuid not null references memberships,
    at            timestamptz not null,
    primary key (offer_id, user_id)
);
create index offer_redemptions_by on offer_redemptions (user_id);
create index offer_redemptions_for on offer_redemptions (membership_id);

-- A trial is had once: by a person with a creator, and by a card with a creator.
create table trial_uses (
    creator_id    uuid not null references creators,
    user_id       uuid not null references users,
    membership_id uuid not null references memberships,
    card          text,
    at            timestamptz not null,
    primary key (creator_id, user_id)
);
create unique index trial_uses_card_key on trial_uses (creator_id, card) where card is not null;
create index trial_uses_by on trial_uses (user_id);
create index trial_uses_for on trial_uses (membership_id);

create table gifts (
    id            uuid primary key,
    creator_id    uuid not null references creators,
    tier_id       uuid not null references tiers,
    buyer_id      uuid not null references users,
    months        integer not null check (months in (1, 3, 6, 12)),
    amount        bigint not null check (amount >= 0),
    currency      text not null check (currency ~ '^[A-Z]{3}$'),
    message       text not null default '' check (length(message) <= 500),
    state         text not null default 'pending' check (
        state in ('pending', 'lapsed', 'paid', 'claimed', 'expired', 'refunded')
    ),
    -- SHA-256: whoever reads this table can claim nothing. The code is shown to its buyer when it is made.
    code_hash     bytea constraint gifts_code_key unique check (length(code_hash) = 32),
    held_until    timestamptz,
    expires_at    timestamptz,
    claimed_by    uuid references users,
    claimed_at    timestamptz,
    starts_at     timestamptz,
    ends_at       timestamptz,
    -- The membership that it made, or whose next charge it postponed until `postponed_to`.
    membership_id uuid references memberships,
    on_top        boolean not null default false,
    postponed_to  timestamptz,
    created_at    timestamptz not null,
    paid_at       timestamptz,
    constraint gifts_claimed_whole check ((state = 'claimed') <= (num_nulls(claimed_by, claimed_at, starts_at, ends_at) = 0))
);
create index gifts_bought on gifts (buyer_id, id desc);
create index gifts_claimed on gifts (claimed_by, id desc) where claimed_by is not null;
create index gifts_of on gifts (creator_id, id desc);
create index gifts_places on gifts (tier_id) where state in ('pending', 'paid');
create index gifts_held_until on gifts (held_until) where state = 'pending';
create index gifts_expiring on gifts (expires_at) where state = 'paid';
create index gifts_for on gifts (membership_id) where membership_id is not null;

-- What the team writes down about a member, for itself.
create table member_notes (
    id         uuid primary key,
    creator_id uuid not null references creators on delete cascade,
    user_id    uuid not null references users,
    author_id  uuid references users,
    text       text not null check (length(text) between 1 and 2000),
    created_at timestamptz not null
);
create index member_notes_about on member_notes (creator_id, user_id, id desc);
create index member_notes_on on member_notes (user_id);
create index member_notes_by on member_notes (author_id);

-- The same as `entitlements`, said by what they come from. A nightly job compares the two and must find nothing.
create view entitlement_claims (user_id, creator_id, scope, rank, object_id, source, source_id, starts_at, ends_at, tier_name) as
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
    where g.state = 'claimed' and g.on_top;
