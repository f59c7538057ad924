-- Content: what creators publish, and who may read it.

create table posts (
    id           uuid primary key,
    creator_id   uuid not null references creators on delete cascade,
    author_id    uuid references users on delete set null,
    title        text not null check (length(title) between 1 and 140),
    -- What everybody may read of it, also where the rest is locked.
    teaser       text not null default '' check (length(teaser) <= 400),
    body         text not null default '' check (length(body) <= 50000),
    access       text not null check (access in ('public', 'members', 'rank', 'paid')),
    min_rank     integer check (min_rank between 1 and 1000),
    price        bigint check (price > 0),
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    state        text not null default 'draft' check (state in ('draft', 'published', 'removed')),
    -- Counts changes, so that of two who edit at once neither loses words unseen.
    revision     integer not null default 1,
    published_at timestamptz,
    removed_at   timestamptz,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    constraint posts_rank_fits check ((access = 'rank') = (min_rank is not null)),
    constraint posts_price_fits check ((access = 'paid') = (price is not null)),
    constraint posts_published check (state <> 'published' or published_at is not null),
    constraint posts_removed check ((state = 'removed') = (removed_at is not null))
);
create index posts_shown on posts (creator_id, published_at desc, id desc) where state = 'published';
create index posts_of_studio on posts (creator_id, updated_at desc, id desc);
create index posts_by on posts (author_id) where author_id is not null;
create index posts_removed_since on posts (removed_at) where state = 'removed';
