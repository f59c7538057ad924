-- Content: what creators publish, and who may read it.

create table posts (
    id           uuid primary key,
    creator_id   uuid not null references creators on delete cascade,
    author_id    uuid references users on delete set null,
    kind         text not null default 'post' check (kind in ('post', 'release')),
    title        text not null check (length(title) <= 140),
    -- What everybody may read of it, also where the rest is locked.
    teaser       text not null default '' check (length(teaser) <= 400),
    body         text not null default '' check (length(body) <= 50000),
    access       text not null check (access in ('public', 'followers', 'members', 'rank', 'paid')),
    min_rank     integer check (min_rank between 1 and 1000),
    price        bigint check (price > 0),
    currency     text not null check (currency ~ '^[A-Z]{3}$'),
    -- A member sees it so many days after their membership began.
    drip_days    integer not null default 0 check (drip_days between 0 and 730),
    warnings     text[] not null default '{}' check (
        warnings <@ array['nudity', 'sex', 'violence', 'self_harm', 'drugs', 'flashing', 'language', 'other']
    ),
    comments     text not null default 'open' check (comments in ('open', 'members', 'hold', 'closed')),
    state        text not null default 'draft' check (state in ('draft', 'published', 'removed')),
    -- Counts changes, so that of two who edit at once neither loses words unseen.
    revision     integer not null default 1,
    -- From this moment on it is seen, if it is published: by the clock, whether a job runs or not.
    publish_at   timestamptz,
    -- When people were told, or that they are not to be told.
    announced_at timestamptz,
    pinned_at    timestamptz,
    -- When its words changed after they could be seen.
    edited_at    timestamptz,
    removed_at   timestamptz,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    -- A draft may be half done; what is published is whole.
    constraint posts_rank_fits check (min_rank is null or access = 'rank'),
    constraint posts_price_fits check (price is null or access = 'paid'),
    constraint posts_whole check (
        state <> 'published'
        or (title <> '' and publish_at is not null and (access <> 'rank' or min_rank is not null) and (access <> 'paid' or price is not null))
    ),
    constraint posts_drip_fits check (drip_days = 0 or access in ('members', 'rank')),
    constraint posts_removed check ((state = 'removed') = (removed_at is not null))
);
create index posts_shown on posts (creator_id, publish_at desc, id desc) where state = 'published';
create index posts_pinned on posts (creator_id, pinned_at desc) where pinned_at is not null;
create index posts_to_announce on posts (publish_at) where state = 'published' and announced_at is null;
create index posts_of_studio on posts (creator_id, updated_at desc, id desc);
create index posts_by on posts (author_id) where author_id is not null;
create index posts_removed_since on posts (removed_at) where state = 'removed';
