-- Notifications: a third channel (web push), digests and quiet hours, and bursts that are told as one.

alter table notification_preferences drop constraint notification_preferences_channel_check;
alter table notification_preferences add constraint notification_preferences_channel
    check (channel in ('in_app', 'email', 'push'));

-- `collapse_key`: while it is unread, the next of the same is counted here instead of told again. `actors` are those counted.
alter table notifications add column collapse_key text;
alter table notifications add column times integer not null default 1 check (times >= 1);
alter table notifications add column actors uuid[] not null default '{}';
create unique index notifications_collapsing on notifications (user_id, collapse_key)
    where collapse_key is not null and read_at is null;

-- Only who differs from the default. Minutes of the day, in the zone of the person.
create table notification_settings (
    user_id        uuid primary key references users on delete cascade,
    quiet_from     smallint check (quiet_from between 0 and 1439),
    quiet_to       smallint check (quiet_to between 0 and 1439),
    digest         text not null default 'at_once' check (digest in ('at_once', 'daily', 'weekly', 'never')),
    digest_at      smallint not null default 1080 check (digest_at between 0 and 1439),
    digest_weekday smallint not null default 0 check (digest_weekday between 0 and 6),
    constraint notification_settings_quiet_whole check (num_nulls(quiet_from, quiet_to) in (0, 2)),
    constraint notification_settings_quiet_lasts check (quiet_from <> quiet_to)
);

-- What still has to leave by mail or push; gone once it left. `due_at` is when the sweeper takes it: after a quiet night, at the
-- hour of a digest, or, for what a job carries already, long after that job should have done it.
create table notification_deliveries (
    notification_id uuid not null references notifications on delete cascade,
    user_id         uuid not null references users on delete cascade,
    channel         text not null check (channel in ('email', 'push')),
    gathered        boolean not null default false,
    due_at          timestamptz not null,
    -- So long one worker has it: two never send the same at the same time.
    taken_until     timestamptz,
    primary key (notification_id, channel)
);
create index notification_deliveries_due on notification_deliveries (due_at) where not gathered;
create index notification_deliveries_digest on notification_deliveries (due_at) where gathered;
create index notification_deliveries_of on notification_deliveries (user_id);

-- A browser that is told things while it is closed. It ends with the session that subscribed.
create table push_subscriptions (
    id         uuid primary key,
    user_id    uuid not null references users on delete cascade,
    session_id uuid references sessions on delete cascade,
    endpoint   text not null constraint push_subscriptions_endpoint_key unique check (length(endpoint) <= 1000),
    p256dh     bytea not null check (length(p256dh) = 65),
    auth       bytea not null check (length(auth) = 16),
    device     text not null default '' check (length(device) <= 80),
    created_at timestamptz not null,
    used_at    timestamptz
);
create index push_subscriptions_of on push_subscriptions (user_id, created_at);
create index push_subscriptions_session on push_subscriptions (session_id) where session_id is not null;
