-- What a post can be found by also says which files it shows and how long they play. Kept by triggers, as the words are: a file becomes
-- ready, is removed or fetched back, is put to a post or taken out of it.

create function files_indexed(wanted uuid[]) returns void language sql as $$
    update post_search s
    set media = found.media, seconds = found.seconds
    from (
        select w.post_id,
               coalesce(array_agg(distinct a.kind order by a.kind) filter (where a.kind <> 'file'), '{}') as media,
               coalesce(least(sum(case when jsonb_typeof(a.facts -> 'duration_ms') = 'number'
                                       then (a.facts ->> 'duration_ms')::numeric else 0 end) / 1000, 2147483647), 0)::integer as seconds
        from unnest(wanted) as w (post_id)
        left join post_assets p on p.post_id = w.post_id
        left join assets a on a.id = p.asset_id and a.state = 'ready' and a.removed_at is null
        group by w.post_id
    ) found
    where s.post_id = found.post_id and (s.media, s.seconds) is distinct from (found.media, found.seconds);
$$;

create function post_assets_indexed() returns trigger language plpgsql as $$
begin
    perform files_indexed(array(select distinct post_id from changed));
    return null;
end $$;
create trigger post_assets_added after insert on post_assets referencing new table as changed
    for each statement execute function post_assets_indexed();
create trigger post_assets_removed after delete on post_assets referencing old table as changed
    for each statement execute function post_assets_indexed();

create function asset_indexed() returns trigger language plpgsql as $$
begin
    perform files_indexed(array(select post_id from post_assets where asset_id = new.id));
    return null;
end $$;
create trigger asset_indexed after update of state, removed_at, kind, facts on assets
    for each row when (old.state = 'ready' or new.state = 'ready') execute function asset_indexed();

-- A post that becomes visible finds its files by the same words.
create function post_search_filed() returns trigger language plpgsql as $$
begin
    perform files_indexed(array[new.post_id]);
    return null;
end $$;
create trigger post_search_filed after insert on post_search for each row execute function post_search_filed();

select files_indexed(array(select post_id from post_search));
