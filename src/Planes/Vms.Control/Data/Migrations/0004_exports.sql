-- What was asked to leave the archive. The recorder makes it and has the files; this is the job, and what remains to be known of it.
create table control.export (
    id            text primary key,
    camera_ids    text[] not null,
    from_time     timestamptz not null,
    to_time       timestamptz not null,
    format        text not null,
    note          text not null,
    requested_by  text not null,
    requested_at  timestamptz not null,
    state         text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled', 'deleted', 'expired')),
    code          text not null default '',        -- why it failed
    detail        text not null default '',
    bytes_done    bigint not null default 0,
    bytes_total   bigint not null default 0,       -- 0 until it is known
    files         jsonb not null default '[]',
    zip_bytes     bigint not null default 0,
    finished_at   timestamptz,
    expires_at    timestamptz,
    cleared       boolean not null default false   -- the recorder has nothing of it any more
);
create index export_newest on control.export (requested_at desc, id desc);
create index export_open on control.export (requested_at) where not cleared;

-- Who did what to whom, for those changes that somebody may have to answer for.
create table if not exists control.audit (
    id       bigint generated always as identity primary key,
    at       timestamptz not null,
    actor    text not null,
    action   text not null,
    subject  text not null,
    detail   jsonb not null
);
create index if not exists audit_newest on control.audit (at desc, id desc);
