-- Made by `directfanz schema --write` from the migrations. Do not edit: write a migration.

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS citext WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS pg_stat_statements WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;

CREATE EXTENSION IF NOT EXISTS vector WITH SCHEMA public;

CREATE TYPE public.procrastinate_job_event_type AS ENUM (
    'deferred',
    'started',
    'deferred_for_retry',
    'failed',
    'succeeded',
    'cancelled',
    'abort_requested',
    'aborted',
    'scheduled',
    'retried'
);

CREATE TYPE public.procrastinate_job_status AS ENUM (
    'todo',
    'doing',
    'succeeded',
    'failed',
    'cancelled',
    'aborting',
    'aborted'
);

CREATE TYPE public.procrastinate_job_to_defer_v1 AS (
	queue_name character varying,
	task_name character varying,
	priority integer,
	lock text,
	queueing_lock text,
	args jsonb,
	scheduled_at timestamp with time zone
);

CREATE FUNCTION public.asset_indexed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform files_indexed(array(select post_id from post_assets where asset_id = new.id));
    return null;
end $$;

CREATE FUNCTION public.audit_hash(_position bigint, _at timestamp with time zone, _actor uuid, _action text, _target uuid, _request_id text, _facts jsonb, _previous bytea) RETURNS bytea
    LANGUAGE sql IMMUTABLE
    AS $$
    select sha256(convert_to(string_agg(coalesce(length(part)::text, '-') || ':' || coalesce(part, ''), '|' order by place), 'UTF8')
                  || _previous)
    from unnest(array[
        _position::text, extract(epoch from _at)::text, _actor::text, _action, _target::text, _request_id, _facts::text
    ]) with ordinality as parts (part, place);
$$;

CREATE FUNCTION public.audit_seal() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.creators_indexed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.enqueue_job(_queue text, _name text, _priority integer, _lock text, _key text, _args jsonb, _run_at timestamp with time zone) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
declare
    _waiting bigint;
begin
    for _try in 1..5 loop
        if _key is not null then
            select id into _waiting from procrastinate_jobs
                where queueing_lock = _key and status = 'todo' for key share;
            if found then
                perform wake_workers(_queue, _waiting);
                return null;
            end if;
        end if;
        begin
            return (procrastinate_defer_jobs_v1(
                array[row(_queue, _name, _priority, _lock, _key, _args, _run_at)::procrastinate_job_to_defer_v1]
            ))[1];
        exception when unique_violation then
            null; -- somebody was faster: look again
        end;
    end loop;
    -- A transaction that sees one moment only never finds what came after it; repeated, it will.
    raise exception 'job % with key % is being enqueued elsewhere', _name, _key using errcode = 'serialization_failure';
end;
$$;

CREATE FUNCTION public.files_indexed(wanted uuid[]) RETURNS void
    LANGUAGE sql
    AS $$
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

CREATE FUNCTION public.index_post(wanted uuid) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.keep_words(found tsvector, since timestamp with time zone) RETURNS void
    LANGUAGE sql
    AS $_$
    insert into search_words (word, shown_from)
    select word, since from unnest(tsvector_to_array(found)) as word
    where length(word) between 3 and 40 and word !~ '^[0-9]+$' order by word
    on conflict (word) do nothing;
    update search_words set shown_from = since where word = any (tsvector_to_array(found)) and shown_from > since;
$_$;

CREATE FUNCTION public.ledger_balanced() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
declare
    _wrong record;
begin
    select transaction_id, currency, sum(amount) as off into _wrong
      from written group by transaction_id, currency having sum(amount) <> 0 limit 1;
    if found then
        raise exception 'transaction % does not sum to zero: % %', _wrong.transaction_id, _wrong.off, _wrong.currency
            using errcode = 'check_violation', constraint = 'ledger_balanced', table = 'ledger_entries';
    end if;
    select t.id into _wrong
      from (select distinct transaction_id from written) w join ledger_transactions t on t.id = w.transaction_id
     where t.entries <> (select count(*) from ledger_entries e where e.transaction_id = t.id) limit 1;
    if found then
        raise exception 'transaction % was written with another number of entries', _wrong.id
            using errcode = 'check_violation', constraint = 'ledger_whole', table = 'ledger_entries';
    end if;
    return null;
end;
$$;

CREATE FUNCTION public.ledger_has_entries() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if not exists (select from ledger_entries where transaction_id = new.id) then
        raise exception 'transaction % has no entries', new.id
            using errcode = 'check_violation', constraint = 'ledger_has_entries', table = 'ledger_transactions';
    end if;
    return null;
end;
$$;

CREATE FUNCTION public.post_assets_indexed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform files_indexed(array(select distinct post_id from changed));
    return null;
end $$;

CREATE FUNCTION public.post_search_filed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform files_indexed(array[new.post_id]);
    return null;
end $$;

CREATE FUNCTION public.post_tags_indexed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform index_post(post_id) from (select distinct post_id from changed) c;
    return null;
end $$;

CREATE FUNCTION public.posts_indexed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    perform index_post(new.id);
    return null;
end $$;

CREATE FUNCTION public.procrastinate_cancel_job_v1(job_id bigint, abort boolean, delete_job boolean) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status = 'todo'
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        IF abort THEN
            UPDATE procrastinate_jobs
            SET abort_requested = true,
                status = CASE status
                    WHEN 'todo' THEN 'cancelled'::procrastinate_job_status ELSE status
                END
            WHERE id = job_id AND status IN ('todo', 'doing')
            RETURNING id INTO _job_id;
        ELSE
            UPDATE procrastinate_jobs
            SET status = 'cancelled'::procrastinate_job_status
            WHERE id = job_id AND status = 'todo'
            RETURNING id INTO _job_id;
        END IF;
    END IF;
    RETURN _job_id;
END;
$$;

CREATE FUNCTION public.procrastinate_defer_jobs_v1(jobs public.procrastinate_job_to_defer_v1[]) RETURNS bigint[]
    LANGUAGE plpgsql
    AS $$
DECLARE
    job_ids bigint[];
BEGIN
    WITH inserted_jobs AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        SELECT (job).queue_name,
               (job).task_name,
               (job).priority,
               (job).lock,
               (job).queueing_lock,
               (job).args,
               (job).scheduled_at
        FROM unnest(jobs) AS job
        RETURNING id
    )
    SELECT array_agg(id) FROM inserted_jobs INTO job_ids;

    RETURN job_ids;
END;
$$;

CREATE FUNCTION public.procrastinate_defer_periodic_job_v2(_queue_name character varying, _lock character varying, _queueing_lock character varying, _task_name character varying, _priority integer, _periodic_id character varying, _defer_timestamp bigint, _args jsonb) RETURNS bigint
    LANGUAGE plpgsql
    AS $$
DECLARE
	_job_id bigint;
	_defer_id bigint;
BEGIN
    INSERT
        INTO procrastinate_periodic_defers (task_name, periodic_id, defer_timestamp)
        VALUES (_task_name, _periodic_id, _defer_timestamp)
        ON CONFLICT DO NOTHING
        RETURNING id into _defer_id;

    IF _defer_id IS NULL THEN
        RETURN NULL;
    END IF;

    UPDATE procrastinate_periodic_defers
        SET job_id = (
            SELECT COALESCE((
                SELECT unnest(procrastinate_defer_jobs_v1(
                    ARRAY[
                        ROW(
                            _queue_name,
                            _task_name,
                            _priority,
                            _lock,
                            _queueing_lock,
                            _args,
                            NULL::timestamptz
                        )
                    ]::procrastinate_job_to_defer_v1[]
                ))
            ), NULL)
        )
        WHERE id = _defer_id
        RETURNING job_id INTO _job_id;

    DELETE
        FROM procrastinate_periodic_defers
        USING (
            SELECT id
            FROM procrastinate_periodic_defers
            WHERE procrastinate_periodic_defers.task_name = _task_name
            AND procrastinate_periodic_defers.periodic_id = _periodic_id
            AND procrastinate_periodic_defers.defer_timestamp < _defer_timestamp
            ORDER BY id
            FOR UPDATE
        ) to_delete
        WHERE procrastinate_periodic_defers.id = to_delete.id;

    RETURN _job_id;
END;
$$;

CREATE TABLE public.procrastinate_jobs (
    id bigint NOT NULL,
    queue_name character varying(128) NOT NULL,
    task_name character varying(128) NOT NULL,
    priority integer DEFAULT 0 NOT NULL,
    lock text,
    queueing_lock text,
    args jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.procrastinate_job_status DEFAULT 'todo'::public.procrastinate_job_status NOT NULL,
    scheduled_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL,
    abort_requested boolean DEFAULT false NOT NULL,
    worker_id bigint,
    CONSTRAINT check_not_todo_abort_requested CHECK ((NOT ((status = 'todo'::public.procrastinate_job_status) AND (abort_requested = true))))
);

CREATE FUNCTION public.procrastinate_fetch_job_v2(target_queue_names character varying[], p_worker_id bigint) RETURNS public.procrastinate_jobs
    LANGUAGE plpgsql
    AS $$
DECLARE
	found_jobs procrastinate_jobs;
BEGIN
    WITH candidate AS (
        SELECT jobs.*
            FROM procrastinate_jobs AS jobs
            WHERE
                -- reject the job if its lock has earlier or higher priority jobs
                NOT EXISTS (
                    SELECT 1
                        FROM procrastinate_jobs AS other_jobs
                        WHERE
                            jobs.lock IS NOT NULL
                            AND other_jobs.lock = jobs.lock
                            AND (
                                -- job with same lock is already running
                                other_jobs.status = 'doing'
                                OR
                                -- job with same lock is waiting and has higher priority (or same priority but was queued first)
                                (
                                    other_jobs.status = 'todo'
                                    AND (
                                        other_jobs.priority > jobs.priority
                                        OR (
                                        other_jobs.priority = jobs.priority
                                        AND other_jobs.id < jobs.id
                                        )
                                    )
                                )
                            )
                )
                AND jobs.status = 'todo'
                AND (target_queue_names IS NULL OR jobs.queue_name = ANY( target_queue_names ))
                AND (jobs.scheduled_at IS NULL OR jobs.scheduled_at <= now())
            ORDER BY jobs.priority DESC, jobs.id ASC LIMIT 1
            FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE procrastinate_jobs
        SET status = 'doing', worker_id = p_worker_id
        FROM candidate
        WHERE procrastinate_jobs.id = candidate.id
        RETURNING procrastinate_jobs.* INTO found_jobs;

 RETURN found_jobs;
END;
$$;

CREATE FUNCTION public.procrastinate_finish_job_v1(job_id bigint, end_status public.procrastinate_job_status, delete_job boolean) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
BEGIN
    IF end_status NOT IN ('succeeded', 'failed', 'aborted') THEN
        RAISE 'End status should be either "succeeded", "failed" or "aborted" (job id: %)', job_id;
    END IF;
    IF delete_job THEN
        DELETE FROM procrastinate_jobs
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = end_status,
            abort_requested = false,
            attempts = CASE status
                WHEN 'doing' THEN attempts + 1 ELSE attempts
            END
        WHERE id = job_id AND status IN ('todo', 'doing')
        RETURNING id INTO _job_id;
    END IF;
    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" or "todo" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION public.procrastinate_notify_queue_abort_job_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'abort_job_requested', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_notify_queue_job_inserted_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    payload TEXT;
BEGIN
    SELECT json_build_object('type', 'job_inserted', 'job_id', NEW.id)::text INTO payload;
	PERFORM pg_notify('procrastinate_queue_v1#' || NEW.queue_name, payload);
	PERFORM pg_notify('procrastinate_any_queue_v1', payload);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_prune_stalled_workers_v1(seconds_since_heartbeat double precision) RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    DELETE FROM procrastinate_workers
    WHERE last_heartbeat < NOW() - (seconds_since_heartbeat || 'SECOND')::INTERVAL
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION public.procrastinate_register_worker_v1() RETURNS TABLE(worker_id bigint)
    LANGUAGE plpgsql
    AS $$
BEGIN
    RETURN QUERY
    INSERT INTO procrastinate_workers DEFAULT VALUES
    RETURNING procrastinate_workers.id;
END;
$$;

CREATE FUNCTION public.procrastinate_retry_job_v1(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
BEGIN
    SELECT abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status = 'doing'
    FOR UPDATE
    INTO _abort_requested;
    IF _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or not in "doing" status (job id: %)', job_id;
    END IF;
END;
$$;

CREATE FUNCTION public.procrastinate_retry_job_v2(job_id bigint, retry_at timestamp with time zone, new_priority integer, new_queue_name character varying, new_lock character varying) RETURNS void
    LANGUAGE plpgsql
    AS $$
DECLARE
    _job_id bigint;
    _abort_requested boolean;
    _current_status procrastinate_job_status;
BEGIN
    SELECT status, abort_requested FROM procrastinate_jobs
    WHERE id = job_id AND status IN ('doing', 'failed')
    FOR UPDATE
    INTO _current_status, _abort_requested;
    IF _current_status = 'doing' AND _abort_requested THEN
        UPDATE procrastinate_jobs
        SET status = 'failed'::procrastinate_job_status
        WHERE id = job_id AND status = 'doing'
        RETURNING id INTO _job_id;
    ELSE
        UPDATE procrastinate_jobs
        SET status = 'todo'::procrastinate_job_status,
            attempts = attempts + 1,
            scheduled_at = retry_at,
            priority = COALESCE(new_priority, priority),
            queue_name = COALESCE(new_queue_name, queue_name),
            lock = COALESCE(new_lock, lock)
        WHERE id = job_id AND status IN ('doing', 'failed')
        RETURNING id INTO _job_id;
    END IF;

    IF _job_id IS NULL THEN
        RAISE 'Job was not found or has an invalid status to retry (job id: %)', job_id;
    END IF;

END;
$$;

CREATE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'abort_requested'::procrastinate_job_event_type);
    RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type, at)
        VALUES (NEW.id, 'scheduled'::procrastinate_job_event_type, NEW.scheduled_at);

	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    INSERT INTO procrastinate_events(job_id, type)
        VALUES (NEW.id, 'deferred'::procrastinate_job_event_type);
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_trigger_function_status_events_update_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    WITH t AS (
        SELECT CASE
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND NEW.status = 'doing'::procrastinate_job_status
                THEN 'started'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'deferred_for_retry'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'failed'::procrastinate_job_status
                THEN 'failed'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'succeeded'::procrastinate_job_status
                THEN 'succeeded'::procrastinate_job_event_type
            WHEN OLD.status = 'todo'::procrastinate_job_status
                AND (
                    NEW.status = 'cancelled'::procrastinate_job_status
                    OR NEW.status = 'failed'::procrastinate_job_status
                    OR NEW.status = 'succeeded'::procrastinate_job_status
                )
                THEN 'cancelled'::procrastinate_job_event_type
            WHEN OLD.status = 'doing'::procrastinate_job_status
                AND NEW.status = 'aborted'::procrastinate_job_status
                THEN 'aborted'::procrastinate_job_event_type
            WHEN OLD.status = 'failed'::procrastinate_job_status
                AND NEW.status = 'todo'::procrastinate_job_status
                THEN 'retried'::procrastinate_job_event_type
            ELSE NULL
        END as event_type
    )
    INSERT INTO procrastinate_events(job_id, type)
        SELECT NEW.id, t.event_type
        FROM t
        WHERE t.event_type IS NOT NULL;
	RETURN NEW;
END;
$$;

CREATE FUNCTION public.procrastinate_unlink_periodic_defers_v1() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_periodic_defers
    SET job_id = NULL
    WHERE job_id = OLD.id;
    RETURN OLD;
END;
$$;

CREATE FUNCTION public.procrastinate_unregister_worker_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    DELETE FROM procrastinate_workers
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION public.procrastinate_update_heartbeat_v1(worker_id bigint) RETURNS void
    LANGUAGE plpgsql
    AS $$
BEGIN
    UPDATE procrastinate_workers
    SET last_heartbeat = NOW()
    WHERE id = worker_id;
END;
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    raise exception '% only grows: % is refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end;
$$;

CREATE FUNCTION public.wake_workers(_queue text, _job_id bigint) RETURNS void
    LANGUAGE sql
    AS $$
    select pg_notify(
        'procrastinate_queue_v1#' || _queue, json_build_object('type', 'job_inserted', 'job_id', _job_id)::text
    );
$$;

CREATE TEXT SEARCH CONFIGURATION public.plain (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR asciiword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR word WITH public.unaccent, simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR numword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR email WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR url WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR host WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR sfloat WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR version WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword_numpart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword_part WITH public.unaccent, simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword_asciipart WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR numhword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR asciihword WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR hword WITH public.unaccent, simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR url_path WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR file WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR "float" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR "int" WITH simple;

ALTER TEXT SEARCH CONFIGURATION public.plain
    ADD MAPPING FOR uint WITH simple;

CREATE TABLE public.access_tokens (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    hint text NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT access_tokens_name_check CHECK ((length(name) <= 60))
);

CREATE TABLE public.assets (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    uploaded_by uuid,
    source text DEFAULT 'upload'::text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    bytes bigint NOT NULL,
    sha256 text,
    mime text NOT NULL,
    state text NOT NULL,
    reason_code text,
    reason text,
    original text,
    version integer DEFAULT 1 NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    downloadable boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    ready_at timestamp with time zone,
    removed_at timestamp with time zone,
    CONSTRAINT assets_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT assets_failed_for_a_reason CHECK (((state = 'failed'::text) = (reason_code IS NOT NULL))),
    CONSTRAINT assets_kind_check CHECK ((kind = ANY (ARRAY['video'::text, 'audio'::text, 'image'::text, 'document'::text, 'file'::text]))),
    CONSTRAINT assets_name_check CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT assets_ready_since CHECK (((state <> 'ready'::text) OR (ready_at IS NOT NULL))),
    CONSTRAINT assets_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT assets_source_check CHECK ((source = ANY (ARRAY['upload'::text, 'recording'::text]))),
    CONSTRAINT assets_state_check CHECK ((state = ANY (ARRAY['uploading'::text, 'scanning'::text, 'processing'::text, 'ready'::text, 'failed'::text]))),
    CONSTRAINT assets_version_check CHECK ((version > 0))
);

CREATE TABLE public.audit_log (
    "position" bigint NOT NULL,
    at timestamp with time zone NOT NULL,
    actor uuid,
    action text NOT NULL,
    target uuid,
    request_id text,
    facts jsonb NOT NULL,
    previous bytea NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT audit_log_action_check CHECK (((action ~ '^[a-z_]+\.[a-z_]+$'::text) AND (length(action) <= 80))),
    CONSTRAINT audit_log_facts_check CHECK ((pg_column_size(facts) <= 8192))
);

CREATE TABLE public.blocks (
    user_id uuid NOT NULL,
    other_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT blocks_of_others CHECK ((user_id <> other_id))
);

CREATE TABLE public.captions (
    asset_id uuid NOT NULL,
    language text NOT NULL,
    kind text NOT NULL,
    label text NOT NULL,
    path text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT captions_kind_check CHECK ((kind = ANY (ARRAY['subtitles'::text, 'captions'::text, 'chapters'::text]))),
    CONSTRAINT captions_label_check CHECK (((length(label) >= 1) AND (length(label) <= 80))),
    CONSTRAINT captions_language_check CHECK ((language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'::text)),
    CONSTRAINT captions_path_check CHECK (((length(path) >= 1) AND (length(path) <= 500)))
);

CREATE TABLE public.chat_bans (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    reason text DEFAULT ''::text NOT NULL,
    by_id uuid,
    created_at timestamp with time zone NOT NULL,
    until timestamp with time zone,
    lifted_at timestamp with time zone,
    CONSTRAINT chat_bans_reason_check CHECK ((length(reason) <= 300))
);

CREATE TABLE public.chat_emotes (
    creator_id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    min_rank integer,
    made_by uuid,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT chat_emotes_code_check CHECK ((code ~ '^[a-z0-9_]{2,24}$'::text)),
    CONSTRAINT chat_emotes_min_rank_check CHECK (((min_rank >= 1) AND (min_rank <= 1000))),
    CONSTRAINT chat_emotes_name_check CHECK (((length(name) >= 8) AND (length(name) <= 80)))
);

CREATE TABLE public.chat_events (
    room_id uuid NOT NULL,
    "position" bigint NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    user_id uuid,
    standing text DEFAULT ''::text NOT NULL,
    tier text DEFAULT ''::text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    nonce text,
    said_at timestamp with time zone NOT NULL,
    hidden_at timestamp with time zone,
    hidden_by uuid,
    CONSTRAINT chat_events_body_check CHECK ((length(body) <= 500)),
    CONSTRAINT chat_events_kind_check CHECK ((kind = ANY (ARRAY['text'::text, 'tip'::text, 'system'::text, 'removed'::text, 'cleared'::text, 'pinned'::text, 'settings'::text, 'poll_opened'::text, 'poll_closed'::text, 'opened'::text, 'closed'::text]))),
    CONSTRAINT chat_events_nonce_check CHECK ((length(nonce) <= 64)),
    CONSTRAINT chat_events_standing_check CHECK ((standing = ANY (ARRAY[''::text, 'team'::text, 'member'::text])))
);

CREATE TABLE public.chat_guests (
    room_id uuid NOT NULL,
    creator_id uuid NOT NULL
);

CREATE TABLE public.chat_rooms (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    title text NOT NULL,
    access text NOT NULL,
    min_rank integer,
    state text DEFAULT 'open'::text NOT NULL,
    last bigint DEFAULT 0 NOT NULL,
    epoch uuid DEFAULT gen_random_uuid() NOT NULL,
    slow_seconds integer DEFAULT 0 NOT NULL,
    members_only boolean DEFAULT false NOT NULL,
    pinned bigint,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT chat_rooms_access_check CHECK ((access = ANY (ARRAY['public'::text, 'followers'::text, 'members'::text, 'rank'::text, 'paid'::text]))),
    CONSTRAINT chat_rooms_closed CHECK (((state = 'closed'::text) = (closed_at IS NOT NULL))),
    CONSTRAINT chat_rooms_min_rank_check CHECK (((min_rank >= 1) AND (min_rank <= 1000))),
    CONSTRAINT chat_rooms_rank_fits CHECK (((access = 'rank'::text) = (min_rank IS NOT NULL))),
    CONSTRAINT chat_rooms_slow_seconds_check CHECK (((slow_seconds >= 0) AND (slow_seconds <= 3600))),
    CONSTRAINT chat_rooms_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    CONSTRAINT chat_rooms_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200)))
);

CREATE TABLE public.chat_words (
    creator_id uuid NOT NULL,
    word text NOT NULL,
    CONSTRAINT chat_words_word_check CHECK (((length(word) >= 2) AND (length(word) <= 60)))
);

CREATE TABLE public.clips (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    made_by uuid,
    title text NOT NULL,
    begins_at timestamp with time zone NOT NULL,
    seconds integer NOT NULL,
    state text DEFAULT 'making'::text NOT NULL,
    problem text,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT clips_seconds_check CHECK (((seconds >= 1) AND (seconds <= 60))),
    CONSTRAINT clips_state_check CHECK ((state = ANY (ARRAY['making'::text, 'ready'::text, 'failed'::text]))),
    CONSTRAINT clips_title_check CHECK (((length(title) >= 1) AND (length(title) <= 140)))
);

CREATE TABLE public.closings (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT closings_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'kept'::text, 'erased'::text])))
);

CREATE TABLE public.collection_items (
    collection_id uuid NOT NULL,
    post_id uuid NOT NULL,
    "position" integer NOT NULL,
    CONSTRAINT collection_items_position_check CHECK (("position" >= 0))
);

CREATE TABLE public.collections (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    title text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    access text DEFAULT 'public'::text NOT NULL,
    min_rank integer,
    published boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT collections_about_check CHECK ((length(about) <= 2000)),
    CONSTRAINT collections_access_check CHECK ((access = ANY (ARRAY['public'::text, 'followers'::text, 'members'::text, 'rank'::text]))),
    CONSTRAINT collections_min_rank_check CHECK (((min_rank >= 1) AND (min_rank <= 1000))),
    CONSTRAINT collections_rank_fits CHECK (((access = 'rank'::text) = (min_rank IS NOT NULL))),
    CONSTRAINT collections_title_check CHECK (((length(title) >= 1) AND (length(title) <= 100)))
);

CREATE TABLE public.comment_reports (
    comment_id uuid NOT NULL,
    user_id uuid NOT NULL,
    reason text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT comment_reports_reason_check CHECK ((length(reason) <= 500))
);

CREATE TABLE public.comment_rules (
    creator_id uuid NOT NULL,
    words text[] DEFAULT '{}'::text[] NOT NULL,
    hold_links boolean DEFAULT false NOT NULL,
    CONSTRAINT comment_rules_words_check CHECK ((cardinality(words) <= 500))
);

CREATE TABLE public.comments (
    id uuid NOT NULL,
    post_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    author_id uuid,
    parent_id uuid,
    root_id uuid NOT NULL,
    path bytea NOT NULL,
    body text NOT NULL,
    state text NOT NULL,
    held_for text,
    removed_by text,
    by_team boolean DEFAULT false NOT NULL,
    hearted_at timestamp with time zone,
    pinned boolean DEFAULT false NOT NULL,
    edited_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT comments_body_check CHECK ((length(body) <= 2000)),
    CONSTRAINT comments_held CHECK (((state = 'held'::text) = (held_for IS NOT NULL))),
    CONSTRAINT comments_held_for_check CHECK ((held_for = ANY (ARRAY['policy'::text, 'word'::text, 'links'::text, 'reports'::text]))),
    CONSTRAINT comments_path_check CHECK ((((length(path) >= 16) AND (length(path) <= 80)) AND ((length(path) % 16) = 0))),
    CONSTRAINT comments_pinned CHECK (((NOT pinned) OR ((state = 'visible'::text) AND (parent_id IS NULL)))),
    CONSTRAINT comments_removed CHECK (((state = 'removed'::text) = (removed_by IS NOT NULL))),
    CONSTRAINT comments_removed_by_check CHECK ((removed_by = ANY (ARRAY['author'::text, 'team'::text]))),
    CONSTRAINT comments_state_check CHECK ((state = ANY (ARRAY['visible'::text, 'held'::text, 'removed'::text])))
);

CREATE TABLE public.creator_figures (
    creator_id uuid NOT NULL,
    heat real NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    newest_at timestamp with time zone,
    as_of timestamp with time zone NOT NULL
);

CREATE TABLE public.creator_handovers (
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    offered_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL
);

CREATE TABLE public.creator_invitations (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    email public.citext NOT NULL,
    role text NOT NULL,
    invited_by uuid,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    answer text,
    CONSTRAINT creator_invitations_answer_check CHECK ((answer = ANY (ARRAY['accepted'::text, 'declined'::text, 'taken_back'::text]))),
    CONSTRAINT creator_invitations_answered CHECK (((answered_at IS NULL) = (answer IS NULL))),
    CONSTRAINT creator_invitations_email_check CHECK ((length((email)::text) <= 254)),
    CONSTRAINT creator_invitations_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'editor'::text, 'moderator'::text, 'analyst'::text])))
);

CREATE TABLE public.creator_links (
    creator_id uuid NOT NULL,
    "position" integer NOT NULL,
    label text NOT NULL,
    url text NOT NULL,
    CONSTRAINT creator_links_label_check CHECK (((length(label) >= 1) AND (length(label) <= 40))),
    CONSTRAINT creator_links_position_check CHECK (("position" >= 0)),
    CONSTRAINT creator_links_url_check CHECK (((url ~~ 'https://%'::text) AND (length(url) <= 500)))
);

CREATE TABLE public.creator_members (
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    role text NOT NULL,
    since timestamp with time zone NOT NULL,
    CONSTRAINT creator_members_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'editor'::text, 'moderator'::text, 'analyst'::text])))
);

CREATE TABLE public.creator_search (
    creator_id uuid NOT NULL,
    words text NOT NULL,
    found tsvector NOT NULL
);

CREATE TABLE public.creator_slugs (
    slug public.citext NOT NULL,
    creator_id uuid NOT NULL,
    taken_at timestamp with time zone NOT NULL
);

CREATE TABLE public.creators (
    id uuid NOT NULL,
    slug public.citext NOT NULL,
    name text NOT NULL,
    tagline text DEFAULT ''::text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    accent text NOT NULL,
    avatar text,
    banner text,
    currency text NOT NULL,
    country text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    state_reason text,
    published_at timestamp with time zone,
    fee_bps integer,
    hold_days integer DEFAULT 7 NOT NULL,
    account text,
    can_be_paid boolean DEFAULT false NOT NULL,
    account_missing text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT creators_about_check CHECK ((length(about) <= 5000)),
    CONSTRAINT creators_accent_check CHECK ((accent ~ '^#[0-9a-f]{6}$'::text)),
    CONSTRAINT creators_avatar_check CHECK ((avatar ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT creators_banner_check CHECK ((banner ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT creators_country_check CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT creators_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT creators_fee_bps_check CHECK (((fee_bps >= 0) AND (fee_bps <= 10000))),
    CONSTRAINT creators_hold_days_check CHECK (((hold_days >= 0) AND (hold_days <= 90))),
    CONSTRAINT creators_name_check CHECK ((length(name) <= 50)),
    CONSTRAINT creators_paid_has_account CHECK (((account IS NOT NULL) OR (NOT can_be_paid))),
    CONSTRAINT creators_slug_form CHECK ((((slug)::text ~ '^[a-z0-9](-?[a-z0-9]){2,39}$'::text) AND (length((slug)::text) <= 40))),
    CONSTRAINT creators_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'suspended'::text, 'closed'::text]))),
    CONSTRAINT creators_tagline_check CHECK ((length(tagline) <= 120))
);

CREATE TABLE public.customers (
    user_id uuid NOT NULL,
    customer text NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.disputes (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    dispute text NOT NULL,
    amount bigint NOT NULL,
    fee bigint DEFAULT 0 NOT NULL,
    tax_part bigint NOT NULL,
    fee_part bigint NOT NULL,
    withdrawn boolean NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    due_at timestamp with time zone,
    evidence jsonb,
    sent_at timestamp with time zone,
    sent_by uuid,
    opened_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT disputes_amount_check CHECK ((amount > 0)),
    CONSTRAINT disputes_closed CHECK (((closed_at IS NOT NULL) = (state = ANY (ARRAY['won'::text, 'lost'::text])))),
    CONSTRAINT disputes_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT disputes_state_check CHECK ((state = ANY (ARRAY['warning'::text, 'needs_response'::text, 'under_review'::text, 'won'::text, 'lost'::text])))
);

CREATE TABLE public.dunning_attempts (
    dunning_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamp with time zone NOT NULL,
    outcome text NOT NULL,
    reason text,
    CONSTRAINT dunning_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['paid'::text, 'refused'::text, 'unreachable'::text])))
);

CREATE TABLE public.dunnings (
    id uuid NOT NULL,
    invoice text NOT NULL,
    membership_id uuid NOT NULL,
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    failed_at timestamp with time zone NOT NULL,
    tries integer DEFAULT 0 NOT NULL,
    next_try_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT dunnings_open_goes_on CHECK (((state <> 'open'::text) OR (next_try_at IS NOT NULL))),
    CONSTRAINT dunnings_state_check CHECK ((state = ANY (ARRAY['open'::text, 'recovered'::text, 'given_up'::text])))
);

CREATE TABLE public.email_requests (
    id uuid NOT NULL,
    purpose text NOT NULL,
    user_id uuid,
    email public.citext NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT email_requests_purpose_check CHECK ((purpose = ANY (ARRAY['verify'::text, 'verify_again'::text, 'reset'::text, 'change'::text, 'undo_change'::text, 'warn_of_attempts'::text])))
);

CREATE TABLE public.gifts (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    tier_id uuid NOT NULL,
    buyer_id uuid NOT NULL,
    months integer NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    code_hash bytea,
    held_until timestamp with time zone,
    expires_at timestamp with time zone,
    claimed_by uuid,
    claimed_at timestamp with time zone,
    starts_at timestamp with time zone,
    ends_at timestamp with time zone,
    membership_id uuid,
    on_top boolean DEFAULT false NOT NULL,
    postponed_to timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    paid_at timestamp with time zone,
    CONSTRAINT gifts_amount_check CHECK ((amount >= 0)),
    CONSTRAINT gifts_claimed_whole CHECK (((state = 'claimed'::text) <= (num_nulls(claimed_by, claimed_at, starts_at, ends_at) = 0))),
    CONSTRAINT gifts_code_hash_check CHECK ((length(code_hash) = 32)),
    CONSTRAINT gifts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT gifts_message_check CHECK ((length(message) <= 500)),
    CONSTRAINT gifts_months_check CHECK ((months = ANY (ARRAY[1, 3, 6, 12]))),
    CONSTRAINT gifts_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'lapsed'::text, 'paid'::text, 'claimed'::text, 'expired'::text, 'refunded'::text])))
);

CREATE TABLE public.memberships (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    tier_id uuid NOT NULL,
    state text NOT NULL,
    source text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    "interval" text NOT NULL,
    subscription text,
    checkout text,
    card text,
    trial_days integer DEFAULT 0 NOT NULL,
    offer_id uuid,
    period_start timestamp with time zone,
    period_end timestamp with time zone,
    grace_until timestamp with time zone,
    resumes_at timestamp with time zone,
    cancels_at_end boolean DEFAULT false NOT NULL,
    cancel_reason text,
    cancel_comment text DEFAULT ''::text NOT NULL,
    pending_tier_id uuid,
    pending_amount bigint,
    pending_interval text,
    pending_from timestamp with time zone,
    pending_now boolean DEFAULT false NOT NULL,
    held_until timestamp with time zone,
    as_of timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    started_at timestamp with time zone,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT memberships_amount_check CHECK ((amount >= 0)),
    CONSTRAINT memberships_cancel_comment_check CHECK ((length(cancel_comment) <= 1000)),
    CONSTRAINT memberships_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT memberships_ended CHECK (((state = 'ended'::text) = (ended_at IS NOT NULL))),
    CONSTRAINT memberships_held CHECK (((state = 'incomplete'::text) = (held_until IS NOT NULL))),
    CONSTRAINT memberships_interval_check CHECK (("interval" = ANY (ARRAY['month'::text, 'year'::text]))),
    CONSTRAINT memberships_pending_amount_check CHECK ((pending_amount >= 0)),
    CONSTRAINT memberships_pending_interval_check CHECK ((pending_interval = ANY (ARRAY['month'::text, 'year'::text]))),
    CONSTRAINT memberships_pending_whole CHECK ((num_nulls(pending_tier_id, pending_amount, pending_interval, pending_from) = ANY (ARRAY[0, 4]))),
    CONSTRAINT memberships_source_check CHECK ((source = ANY (ARRAY['paid'::text, 'gift'::text, 'comp'::text, 'free'::text]))),
    CONSTRAINT memberships_state_check CHECK ((state = ANY (ARRAY['incomplete'::text, 'trialing'::text, 'active'::text, 'past_due'::text, 'paused'::text, 'canceled'::text, 'ended'::text]))),
    CONSTRAINT memberships_trial_days_check CHECK ((trial_days >= 0))
);

CREATE TABLE public.orders (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    kind text NOT NULL,
    membership_id uuid,
    gift_id uuid,
    goal_id uuid,
    object_id uuid,
    object_kind text,
    title text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    subtotal bigint NOT NULL,
    discount bigint DEFAULT 0 NOT NULL,
    tax bigint DEFAULT 0 NOT NULL,
    total bigint NOT NULL,
    fee bigint DEFAULT 0 NOT NULL,
    provider_fee bigint DEFAULT 0 NOT NULL,
    refunded bigint DEFAULT 0 NOT NULL,
    refunded_tax bigint DEFAULT 0 NOT NULL,
    refunded_fee bigint DEFAULT 0 NOT NULL,
    currency text NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    key text,
    checkout text,
    payment text,
    charge text,
    invoice text,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    paid_at timestamp with time zone,
    CONSTRAINT orders_adds_up CHECK ((total = ((subtotal - discount) + tax))),
    CONSTRAINT orders_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT orders_discount_check CHECK ((discount >= 0)),
    CONSTRAINT orders_fee_check CHECK ((fee >= 0)),
    CONSTRAINT orders_kind_check CHECK ((kind = ANY (ARRAY['membership'::text, 'tip'::text, 'purchase'::text, 'gift'::text]))),
    CONSTRAINT orders_message_check CHECK ((length(message) <= 500)),
    CONSTRAINT orders_object_kind_check CHECK ((object_kind = ANY (ARRAY['post'::text, 'stream'::text, 'collection'::text]))),
    CONSTRAINT orders_object_of CHECK (((object_id IS NULL) OR (kind = ANY (ARRAY['purchase'::text, 'tip'::text])))),
    CONSTRAINT orders_paid_when CHECK (((paid_at IS NULL) = (state = ANY (ARRAY['pending'::text, 'failed'::text, 'expired'::text])))),
    CONSTRAINT orders_purchase_of CHECK (((kind <> 'purchase'::text) OR ((object_id IS NOT NULL) AND (object_kind IS NOT NULL)))),
    CONSTRAINT orders_refunded_at_most CHECK (((refunded >= 0) AND (refunded <= total))),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'paid'::text, 'part_refunded'::text, 'refunded'::text, 'disputed'::text, 'failed'::text, 'expired'::text]))),
    CONSTRAINT orders_subtotal_check CHECK ((subtotal >= 0)),
    CONSTRAINT orders_tax_check CHECK ((tax >= 0)),
    CONSTRAINT orders_title_check CHECK (((length(title) >= 1) AND (length(title) <= 200))),
    CONSTRAINT orders_total_check CHECK ((total >= 0))
);

CREATE TABLE public.refunds (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    amount bigint NOT NULL,
    tax_part bigint NOT NULL,
    fee_part bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    asked_by uuid,
    state text DEFAULT 'asked'::text NOT NULL,
    refund text,
    key text,
    problem text,
    created_at timestamp with time zone NOT NULL,
    settled_at timestamp with time zone,
    CONSTRAINT refunds_amount_check CHECK ((amount > 0)),
    CONSTRAINT refunds_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT refunds_reason_check CHECK ((length(reason) <= 500)),
    CONSTRAINT refunds_state_check CHECK ((state = ANY (ARRAY['asked'::text, 'sent'::text, 'done'::text, 'failed'::text])))
);

CREATE TABLE public.tiers (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    rank integer NOT NULL,
    name text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    benefits text[] DEFAULT '{}'::text[] NOT NULL,
    min_amount bigint NOT NULL,
    suggested_amount bigint,
    yearly_min_amount bigint,
    currency text NOT NULL,
    pay_what_you_want boolean DEFAULT false NOT NULL,
    trial_days integer DEFAULT 0 NOT NULL,
    cap integer,
    state text DEFAULT 'draft'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT tiers_about_check CHECK ((length(about) <= 2000)),
    CONSTRAINT tiers_benefits_check CHECK ((cardinality(benefits) <= 20)),
    CONSTRAINT tiers_cap_check CHECK (((cap >= 1) AND (cap <= 1000000))),
    CONSTRAINT tiers_check CHECK ((suggested_amount >= min_amount)),
    CONSTRAINT tiers_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT tiers_free_is_free CHECK (((min_amount > 0) OR (yearly_min_amount IS NULL))),
    CONSTRAINT tiers_min_amount_check CHECK ((min_amount >= 0)),
    CONSTRAINT tiers_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60))),
    CONSTRAINT tiers_rank_check CHECK (((rank >= 1) AND (rank <= 1000))),
    CONSTRAINT tiers_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'open'::text, 'archived'::text]))),
    CONSTRAINT tiers_trial_days_check CHECK (((trial_days >= 0) AND (trial_days <= 90))),
    CONSTRAINT tiers_yearly_min_amount_check CHECK ((yearly_min_amount >= 0))
);

CREATE VIEW public.entitlement_claims AS
 SELECT m.user_id,
    m.creator_id,
    'tier'::text AS scope,
    t.rank,
    NULL::uuid AS object_id,
        CASE m.source
            WHEN 'gift'::text THEN 'gift'::text
            WHEN 'comp'::text THEN 'comp'::text
            ELSE 'membership'::text
        END AS source,
    m.id AS source_id,
    m.started_at AS starts_at,
        CASE
            WHEN (m.state = ANY (ARRAY['trialing'::text, 'active'::text, 'past_due'::text])) THEN COALESCE(m.grace_until, m.period_end)
            ELSE m.period_end
        END AS ends_at,
    t.name AS tier_name
   FROM (public.memberships m
     JOIN public.tiers t ON ((t.id = m.tier_id)))
  WHERE (m.state <> ALL (ARRAY['incomplete'::text, 'ended'::text]))
UNION ALL
 SELECT g.claimed_by AS user_id,
    g.creator_id,
    'tier'::text AS scope,
    t.rank,
    NULL::uuid AS object_id,
    'gift'::text AS source,
    g.id AS source_id,
    g.starts_at,
    g.ends_at,
    t.name AS tier_name
   FROM (public.gifts g
     JOIN public.tiers t ON ((t.id = g.tier_id)))
  WHERE ((g.state = 'claimed'::text) AND g.on_top)
UNION ALL
 SELECT o.user_id,
    o.creator_id,
    o.object_kind AS scope,
    NULL::integer AS rank,
    o.object_id,
    'purchase'::text AS source,
    o.id AS source_id,
    o.paid_at AS starts_at,
    NULL::timestamp with time zone AS ends_at,
    ''::text AS tier_name
   FROM public.orders o
  WHERE ((o.kind = 'purchase'::text) AND (o.paid_at IS NOT NULL) AND ((o.refunded < o.total) OR (EXISTS ( SELECT
           FROM public.refunds r
          WHERE ((r.order_id = o.id) AND (r.state = 'asked'::text))))) AND (NOT (EXISTS ( SELECT
           FROM public.refunds r
          WHERE ((r.order_id = o.id) AND (r.key = 'surplus'::text))))));

CREATE TABLE public.entitlements (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    scope text NOT NULL,
    rank integer,
    object_id uuid,
    source text NOT NULL,
    source_id uuid NOT NULL,
    tier_name text DEFAULT ''::text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    revoked_at timestamp with time zone,
    revoked_why text,
    away interval DEFAULT '00:00:00'::interval NOT NULL,
    CONSTRAINT entitlements_rank_check CHECK ((rank >= 0)),
    CONSTRAINT entitlements_scope_check CHECK ((scope = ANY (ARRAY['tier'::text, 'post'::text, 'stream'::text, 'collection'::text]))),
    CONSTRAINT entitlements_scope_fits CHECK (
CASE
    WHEN (scope = 'tier'::text) THEN ((rank IS NOT NULL) AND (object_id IS NULL))
    ELSE ((rank IS NULL) AND (object_id IS NOT NULL))
END),
    CONSTRAINT entitlements_source_check CHECK ((source = ANY (ARRAY['membership'::text, 'gift'::text, 'purchase'::text, 'comp'::text, 'team'::text]))),
    CONSTRAINT entitlements_time_goes_on CHECK (((ends_at IS NULL) OR (ends_at >= starts_at)))
);

CREATE TABLE public.exports (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    state text DEFAULT 'waiting'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    finished_at timestamp with time zone,
    expires_at timestamp with time zone,
    bytes bigint,
    sha256 text,
    problem text,
    CONSTRAINT exports_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'ready'::text, 'failed'::text, 'expired'::text])))
);

CREATE TABLE public.feed_wishes (
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    wish text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT feed_wishes_wish_check CHECK ((wish = ANY (ARRAY['mute'::text, 'less'::text])))
);

CREATE TABLE public.follows (
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.goals (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    title text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    target bigint NOT NULL,
    currency text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    closed_at timestamp with time zone,
    CONSTRAINT goals_about_check CHECK ((length(about) <= 1000)),
    CONSTRAINT goals_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT goals_state_check CHECK ((state = ANY (ARRAY['open'::text, 'closed'::text]))),
    CONSTRAINT goals_target_check CHECK ((target > 0)),
    CONSTRAINT goals_title_check CHECK (((length(title) >= 1) AND (length(title) <= 80)))
);

CREATE TABLE public.idempotency_keys (
    caller text NOT NULL,
    key_hash bytea NOT NULL,
    request_hash bytea NOT NULL,
    lease uuid NOT NULL,
    lease_until timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    sealed bytea,
    CONSTRAINT idempotency_keys_key_hash_check CHECK ((octet_length(key_hash) = 32)),
    CONSTRAINT idempotency_keys_request_hash_check CHECK ((octet_length(request_hash) = 32))
);

CREATE TABLE public.identities (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    provider text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    email public.citext,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone
);

CREATE TABLE public.invoice_numbers (
    creator_id uuid NOT NULL,
    year integer NOT NULL,
    last integer NOT NULL
);

CREATE TABLE public.invoices (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    year integer NOT NULL,
    number integer NOT NULL,
    kind text NOT NULL,
    order_id uuid NOT NULL,
    refund_id uuid,
    issued_at timestamp with time zone NOT NULL,
    paper jsonb NOT NULL,
    CONSTRAINT invoices_credit_note CHECK (((kind = 'credit_note'::text) = (refund_id IS NOT NULL))),
    CONSTRAINT invoices_kind_check CHECK ((kind = ANY (ARRAY['invoice'::text, 'credit_note'::text]))),
    CONSTRAINT invoices_number_check CHECK ((number >= 1))
);

CREATE TABLE public.job_failures (
    job_id bigint NOT NULL,
    error text NOT NULL,
    attempts integer NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.ledger_entries (
    id uuid NOT NULL,
    transaction_id uuid NOT NULL,
    account text NOT NULL,
    owner uuid,
    amount bigint NOT NULL,
    currency text NOT NULL,
    release_at timestamp with time zone,
    CONSTRAINT ledger_entries_account_check CHECK ((account = ANY (ARRAY['fan'::text, 'creator_held'::text, 'creator_available'::text, 'creator_reserve'::text, 'in_payout'::text, 'platform_fees'::text, 'provider'::text, 'provider_fees'::text, 'tax'::text, 'refunds'::text, 'disputes'::text]))),
    CONSTRAINT ledger_entries_amount CHECK ((amount <> 0)),
    CONSTRAINT ledger_entries_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT ledger_entries_held_has_release CHECK (((account = 'creator_held'::text) = (release_at IS NOT NULL))),
    CONSTRAINT ledger_entries_owner CHECK (((owner IS NOT NULL) = (account = ANY (ARRAY['fan'::text, 'creator_held'::text, 'creator_available'::text, 'creator_reserve'::text, 'in_payout'::text]))))
);

CREATE TABLE public.ledger_proven (
    one boolean DEFAULT true NOT NULL,
    until uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    CONSTRAINT ledger_proven_one_check CHECK (one)
);

CREATE TABLE public.ledger_proven_sums (
    account text NOT NULL,
    owner uuid,
    currency text NOT NULL,
    amount bigint NOT NULL,
    taken_back bigint NOT NULL,
    CONSTRAINT ledger_proven_sums_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.ledger_transactions (
    id uuid NOT NULL,
    key text NOT NULL,
    kind text NOT NULL,
    reference uuid,
    at timestamp with time zone NOT NULL,
    entries smallint NOT NULL,
    CONSTRAINT ledger_transactions_entries_check CHECK ((entries >= 2)),
    CONSTRAINT ledger_transactions_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200))),
    CONSTRAINT ledger_transactions_kind_check CHECK (((kind ~ '^[a-z_]+$'::text) AND (length(kind) <= 40)))
);

CREATE TABLE public.ledger_unpaid (
    entry_id uuid NOT NULL,
    owner uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    release_at timestamp with time zone,
    released_at timestamp with time zone
);

CREATE TABLE public.live_settings (
    creator_id uuid NOT NULL,
    clips text DEFAULT 'viewers'::text NOT NULL,
    raids text DEFAULT 'ask'::text NOT NULL,
    embeds text DEFAULT 'anywhere'::text NOT NULL,
    sites text[] DEFAULT '{}'::text[] NOT NULL,
    CONSTRAINT live_settings_clips_check CHECK ((clips = ANY (ARRAY['team'::text, 'members'::text, 'viewers'::text]))),
    CONSTRAINT live_settings_embeds_check CHECK ((embeds = ANY (ARRAY['nowhere'::text, 'anywhere'::text, 'listed'::text]))),
    CONSTRAINT live_settings_raids_check CHECK ((raids = ANY (ARRAY['ask'::text, 'welcome'::text, 'never'::text]))),
    CONSTRAINT live_settings_sites_check CHECK ((cardinality(sites) <= 20))
);

CREATE TABLE public.media_allowances (
    creator_id uuid NOT NULL,
    plan text DEFAULT 'standard'::text NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT media_allowances_plan_check CHECK ((plan ~ '^[a-z][a-z0-9-]{0,30}$'::text))
);

CREATE TABLE public.member_feeds (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT member_feeds_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE TABLE public.member_notes (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    author_id uuid,
    text text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT member_notes_text_check CHECK (((length(text) >= 1) AND (length(text) <= 2000)))
);

CREATE TABLE public.membership_events (
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    actor_id uuid,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL
);

CREATE TABLE public.notification_deliveries (
    notification_id uuid NOT NULL,
    user_id uuid NOT NULL,
    channel text NOT NULL,
    gathered boolean DEFAULT false NOT NULL,
    due_at timestamp with time zone NOT NULL,
    taken_until timestamp with time zone,
    CONSTRAINT notification_deliveries_channel_check CHECK ((channel = ANY (ARRAY['email'::text, 'push'::text])))
);

CREATE TABLE public.notification_positions (
    user_id uuid NOT NULL,
    last bigint NOT NULL,
    epoch uuid DEFAULT gen_random_uuid() NOT NULL
);

CREATE TABLE public.notification_preferences (
    user_id uuid NOT NULL,
    kind text NOT NULL,
    channel text NOT NULL,
    wanted boolean NOT NULL,
    CONSTRAINT notification_preferences_channel CHECK ((channel = ANY (ARRAY['in_app'::text, 'email'::text, 'push'::text])))
);

CREATE TABLE public.notification_settings (
    user_id uuid NOT NULL,
    quiet_from smallint,
    quiet_to smallint,
    digest text DEFAULT 'at_once'::text NOT NULL,
    digest_at smallint DEFAULT 1080 NOT NULL,
    digest_weekday smallint DEFAULT 0 NOT NULL,
    CONSTRAINT notification_settings_digest_at_check CHECK (((digest_at >= 0) AND (digest_at <= 1439))),
    CONSTRAINT notification_settings_digest_check CHECK ((digest = ANY (ARRAY['at_once'::text, 'daily'::text, 'weekly'::text, 'never'::text]))),
    CONSTRAINT notification_settings_digest_weekday_check CHECK (((digest_weekday >= 0) AND (digest_weekday <= 6))),
    CONSTRAINT notification_settings_quiet_from_check CHECK (((quiet_from >= 0) AND (quiet_from <= 1439))),
    CONSTRAINT notification_settings_quiet_lasts CHECK ((quiet_from <> quiet_to)),
    CONSTRAINT notification_settings_quiet_to_check CHECK (((quiet_to >= 0) AND (quiet_to <= 1439))),
    CONSTRAINT notification_settings_quiet_whole CHECK ((num_nulls(quiet_from, quiet_to) = ANY (ARRAY[0, 2])))
);

CREATE TABLE public.notifications (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    "position" bigint NOT NULL,
    kind text NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    link text DEFAULT ''::text NOT NULL,
    dedupe_key text,
    created_at timestamp with time zone NOT NULL,
    read_at timestamp with time zone,
    collapse_key text,
    times integer DEFAULT 1 NOT NULL,
    actors uuid[] DEFAULT '{}'::uuid[] NOT NULL,
    CONSTRAINT notifications_link_check CHECK (((link = ''::text) OR (link ~~ '/%'::text))),
    CONSTRAINT notifications_times_check CHECK ((times >= 1))
);

CREATE TABLE public.offer_redemptions (
    offer_id uuid NOT NULL,
    user_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.offers (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    tier_id uuid,
    code public.citext NOT NULL,
    name text NOT NULL,
    percent integer,
    amount bigint,
    currency text NOT NULL,
    periods integer,
    at_most integer,
    expires_at timestamp with time zone,
    audience text DEFAULT 'all'::text NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT offers_amount_check CHECK ((amount > 0)),
    CONSTRAINT offers_at_most_check CHECK ((at_most >= 1)),
    CONSTRAINT offers_audience_check CHECK ((audience = ANY (ARRAY['all'::text, 'new'::text, 'former'::text]))),
    CONSTRAINT offers_code_check CHECK (((code)::text ~ '^[A-Za-z0-9][A-Za-z0-9-]{2,29}$'::text)),
    CONSTRAINT offers_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT offers_free_ends CHECK (((percent IS DISTINCT FROM 100) OR (periods IS NOT NULL))),
    CONSTRAINT offers_name_check CHECK (((length(name) >= 1) AND (length(name) <= 60))),
    CONSTRAINT offers_one_kind CHECK ((num_nonnulls(percent, amount) = 1)),
    CONSTRAINT offers_percent_check CHECK (((percent >= 1) AND (percent <= 100))),
    CONSTRAINT offers_periods_check CHECK (((periods >= 1) AND (periods <= 36))),
    CONSTRAINT offers_state_check CHECK ((state = ANY (ARRAY['open'::text, 'archived'::text])))
);

CREATE TABLE public.page_blocks (
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    by text NOT NULL,
    by_user uuid,
    reason text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT page_blocks_by_check CHECK ((by = ANY (ARRAY['page'::text, 'person'::text]))),
    CONSTRAINT page_blocks_reason_check CHECK ((length(reason) <= 200))
);

CREATE TABLE public.passkeys (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    credential_id bytea NOT NULL,
    public_key bytea NOT NULL,
    sign_count bigint NOT NULL,
    name text NOT NULL,
    transports text[] DEFAULT '{}'::text[] NOT NULL,
    backed_up boolean NOT NULL,
    created_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    CONSTRAINT passkeys_name_check CHECK ((length(name) <= 60))
);

CREATE TABLE public.passwords (
    user_id uuid NOT NULL,
    hash text NOT NULL,
    changed_at timestamp with time zone NOT NULL
);

CREATE TABLE public.past_handles (
    handle public.citext NOT NULL,
    user_id uuid NOT NULL,
    until timestamp with time zone NOT NULL
);

CREATE TABLE public.payout_items (
    entry_id uuid NOT NULL,
    payout_id uuid NOT NULL,
    amount bigint NOT NULL
);

CREATE TABLE public.payouts (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    account text NOT NULL,
    amount bigint NOT NULL,
    currency text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    transfer text,
    payout text,
    failure text,
    first_tried_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    arrives_at timestamp with time zone,
    ended_at timestamp with time zone,
    CONSTRAINT payouts_amount_check CHECK ((amount > 0)),
    CONSTRAINT payouts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT payouts_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'transferred'::text, 'submitted'::text, 'paid'::text, 'failed'::text, 'returned'::text]))),
    CONSTRAINT payouts_transferred CHECK (((state = 'draft'::text) OR (state = 'returned'::text) OR (transfer IS NOT NULL)))
);

CREATE TABLE public.playlist_items (
    playlist_id uuid NOT NULL,
    post_id uuid NOT NULL,
    "position" integer NOT NULL,
    added_at timestamp with time zone NOT NULL,
    CONSTRAINT playlist_items_position_check CHECK (("position" >= 0))
);

CREATE TABLE public.playlists (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    title text NOT NULL,
    shared boolean DEFAULT false NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT playlists_title_check CHECK (((length(title) >= 1) AND (length(title) <= 100)))
);

CREATE TABLE public.podcasts (
    creator_id uuid NOT NULL,
    category text DEFAULT ''::text NOT NULL,
    language text DEFAULT 'en'::text NOT NULL,
    explicit boolean DEFAULT false NOT NULL,
    email text DEFAULT ''::text NOT NULL,
    told_by uuid,
    cover text,
    side integer,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT podcasts_category_check CHECK ((length(category) <= 80)),
    CONSTRAINT podcasts_check CHECK (((cover IS NULL) = (side IS NULL))),
    CONSTRAINT podcasts_email_check CHECK ((length(email) <= 254)),
    CONSTRAINT podcasts_language_check CHECK ((language ~ '^[a-z]{2}$'::text)),
    CONSTRAINT podcasts_side_check CHECK (((side >= 1400) AND (side <= 3000)))
);

CREATE TABLE public.poll_votes (
    poll_id uuid NOT NULL,
    user_id uuid NOT NULL,
    option integer NOT NULL,
    voted_at timestamp with time zone NOT NULL,
    CONSTRAINT poll_votes_option_check CHECK ((option >= 0))
);

CREATE TABLE public.polls (
    id uuid NOT NULL,
    room_id uuid NOT NULL,
    question text NOT NULL,
    options text[] NOT NULL,
    asked_by uuid,
    opened_at timestamp with time zone NOT NULL,
    closes_at timestamp with time zone NOT NULL,
    closed_at timestamp with time zone,
    CONSTRAINT polls_options_check CHECK (((cardinality(options) >= 2) AND (cardinality(options) <= 8))),
    CONSTRAINT polls_question_check CHECK (((length(question) >= 1) AND (length(question) <= 200))),
    CONSTRAINT polls_time_goes_on CHECK ((closes_at > opened_at))
);

CREATE TABLE public.post_assets (
    post_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    "position" integer NOT NULL,
    caption text DEFAULT ''::text NOT NULL,
    alt text DEFAULT ''::text NOT NULL,
    CONSTRAINT post_assets_alt_check CHECK ((length(alt) <= 500)),
    CONSTRAINT post_assets_caption_check CHECK ((length(caption) <= 500)),
    CONSTRAINT post_assets_position_check CHECK (("position" >= 0))
);

CREATE TABLE public.post_counts (
    post_id uuid NOT NULL,
    comment_id uuid,
    what text NOT NULL,
    count bigint NOT NULL
);

CREATE TABLE public.post_revisions (
    post_id uuid NOT NULL,
    revision integer NOT NULL,
    at timestamp with time zone NOT NULL,
    by_user uuid,
    words jsonb NOT NULL
);

CREATE TABLE public.post_search (
    post_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    shown_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    access text NOT NULL,
    min_rank integer,
    tags text[] NOT NULL,
    media text[] DEFAULT '{}'::text[] NOT NULL,
    seconds integer DEFAULT 0 NOT NULL,
    head tsvector NOT NULL,
    open tsvector NOT NULL,
    whole tsvector
);

CREATE TABLE public.post_tags (
    post_id uuid NOT NULL,
    tag text NOT NULL,
    "position" smallint NOT NULL,
    CONSTRAINT post_tags_position_check CHECK ((("position" >= 0) AND ("position" <= 9))),
    CONSTRAINT post_tags_tag_check CHECK ((((length(tag) >= 1) AND (length(tag) <= 40)) AND (tag !~ '[[:space:]#,]'::text)))
);

CREATE TABLE public.posts (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    author_id uuid,
    kind text DEFAULT 'post'::text NOT NULL,
    title text NOT NULL,
    teaser text DEFAULT ''::text NOT NULL,
    body text DEFAULT ''::text NOT NULL,
    access text NOT NULL,
    min_rank integer,
    price bigint,
    currency text NOT NULL,
    drip_days integer DEFAULT 0 NOT NULL,
    warnings text[] DEFAULT '{}'::text[] NOT NULL,
    comments text DEFAULT 'open'::text NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    publish_at timestamp with time zone,
    announced_at timestamp with time zone,
    pinned_at timestamp with time zone,
    edited_at timestamp with time zone,
    removed_at timestamp with time zone,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    ticket_id uuid,
    CONSTRAINT posts_access_check CHECK ((access = ANY (ARRAY['public'::text, 'followers'::text, 'members'::text, 'rank'::text, 'paid'::text]))),
    CONSTRAINT posts_body_check CHECK ((length(body) <= 50000)),
    CONSTRAINT posts_comments_check CHECK ((comments = ANY (ARRAY['open'::text, 'members'::text, 'hold'::text, 'closed'::text]))),
    CONSTRAINT posts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT posts_drip_days_check CHECK (((drip_days >= 0) AND (drip_days <= 730))),
    CONSTRAINT posts_drip_fits CHECK (((drip_days = 0) OR (access = ANY (ARRAY['members'::text, 'rank'::text])))),
    CONSTRAINT posts_kind_check CHECK ((kind = ANY (ARRAY['post'::text, 'release'::text]))),
    CONSTRAINT posts_min_rank_check CHECK (((min_rank >= 1) AND (min_rank <= 1000))),
    CONSTRAINT posts_price_check CHECK ((price > 0)),
    CONSTRAINT posts_price_fits CHECK (((price IS NULL) OR (access = 'paid'::text))),
    CONSTRAINT posts_rank_fits CHECK (((min_rank IS NULL) OR (access = 'rank'::text))),
    CONSTRAINT posts_removed CHECK (((state = 'removed'::text) = (removed_at IS NOT NULL))),
    CONSTRAINT posts_state_check CHECK ((state = ANY (ARRAY['draft'::text, 'published'::text, 'removed'::text]))),
    CONSTRAINT posts_teaser_check CHECK ((length(teaser) <= 400)),
    CONSTRAINT posts_title_check CHECK ((length(title) <= 140)),
    CONSTRAINT posts_warnings_check CHECK ((warnings <@ ARRAY['nudity'::text, 'sex'::text, 'violence'::text, 'self_harm'::text, 'drugs'::text, 'flashing'::text, 'language'::text, 'other'::text])),
    CONSTRAINT posts_whole CHECK (((state <> 'published'::text) OR ((title <> ''::text) AND (publish_at IS NOT NULL) AND ((access <> 'rank'::text) OR (min_rank IS NOT NULL)) AND ((access <> 'paid'::text) OR (price IS NOT NULL)))))
);

CREATE TABLE public.price_questions (
    change_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    agreed_at timestamp with time zone
);

CREATE TABLE public.processing (
    asset_id uuid NOT NULL,
    attempt integer DEFAULT 0 NOT NULL,
    stage text DEFAULT 'waiting'::text NOT NULL,
    progress real DEFAULT 0 NOT NULL,
    worker text,
    lease_until timestamp with time zone,
    cancel boolean DEFAULT false NOT NULL,
    kept jsonb DEFAULT '{}'::jsonb NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT processing_attempt_check CHECK ((attempt >= 0)),
    CONSTRAINT processing_leased CHECK (((worker IS NULL) = (lease_until IS NULL))),
    CONSTRAINT processing_progress_check CHECK (((progress >= (0)::double precision) AND (progress <= (1)::double precision))),
    CONSTRAINT processing_stage_check CHECK ((stage = ANY (ARRAY['waiting'::text, 'fetching'::text, 'looking'::text, 'pictures'::text, 'sound'::text, 'film'::text, 'pages'::text, 'storing'::text, 'done'::text])))
);

CREATE TABLE public.processing_attempts (
    asset_id uuid NOT NULL,
    attempt integer NOT NULL,
    worker text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    outcome text,
    reason_code text,
    reason text,
    CONSTRAINT processing_attempts_attempt_check CHECK ((attempt > 0)),
    CONSTRAINT processing_attempts_ended CHECK (((outcome IS NULL) = (ended_at IS NULL))),
    CONSTRAINT processing_attempts_outcome_check CHECK ((outcome = ANY (ARRAY['ready'::text, 'failed'::text, 'cancelled'::text, 'interrupted'::text, 'lost'::text])))
);

CREATE TABLE public.procrastinate_events (
    id bigint NOT NULL,
    job_id bigint NOT NULL,
    type public.procrastinate_job_event_type,
    at timestamp with time zone DEFAULT now()
);

CREATE SEQUENCE public.procrastinate_events_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_events_id_seq OWNED BY public.procrastinate_events.id;

CREATE SEQUENCE public.procrastinate_jobs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_jobs_id_seq OWNED BY public.procrastinate_jobs.id;

CREATE TABLE public.procrastinate_periodic_defers (
    id bigint NOT NULL,
    task_name character varying(128) NOT NULL,
    defer_timestamp bigint,
    job_id bigint,
    periodic_id character varying(128) DEFAULT ''::character varying NOT NULL
);

CREATE SEQUENCE public.procrastinate_periodic_defers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER SEQUENCE public.procrastinate_periodic_defers_id_seq OWNED BY public.procrastinate_periodic_defers.id;

CREATE TABLE public.procrastinate_workers (
    id bigint NOT NULL,
    last_heartbeat timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.procrastinate_workers ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.procrastinate_workers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.provider_events (
    provider text NOT NULL,
    event_id text NOT NULL,
    kind text NOT NULL,
    object_id text NOT NULL,
    account text,
    payload jsonb NOT NULL,
    created_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    processed_at timestamp with time zone,
    handled boolean DEFAULT false NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    error text
);

CREATE TABLE public.provider_moves (
    id text NOT NULL,
    kind text NOT NULL,
    source text,
    amount bigint NOT NULL,
    fee bigint NOT NULL,
    net bigint NOT NULL,
    currency text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    ledger_key text
);

CREATE TABLE public.push_subscriptions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    session_id uuid,
    endpoint text NOT NULL,
    p256dh bytea NOT NULL,
    auth bytea NOT NULL,
    device text DEFAULT ''::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    used_at timestamp with time zone,
    CONSTRAINT push_subscriptions_auth_check CHECK ((length(auth) = 16)),
    CONSTRAINT push_subscriptions_device_check CHECK ((length(device) <= 80)),
    CONSTRAINT push_subscriptions_endpoint_check CHECK ((length(endpoint) <= 1000)),
    CONSTRAINT push_subscriptions_p256dh_check CHECK ((length(p256dh) = 65))
);

CREATE TABLE public.reactions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    post_id uuid NOT NULL,
    comment_id uuid,
    kind text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    CONSTRAINT reactions_kind_check CHECK ((kind = ANY (ARRAY['heart'::text, 'fire'::text, 'clap'::text, 'laugh'::text, 'wow'::text])))
);

CREATE TABLE public.reconciliations (
    id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    since timestamp with time zone NOT NULL,
    until timestamp with time zone NOT NULL,
    moves integer NOT NULL,
    differences jsonb NOT NULL,
    balances jsonb NOT NULL
);

CREATE TABLE public.recordings (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    node text NOT NULL,
    state text NOT NULL,
    folder text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    duration_ms bigint DEFAULT 0 NOT NULL,
    facts jsonb DEFAULT '{}'::jsonb NOT NULL,
    problem text,
    asset_id uuid,
    post_id uuid,
    CONSTRAINT recordings_adopted CHECK (((state = 'adopted'::text) = (asset_id IS NOT NULL))),
    CONSTRAINT recordings_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT recordings_folder_check CHECK ((length(folder) <= 200)),
    CONSTRAINT recordings_node_check CHECK ((length(node) <= 100)),
    CONSTRAINT recordings_state_check CHECK ((state = ANY (ARRAY['recording'::text, 'finishing'::text, 'ready'::text, 'adopted'::text, 'failed'::text])))
);

CREATE TABLE public.recovery_codes (
    user_id uuid NOT NULL,
    hash bytea NOT NULL,
    used_at timestamp with time zone
);

CREATE TABLE public.refund_requests (
    id uuid NOT NULL,
    order_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    reason text NOT NULL,
    state text NOT NULL,
    asked_at timestamp with time zone NOT NULL,
    due_at timestamp with time zone NOT NULL,
    answer text DEFAULT ''::text NOT NULL,
    answered_by uuid,
    answered_at timestamp with time zone,
    final boolean DEFAULT false NOT NULL,
    refund_id uuid,
    CONSTRAINT refund_requests_answer_check CHECK ((length(answer) <= 500)),
    CONSTRAINT refund_requests_answered CHECK (((answered_at IS NULL) = (state = ANY (ARRAY['open'::text, 'escalated'::text])))),
    CONSTRAINT refund_requests_approved CHECK (((refund_id IS NULL) OR (state = 'approved'::text))),
    CONSTRAINT refund_requests_reason_check CHECK ((length(reason) <= 500)),
    CONSTRAINT refund_requests_state_check CHECK ((state = ANY (ARRAY['open'::text, 'escalated'::text, 'approved'::text, 'declined'::text, 'withdrawn'::text])))
);

CREATE TABLE public.renditions (
    asset_id uuid NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    path text NOT NULL,
    mime text NOT NULL,
    width integer,
    height integer,
    bitrate integer,
    bytes bigint DEFAULT 0 NOT NULL,
    CONSTRAINT renditions_bitrate_check CHECK ((bitrate > 0)),
    CONSTRAINT renditions_bytes_check CHECK ((bytes >= 0)),
    CONSTRAINT renditions_height_check CHECK ((height > 0)),
    CONSTRAINT renditions_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT renditions_path_check CHECK (((length(path) >= 1) AND (length(path) <= 500))),
    CONSTRAINT renditions_role_check CHECK ((role = ANY (ARRAY['playlist'::text, 'video'::text, 'audio'::text, 'image'::text, 'poster'::text, 'storyboard'::text, 'waveform'::text, 'preview'::text, 'captions'::text]))),
    CONSTRAINT renditions_version_check CHECK ((version > 0)),
    CONSTRAINT renditions_width_check CHECK ((width > 0))
);

CREATE TABLE public.schema_migrations (
    name text NOT NULL,
    checksum text,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.search_words (
    word text NOT NULL,
    shown_from timestamp with time zone NOT NULL,
    CONSTRAINT search_words_word_check CHECK (((length(word) >= 3) AND (length(word) <= 40)))
);

CREATE TABLE public.sessions (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    token_hash bytea NOT NULL,
    method text NOT NULL,
    device text NOT NULL,
    address_prefix text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    authenticated_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    CONSTRAINT sessions_method_check CHECK ((method = ANY (ARRAY['password'::text, 'passkey'::text, 'oidc'::text, 'sign_up'::text]))),
    CONSTRAINT sessions_token_hash_check CHECK ((length(token_hash) = 32))
);

CREATE TABLE public.spend_caps (
    user_id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT spend_caps_amount_check CHECK ((amount >= 0)),
    CONSTRAINT spend_caps_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.spend_holds (
    id uuid NOT NULL,
    membership_id uuid NOT NULL,
    user_id uuid NOT NULL,
    currency text NOT NULL,
    amount bigint NOT NULL,
    until timestamp with time zone NOT NULL,
    CONSTRAINT spend_holds_amount_check CHECK ((amount >= 0)),
    CONSTRAINT spend_holds_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text))
);

CREATE TABLE public.stream_health (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    level text DEFAULT 'info'::text NOT NULL,
    code text DEFAULT ''::text NOT NULL,
    message text DEFAULT ''::text NOT NULL,
    figures jsonb DEFAULT '{}'::jsonb NOT NULL,
    CONSTRAINT stream_health_code_check CHECK ((length(code) <= 60)),
    CONSTRAINT stream_health_kind_check CHECK ((kind = ANY (ARRAY['figures'::text, 'event'::text]))),
    CONSTRAINT stream_health_level_check CHECK ((level = ANY (ARRAY['info'::text, 'warning'::text, 'error'::text]))),
    CONSTRAINT stream_health_message_check CHECK ((length(message) <= 500))
);

CREATE TABLE public.stream_hosts (
    stream_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    state text DEFAULT 'invited'::text NOT NULL,
    moderates boolean DEFAULT false NOT NULL,
    invited_by uuid,
    invited_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT stream_hosts_state_check CHECK ((state = ANY (ARRAY['invited'::text, 'accepted'::text, 'declined'::text])))
);

CREATE TABLE public.stream_keys (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    hash bytea NOT NULL,
    hint text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    revoked_at timestamp with time zone,
    used_at timestamp with time zone,
    CONSTRAINT stream_keys_hash_check CHECK ((length(hash) = 32)),
    CONSTRAINT stream_keys_hint_check CHECK ((length(hint) <= 12))
);

CREATE TABLE public.stream_markers (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    label text NOT NULL,
    made_by uuid,
    CONSTRAINT stream_markers_label_check CHECK (((length(label) >= 1) AND (length(label) <= 100)))
);

CREATE TABLE public.stream_place_hours (
    stream_id uuid NOT NULL,
    began_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone NOT NULL,
    CONSTRAINT stream_place_hours_check CHECK ((ended_at >= began_at))
);

CREATE TABLE public.stream_places (
    stream_id uuid NOT NULL,
    backend text NOT NULL,
    ids jsonb NOT NULL,
    endpoints jsonb NOT NULL,
    wanted text DEFAULT 'idle'::text NOT NULL,
    state text DEFAULT 'idle'::text NOT NULL,
    problem text DEFAULT ''::text NOT NULL,
    armed_at timestamp with time zone,
    quiet_since timestamp with time zone,
    made_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    released_at timestamp with time zone,
    CONSTRAINT stream_places_backend_check CHECK ((backend = ANY (ARRAY['medialive'::text, 'ivs'::text]))),
    CONSTRAINT stream_places_state_check CHECK ((state = ANY (ARRAY['gone'::text, 'idle'::text, 'arming'::text, 'armed'::text, 'live'::text, 'stopping'::text, 'failed'::text]))),
    CONSTRAINT stream_places_wanted_check CHECK ((wanted = ANY (ARRAY['idle'::text, 'armed'::text, 'released'::text])))
);

CREATE TABLE public.stream_raids (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    target_id uuid NOT NULL,
    state text NOT NULL,
    viewers integer DEFAULT 0 NOT NULL,
    offered_by uuid,
    offered_at timestamp with time zone NOT NULL,
    answered_at timestamp with time zone,
    CONSTRAINT stream_raids_another CHECK ((stream_id <> target_id)),
    CONSTRAINT stream_raids_state_check CHECK ((state = ANY (ARRAY['offered'::text, 'accepted'::text, 'refused'::text, 'done'::text, 'over'::text]))),
    CONSTRAINT stream_raids_viewers_check CHECK ((viewers >= 0))
);

CREATE TABLE public.stream_reminders (
    stream_id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_at timestamp with time zone NOT NULL
);

CREATE TABLE public.stream_rendition_seconds (
    stream_id uuid NOT NULL,
    rendition text NOT NULL,
    seconds bigint DEFAULT 0 NOT NULL,
    CONSTRAINT stream_rendition_seconds_rendition_check CHECK (((length(rendition) >= 1) AND (length(rendition) <= 20))),
    CONSTRAINT stream_rendition_seconds_seconds_check CHECK ((seconds >= 0))
);

CREATE TABLE public.stream_samples (
    stream_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    viewers integer NOT NULL,
    messages integer DEFAULT 0 NOT NULL,
    tips integer DEFAULT 0 NOT NULL,
    tipped bigint DEFAULT 0 NOT NULL,
    CONSTRAINT stream_samples_messages_check CHECK ((messages >= 0)),
    CONSTRAINT stream_samples_tipped_check CHECK ((tipped >= 0)),
    CONSTRAINT stream_samples_tips_check CHECK ((tips >= 0)),
    CONSTRAINT stream_samples_viewers_check CHECK ((viewers >= 0))
);

CREATE TABLE public.stream_sessions (
    id uuid NOT NULL,
    stream_id uuid NOT NULL,
    key_id uuid,
    node text NOT NULL,
    protocol text NOT NULL,
    began_at timestamp with time zone NOT NULL,
    seen_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    end_reason text,
    CONSTRAINT stream_sessions_node_check CHECK ((length(node) <= 100)),
    CONSTRAINT stream_sessions_protocol_check CHECK ((protocol = ANY (ARRAY['rtmp'::text, 'rtmps'::text, 'srt'::text, 'whip'::text])))
);

CREATE TABLE public.stream_viewers (
    stream_id uuid NOT NULL,
    viewer text NOT NULL,
    user_id uuid,
    source text DEFAULT ''::text NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    seconds integer DEFAULT 0 NOT NULL,
    CONSTRAINT stream_viewers_seconds_check CHECK ((seconds >= 0)),
    CONSTRAINT stream_viewers_source_check CHECK ((length(source) <= 60)),
    CONSTRAINT stream_viewers_viewer_check CHECK (((length(viewer) >= 1) AND (length(viewer) <= 40)))
);

CREATE TABLE public.streams (
    id uuid NOT NULL,
    creator_id uuid NOT NULL,
    created_by uuid,
    title text NOT NULL,
    about text DEFAULT ''::text NOT NULL,
    access text NOT NULL,
    min_rank integer,
    price bigint,
    currency text NOT NULL,
    state text NOT NULL,
    backend text DEFAULT 'local'::text NOT NULL,
    is_recorded boolean DEFAULT true NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    scheduled_at timestamp with time zone,
    began_at timestamp with time zone,
    dropped_at timestamp with time zone,
    ended_at timestamp with time zone,
    end_reason text,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    told_at timestamp with time zone,
    CONSTRAINT streams_about_check CHECK ((length(about) <= 5000)),
    CONSTRAINT streams_access_check CHECK ((access = ANY (ARRAY['public'::text, 'followers'::text, 'members'::text, 'rank'::text, 'paid'::text]))),
    CONSTRAINT streams_backend_check CHECK ((backend = ANY (ARRAY['local'::text, 'hybrid'::text, 'medialive'::text, 'ivs'::text]))),
    CONSTRAINT streams_began CHECK (((state <> ALL (ARRAY['live'::text, 'reconnecting'::text])) OR (began_at IS NOT NULL))),
    CONSTRAINT streams_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT streams_dropped CHECK (((state = 'reconnecting'::text) = (dropped_at IS NOT NULL))),
    CONSTRAINT streams_ended CHECK (((state = 'ended'::text) = (ended_at IS NOT NULL))),
    CONSTRAINT streams_min_rank_check CHECK (((min_rank >= 1) AND (min_rank <= 1000))),
    CONSTRAINT streams_price_check CHECK ((price > 0)),
    CONSTRAINT streams_price_fits CHECK (((access = 'paid'::text) = (price IS NOT NULL))),
    CONSTRAINT streams_rank_fits CHECK (((access = 'rank'::text) = (min_rank IS NOT NULL))),
    CONSTRAINT streams_scheduled CHECK (((state <> 'scheduled'::text) OR (scheduled_at IS NOT NULL))),
    CONSTRAINT streams_state_check CHECK ((state = ANY (ARRAY['scheduled'::text, 'preparing'::text, 'live'::text, 'reconnecting'::text, 'ended'::text]))),
    CONSTRAINT streams_title_check CHECK (((length(title) >= 1) AND (length(title) <= 140)))
);

CREATE TABLE public.tag_posts (
    tag text NOT NULL,
    shown_at timestamp with time zone NOT NULL,
    post_id uuid NOT NULL,
    creator_id uuid NOT NULL
);

CREATE TABLE public.tags (
    tag text NOT NULL,
    posts integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.tier_price_changes (
    id uuid NOT NULL,
    tier_id uuid NOT NULL,
    at timestamp with time zone NOT NULL,
    by_user uuid,
    old_amount bigint NOT NULL,
    new_amount bigint NOT NULL,
    old_yearly_amount bigint,
    new_yearly_amount bigint,
    currency text NOT NULL,
    asks boolean DEFAULT false NOT NULL,
    note text DEFAULT ''::text NOT NULL,
    CONSTRAINT tier_price_changes_note_check CHECK ((length(note) <= 1000))
);

CREATE TABLE public.totp (
    user_id uuid NOT NULL,
    sealed bytea NOT NULL,
    begun_at timestamp with time zone NOT NULL,
    confirmed_at timestamp with time zone,
    last_step bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.trial_uses (
    creator_id uuid NOT NULL,
    user_id uuid NOT NULL,
    membership_id uuid NOT NULL,
    card text,
    at timestamp with time zone NOT NULL
);

CREATE TABLE public.upload_parts (
    upload_id uuid NOT NULL,
    number integer NOT NULL,
    sha256 text NOT NULL,
    CONSTRAINT upload_parts_number_check CHECK (((number >= 1) AND (number <= 10000))),
    CONSTRAINT upload_parts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

CREATE TABLE public.uploads (
    id uuid NOT NULL,
    asset_id uuid NOT NULL,
    creator_id uuid NOT NULL,
    user_id uuid,
    fingerprint text NOT NULL,
    key text NOT NULL,
    engine_id text NOT NULL,
    bytes bigint NOT NULL,
    part_bytes bigint NOT NULL,
    sha256 text,
    state text DEFAULT 'open'::text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    touched_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    CONSTRAINT uploads_bytes_check CHECK ((bytes > 0)),
    CONSTRAINT uploads_ended CHECK (((state = 'open'::text) = (ended_at IS NULL))),
    CONSTRAINT uploads_fingerprint_check CHECK (((length(fingerprint) >= 1) AND (length(fingerprint) <= 200))),
    CONSTRAINT uploads_part_bytes_check CHECK ((part_bytes > 0)),
    CONSTRAINT uploads_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT uploads_state_check CHECK ((state = ANY (ARRAY['open'::text, 'completed'::text, 'given_up'::text])))
);

CREATE TABLE public.users (
    id uuid NOT NULL,
    email public.citext,
    handle public.citext NOT NULL,
    display_name text NOT NULL,
    bio text DEFAULT ''::text NOT NULL,
    avatar text,
    role text DEFAULT 'fan'::text NOT NULL,
    status text DEFAULT 'unverified'::text NOT NULL,
    status_reason text,
    status_changed_at timestamp with time zone NOT NULL,
    locale text DEFAULT 'en'::text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    theme text DEFAULT 'system'::text NOT NULL,
    listed boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT users_avatar_check CHECK ((avatar ~ '^[0-9a-f]{32}$'::text)),
    CONSTRAINT users_bio_check CHECK ((length(bio) <= 500)),
    CONSTRAINT users_display_name_check CHECK ((length(display_name) <= 80)),
    CONSTRAINT users_email_check CHECK ((length((email)::text) <= 254)),
    CONSTRAINT users_erased_has_no_email CHECK (((email IS NULL) = (status = 'erased'::text))),
    CONSTRAINT users_handle_form CHECK (((handle)::text ~ '^[a-z0-9][a-z0-9_]{1,38}[a-z0-9]$'::text)),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['fan'::text, 'creator'::text, 'admin'::text]))),
    CONSTRAINT users_status_check CHECK ((status = ANY (ARRAY['unverified'::text, 'active'::text, 'suspended'::text, 'closing'::text, 'erased'::text]))),
    CONSTRAINT users_theme_check CHECK ((theme = ANY (ARRAY['system'::text, 'light'::text, 'dark'::text])))
);

CREATE TABLE public.watch_positions (
    user_id uuid NOT NULL,
    asset_id uuid NOT NULL,
    position_ms integer NOT NULL,
    duration_ms integer NOT NULL,
    updated_at timestamp with time zone NOT NULL,
    CONSTRAINT watch_positions_duration_ms_check CHECK ((duration_ms >= 0)),
    CONSTRAINT watch_positions_position_ms_check CHECK ((position_ms >= 0))
);

ALTER TABLE ONLY public.procrastinate_events ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_events_id_seq'::regclass);

ALTER TABLE ONLY public.procrastinate_jobs ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_jobs_id_seq'::regclass);

ALTER TABLE ONLY public.procrastinate_periodic_defers ALTER COLUMN id SET DEFAULT nextval('public.procrastinate_periodic_defers_id_seq'::regclass);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.audit_log
    ADD CONSTRAINT audit_log_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_pkey PRIMARY KEY (user_id, other_id);

ALTER TABLE ONLY public.captions
    ADD CONSTRAINT captions_pkey PRIMARY KEY (asset_id, language, kind);

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_emotes
    ADD CONSTRAINT chat_emotes_pkey PRIMARY KEY (creator_id, code);

ALTER TABLE ONLY public.chat_events
    ADD CONSTRAINT chat_events_once UNIQUE (room_id, user_id, nonce);

ALTER TABLE ONLY public.chat_events
    ADD CONSTRAINT chat_events_pkey PRIMARY KEY (room_id, "position");

ALTER TABLE ONLY public.chat_guests
    ADD CONSTRAINT chat_guests_pkey PRIMARY KEY (room_id, creator_id);

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT chat_rooms_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.chat_words
    ADD CONSTRAINT chat_words_pkey PRIMARY KEY (creator_id, word);

ALTER TABLE ONLY public.clips
    ADD CONSTRAINT clips_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.closings
    ADD CONSTRAINT closings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_pkey PRIMARY KEY (collection_id, post_id);

ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_place UNIQUE (collection_id, "position") DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.collections
    ADD CONSTRAINT collections_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.comment_reports
    ADD CONSTRAINT comment_reports_pkey PRIMARY KEY (comment_id, user_id);

ALTER TABLE ONLY public.comment_rules
    ADD CONSTRAINT comment_rules_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.creator_figures
    ADD CONSTRAINT creator_figures_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.creator_handovers
    ADD CONSTRAINT creator_handovers_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.creator_invitations
    ADD CONSTRAINT creator_invitations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.creator_links
    ADD CONSTRAINT creator_links_pkey PRIMARY KEY (creator_id, "position");

ALTER TABLE ONLY public.creator_members
    ADD CONSTRAINT creator_members_pkey PRIMARY KEY (creator_id, user_id);

ALTER TABLE ONLY public.creator_search
    ADD CONSTRAINT creator_search_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.creator_slugs
    ADD CONSTRAINT creator_slugs_pkey PRIMARY KEY (slug);

ALTER TABLE ONLY public.creators
    ADD CONSTRAINT creators_account_key UNIQUE (account);

ALTER TABLE ONLY public.creators
    ADD CONSTRAINT creators_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.creators
    ADD CONSTRAINT creators_slug_key UNIQUE (slug);

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_customer_key UNIQUE (customer);

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_dispute_key UNIQUE (dispute);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dunning_attempts
    ADD CONSTRAINT dunning_attempts_pkey PRIMARY KEY (dunning_id, number);

ALTER TABLE ONLY public.dunnings
    ADD CONSTRAINT dunnings_invoice_key UNIQUE (invoice);

ALTER TABLE ONLY public.dunnings
    ADD CONSTRAINT dunnings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.email_requests
    ADD CONSTRAINT email_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_source_key UNIQUE NULLS NOT DISTINCT (source, source_id, scope, object_id);

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.feed_wishes
    ADD CONSTRAINT feed_wishes_pkey PRIMARY KEY (user_id, creator_id);

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_pkey PRIMARY KEY (user_id, creator_id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_code_key UNIQUE (code_hash);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT goals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, key_hash);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_provider_key UNIQUE (user_id, provider);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_subject_key UNIQUE (issuer, subject);

ALTER TABLE ONLY public.invoice_numbers
    ADD CONSTRAINT invoice_numbers_pkey PRIMARY KEY (creator_id, year);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_number_key UNIQUE (creator_id, year, number);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_once UNIQUE NULLS NOT DISTINCT (order_id, refund_id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.job_failures
    ADD CONSTRAINT job_failures_pkey PRIMARY KEY (job_id);

ALTER TABLE ONLY public.ledger_entries
    ADD CONSTRAINT ledger_entries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_proven
    ADD CONSTRAINT ledger_proven_pkey PRIMARY KEY (one);

ALTER TABLE ONLY public.ledger_proven_sums
    ADD CONSTRAINT ledger_proven_sums_key UNIQUE NULLS NOT DISTINCT (account, owner, currency);

ALTER TABLE ONLY public.ledger_transactions
    ADD CONSTRAINT ledger_transactions_key UNIQUE (key);

ALTER TABLE ONLY public.ledger_transactions
    ADD CONSTRAINT ledger_transactions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.ledger_unpaid
    ADD CONSTRAINT ledger_unpaid_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.live_settings
    ADD CONSTRAINT live_settings_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.media_allowances
    ADD CONSTRAINT media_allowances_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.member_feeds
    ADD CONSTRAINT member_feeds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.member_feeds
    ADD CONSTRAINT member_feeds_token_key UNIQUE (token_hash);

ALTER TABLE ONLY public.member_notes
    ADD CONSTRAINT member_notes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_subscription_key UNIQUE (subscription);

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_pkey PRIMARY KEY (notification_id, channel);

ALTER TABLE ONLY public.notification_positions
    ADD CONSTRAINT notification_positions_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_pkey PRIMARY KEY (user_id, kind, channel);

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_dedupe_key UNIQUE (user_id, dedupe_key);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_position_key UNIQUE (user_id, "position");

ALTER TABLE ONLY public.offer_redemptions
    ADD CONSTRAINT offer_redemptions_pkey PRIMARY KEY (offer_id, user_id);

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_charge_key UNIQUE (charge);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_checkout_key UNIQUE (checkout);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_invoice_key UNIQUE (invoice);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_key UNIQUE (user_id, key);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_payment_key UNIQUE (payment);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.page_blocks
    ADD CONSTRAINT page_blocks_pkey PRIMARY KEY (creator_id, user_id, by);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id);

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.passwords
    ADD CONSTRAINT passwords_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.past_handles
    ADD CONSTRAINT past_handles_pkey PRIMARY KEY (handle);

ALTER TABLE ONLY public.payout_items
    ADD CONSTRAINT payout_items_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_payout_key UNIQUE (payout);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_transfer_key UNIQUE (transfer);

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_pkey PRIMARY KEY (playlist_id, post_id);

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_place UNIQUE (playlist_id, "position") DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.playlists
    ADD CONSTRAINT playlists_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.podcasts
    ADD CONSTRAINT podcasts_pkey PRIMARY KEY (creator_id);

ALTER TABLE ONLY public.poll_votes
    ADD CONSTRAINT poll_votes_pkey PRIMARY KEY (poll_id, user_id);

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.post_assets
    ADD CONSTRAINT post_assets_pkey PRIMARY KEY (post_id, asset_id);

ALTER TABLE ONLY public.post_assets
    ADD CONSTRAINT post_assets_place UNIQUE (post_id, "position") DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.post_counts
    ADD CONSTRAINT post_counts_key UNIQUE NULLS NOT DISTINCT (post_id, comment_id, what);

ALTER TABLE ONLY public.post_revisions
    ADD CONSTRAINT post_revisions_pkey PRIMARY KEY (post_id, revision);

ALTER TABLE ONLY public.post_search
    ADD CONSTRAINT post_search_pkey PRIMARY KEY (post_id);

ALTER TABLE ONLY public.post_tags
    ADD CONSTRAINT post_tags_pkey PRIMARY KEY (post_id, tag);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.price_questions
    ADD CONSTRAINT price_questions_pkey PRIMARY KEY (change_id, membership_id);

ALTER TABLE ONLY public.processing_attempts
    ADD CONSTRAINT processing_attempts_pkey PRIMARY KEY (asset_id, attempt);

ALTER TABLE ONLY public.processing
    ADD CONSTRAINT processing_pkey PRIMARY KEY (asset_id);

ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_unique UNIQUE (task_name, periodic_id, defer_timestamp);

ALTER TABLE ONLY public.procrastinate_workers
    ADD CONSTRAINT procrastinate_workers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.provider_events
    ADD CONSTRAINT provider_events_pkey PRIMARY KEY (provider, event_id);

ALTER TABLE ONLY public.provider_moves
    ADD CONSTRAINT provider_moves_ledger_key UNIQUE (ledger_key);

ALTER TABLE ONLY public.provider_moves
    ADD CONSTRAINT provider_moves_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_endpoint_key UNIQUE (endpoint);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_one_each UNIQUE NULLS NOT DISTINCT (user_id, post_id, comment_id);

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reconciliations
    ADD CONSTRAINT reconciliations_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_one_per_stream UNIQUE (stream_id);

ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_pkey PRIMARY KEY (user_id, hash);

ALTER TABLE ONLY public.refund_requests
    ADD CONSTRAINT refund_requests_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_key UNIQUE (order_id, key);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_refund_key UNIQUE (refund);

ALTER TABLE ONLY public.renditions
    ADD CONSTRAINT renditions_pkey PRIMARY KEY (asset_id, version, name);

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (word);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

ALTER TABLE ONLY public.spend_caps
    ADD CONSTRAINT spend_caps_pkey PRIMARY KEY (user_id, currency);

ALTER TABLE ONLY public.spend_holds
    ADD CONSTRAINT spend_holds_one UNIQUE (membership_id);

ALTER TABLE ONLY public.spend_holds
    ADD CONSTRAINT spend_holds_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stream_health
    ADD CONSTRAINT stream_health_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stream_hosts
    ADD CONSTRAINT stream_hosts_pkey PRIMARY KEY (stream_id, creator_id);

ALTER TABLE ONLY public.stream_keys
    ADD CONSTRAINT stream_keys_hash UNIQUE (hash);

ALTER TABLE ONLY public.stream_keys
    ADD CONSTRAINT stream_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stream_markers
    ADD CONSTRAINT stream_markers_once UNIQUE (stream_id, at);

ALTER TABLE ONLY public.stream_markers
    ADD CONSTRAINT stream_markers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stream_place_hours
    ADD CONSTRAINT stream_place_hours_pkey PRIMARY KEY (stream_id, began_at);

ALTER TABLE ONLY public.stream_places
    ADD CONSTRAINT stream_places_pkey PRIMARY KEY (stream_id);

ALTER TABLE ONLY public.stream_raids
    ADD CONSTRAINT stream_raids_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stream_reminders
    ADD CONSTRAINT stream_reminders_pkey PRIMARY KEY (stream_id, user_id);

ALTER TABLE ONLY public.stream_rendition_seconds
    ADD CONSTRAINT stream_rendition_seconds_pkey PRIMARY KEY (stream_id, rendition);

ALTER TABLE ONLY public.stream_samples
    ADD CONSTRAINT stream_samples_pkey PRIMARY KEY (stream_id, at);

ALTER TABLE ONLY public.stream_sessions
    ADD CONSTRAINT stream_sessions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.stream_viewers
    ADD CONSTRAINT stream_viewers_pkey PRIMARY KEY (stream_id, viewer);

ALTER TABLE ONLY public.streams
    ADD CONSTRAINT streams_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tag_posts
    ADD CONSTRAINT tag_posts_pkey PRIMARY KEY (tag, shown_at, post_id);

ALTER TABLE ONLY public.tags
    ADD CONSTRAINT tags_pkey PRIMARY KEY (tag);

ALTER TABLE ONLY public.tier_price_changes
    ADD CONSTRAINT tier_price_changes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tiers
    ADD CONSTRAINT tiers_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tiers
    ADD CONSTRAINT tiers_rank_key UNIQUE (creator_id, rank) DEFERRABLE INITIALLY DEFERRED;

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_pkey PRIMARY KEY (user_id);

ALTER TABLE ONLY public.trial_uses
    ADD CONSTRAINT trial_uses_pkey PRIMARY KEY (creator_id, user_id);

ALTER TABLE ONLY public.upload_parts
    ADD CONSTRAINT upload_parts_pkey PRIMARY KEY (upload_id, number);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_asset_key UNIQUE (asset_id);

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_handle_key UNIQUE (handle);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.watch_positions
    ADD CONSTRAINT watch_positions_pkey PRIMARY KEY (user_id, asset_id);

CREATE INDEX access_tokens_expiring ON public.access_tokens USING btree (expires_at);

CREATE INDEX access_tokens_of ON public.access_tokens USING btree (user_id, created_at DESC) WHERE (revoked_at IS NULL);

CREATE INDEX assets_by ON public.assets USING btree (uploaded_by) WHERE (uploaded_by IS NOT NULL);

CREATE INDEX assets_counted ON public.assets USING btree (creator_id) INCLUDE (bytes) WHERE ((removed_at IS NULL) AND (state <> 'failed'::text));

CREATE INDEX assets_in_processing ON public.assets USING btree (updated_at) WHERE ((state = 'processing'::text) AND (removed_at IS NULL));

CREATE INDEX assets_of_library ON public.assets USING btree (creator_id, created_at DESC, id DESC) WHERE (removed_at IS NULL);

CREATE INDEX assets_removed_since ON public.assets USING btree (removed_at) WHERE (removed_at IS NOT NULL);

CREATE INDEX audit_log_of_action ON public.audit_log USING btree (action text_pattern_ops, "position" DESC);

CREATE INDEX audit_log_of_actor ON public.audit_log USING btree (actor, "position" DESC);

CREATE INDEX audit_log_of_target ON public.audit_log USING btree (target, "position" DESC);

CREATE INDEX blocks_on ON public.blocks USING btree (other_id, user_id);

CREATE INDEX chat_bans_by ON public.chat_bans USING btree (by_id) WHERE (by_id IS NOT NULL);

CREATE INDEX chat_bans_of ON public.chat_bans USING btree (user_id);

CREATE INDEX chat_bans_on ON public.chat_bans USING btree (creator_id, user_id) WHERE (lifted_at IS NULL);

CREATE INDEX chat_emotes_by ON public.chat_emotes USING btree (made_by) WHERE (made_by IS NOT NULL);

CREATE INDEX chat_emotes_named ON public.chat_emotes USING btree (name);

CREATE INDEX chat_events_by ON public.chat_events USING btree (user_id, room_id, "position" DESC) WHERE (user_id IS NOT NULL);

CREATE INDEX chat_events_hidden_by ON public.chat_events USING btree (hidden_by) WHERE (hidden_by IS NOT NULL);

CREATE UNIQUE INDEX chat_events_tips ON public.chat_events USING btree (room_id, ((facts ->> 'order'::text))) WHERE (kind = 'tip'::text);

CREATE INDEX chat_events_when ON public.chat_events USING btree (room_id, said_at, "position");

CREATE INDEX chat_guests_of ON public.chat_guests USING btree (creator_id);

CREATE INDEX chat_rooms_of ON public.chat_rooms USING btree (creator_id, id DESC);

CREATE INDEX clips_by ON public.clips USING btree (made_by) WHERE (made_by IS NOT NULL);

CREATE INDEX clips_of_creator ON public.clips USING btree (creator_id);

CREATE INDEX clips_of_stream ON public.clips USING btree (stream_id, created_at DESC);

CREATE INDEX closings_due ON public.closings USING btree (due_at) WHERE (state = 'waiting'::text);

CREATE UNIQUE INDEX closings_one_at_a_time ON public.closings USING btree (user_id) WHERE (state = 'waiting'::text);

CREATE INDEX collection_items_of ON public.collection_items USING btree (post_id);

CREATE INDEX collections_of ON public.collections USING btree (creator_id, updated_at DESC, id DESC);

CREATE INDEX comment_reports_by ON public.comment_reports USING btree (user_id);

CREATE INDEX comments_by ON public.comments USING btree (author_id, id DESC) WHERE (author_id IS NOT NULL);

CREATE INDEX comments_first ON public.comments USING btree (post_id, id DESC) WHERE (parent_id IS NULL);

CREATE INDEX comments_of_team ON public.comments USING btree (creator_id, state, id DESC);

CREATE UNIQUE INDEX comments_one_pinned ON public.comments USING btree (post_id) WHERE pinned;

CREATE INDEX comments_thread ON public.comments USING btree (root_id, path);

CREATE INDEX comments_under ON public.comments USING btree (parent_id) WHERE (parent_id IS NOT NULL);

CREATE INDEX creator_figures_heat ON public.creator_figures USING btree (heat DESC, creator_id);

CREATE INDEX creator_figures_tags ON public.creator_figures USING gin (tags);

CREATE INDEX creator_handovers_to ON public.creator_handovers USING btree (user_id);

CREATE INDEX creator_invitations_by ON public.creator_invitations USING btree (invited_by);

CREATE UNIQUE INDEX creator_invitations_open ON public.creator_invitations USING btree (creator_id, email) WHERE (answered_at IS NULL);

CREATE INDEX creator_invitations_to ON public.creator_invitations USING btree (email) WHERE (answered_at IS NULL);

CREATE INDEX creator_members_of ON public.creator_members USING btree (user_id);

CREATE UNIQUE INDEX creator_members_one_owner ON public.creator_members USING btree (creator_id) WHERE (role = 'owner'::text);

CREATE INDEX creator_search_found ON public.creator_search USING gin (found);

CREATE INDEX creator_slugs_of ON public.creator_slugs USING btree (creator_id, taken_at DESC);

CREATE INDEX creators_avatars ON public.creators USING btree (avatar) WHERE (avatar IS NOT NULL);

CREATE INDEX creators_banners ON public.creators USING btree (banner) WHERE (banner IS NOT NULL);

CREATE INDEX creators_published ON public.creators USING btree (id DESC) WHERE (state = 'published'::text);

CREATE INDEX disputes_by ON public.disputes USING btree (sent_by) WHERE (sent_by IS NOT NULL);

CREATE INDEX disputes_due ON public.disputes USING btree (due_at) WHERE (state = 'needs_response'::text);

CREATE INDEX disputes_order ON public.disputes USING btree (order_id);

CREATE INDEX dunnings_due ON public.dunnings USING btree (next_try_at) WHERE (state = 'open'::text);

CREATE INDEX dunnings_membership ON public.dunnings USING btree (membership_id);

CREATE INDEX dunnings_user ON public.dunnings USING btree (user_id);

CREATE INDEX email_requests_expiring ON public.email_requests USING btree (expires_at);

CREATE INDEX email_requests_of ON public.email_requests USING btree (user_id, purpose) WHERE (used_at IS NULL);

CREATE INDEX email_requests_to ON public.email_requests USING btree (email, created_at);

CREATE INDEX entitlements_audience ON public.entitlements USING btree (creator_id, user_id) WHERE ((scope = 'tier'::text) AND (revoked_at IS NULL));

CREATE INDEX entitlements_by_creator ON public.entitlements USING btree (creator_id);

CREATE INDEX entitlements_coming_of_age ON public.entitlements USING btree (creator_id, starts_at) WHERE ((scope = 'tier'::text) AND (revoked_at IS NULL));

CREATE INDEX entitlements_of ON public.entitlements USING btree (user_id, creator_id) WHERE (revoked_at IS NULL);

CREATE INDEX entitlements_past ON public.entitlements USING btree (user_id, creator_id) WHERE (revoked_at IS NOT NULL);

CREATE INDEX exports_expiring ON public.exports USING btree (expires_at) WHERE (state = 'ready'::text);

CREATE INDEX exports_of ON public.exports USING btree (user_id, id DESC);

CREATE UNIQUE INDEX exports_one_at_a_time ON public.exports USING btree (user_id) WHERE (state = ANY (ARRAY['waiting'::text, 'running'::text]));

CREATE INDEX feed_wishes_about ON public.feed_wishes USING btree (creator_id);

CREATE INDEX follows_audience ON public.follows USING btree (creator_id, user_id);

CREATE INDEX follows_of ON public.follows USING btree (creator_id, created_at DESC);

CREATE INDEX gifts_bought ON public.gifts USING btree (buyer_id, id DESC);

CREATE INDEX gifts_claimed ON public.gifts USING btree (claimed_by, id DESC) WHERE (claimed_by IS NOT NULL);

CREATE INDEX gifts_expiring ON public.gifts USING btree (expires_at) WHERE (state = 'paid'::text);

CREATE INDEX gifts_for ON public.gifts USING btree (membership_id) WHERE (membership_id IS NOT NULL);

CREATE INDEX gifts_held_until ON public.gifts USING btree (held_until) WHERE (state = 'pending'::text);

CREATE INDEX gifts_of ON public.gifts USING btree (creator_id, id DESC);

CREATE INDEX gifts_places ON public.gifts USING btree (tier_id) WHERE (state = ANY (ARRAY['pending'::text, 'paid'::text]));

CREATE INDEX goals_ending ON public.goals USING btree (ends_at) WHERE ((state = 'open'::text) AND (ends_at IS NOT NULL));

CREATE INDEX goals_of ON public.goals USING btree (creator_id, id DESC);

CREATE INDEX idempotency_keys_past ON public.idempotency_keys USING btree (expires_at);

CREATE INDEX idx_procrastinate_jobs_worker_not_null ON public.procrastinate_jobs USING btree (worker_id) WHERE ((worker_id IS NOT NULL) AND (status = 'doing'::public.procrastinate_job_status));

CREATE INDEX idx_procrastinate_workers_last_heartbeat ON public.procrastinate_workers USING btree (last_heartbeat);

CREATE INDEX invoices_refund ON public.invoices USING btree (refund_id) WHERE (refund_id IS NOT NULL);

CREATE INDEX jobs_dead ON public.procrastinate_jobs USING btree (id) WHERE (status = ANY (ARRAY['failed'::public.procrastinate_job_status, 'aborted'::public.procrastinate_job_status]));

CREATE INDEX ledger_entries_newest_of ON public.ledger_entries USING btree (owner, id DESC) WHERE (owner IS NOT NULL);

CREATE INDEX ledger_entries_of_account ON public.ledger_entries USING btree (account, owner, currency) INCLUDE (amount);

CREATE INDEX ledger_entries_of_transaction ON public.ledger_entries USING btree (transaction_id);

CREATE INDEX ledger_transactions_about ON public.ledger_transactions USING btree (reference) WHERE (reference IS NOT NULL);

CREATE INDEX ledger_transactions_at ON public.ledger_transactions USING btree (at);

CREATE INDEX ledger_unpaid_due ON public.ledger_unpaid USING btree (release_at) WHERE ((released_at IS NULL) AND (release_at IS NOT NULL));

CREATE INDEX ledger_unpaid_of ON public.ledger_unpaid USING btree (owner, currency);

CREATE INDEX member_feeds_of ON public.member_feeds USING btree (creator_id);

CREATE UNIQUE INDEX member_feeds_one ON public.member_feeds USING btree (user_id, creator_id) WHERE (revoked_at IS NULL);

CREATE INDEX member_notes_about ON public.member_notes USING btree (creator_id, user_id, id DESC);

CREATE INDEX member_notes_by ON public.member_notes USING btree (author_id);

CREATE INDEX member_notes_on ON public.member_notes USING btree (user_id);

CREATE INDEX membership_events_by ON public.membership_events USING btree (actor_id);

CREATE INDEX membership_events_of ON public.membership_events USING btree (membership_id, id);

CREATE INDEX memberships_changing ON public.memberships USING btree (pending_from) WHERE (pending_from IS NOT NULL);

CREATE INDEX memberships_closed ON public.memberships USING btree (ended_at) WHERE (end_reason = 'page_closed'::text);

CREATE INDEX memberships_grace ON public.memberships USING btree (grace_until) WHERE (state = 'past_due'::text);

CREATE INDEX memberships_held_until ON public.memberships USING btree (held_until) WHERE (state = 'incomplete'::text);

CREATE INDEX memberships_members ON public.memberships USING btree (creator_id, id DESC) WHERE (state <> 'incomplete'::text);

CREATE INDEX memberships_of ON public.memberships USING btree (user_id, id DESC);

CREATE INDEX memberships_offer ON public.memberships USING btree (offer_id) WHERE (offer_id IS NOT NULL);

CREATE UNIQUE INDEX memberships_one_joining ON public.memberships USING btree (user_id, creator_id) WHERE (state = 'incomplete'::text);

CREATE UNIQUE INDEX memberships_one_live ON public.memberships USING btree (user_id, creator_id) WHERE (state <> ALL (ARRAY['incomplete'::text, 'ended'::text]));

CREATE INDEX memberships_pending_tier ON public.memberships USING btree (pending_tier_id) WHERE (pending_tier_id IS NOT NULL);

CREATE INDEX memberships_period_end ON public.memberships USING btree (period_end) WHERE (state = ANY (ARRAY['trialing'::text, 'active'::text, 'paused'::text, 'canceled'::text]));

CREATE INDEX memberships_resumes ON public.memberships USING btree (resumes_at) WHERE (state = 'paused'::text);

CREATE INDEX memberships_tier ON public.memberships USING btree (tier_id, state);

CREATE INDEX notification_deliveries_digest ON public.notification_deliveries USING btree (due_at) WHERE gathered;

CREATE INDEX notification_deliveries_due ON public.notification_deliveries USING btree (due_at) WHERE (NOT gathered);

CREATE INDEX notification_deliveries_of ON public.notification_deliveries USING btree (user_id);

CREATE UNIQUE INDEX notifications_collapsing ON public.notifications USING btree (user_id, collapse_key) WHERE ((collapse_key IS NOT NULL) AND (read_at IS NULL));

CREATE INDEX notifications_old ON public.notifications USING btree (created_at);

CREATE INDEX notifications_unread ON public.notifications USING btree (user_id) WHERE (read_at IS NULL);

CREATE INDEX offer_redemptions_by ON public.offer_redemptions USING btree (user_id);

CREATE INDEX offer_redemptions_for ON public.offer_redemptions USING btree (membership_id);

CREATE UNIQUE INDEX offers_code_key ON public.offers USING btree (creator_id, code) WHERE (state = 'open'::text);

CREATE INDEX offers_of ON public.offers USING btree (creator_id, id DESC);

CREATE INDEX offers_tier ON public.offers USING btree (tier_id) WHERE (tier_id IS NOT NULL);

CREATE INDEX orders_expiring ON public.orders USING btree (expires_at) WHERE (state = 'pending'::text);

CREATE INDEX orders_gift ON public.orders USING btree (gift_id) WHERE (gift_id IS NOT NULL);

CREATE INDEX orders_goal ON public.orders USING btree (goal_id) WHERE (goal_id IS NOT NULL);

CREATE INDEX orders_membership ON public.orders USING btree (membership_id) WHERE (membership_id IS NOT NULL);

CREATE INDEX orders_object_paid ON public.orders USING btree (object_id, paid_at) WHERE ((object_id IS NOT NULL) AND (paid_at IS NOT NULL));

CREATE INDEX orders_of ON public.orders USING btree (user_id, id DESC);

CREATE INDEX orders_owned ON public.orders USING btree (user_id, object_id) WHERE ((kind = 'purchase'::text) AND (state = ANY (ARRAY['paid'::text, 'part_refunded'::text, 'disputed'::text])));

CREATE INDEX orders_spent ON public.orders USING btree (user_id, currency, paid_at) WHERE (paid_at IS NOT NULL);

CREATE INDEX orders_to ON public.orders USING btree (creator_id, id DESC) WHERE (paid_at IS NOT NULL);

CREATE INDEX page_blocks_by ON public.page_blocks USING btree (by_user) WHERE (by_user IS NOT NULL);

CREATE INDEX page_blocks_of ON public.page_blocks USING btree (user_id, created_at DESC);

CREATE INDEX passkeys_of ON public.passkeys USING btree (user_id, created_at);

CREATE INDEX past_handles_of ON public.past_handles USING btree (user_id);

CREATE INDEX payout_items_of ON public.payout_items USING btree (payout_id);

CREATE INDEX payouts_of ON public.payouts USING btree (creator_id, id DESC);

CREATE INDEX payouts_told ON public.payouts USING btree (ended_at) WHERE (state = ANY (ARRAY['transferred'::text, 'submitted'::text, 'paid'::text, 'failed'::text]));

CREATE INDEX payouts_under_way ON public.payouts USING btree (id) WHERE (state = ANY (ARRAY['draft'::text, 'transferred'::text, 'failed'::text]));

CREATE INDEX playlist_items_of ON public.playlist_items USING btree (post_id);

CREATE INDEX playlists_of ON public.playlists USING btree (user_id, updated_at DESC, id DESC);

CREATE INDEX podcasts_covers ON public.podcasts USING btree (cover) WHERE (cover IS NOT NULL);

CREATE INDEX podcasts_told_by ON public.podcasts USING btree (told_by) WHERE (told_by IS NOT NULL);

CREATE INDEX poll_votes_counted ON public.poll_votes USING btree (poll_id, option);

CREATE INDEX poll_votes_of ON public.poll_votes USING btree (user_id);

CREATE INDEX polls_by ON public.polls USING btree (asked_by) WHERE (asked_by IS NOT NULL);

CREATE INDEX polls_due ON public.polls USING btree (closes_at) WHERE (closed_at IS NULL);

CREATE INDEX polls_of ON public.polls USING btree (room_id, opened_at DESC);

CREATE UNIQUE INDEX polls_one_open ON public.polls USING btree (room_id) WHERE (closed_at IS NULL);

CREATE INDEX post_assets_of ON public.post_assets USING btree (asset_id);

CREATE INDEX post_counts_of_comment ON public.post_counts USING btree (comment_id) WHERE (comment_id IS NOT NULL);

CREATE INDEX post_revisions_by ON public.post_revisions USING btree (by_user) WHERE (by_user IS NOT NULL);

CREATE INDEX post_search_head ON public.post_search USING gin (head);

CREATE INDEX post_search_newest ON public.post_search USING btree (shown_at DESC, post_id DESC);

CREATE INDEX post_search_of ON public.post_search USING btree (creator_id, shown_at DESC, post_id DESC);

CREATE INDEX post_search_open ON public.post_search USING gin (open);

CREATE INDEX post_search_open_to_all ON public.post_search USING btree (shown_at DESC, post_id DESC) WHERE (access = 'public'::text);

CREATE INDEX post_search_whole ON public.post_search USING gin (creator_id, whole) WHERE (whole IS NOT NULL);

CREATE INDEX posts_by ON public.posts USING btree (author_id) WHERE (author_id IS NOT NULL);

CREATE INDEX posts_dripping ON public.posts USING btree (creator_id, id) WHERE ((state = 'published'::text) AND (drip_days > 0));

CREATE INDEX posts_of_studio ON public.posts USING btree (creator_id, updated_at DESC, id DESC);

CREATE INDEX posts_pinned ON public.posts USING btree (creator_id, pinned_at DESC) WHERE (pinned_at IS NOT NULL);

CREATE INDEX posts_removed_since ON public.posts USING btree (removed_at) WHERE (state = 'removed'::text);

CREATE INDEX posts_shown ON public.posts USING btree (creator_id, publish_at DESC, id DESC) WHERE (state = 'published'::text);

CREATE INDEX posts_to_announce ON public.posts USING btree (publish_at) WHERE ((state = 'published'::text) AND (announced_at IS NULL));

CREATE INDEX price_questions_of ON public.price_questions USING btree (membership_id, asked_at DESC);

CREATE INDEX processing_leases ON public.processing USING btree (lease_until) WHERE (lease_until IS NOT NULL);

CREATE INDEX procrastinate_events_job_id_fkey_v1 ON public.procrastinate_events USING btree (job_id);

CREATE INDEX procrastinate_jobs_id_lock_idx_v1 ON public.procrastinate_jobs USING btree (id, lock) WHERE (status = ANY (ARRAY['todo'::public.procrastinate_job_status, 'doing'::public.procrastinate_job_status]));

CREATE UNIQUE INDEX procrastinate_jobs_lock_idx_v1 ON public.procrastinate_jobs USING btree (lock) WHERE (status = 'doing'::public.procrastinate_job_status);

CREATE INDEX procrastinate_jobs_priority_idx_v1 ON public.procrastinate_jobs USING btree (priority DESC, id) WHERE (status = 'todo'::public.procrastinate_job_status);

CREATE INDEX procrastinate_jobs_queue_name_idx_v1 ON public.procrastinate_jobs USING btree (queue_name);

CREATE UNIQUE INDEX procrastinate_jobs_queueing_lock_idx_v1 ON public.procrastinate_jobs USING btree (queueing_lock) WHERE (status = 'todo'::public.procrastinate_job_status);

CREATE INDEX procrastinate_periodic_defers_job_id_fkey_v1 ON public.procrastinate_periodic_defers USING btree (job_id);

CREATE INDEX provider_events_failed ON public.provider_events USING btree (received_at) WHERE (processed_at IS NULL);

CREATE INDEX provider_events_newest ON public.provider_events USING btree (received_at DESC, event_id DESC);

CREATE INDEX provider_moves_alone ON public.provider_moves USING btree (created_at) WHERE (ledger_key IS NULL);

CREATE INDEX push_subscriptions_of ON public.push_subscriptions USING btree (user_id, created_at);

CREATE INDEX push_subscriptions_session ON public.push_subscriptions USING btree (session_id) WHERE (session_id IS NOT NULL);

CREATE INDEX reactions_on ON public.reactions USING btree (post_id, comment_id, kind);

CREATE INDEX reactions_since ON public.reactions USING btree (created_at);

CREATE INDEX reactions_to ON public.reactions USING btree (comment_id) WHERE (comment_id IS NOT NULL);

CREATE INDEX reconciliations_newest ON public.reconciliations USING btree (id DESC);

CREATE INDEX recordings_of_creator ON public.recordings USING btree (creator_id, began_at DESC);

CREATE INDEX recordings_open ON public.recordings USING btree (node) WHERE (state = ANY (ARRAY['recording'::text, 'finishing'::text]));

CREATE INDEX refund_requests_answered_by ON public.refund_requests USING btree (answered_by) WHERE (answered_by IS NOT NULL);

CREATE INDEX refund_requests_by ON public.refund_requests USING btree (user_id);

CREATE INDEX refund_requests_due ON public.refund_requests USING btree (due_at) WHERE (state = 'open'::text);

CREATE INDEX refund_requests_escalated ON public.refund_requests USING btree (asked_at) WHERE (state = 'escalated'::text);

CREATE INDEX refund_requests_of ON public.refund_requests USING btree (creator_id, id DESC);

CREATE UNIQUE INDEX refund_requests_one ON public.refund_requests USING btree (order_id) WHERE (state = ANY (ARRAY['open'::text, 'escalated'::text]));

CREATE INDEX refund_requests_order ON public.refund_requests USING btree (order_id, id DESC);

CREATE INDEX refund_requests_refund ON public.refund_requests USING btree (refund_id) WHERE (refund_id IS NOT NULL);

CREATE INDEX refunds_by ON public.refunds USING btree (asked_by) WHERE (asked_by IS NOT NULL);

CREATE INDEX refunds_waiting ON public.refunds USING btree (created_at) WHERE (state = 'asked'::text);

CREATE INDEX search_words_near ON public.search_words USING gin (word public.gin_trgm_ops);

CREATE INDEX sessions_expiring ON public.sessions USING btree (expires_at);

CREATE INDEX sessions_live_of ON public.sessions USING btree (user_id, last_seen_at DESC) WHERE (revoked_at IS NULL);

CREATE INDEX spend_holds_of ON public.spend_holds USING btree (user_id, currency);

CREATE INDEX stream_health_of ON public.stream_health USING btree (stream_id, at DESC, id DESC);

CREATE INDEX stream_health_old ON public.stream_health USING btree (at) WHERE (kind = 'figures'::text);

CREATE INDEX stream_hosts_by ON public.stream_hosts USING btree (invited_by) WHERE (invited_by IS NOT NULL);

CREATE INDEX stream_hosts_of ON public.stream_hosts USING btree (creator_id, state);

CREATE UNIQUE INDEX stream_keys_good ON public.stream_keys USING btree (stream_id) WHERE (revoked_at IS NULL);

CREATE INDEX stream_markers_by ON public.stream_markers USING btree (made_by) WHERE (made_by IS NOT NULL);

CREATE INDEX stream_place_hours_by_end ON public.stream_place_hours USING btree (ended_at);

CREATE INDEX stream_places_open ON public.stream_places USING btree (backend, stream_id) WHERE (released_at IS NULL);

CREATE INDEX stream_raids_by ON public.stream_raids USING btree (offered_by) WHERE (offered_by IS NOT NULL);

CREATE INDEX stream_raids_target ON public.stream_raids USING btree (target_id, offered_at DESC);

CREATE UNIQUE INDEX stream_raids_waiting ON public.stream_raids USING btree (stream_id) WHERE (state = ANY (ARRAY['offered'::text, 'accepted'::text]));

CREATE INDEX stream_reminders_of ON public.stream_reminders USING btree (user_id);

CREATE INDEX stream_sessions_by_key ON public.stream_sessions USING btree (key_id) WHERE (key_id IS NOT NULL);

CREATE INDEX stream_sessions_of ON public.stream_sessions USING btree (stream_id, began_at DESC);

CREATE UNIQUE INDEX stream_sessions_open ON public.stream_sessions USING btree (stream_id) WHERE (ended_at IS NULL);

CREATE INDEX stream_viewers_now ON public.stream_viewers USING btree (stream_id, last_at);

CREATE INDEX stream_viewers_of ON public.stream_viewers USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX streams_by ON public.streams USING btree (created_by) WHERE (created_by IS NOT NULL);

CREATE INDEX streams_coming ON public.streams USING btree (scheduled_at, id) WHERE (state = 'scheduled'::text);

CREATE INDEX streams_of_creator ON public.streams USING btree (creator_id, created_at DESC, id DESC);

CREATE INDEX streams_running ON public.streams USING btree (began_at DESC, id DESC) WHERE (state = ANY (ARRAY['live'::text, 'reconnecting'::text]));

CREATE INDEX tag_posts_by_creator ON public.tag_posts USING btree (creator_id, tag, shown_at DESC, post_id DESC);

CREATE INDEX tag_posts_of ON public.tag_posts USING btree (post_id);

CREATE INDEX tags_begin ON public.tags USING btree (tag text_pattern_ops) WHERE (posts > 0);

CREATE INDEX tags_popular ON public.tags USING btree (posts DESC, tag) WHERE (posts > 0);

CREATE INDEX tier_price_changes_by ON public.tier_price_changes USING btree (by_user);

CREATE INDEX tier_price_changes_of ON public.tier_price_changes USING btree (tier_id, at DESC);

CREATE INDEX trial_uses_by ON public.trial_uses USING btree (user_id);

CREATE UNIQUE INDEX trial_uses_card_key ON public.trial_uses USING btree (creator_id, card) WHERE (card IS NOT NULL);

CREATE INDEX trial_uses_for ON public.trial_uses USING btree (membership_id);

CREATE INDEX uploads_by ON public.uploads USING btree (user_id) WHERE (user_id IS NOT NULL);

CREATE INDEX uploads_expiring ON public.uploads USING btree (expires_at) WHERE (state = 'open'::text);

CREATE UNIQUE INDEX uploads_open_file ON public.uploads USING btree (creator_id, fingerprint) WHERE (state = 'open'::text);

CREATE INDEX users_admins ON public.users USING btree (id) WHERE (role = 'admin'::text);

CREATE INDEX users_avatar ON public.users USING btree (avatar) WHERE (avatar IS NOT NULL);

CREATE INDEX users_by_status ON public.users USING btree (status, id DESC);

CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email) WHERE (status = ANY (ARRAY['active'::text, 'suspended'::text, 'closing'::text]));

CREATE INDEX users_email_unverified ON public.users USING btree (email, id DESC) WHERE (status = 'unverified'::text);

CREATE INDEX users_people ON public.users USING btree (id DESC) WHERE ((status = 'active'::text) AND listed);

CREATE INDEX users_search ON public.users USING gin (((handle)::text) public.gin_trgm_ops, display_name public.gin_trgm_ops, ((email)::text) public.gin_trgm_ops);

CREATE INDEX users_unverified_since ON public.users USING btree (created_at) WHERE (status = 'unverified'::text);

CREATE INDEX watch_positions_of_asset ON public.watch_positions USING btree (asset_id);

CREATE TRIGGER asset_indexed AFTER UPDATE OF state, removed_at, kind, facts ON public.assets FOR EACH ROW WHEN (((old.state = 'ready'::text) OR (new.state = 'ready'::text))) EXECUTE FUNCTION public.asset_indexed();

CREATE TRIGGER audit_log_only_grows BEFORE DELETE OR UPDATE ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER audit_log_seal BEFORE INSERT ON public.audit_log FOR EACH ROW EXECUTE FUNCTION public.audit_seal();

CREATE TRIGGER audit_log_stays BEFORE TRUNCATE ON public.audit_log FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER creators_indexed AFTER INSERT OR UPDATE OF name, slug, tagline, state ON public.creators FOR EACH ROW EXECUTE FUNCTION public.creators_indexed();

CREATE TRIGGER invoices_only_grow BEFORE DELETE OR UPDATE ON public.invoices FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER ledger_entries_balance AFTER INSERT ON public.ledger_entries REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.ledger_balanced();

CREATE TRIGGER ledger_entries_only_grow BEFORE DELETE OR UPDATE ON public.ledger_entries FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER ledger_entries_stay BEFORE TRUNCATE ON public.ledger_entries FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE CONSTRAINT TRIGGER ledger_transactions_have_entries AFTER INSERT ON public.ledger_transactions DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION public.ledger_has_entries();

CREATE TRIGGER ledger_transactions_only_grow BEFORE DELETE OR UPDATE ON public.ledger_transactions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER ledger_transactions_stay BEFORE TRUNCATE ON public.ledger_transactions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER membership_events_only_grow BEFORE DELETE OR UPDATE ON public.membership_events FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER post_assets_added AFTER INSERT ON public.post_assets REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.post_assets_indexed();

CREATE TRIGGER post_assets_removed AFTER DELETE ON public.post_assets REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.post_assets_indexed();

CREATE TRIGGER post_search_filed AFTER INSERT ON public.post_search FOR EACH ROW EXECUTE FUNCTION public.post_search_filed();

CREATE TRIGGER post_tags_added AFTER INSERT ON public.post_tags REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.post_tags_indexed();

CREATE TRIGGER post_tags_removed AFTER DELETE ON public.post_tags REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION public.post_tags_indexed();

CREATE TRIGGER posts_indexed AFTER INSERT OR UPDATE OF title, teaser, body, state, access, min_rank, publish_at, kind ON public.posts FOR EACH ROW EXECUTE FUNCTION public.posts_indexed();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_aborted_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN (((old.abort_requested = false) AND (new.abort_requested = true) AND (new.status = 'doing'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_notify_queue_abort_job_v1();

CREATE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_notify_queue_job_inserted_v1();

CREATE TRIGGER procrastinate_trigger_abort_requested_events_v1 AFTER UPDATE OF abort_requested ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.abort_requested = true)) EXECUTE FUNCTION public.procrastinate_trigger_abort_requested_events_procedure_v1();

CREATE TRIGGER procrastinate_trigger_delete_jobs_v1 BEFORE DELETE ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_unlink_periodic_defers_v1();

CREATE TRIGGER procrastinate_trigger_scheduled_events_v1 AFTER INSERT OR UPDATE ON public.procrastinate_jobs FOR EACH ROW WHEN (((new.scheduled_at IS NOT NULL) AND (new.status = 'todo'::public.procrastinate_job_status))) EXECUTE FUNCTION public.procrastinate_trigger_function_scheduled_events_v1();

CREATE TRIGGER procrastinate_trigger_status_events_insert_v1 AFTER INSERT ON public.procrastinate_jobs FOR EACH ROW WHEN ((new.status = 'todo'::public.procrastinate_job_status)) EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_insert_v1();

CREATE TRIGGER procrastinate_trigger_status_events_update_v1 AFTER UPDATE OF status ON public.procrastinate_jobs FOR EACH ROW EXECUTE FUNCTION public.procrastinate_trigger_function_status_events_update_v1();

ALTER TABLE ONLY public.access_tokens
    ADD CONSTRAINT access_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.assets
    ADD CONSTRAINT assets_uploaded_by_fkey FOREIGN KEY (uploaded_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_other_id_fkey FOREIGN KEY (other_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.blocks
    ADD CONSTRAINT blocks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.captions
    ADD CONSTRAINT captions_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_by_id_fkey FOREIGN KEY (by_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_bans
    ADD CONSTRAINT chat_bans_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_emotes
    ADD CONSTRAINT chat_emotes_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_emotes
    ADD CONSTRAINT chat_emotes_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_events
    ADD CONSTRAINT chat_events_hidden_by_fkey FOREIGN KEY (hidden_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_events
    ADD CONSTRAINT chat_events_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.chat_rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_events
    ADD CONSTRAINT chat_events_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.chat_guests
    ADD CONSTRAINT chat_guests_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_guests
    ADD CONSTRAINT chat_guests_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.chat_rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_rooms
    ADD CONSTRAINT chat_rooms_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.chat_words
    ADD CONSTRAINT chat_words_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.clips
    ADD CONSTRAINT clips_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.clips
    ADD CONSTRAINT clips_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.clips
    ADD CONSTRAINT clips_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.closings
    ADD CONSTRAINT closings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_collection_id_fkey FOREIGN KEY (collection_id) REFERENCES public.collections(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collection_items
    ADD CONSTRAINT collection_items_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.collections
    ADD CONSTRAINT collections_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comment_reports
    ADD CONSTRAINT comment_reports_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comment_reports
    ADD CONSTRAINT comment_reports_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comment_rules
    ADD CONSTRAINT comment_rules_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_parent_id_fkey FOREIGN KEY (parent_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.comments
    ADD CONSTRAINT comments_root_id_fkey FOREIGN KEY (root_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_figures
    ADD CONSTRAINT creator_figures_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_handovers
    ADD CONSTRAINT creator_handovers_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_handovers
    ADD CONSTRAINT creator_handovers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_invitations
    ADD CONSTRAINT creator_invitations_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_invitations
    ADD CONSTRAINT creator_invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.creator_links
    ADD CONSTRAINT creator_links_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_members
    ADD CONSTRAINT creator_members_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_members
    ADD CONSTRAINT creator_members_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_search
    ADD CONSTRAINT creator_search_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.creator_slugs
    ADD CONSTRAINT creator_slugs_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.customers
    ADD CONSTRAINT customers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.disputes
    ADD CONSTRAINT disputes_sent_by_fkey FOREIGN KEY (sent_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.dunning_attempts
    ADD CONSTRAINT dunning_attempts_dunning_id_fkey FOREIGN KEY (dunning_id) REFERENCES public.dunnings(id);

ALTER TABLE ONLY public.dunnings
    ADD CONSTRAINT dunnings_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.dunnings
    ADD CONSTRAINT dunnings_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.dunnings
    ADD CONSTRAINT dunnings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.email_requests
    ADD CONSTRAINT email_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.entitlements
    ADD CONSTRAINT entitlements_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.exports
    ADD CONSTRAINT exports_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.feed_wishes
    ADD CONSTRAINT feed_wishes_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.feed_wishes
    ADD CONSTRAINT feed_wishes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.follows
    ADD CONSTRAINT follows_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_buyer_id_fkey FOREIGN KEY (buyer_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_claimed_by_fkey FOREIGN KEY (claimed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.gifts
    ADD CONSTRAINT gifts_tier_id_fkey FOREIGN KEY (tier_id) REFERENCES public.tiers(id);

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT goals_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.identities
    ADD CONSTRAINT identities_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.invoice_numbers
    ADD CONSTRAINT invoice_numbers_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.invoices
    ADD CONSTRAINT invoices_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES public.refunds(id);

ALTER TABLE ONLY public.job_failures
    ADD CONSTRAINT job_failures_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.ledger_entries
    ADD CONSTRAINT ledger_entries_transaction FOREIGN KEY (transaction_id) REFERENCES public.ledger_transactions(id);

ALTER TABLE ONLY public.ledger_unpaid
    ADD CONSTRAINT ledger_unpaid_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.ledger_entries(id);

ALTER TABLE ONLY public.live_settings
    ADD CONSTRAINT live_settings_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.media_allowances
    ADD CONSTRAINT media_allowances_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.member_feeds
    ADD CONSTRAINT member_feeds_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.member_feeds
    ADD CONSTRAINT member_feeds_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.member_notes
    ADD CONSTRAINT member_notes_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.member_notes
    ADD CONSTRAINT member_notes_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.member_notes
    ADD CONSTRAINT member_notes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_actor_id_fkey FOREIGN KEY (actor_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.membership_events
    ADD CONSTRAINT membership_events_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES public.offers(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pending_tier_id_fkey FOREIGN KEY (pending_tier_id) REFERENCES public.tiers(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_tier_id_fkey FOREIGN KEY (tier_id) REFERENCES public.tiers(id);

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_notification_id_fkey FOREIGN KEY (notification_id) REFERENCES public.notifications(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_deliveries
    ADD CONSTRAINT notification_deliveries_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_positions
    ADD CONSTRAINT notification_positions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_preferences
    ADD CONSTRAINT notification_preferences_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notification_settings
    ADD CONSTRAINT notification_settings_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.notifications
    ADD CONSTRAINT notifications_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.offer_redemptions
    ADD CONSTRAINT offer_redemptions_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.offer_redemptions
    ADD CONSTRAINT offer_redemptions_offer_id_fkey FOREIGN KEY (offer_id) REFERENCES public.offers(id);

ALTER TABLE ONLY public.offer_redemptions
    ADD CONSTRAINT offer_redemptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.offers
    ADD CONSTRAINT offers_tier_id_fkey FOREIGN KEY (tier_id) REFERENCES public.tiers(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_gift_id_fkey FOREIGN KEY (gift_id) REFERENCES public.gifts(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_goal_id_fkey FOREIGN KEY (goal_id) REFERENCES public.goals(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.page_blocks
    ADD CONSTRAINT page_blocks_by_user_fkey FOREIGN KEY (by_user) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.page_blocks
    ADD CONSTRAINT page_blocks_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.page_blocks
    ADD CONSTRAINT page_blocks_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passkeys
    ADD CONSTRAINT passkeys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.passwords
    ADD CONSTRAINT passwords_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.past_handles
    ADD CONSTRAINT past_handles_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.payout_items
    ADD CONSTRAINT payout_items_entry_id_fkey FOREIGN KEY (entry_id) REFERENCES public.ledger_entries(id);

ALTER TABLE ONLY public.payout_items
    ADD CONSTRAINT payout_items_payout_id_fkey FOREIGN KEY (payout_id) REFERENCES public.payouts(id);

ALTER TABLE ONLY public.payouts
    ADD CONSTRAINT payouts_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_playlist_id_fkey FOREIGN KEY (playlist_id) REFERENCES public.playlists(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.playlist_items
    ADD CONSTRAINT playlist_items_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.playlists
    ADD CONSTRAINT playlists_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.podcasts
    ADD CONSTRAINT podcasts_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.podcasts
    ADD CONSTRAINT podcasts_told_by_fkey FOREIGN KEY (told_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.poll_votes
    ADD CONSTRAINT poll_votes_poll_id_fkey FOREIGN KEY (poll_id) REFERENCES public.polls(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.poll_votes
    ADD CONSTRAINT poll_votes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.polls
    ADD CONSTRAINT polls_room_id_fkey FOREIGN KEY (room_id) REFERENCES public.chat_rooms(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_assets
    ADD CONSTRAINT post_assets_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_assets
    ADD CONSTRAINT post_assets_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_counts
    ADD CONSTRAINT post_counts_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_counts
    ADD CONSTRAINT post_counts_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_revisions
    ADD CONSTRAINT post_revisions_by_user_fkey FOREIGN KEY (by_user) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.post_revisions
    ADD CONSTRAINT post_revisions_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_search
    ADD CONSTRAINT post_search_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_search
    ADD CONSTRAINT post_search_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.post_tags
    ADD CONSTRAINT post_tags_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.price_questions
    ADD CONSTRAINT price_questions_change_id_fkey FOREIGN KEY (change_id) REFERENCES public.tier_price_changes(id);

ALTER TABLE ONLY public.price_questions
    ADD CONSTRAINT price_questions_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.processing
    ADD CONSTRAINT processing_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.processing_attempts
    ADD CONSTRAINT processing_attempts_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.procrastinate_events
    ADD CONSTRAINT procrastinate_events_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.procrastinate_jobs
    ADD CONSTRAINT procrastinate_jobs_worker_id_fkey FOREIGN KEY (worker_id) REFERENCES public.procrastinate_workers(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.procrastinate_periodic_defers
    ADD CONSTRAINT procrastinate_periodic_defers_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.procrastinate_jobs(id);

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_session_id_fkey FOREIGN KEY (session_id) REFERENCES public.sessions(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.push_subscriptions
    ADD CONSTRAINT push_subscriptions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_comment_id_fkey FOREIGN KEY (comment_id) REFERENCES public.comments(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.reactions
    ADD CONSTRAINT reactions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.recordings
    ADD CONSTRAINT recordings_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.recovery_codes
    ADD CONSTRAINT recovery_codes_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.refund_requests
    ADD CONSTRAINT refund_requests_answered_by_fkey FOREIGN KEY (answered_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.refund_requests
    ADD CONSTRAINT refund_requests_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.refund_requests
    ADD CONSTRAINT refund_requests_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.refund_requests
    ADD CONSTRAINT refund_requests_refund_id_fkey FOREIGN KEY (refund_id) REFERENCES public.refunds(id);

ALTER TABLE ONLY public.refund_requests
    ADD CONSTRAINT refund_requests_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_asked_by_fkey FOREIGN KEY (asked_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.refunds
    ADD CONSTRAINT refunds_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.renditions
    ADD CONSTRAINT renditions_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spend_caps
    ADD CONSTRAINT spend_caps_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.spend_holds
    ADD CONSTRAINT spend_holds_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.spend_holds
    ADD CONSTRAINT spend_holds_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_health
    ADD CONSTRAINT stream_health_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_hosts
    ADD CONSTRAINT stream_hosts_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_hosts
    ADD CONSTRAINT stream_hosts_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.stream_hosts
    ADD CONSTRAINT stream_hosts_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_keys
    ADD CONSTRAINT stream_keys_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_markers
    ADD CONSTRAINT stream_markers_made_by_fkey FOREIGN KEY (made_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.stream_markers
    ADD CONSTRAINT stream_markers_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_place_hours
    ADD CONSTRAINT stream_place_hours_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.stream_places(stream_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_places
    ADD CONSTRAINT stream_places_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_raids
    ADD CONSTRAINT stream_raids_offered_by_fkey FOREIGN KEY (offered_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.stream_raids
    ADD CONSTRAINT stream_raids_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_raids
    ADD CONSTRAINT stream_raids_target_id_fkey FOREIGN KEY (target_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_reminders
    ADD CONSTRAINT stream_reminders_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_reminders
    ADD CONSTRAINT stream_reminders_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_rendition_seconds
    ADD CONSTRAINT stream_rendition_seconds_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_samples
    ADD CONSTRAINT stream_samples_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_sessions
    ADD CONSTRAINT stream_sessions_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.stream_keys(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.stream_sessions
    ADD CONSTRAINT stream_sessions_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_viewers
    ADD CONSTRAINT stream_viewers_stream_id_fkey FOREIGN KEY (stream_id) REFERENCES public.streams(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.stream_viewers
    ADD CONSTRAINT stream_viewers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.streams
    ADD CONSTRAINT streams_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.streams
    ADD CONSTRAINT streams_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tag_posts
    ADD CONSTRAINT tag_posts_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tag_posts
    ADD CONSTRAINT tag_posts_post_id_fkey FOREIGN KEY (post_id) REFERENCES public.posts(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.tier_price_changes
    ADD CONSTRAINT tier_price_changes_by_user_fkey FOREIGN KEY (by_user) REFERENCES public.users(id);

ALTER TABLE ONLY public.tier_price_changes
    ADD CONSTRAINT tier_price_changes_tier_id_fkey FOREIGN KEY (tier_id) REFERENCES public.tiers(id);

ALTER TABLE ONLY public.tiers
    ADD CONSTRAINT tiers_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.totp
    ADD CONSTRAINT totp_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.trial_uses
    ADD CONSTRAINT trial_uses_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id);

ALTER TABLE ONLY public.trial_uses
    ADD CONSTRAINT trial_uses_membership_id_fkey FOREIGN KEY (membership_id) REFERENCES public.memberships(id);

ALTER TABLE ONLY public.trial_uses
    ADD CONSTRAINT trial_uses_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.upload_parts
    ADD CONSTRAINT upload_parts_upload_id_fkey FOREIGN KEY (upload_id) REFERENCES public.uploads(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_creator_id_fkey FOREIGN KEY (creator_id) REFERENCES public.creators(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.uploads
    ADD CONSTRAINT uploads_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.watch_positions
    ADD CONSTRAINT watch_positions_asset_id_fkey FOREIGN KEY (asset_id) REFERENCES public.assets(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.watch_positions
    ADD CONSTRAINT watch_positions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

GRANT USAGE ON SCHEMA public TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_jobs TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.access_tokens TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.assets TO directfanz_app;

GRANT SELECT,INSERT ON TABLE public.audit_log TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.blocks TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.captions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_bans TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_emotes TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_events TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_guests TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_rooms TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.chat_words TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.clips TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.closings TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.collection_items TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.collections TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment_reports TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comment_rules TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.comments TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_figures TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_handovers TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_invitations TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_links TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_members TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_search TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creator_slugs TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.creators TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.customers TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.disputes TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dunning_attempts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.dunnings TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.email_requests TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.gifts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.memberships TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.orders TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.refunds TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tiers TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.entitlement_claims TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.entitlements TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.exports TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.feed_wishes TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.follows TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.goals TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.identities TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invoice_numbers TO directfanz_app;

GRANT SELECT,INSERT ON TABLE public.invoices TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_failures TO directfanz_app;

GRANT SELECT,INSERT ON TABLE public.ledger_entries TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_proven TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_proven_sums TO directfanz_app;

GRANT SELECT,INSERT ON TABLE public.ledger_transactions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.ledger_unpaid TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.live_settings TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.media_allowances TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.member_feeds TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.member_notes TO directfanz_app;

GRANT SELECT,INSERT ON TABLE public.membership_events TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_deliveries TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_positions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_preferences TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notification_settings TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.notifications TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offer_redemptions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.offers TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.page_blocks TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.passkeys TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.passwords TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.past_handles TO directfanz_app;

GRANT SELECT,INSERT ON TABLE public.payout_items TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.payouts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.playlist_items TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.playlists TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.podcasts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.poll_votes TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.polls TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post_assets TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post_counts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post_revisions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post_search TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.post_tags TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.posts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.price_questions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.processing TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.processing_attempts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_events TO directfanz_app;

GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_events_id_seq TO directfanz_app;

GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_jobs_id_seq TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_periodic_defers TO directfanz_app;

GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_periodic_defers_id_seq TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.procrastinate_workers TO directfanz_app;

GRANT SELECT,USAGE ON SEQUENCE public.procrastinate_workers_id_seq TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_events TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.provider_moves TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.push_subscriptions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reactions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.reconciliations TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recordings TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.recovery_codes TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.refund_requests TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.renditions TO directfanz_app;

GRANT SELECT ON TABLE public.schema_migrations TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_words TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.spend_caps TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.spend_holds TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_health TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_hosts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_keys TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_markers TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_place_hours TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_places TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_raids TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_reminders TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_rendition_seconds TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_samples TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_sessions TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.stream_viewers TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.streams TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tag_posts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tags TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.tier_price_changes TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.totp TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.trial_uses TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.upload_parts TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.uploads TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.users TO directfanz_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.watch_positions TO directfanz_app;

ALTER DEFAULT PRIVILEGES FOR ROLE directfanz_owner IN SCHEMA public GRANT SELECT,USAGE ON SEQUENCES TO directfanz_app;

ALTER DEFAULT PRIVILEGES FOR ROLE directfanz_owner IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES TO directfanz_app;
