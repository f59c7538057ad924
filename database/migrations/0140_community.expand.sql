-- Community: who speaks with whom, and who wants nothing to do with whom.

-- A page and a person who are kept apart: by the page's team, by the person, or by both.
create table page_blocks (
    creator_id uuid not null references creators on delete cascade,
    user_id    uuid not null references users on delete cascade,
    by         text not null check (by in ('page', 'person')),
    by_user    uuid references users on delete set null,
    reason     text not null default '' check (length(reason) <= 200),
    created_at timestamptz not null,
    primary key (creator_id, user_id, by)
);
create index page_blocks_of on page_blocks (user_id, created_at desc);
create index page_blocks_by on page_blocks (by_user) where by_user is not null;

-- Two people who are kept apart. One row says who asked for it; it works both ways.
create table blocks (
    user_id    uuid not null references users on delete cascade,
    other_id   uuid not null references users on delete cascade,
    created_at timestamptz not null,
    primary key (user_id, other_id),
    constraint blocks_of_others check (user_id <> other_id)
);
create index blocks_on on blocks (other_id, user_id);

create table comments (
    id         uuid primary key,
    post_id    uuid not null references posts on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    author_id  uuid references users on delete set null,
    parent_id  uuid references comments on delete cascade,
    root_id    uuid not null references comments on delete cascade,
    -- The ids from the first comment of the thread down to this one: a thread in this order reads as a conversation.
    path       bytea not null check (length(path) between 16 and 80 and length(path) % 16 = 0),
    body       text not null check (length(body) <= 2000),
    state      text not null check (state in ('visible', 'held', 'removed')),
    held_for   text check (held_for in ('policy', 'word', 'links', 'reports')),
    removed_by text check (removed_by in ('author', 'team')),
    -- Written for the page by somebody of its team.
    by_team    boolean not null default false,
    hearted_at timestamptz,
    pinned     boolean not null default false,
    edited_at  timestamptz,
    created_at timestamptz not null,
    constraint comments_held check ((state = 'held') = (held_for is not null)),
    constraint comments_removed check ((state = 'removed') = (removed_by is not null)),
    constraint comments_pinned check (not pinned or (state = 'visible' and parent_id is null))
);
create index comments_first on comments (post_id, id desc) where parent_id is null;
create index comments_thread on comments (root_id, path);
create index comments_under on comments (parent_id) where parent_id is not null;
create index comments_of_team on comments (creator_id, state, id desc);
create index comments_by on comments (author_id, id desc) where author_id is not null;
create unique index comments_one_pinned on comments (post_id) where pinned;

-- Which words a page holds back, and whether links.
create table comment_rules (
    creator_id uuid primary key references creators on delete cascade,
    words      text[] not null default '{}' check (cardinality(words) <= 500),
    hold_links boolean not null default false
);

create table comment_reports (
    comment_id uuid not null references comments on delete cascade,
    user_id    uuid not null references users on delete cascade,
    reason     text not null check (length(reason) <= 500),
    created_at timestamptz not null,
    primary key (comment_id, user_id)
);
create index comment_reports_by on comment_reports (user_id);

-- One per person and thing; `comment_id` is null for the post itself.
create table reactions (
    id         uuid primary key,
    user_id    uuid not null references users on delete cascade,
    post_id    uuid not null references posts on delete cascade,
    comment_id uuid references comments on delete cascade,
    kind       text not null check (kind in ('heart', 'fire', 'clap', 'laugh', 'wow')),
    created_at timestamptz not null,
    constraint reactions_one_each unique nulls not distinct (user_id, post_id, comment_id)
);
create index reactions_on on reactions (post_id, comment_id, kind);
create index reactions_to on reactions (comment_id) where comment_id is not null;
create index reactions_since on reactions (created_at);

-- Counted once, when it happens; a nightly job counts again and mends. `what` is a kind of reaction, or `comments`.
create table post_counts (
    post_id    uuid not null references posts on delete cascade,
    comment_id uuid references comments on delete cascade,
    what       text not null,
    count      bigint not null,
    constraint post_counts_key unique nulls not distinct (post_id, comment_id, what)
);
create index post_counts_of_comment on post_counts (comment_id) where comment_id is not null;
