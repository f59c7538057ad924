-- What is around posts: their history, series of them, and playlists that people make.

-- What a post said each time it was published or changed while it was. The team looks back at it.
create table post_revisions (
    post_id  uuid not null references posts on delete cascade,
    revision integer not null,
    at       timestamptz not null,
    by_user  uuid references users on delete set null,
    words    jsonb not null,
    primary key (post_id, revision)
);
create index post_revisions_by on post_revisions (by_user) where by_user is not null;

-- The files of a post, in their order.
create table post_assets (
    post_id  uuid not null references posts on delete cascade,
    asset_id uuid not null references assets on delete cascade,
    position integer not null check (position >= 0),
    caption  text not null default '' check (length(caption) <= 500),
    -- What it shows, for those who do not see it.
    alt      text not null default '' check (length(alt) <= 500),
    primary key (post_id, asset_id),
    constraint post_assets_place unique (post_id, position) deferrable initially deferred
);
create index post_assets_of on post_assets (asset_id);

create table collections (
    id         uuid primary key,
    creator_id uuid not null references creators on delete cascade,
    title      text not null check (length(title) between 1 and 100),
    about      text not null default '' check (length(about) <= 2000),
    -- Who may look at the list. Each post in it keeps its own access.
    access     text not null default 'public' check (access in ('public', 'followers', 'members', 'rank')),
    min_rank   integer check (min_rank between 1 and 1000),
    published  boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    constraint collections_rank_fits check ((access = 'rank') = (min_rank is not null))
);
create index collections_of on collections (creator_id, updated_at desc, id desc);

create table collection_items (
    collection_id uuid not null references collections on delete cascade,
    post_id       uuid not null references posts on delete cascade,
    position      integer not null check (position >= 0),
    primary key (collection_id, post_id),
    -- Checked at the commit, so that items may change places.
    constraint collection_items_place unique (collection_id, position) deferrable initially deferred
);
create index collection_items_of on collection_items (post_id);

create table playlists (
    id         uuid primary key,
    user_id    uuid not null references users on delete cascade,
    title      text not null check (length(title) between 1 and 100),
    shared     boolean not null default false,
    created_at timestamptz not null,
    updated_at timestamptz not null
);
create index playlists_of on playlists (user_id, updated_at desc, id desc);

create table playlist_items (
    playlist_id uuid not null references playlists on delete cascade,
    post_id     uuid not null references posts on delete cascade,
    position    integer not null check (position >= 0),
    added_at    timestamptz not null,
    primary key (playlist_id, post_id),
    constraint playlist_items_place unique (playlist_id, position) deferrable initially deferred
);
create index playlist_items_of on playlist_items (post_id);

-- How long a reason was interrupted, such as by a pause: the age of a membership does not count it.
alter table entitlements add column away interval not null default '0';
create index entitlements_past on entitlements (user_id, creator_id) where revoked_at is not null;
create index entitlements_audience on entitlements (creator_id, user_id) where scope = 'tier' and revoked_at is null;
create index follows_audience on follows (creator_id, user_id);
