-- Media: files of creators, how they arrive, and what is made of them.

-- What a page may keep. A row also is what its uploads wait for, one after the other, so that two at once do not pass a limit together.
create table media_allowances (
    creator_id uuid primary key references creators on delete cascade,
    plan       text not null default 'standard' check (plan ~ '^[a-z][a-z0-9-]{0,30}$'),
    updated_at timestamptz not null
);

create table assets (
    id           uuid primary key,
    creator_id   uuid not null references creators on delete cascade,
    uploaded_by  uuid references users on delete set null,
    source       text not null default 'upload' check (source in ('upload', 'recording')),
    kind         text not null check (kind in ('video', 'audio', 'image', 'document', 'file')),
    -- As its team calls it; the name under which it is downloaded, too.
    name         text not null check (length(name) between 1 and 200),
    bytes        bigint not null check (bytes >= 0),
    -- Of the whole, counted by the server. Hex.
    sha256       text check (sha256 ~ '^[0-9a-f]{64}$'),
    mime         text not null,
    state        text not null check (state in ('uploading', 'scanning', 'processing', 'ready', 'failed')),
    -- Why it failed: a word for programs, a sentence for people.
    reason_code  text,
    reason       text,
    -- In the bucket `media`, once it has been looked through: `<asset hex>/o/<file name>`.
    original     text,
    -- Counts what was made of it: viewers get `<asset hex>/v/<version>/...`.
    version      integer not null default 1 check (version > 0),
    facts        jsonb not null default '{}',
    downloadable boolean not null default false,
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    ready_at     timestamptz,
    removed_at   timestamptz,
    constraint assets_failed_for_a_reason check ((state = 'failed') = (reason_code is not null)),
    constraint assets_ready_since check (state <> 'ready' or ready_at is not null)
);
create index assets_of_library on assets (creator_id, created_at desc, id desc) where removed_at is null;
create index assets_counted on assets (creator_id) include (bytes) where removed_at is null and state <> 'failed';
create index assets_by on assets (uploaded_by) where uploaded_by is not null;
create index assets_removed_since on assets (removed_at) where removed_at is not null;

-- A file on its way, in parts, into the bucket `uploads`.
create table uploads (
    id           uuid primary key,
    asset_id     uuid not null constraint uploads_asset_key unique references assets on delete cascade,
    creator_id   uuid not null references creators on delete cascade,
    user_id      uuid references users on delete set null,
    -- What the client knows the file by, so that after days it finds the same upload.
    fingerprint  text not null check (length(fingerprint) between 1 and 200),
    key          text not null,
    -- The store's name for the upload.
    engine_id    text not null,
    bytes        bigint not null check (bytes > 0),
    part_bytes   bigint not null check (part_bytes > 0),
    -- Of the whole, if the client said so.
    sha256       text check (sha256 ~ '^[0-9a-f]{64}$'),
    state        text not null default 'open' check (state in ('open', 'completed', 'given_up')),
    created_at   timestamptz not null,
    touched_at   timestamptz not null,
    expires_at   timestamptz not null,
    ended_at     timestamptz,
    constraint uploads_ended check ((state = 'open') = (ended_at is null))
);
-- One open upload of a file per page: a second tab, or the same tab after a crash, finds it here.
create unique index uploads_open_file on uploads (creator_id, fingerprint) where state = 'open';
create index uploads_expiring on uploads (expires_at) where state = 'open';
create index uploads_by on uploads (user_id) where user_id is not null;

-- What the client said of each part before it sent it. The store refuses other bytes, and the scan counts again.
create table upload_parts (
    upload_id uuid not null references uploads on delete cascade,
    number    integer not null check (number between 1 and 10000),
    sha256    text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    primary key (upload_id, number)
);

-- What viewers get: files under `<asset hex>/v/<version>/`.
create table renditions (
    asset_id uuid not null references assets on delete cascade,
    version  integer not null check (version > 0),
    name     text not null check (length(name) between 1 and 100),
    role     text not null check (role in
             ('playlist', 'video', 'audio', 'image', 'poster', 'storyboard', 'waveform', 'preview', 'captions')),
    -- After `v/<version>/`.
    path     text not null check (length(path) between 1 and 500),
    mime     text not null,
    width    integer check (width > 0),
    height   integer check (height > 0),
    bitrate  integer check (bitrate > 0),
    bytes    bigint not null default 0 check (bytes >= 0),
    primary key (asset_id, version, name)
);

create table captions (
    asset_id   uuid not null references assets on delete cascade,
    language   text not null check (language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'),
    kind       text not null check (kind in ('subtitles', 'captions', 'chapters')),
    label      text not null check (length(label) between 1 and 80),
    -- After `<asset hex>/v/`.
    path       text not null check (length(path) between 1 and 500),
    created_at timestamptz not null,
    primary key (asset_id, language, kind)
);
