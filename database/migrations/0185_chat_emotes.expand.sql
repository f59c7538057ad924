-- Small pictures of a creator's own, written as :code: in their chats. `name` is of the picture: it tells the content.
create table chat_emotes (
    creator_id uuid not null references creators on delete cascade,
    code       text not null check (code ~ '^[a-z0-9_]{2,24}$'),
    name       text not null check (length(name) between 8 and 80),
    min_rank   integer check (min_rank between 1 and 1000),
    made_by    uuid references users on delete set null,
    created_at timestamptz not null,
    primary key (creator_id, code)
);
create index chat_emotes_by on chat_emotes (made_by) where made_by is not null;
create index chat_emotes_named on chat_emotes (name);
-- Who may moderate a room beside the team of its page: teams of other pages, such as co-hosts.
create table chat_guests (
    room_id    uuid not null references chat_rooms on delete cascade,
    creator_id uuid not null references creators on delete cascade,
    primary key (room_id, creator_id)
);
create index chat_guests_of on chat_guests (creator_id);
