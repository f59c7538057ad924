-- Creators: their pages, who runs them, and who follows them.

create table creators (
    id              uuid primary key,
    slug            citext not null constraint creators_slug_key unique
                    constraint creators_slug_form check (slug::text ~ '^[a-z0-9](-?[a-z0-9]){2,39}$' and length(slug::text) <= 40),
    name            text not null check (length(name) <= 50),
    tagline         text not null default '' check (length(tagline) <= 120),
    about           text not null default '' check (length(about) <= 5000),
    accent          text not null check (accent ~ '^#[0-9a-f]{6}$'),
    avatar          text check (avatar ~ '^[0-9a-f]{32}$'),
    banner          text check (banner ~ '^[0-9a-f]{32}$'),
    currency        text not null check (currency ~ '^[A-Z]{3}$'),
    country         text not null check (country ~ '^[A-Z]{2}$'),
    state           text not null default 'draft' check (state in ('draft', 'published', 'suspended', 'closed')),
    state_reason    text,
    -- Kept while suspended: it says what the page goes back to.
    published_at    timestamptz,
    -- Null: what the platform asks of everybody.
    fee_bps         integer check (fee_bps between 0 and 10000),
    hold_days       integer not null default 7 check (hold_days between 0 and 90),
    -- The account at the billing provider that is paid, and what the provider said of it last.
    account         text constraint creators_account_key unique,
    can_be_paid     boolean not null default false,
    account_missing text[] not null default '{}',
    created_at      timestamptz not null,
    updated_at      timestamptz not null,
    constraint creators_paid_has_account check (account is not null or not can_be_paid)
);
create index creators_published on creators (id desc) where state = 'published';
create index creators_avatars on creators (avatar) where avatar is not null;
create index creators_banners on creators (banner) where banner is not null;

-- Every slug that a page has or ever had. The key is what makes a slug belong to one page for good: of two who want one, the
-- second waits here for the first, and a name given up still leads to the page that others linked to.
create table creator_slugs (
    slug       citext primary key,
    creator_id uuid not null references creators on delete cascade,
    taken_at   timestamptz not null
);
create index creator_slugs_of on creator_slugs (creator_id, taken_at desc);

create table creator_links (
    creator_id uuid not null references creators on delete cascade,
    position   integer not null check (position >= 0),
    label      text not null check (length(label) between 1 and 40),
    url        text not null check (url like 'https://%' and length(url) <= 500),
    primary key (creator_id, position)
);

create table creator_members (
    creator_id uuid not null references creators on delete cascade,
    user_id    uuid not null references users on delete cascade,
    role       text not null check (role in ('owner', 'admin', 'editor', 'moderator', 'analyst')),
    since      timestamptz not null,
    primary key (creator_id, user_id)
);
create unique index creator_members_one_owner on creator_members (creator_id) where role = 'owner';
create index creator_members_of on creator_members (user_id);

-- A mail that asks somebody into a team. Its link's secret is signed, not stored.
create table creator_invitations (
    id          uuid primary key,
    creator_id  uuid not null references creators on delete cascade,
    email       citext not null check (length(email) <= 254),
    role        text not null check (role in ('admin', 'editor', 'moderator', 'analyst')),
    invited_by  uuid references users on delete set null,
    created_at  timestamptz not null,
    expires_at  timestamptz not null,
    answered_at timestamptz,
    answer      text check (answer in ('accepted', 'declined', 'taken_back')),
    constraint creator_invitations_answered check ((answered_at is null) = (answer is null))
);
create unique index creator_invitations_open on creator_invitations (creator_id, email) where answered_at is null;
create index creator_invitations_to on creator_invitations (email) where answered_at is null;
create index creator_invitations_by on creator_invitations (invited_by);

-- An owner hands a page to somebody of the team; it happens when that person says yes.
create table creator_handovers (
    creator_id uuid primary key references creators on delete cascade,
    user_id    uuid not null references users on delete cascade,
    offered_at timestamptz not null,
    expires_at timestamptz not null
);
create index creator_handovers_to on creator_handovers (user_id);

create table follows (
    user_id    uuid not null references users on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    created_at timestamptz not null,
    primary key (user_id, creator_id)
);
create index follows_of on follows (creator_id, created_at desc);
