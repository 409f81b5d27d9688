-- People: who may do what with which cameras. A tenant is a boundary that nothing crosses; an installation has at least one.
create table control.tenant (
    id          text primary key,
    name        text not null,
    created_at  timestamptz not null default now()
);
insert into control.tenant (id, name) values ('default', 'Default tenant');

alter table control.site add column tenant_id text not null default 'default' references control.tenant (id);
alter table control.account add column tenant_id text not null default 'default' references control.tenant (id);
alter table control.camera add column tenant_id text not null default 'default' references control.tenant (id);
alter table control.bookmark add column tenant_id text not null default 'default';
alter table control.clip add column tenant_id text not null default 'default';
alter table control.hold add column tenant_id text not null default 'default';
alter table control.export add column tenant_id text not null default 'default';
alter table control.event add column tenant_id text not null default 'default';
alter table control.audit add column tenant_id text not null default 'default';
-- What happened last is asked of one tenant.
drop index control.event_newest;
create index event_newest_of_tenant on control.event (tenant_id, at desc, id desc);
create index audit_newest_of_tenant on control.audit (tenant_id, id desc);

-- From where somebody did it (null: the system did) and what came of it.
alter table control.audit add column address text;
alter table control.audit add column result text not null default 'done';

-- What an operator calls "the entrances": a camera may be in several.
create table control.camera_group (
    id          text primary key,
    tenant_id   text not null references control.tenant (id),
    name        text not null,
    parent_id   text references control.camera_group (id),
    created_at  timestamptz not null
);
create table control.camera_group_member (
    group_id   text not null references control.camera_group (id) on delete cascade,
    camera_id  text not null references control.camera (id) on delete cascade,
    primary key (group_id, camera_id)
);
create index camera_group_member_camera on control.camera_group_member (camera_id);

create table control.people_group (
    id          uuid primary key,
    tenant_id   text not null references control.tenant (id),
    name        text not null,
    created_at  timestamptz not null
);
create unique index people_group_name on control.people_group (tenant_id, lower(name));
create table control.people_group_member (
    group_id    uuid not null references control.people_group (id) on delete cascade,
    account_id  uuid not null references control.account (id) on delete cascade,
    primary key (group_id, account_id)
);
create index people_group_member_account on control.people_group_member (account_id);

-- What the built-in ones may is in the program: a new version that adds a permission needs no migration.
create table control.role (
    id           text primary key,
    tenant_id    text references control.tenant (id),        -- null: built in, there for every tenant
    name         text not null,
    built_in     boolean not null,
    permissions  text[] not null,
    created_at   timestamptz not null default now(),
    updated_at   timestamptz not null default now(),
    check (built_in = (tenant_id is null))
);
create unique index role_name on control.role (tenant_id, lower(name)) where tenant_id is not null;
insert into control.role (id, name, built_in, permissions) values
    ('admin', 'Administrator', true, '{}'),
    ('operator', 'Operator', true, '{}'),
    ('viewer', 'Viewer', true, '{}'),
    ('investigator', 'Investigator', true, '{}'),
    ('publisher', 'Publisher', true, '{}'),
    ('sensor', 'Sensor', true, '{}');

-- A program's own credential; the key itself is shown once and stored as its SHA-256.
create table control.api_key (
    id            uuid primary key,
    tenant_id     text not null references control.tenant (id),
    name          text not null,
    prefix        text not null,              -- its first characters, to be recognised by
    secret_hash   bytea not null unique,
    created_by    text not null,
    created_at    timestamptz not null,
    expires_at    timestamptz,
    last_used_at  timestamptz
);
create unique index api_key_name on control.api_key (tenant_id, lower(name));

-- A role, for an account, a group of them or an API key, on everything of the tenant or on a part of it.
create table control.role_grant (
    id          uuid primary key default gen_random_uuid(),
    tenant_id   text not null references control.tenant (id),
    account_id  uuid references control.account (id) on delete cascade,
    group_id    uuid references control.people_group (id) on delete cascade,
    api_key_id  uuid references control.api_key (id) on delete cascade,
    role_id     text not null references control.role (id),
    scope       text not null check (scope in ('tenant', 'site', 'group', 'camera')),
    scope_id    text,                          -- of the site, camera group or camera
    check (num_nonnulls(account_id, group_id, api_key_id) = 1),
    check ((scope = 'tenant') = (scope_id is null)),
    unique nulls not distinct (account_id, group_id, api_key_id, role_id, scope, scope_id)
);
create index role_grant_group on control.role_grant (group_id) where group_id is not null;
create index role_grant_role on control.role_grant (role_id);

insert into control.role_grant (tenant_id, account_id, role_id, scope) select tenant_id, id, role, 'tenant' from control.account;
alter table control.account drop column role;
alter table control.account add column display_name text not null default '';

alter table control.sign_in add column user_agent text not null default '';
alter table control.sign_in add column last_used_at timestamptz;
alter table control.sign_in drop constraint sign_in_end_reason_check;
alter table control.sign_in add constraint sign_in_end_reason_check check (end_reason in ('logout', 'reuse', 'disabled', 'revoked', 'password'));

-- The secret that an authenticator app shares, encrypted with the node key; the last step whose code was used: it counts once.
alter table control.account add column totp_secret_protected text;
alter table control.account add column totp_confirmed_at timestamptz;
alter table control.account add column totp_last_step bigint not null default 0;

-- Those that were not used.
create table control.recovery_code (
    account_id  uuid not null references control.account (id) on delete cascade,
    code_hash   bytea not null,
    primary key (account_id, code_hash)
);
