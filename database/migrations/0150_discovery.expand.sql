-- Discovery: tags, search, what somebody does not want to see, and feeds for podcast players.

-- Of content: the words by which a post is found. One spelling each, as `content.service.tagging` makes it.
create table post_tags (
    post_id  uuid not null references posts on delete cascade,
    tag      text not null check (length(tag) between 1 and 40 and tag !~ '[[:space:]#,]'),
    position smallint not null check (position between 0 and 9),
    primary key (post_id, tag)
);

-- Words without accents and capitals, and no language's endings: authors write in many.
create text search configuration plain (copy = simple);
alter text search configuration plain alter mapping for hword, hword_part, word with unaccent, simple;

-- What a published post can be found by. Kept by triggers, so in the transaction that changes the post.
create table post_search (
    post_id    uuid primary key references posts on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    shown_at   timestamptz not null,
    kind       text not null,
    access     text not null,
    min_rank   integer,
    tags       text[] not null,
    media      text[] not null default '{}',
    seconds    integer not null default 0,
    -- Title and tags.
    head       tsvector not null,
    -- What everybody may read of it: also the teaser, and the body of what is open to all.
    open       tsvector not null,
    -- With the body, where that is not open to all; else null. Asked only of pages whose rights the asker holds.
    whole      tsvector
);
create index post_search_head on post_search using gin (head);
create index post_search_open on post_search using gin (open);
create index post_search_whole on post_search using gin (creator_id, whole) where whole is not null;
create index post_search_newest on post_search (shown_at desc, post_id desc);
create index post_search_of on post_search (creator_id, shown_at desc, post_id desc);
create index post_search_open_to_all on post_search (shown_at desc, post_id desc) where access = 'public';

-- A page of a tag, newest first, without looking at anything else.
create table tag_posts (
    tag        text not null,
    shown_at   timestamptz not null,
    post_id    uuid not null references posts on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    primary key (tag, shown_at, post_id)
);
create index tag_posts_by_creator on tag_posts (creator_id, tag, shown_at desc, post_id desc);
create index tag_posts_of on tag_posts (post_id);

-- How often each tag is used by what can be seen; rebuilt by a job.
create table tags (
    tag   text primary key,
    posts integer not null default 0
);
create index tags_begin on tags (tag text_pattern_ops) where posts > 0;
create index tags_popular on tags (posts desc, tag) where posts > 0;

-- Every word of a title, a tag or a page's name, to mend what is misspelt. Never of a body.
create table search_words (
    word       text primary key check (length(word) between 3 and 40),
    shown_from timestamptz not null
);
create index search_words_near on search_words using gin (word gin_trgm_ops);

create table creator_search (
    creator_id uuid primary key references creators on delete cascade,
    words      text not null,
    found      tsvector not null
);
create index creator_search_found on creator_search using gin (found);

-- How much is going on at a page, and what it is about; rebuilt by a job.
create table creator_figures (
    creator_id uuid primary key references creators on delete cascade,
    heat       real not null,
    tags       text[] not null default '{}',
    newest_at  timestamptz,
    as_of      timestamptz not null
);
create index creator_figures_heat on creator_figures (heat desc, creator_id);
create index creator_figures_tags on creator_figures using gin (tags);

-- `mute`: nothing of this page. `less`: do not suggest it.
create table feed_wishes (
    user_id    uuid not null references users on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    wish       text not null check (wish in ('mute', 'less')),
    created_at timestamptz not null,
    primary key (user_id, creator_id)
);
create index feed_wishes_about on feed_wishes (creator_id);

-- The secret address of one person's podcast feed of one page. Only its hash is kept.
create table member_feeds (
    id         uuid primary key,
    user_id    uuid not null references users on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    token_hash bytea not null constraint member_feeds_token_key unique check (length(token_hash) = 32),
    created_at timestamptz not null,
    read_at    timestamptz,
    revoked_at timestamptz
);
create unique index member_feeds_one on member_feeds (user_id, creator_id) where revoked_at is null;
create index member_feeds_of on member_feeds (creator_id);

create function index_post(wanted uuid) returns void language plpgsql as $$
declare
    post posts;
    words text;
begin
    delete from tag_posts where post_id = wanted;
    select * into post from posts where id = wanted;
    if not found or post.state <> 'published' then
        delete from post_search where post_id = wanted;
        return;
    end if;
    select coalesce(string_agg(tag, ' ' order by position), '') into words from post_tags where post_id = wanted;
    insert into post_search as old (post_id, creator_id, shown_at, kind, access, min_rank, tags, head, open, whole)
    values (
        post.id, post.creator_id, post.publish_at, post.kind, post.access, post.min_rank,
        array(select tag from post_tags where post_id = wanted order by position),
        to_tsvector('plain', post.title || ' ' || words),
        to_tsvector('plain', concat_ws(' ', post.title, words, post.teaser, case when post.access = 'public' then post.body end)),
        case when post.access <> 'public' and post.body <> ''
             then to_tsvector('plain', concat_ws(' ', post.title, words, post.teaser, post.body)) end
    )
    on conflict (post_id) do update
    set shown_at = excluded.shown_at, kind = excluded.kind, access = excluded.access, min_rank = excluded.min_rank,
        tags = excluded.tags, head = excluded.head, open = excluded.open, whole = excluded.whole;
    insert into tag_posts (tag, shown_at, post_id, creator_id)
    select tag, post.publish_at, post.id, post.creator_id from post_tags where post_id = wanted;
    perform keep_words(to_tsvector('plain', post.title || ' ' || words), post.publish_at);
end $$;

-- In one order, so that two who bring the same new words wait for each other and not in a circle.
create function keep_words(found tsvector, since timestamptz) returns void language sql as $$
    insert into search_words (word, shown_from)
    select word, since from unnest(tsvector_to_array(found)) as word
    where length(word) between 3 and 40 and word !~ '^[0-9]+$' order by word
    on conflict (word) do nothing;
    update search_words set shown_from = since where word = any (tsvector_to_array(found)) and shown_from > since;
$$;

create function posts_indexed() returns trigger language plpgsql as $$
begin
    perform index_post(new.id);
    return null;
end $$;
create trigger posts_indexed after insert or update of title, teaser, body, state, access, min_rank, publish_at, kind on posts
    for each row execute function posts_indexed();

create function post_tags_indexed() returns trigger language plpgsql as $$
begin
    perform index_post(post_id) from (select distinct post_id from changed) c;
    return null;
end $$;
create trigger post_tags_added after insert on post_tags referencing new table as changed
    for each statement execute function post_tags_indexed();
create trigger post_tags_removed after delete on post_tags referencing old table as changed
    for each statement execute function post_tags_indexed();

create function creators_indexed() returns trigger language plpgsql as $$
begin
    if new.state <> 'published' then
        delete from creator_search where creator_id = new.id;
        return null;
    end if;
    insert into creator_search (creator_id, words, found)
    values (new.id, concat_ws(' ', new.name, new.slug), to_tsvector('plain', concat_ws(' ', new.name, new.slug, new.tagline)))
    on conflict (creator_id) do update set words = excluded.words, found = excluded.found;
    perform keep_words(to_tsvector('plain', concat_ws(' ', new.name, new.slug)), coalesce(new.published_at, new.updated_at));
    return null;
end $$;
create trigger creators_indexed after insert or update of name, slug, tagline, state on creators
    for each row execute function creators_indexed();
