-- What every later migration stands on: the rights of the application's role, and functions that several tables share.
-- The owner (who runs this) owns the schema. The application reads and writes rows and changes nothing else.

revoke create on schema public from public;
grant usage on schema public to directfanz_app;
grant select, insert, update, delete on all tables in schema public to directfanz_app;
grant usage, select on all sequences in schema public to directfanz_app;
alter default privileges in schema public grant select, insert, update, delete on tables to directfanz_app;
alter default privileges in schema public grant usage, select on sequences to directfanz_app;

-- The application may look which schema it meets, no more.
revoke insert, update, delete on schema_migrations from directfanz_app;

-- For tables that only grow. The grant is the first lock, this is the second: it also stops the owner's own slips.
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% only grows: % is refused', tg_table_name, lower(tg_op) using errcode = 'insufficient_privilege';
end;
$$;

-- Why a job failed last: the queue itself keeps only that it failed.
create table job_failures (
    job_id   bigint primary key references procrastinate_jobs on delete cascade,
    error    text not null,
    attempts integer not null,
    at       timestamptz not null
);

-- Enqueue a job, or return null when one with the same key waits already. The waiting one is locked until our transaction ends,
-- so no worker starts it before it can see what we wrote; the notice at our commit wakes a worker that had to pass it over.
create function enqueue_job(
    _queue text, _name text, _priority integer, _lock text, _key text, _args jsonb, _run_at timestamptz
) returns bigint language plpgsql as $$
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

-- The queue notifies when a job is inserted, but not when one becomes due again.
create function wake_workers(_queue text, _job_id bigint) returns void language sql as $$
    select pg_notify(
        'procrastinate_queue_v1#' || _queue, json_build_object('type', 'job_inserted', 'job_id', _job_id)::text
    );
$$;

-- Dead letters are few among many; operators and an alarm look for them all the time.
create index jobs_dead on procrastinate_jobs (id) where status in ('failed', 'aborted');
