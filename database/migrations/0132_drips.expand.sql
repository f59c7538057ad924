-- Posts that open with the age of a membership are looked through each hour for those whom they open for.
create index posts_dripping on posts (creator_id, id) where state = 'published' and drip_days > 0;
create index entitlements_coming_of_age on entitlements (creator_id, starts_at) where scope = 'tier' and revoked_at is null;
