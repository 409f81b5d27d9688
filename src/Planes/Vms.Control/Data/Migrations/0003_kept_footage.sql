-- Footage that somebody marked, and that is kept for it.
create table control.bookmark (
    id          uuid primary key,
    camera_id   text not null references control.camera (id),
    from_time   timestamptz not null,
    to_time     timestamptz not null,      -- the same for a moment
    title       text not null,
    note        text not null,
    tags        text[] not null,
    created_by  text not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create index bookmark_newest on control.bookmark (from_time desc, id desc);
create index bookmark_of_camera on control.bookmark (camera_id, from_time desc, id desc);
create index bookmark_by_tag on control.bookmark using gin (tags);

-- A saved, named range of some cameras.
create table control.clip (
    id          uuid primary key,
    name        text not null,
    camera_ids  text[] not null,
    from_time   timestamptz not null,
    to_time     timestamptz not null,
    note        text not null,
    tags        text[] not null,
    owner       text not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create index clip_newest on control.clip (created_at desc, id desc);

-- Legal hold: lifted ones stay, to be shown who lifted them.
create table control.hold (
    id          uuid primary key,
    reason      text not null,
    camera_ids  text[] not null,
    from_time   timestamptz not null,
    to_time     timestamptz not null,
    created_by  text not null,
    created_at  timestamptz not null,
    lifted_by   text,
    lifted_at   timestamptz
);
create index hold_newest on control.hold (created_at desc, id desc);

-- What the recorder is asked to keep on their behalf, camera by camera; the whole list has one generation.
create table control.kept_range (
    id           uuid not null,            -- of the bookmark, clip or hold
    camera_id    text not null,
    kind         text not null check (kind in ('bookmark', 'clip', 'hold')),
    from_time    timestamptz not null,
    to_time      timestamptz not null,
    until_time   timestamptz,              -- then no longer kept; null: as long as the row is there
    name         text not null,
    generation   bigint not null,          -- of the list it came with
    recorded_ms  bigint,                   -- as the recorder measured it; null: not yet
    deleted_ms   bigint,
    measured_at  timestamptz,
    primary key (id, camera_id)
);
create index kept_range_of_camera on control.kept_range (camera_id) where kind = 'bookmark';

create table control.kept_generation (
    only_one    boolean primary key default true check (only_one),
    generation  bigint not null,           -- what is wanted
    applied     bigint not null,           -- what the recorder has
    list_id     text not null default gen_random_uuid()::text,     -- of what is wanted: another one with each generation
    sent_id     text,                      -- of the list that was sent last
    applied_id  text                       -- of the recorder's list, as far as it is known and nothing in it is news
);
insert into control.kept_generation (generation, applied) values (1, 0);

alter table control.archive_deletion add column requested_by text not null default '';

-- Who did what to whom, for those changes that somebody may have to answer for.
create table control.audit (
    id       bigint generated always as identity primary key,
    at       timestamptz not null,
    actor    text not null,
    action   text not null,
    subject  text not null,
    detail   jsonb not null
);
create index audit_newest on control.audit (at desc, id desc);
