-- What directories of podcasts ask of a page: what it is about, a square cover, whose it is.

create table podcasts (
    creator_id uuid primary key references creators on delete cascade,
    category   text not null default '' check (length(category) <= 80),
    language   text not null default 'en' check (language ~ '^[a-z]{2}$'),
    explicit   boolean not null default false,
    -- Stands in the feed for everybody, because directories write to it to see whose the feed is. Whose address it is says `told_by`.
    email      text not null default '' check (length(email) <= 254),
    told_by    uuid references users on delete set null,
    -- The name of a square JPEG in the bucket `public`, and its side.
    cover      text,
    side       integer check (side between 1400 and 3000),
    updated_at timestamptz not null,
    check ((cover is null) = (side is null))
);
create index podcasts_covers on podcasts (cover) where cover is not null;
create index podcasts_told_by on podcasts (told_by) where told_by is not null;
