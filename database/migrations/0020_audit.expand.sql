-- What people with power, and people's own security settings, did. It only grows, and each entry seals the one before it.

create table audit_log (
    position   bigint primary key,
    -- The database's own time: whoever writes an entry cannot choose when it happened.
    at         timestamptz not null,
    actor      uuid,
    action     text not null check (action ~ '^[a-z_]+\.[a-z_]+$' and length(action) <= 80),
    target     uuid,
    request_id text,
    facts      jsonb not null check (pg_column_size(facts) <= 8192),
    previous   bytea not null,
    hash       bytea not null constraint audit_log_hash_key unique
);
create index audit_log_of_target on audit_log (target, position desc);
create index audit_log_of_actor on audit_log (actor, position desc);
create index audit_log_of_action on audit_log (action text_pattern_ops, position desc);

-- The seal of one entry. Lengths stand before the texts, so that no two entries can read the same.
create function audit_hash(
    _position bigint, _at timestamptz, _actor uuid, _action text, _target uuid, _request_id text, _facts jsonb, _previous bytea
) returns bytea language sql immutable as $$
    select sha256(convert_to(string_agg(coalesce(length(part)::text, '-') || ':' || coalesce(part, ''), '|' order by place), 'UTF8')
                  || _previous)
    from unnest(array[
        _position::text, extract(epoch from _at)::text, _actor::text, _action, _target::text, _request_id, _facts::text
    ]) with ordinality as parts (part, place);
$$;

-- One writer at a time from here to its commit: a chain has one end. Services record last in their transaction, so the others wait
-- for a few milliseconds and nobody waits crosswise.
create function audit_seal() returns trigger language plpgsql as $$
begin
    perform pg_advisory_xact_lock(hashtext('audit_log'));
    select position + 1, hash into new.position, new.previous from audit_log order by position desc limit 1;
    if not found then
        new.position := 1;
        new.previous := sha256('');
    end if;
    new.at := clock_timestamp();
    new.hash := audit_hash(
        new.position, new.at, new.actor, new.action, new.target, new.request_id, new.facts, new.previous);
    return new;
end;
$$;
create trigger audit_log_seal before insert on audit_log for each row execute function audit_seal();
create trigger audit_log_only_grows before update or delete on audit_log for each row execute function refuse_change();
create trigger audit_log_stays before truncate on audit_log for each statement execute function refuse_change();

revoke all on audit_log from directfanz_app;
grant select, insert on audit_log to directfanz_app;
