-- Control's own tables: who may do what, which cameras should run how, what happened.
create table control.site (
    id          text primary key,
    name        text not null,
    created_at  timestamptz not null default now()
);
insert into control.site (id, name) values ('default', 'Default site');

create table control.account (
    id             uuid primary key,
    username       text not null,
    username_key   text not null constraint account_username_key unique,  -- lower case: two spellings are one person
    password_hash  text not null,
    role           text not null check (role in ('admin', 'operator', 'viewer')),
    enabled        boolean not null default true,
    created_at     timestamptz not null,
    last_login_at  timestamptz
);

-- One row while the installation waits for its first administrator.
create table control.setup_token (
    only_one    boolean primary key default true check (only_one),
    token_hash  bytea not null,
    created_at  timestamptz not null
);

-- A sign-in session; ends by logout, by reuse of a spent refresh token, or by age.
create table control.sign_in (
    id           uuid primary key,
    account_id   uuid not null references control.account (id) on delete cascade,
    started_at   timestamptz not null,
    address      text not null,
    ended_at     timestamptz,
    end_reason   text check (end_reason in ('logout', 'reuse', 'disabled'))
);
create index sign_in_account on control.sign_in (account_id);
create index sign_in_ended on control.sign_in (ended_at) where ended_at is not null;

-- Only hashes: a copy of the database signs nobody in.
create table control.refresh_token (
    token_hash  bytea primary key,
    sign_in_id  uuid not null references control.sign_in (id) on delete cascade,
    issued_at   timestamptz not null,
    expires_at  timestamptz not null,
    spent_at    timestamptz
);
create index refresh_token_sign_in on control.refresh_token (sign_in_id);
create index refresh_token_expires on control.refresh_token (expires_at);

-- Desired state. generation counts every change of the row; the others are the generation at which what one plane
-- is asked for changed last, so that renaming a camera does not restart its recording.
create table control.camera (
    id                    text primary key,
    name                  text not null,
    site_id               text not null references control.site (id),
    enabled               boolean not null,
    main_url              text not null,
    sub_url               text,
    username              text,
    password_protected    text,                -- encrypted with the node key
    transport             text not null,
    on_demand             boolean not null,
    recording             jsonb not null,
    analytics             jsonb not null,
    generation            bigint not null,
    main_generation       bigint not null,
    sub_generation        bigint not null,
    recording_generation  bigint not null,
    analysis_generation   bigint not null,
    created_at            timestamptz not null,
    updated_at            timestamptz not null,
    deleted_at            timestamptz          -- kept for the names in events and for the recordings that remain
);
create index camera_by_name on control.camera (lower(name), id) where deleted_at is null;

-- Archives that the recorder still has to remove (DELETE …?recordings=delete).
create table control.archive_deletion (
    camera_id     text primary key,
    requested_at  timestamptz not null
);

-- Effect once: the id is made at the source, so a message that arrives twice is one row.
create table control.event (
    id         text not null,
    at         timestamptz not null,
    end_at     timestamptz,
    type       text not null,
    camera_id  text,
    site_id    text,
    source     text not null,
    data       jsonb not null,
    primary key (id, at)
);
create index event_newest on control.event (at desc, id desc);
create index event_of_camera on control.event (camera_id, at desc, id desc);
create index event_of_type on control.event (type, at desc, id desc);

-- What was done once and must not be done again (demo cameras that were deleted stay deleted).
create table control.seeded (
    name  text primary key,
    at    timestamptz not null
);
