-- Sites, camera groups and tenants as an operator changes them; layouts; limits; jobs.
-- A deleted site or tenant stays as a row: recordings and events of what was there keep their place.
alter table control.tenant add column deleted_at timestamptz;
alter table control.tenant add column limits jsonb not null default '{}';
alter table control.site add column deleted_at timestamptz;
alter table control.site add column limits jsonb not null default '{}';
create unique index tenant_name on control.tenant (lower(name)) where deleted_at is null;
create unique index site_name on control.site (tenant_id, lower(name)) where deleted_at is null;
create unique index camera_group_name on control.camera_group (tenant_id, coalesce(parent_id, ''), lower(name));
create index camera_of_site on control.camera (site_id) where deleted_at is null;

-- Which camera stands where on a wall. Cells are a document: they are read and written as a whole.
create table control.layout (
    id          text primary key,
    tenant_id   text not null references control.tenant (id),
    owner_id    uuid not null,                 -- an account's or an API key's
    owner       text not null,                 -- its name then
    name        text not null,
    shared      boolean not null,
    position    int not null,                  -- in the list; where equal, by name
    grid        text not null check (grid in ('1', '4', '9', '16', 'custom')),
    columns     int not null,
    rows        int not null,
    cells       jsonb not null,
    generation  bigint not null,
    created_at  timestamptz not null,
    updated_at  timestamptz not null
);
create index layout_of_tenant on control.layout (tenant_id, position, lower(name), id);

-- Long work. Whoever holds the lease does it; when that runs out somebody else goes on from the cursor.
create table control.job (
    id            text primary key,
    tenant_id     text not null references control.tenant (id),
    kind          text not null,
    camera_ids    text[] not null default '{}', -- whom it is about; empty: the whole tenant
    args          jsonb not null,
    state         text not null check (state in ('queued', 'running', 'done', 'failed', 'cancelled')),
    cursor        jsonb,                        -- where to go on; null: at the beginning
    done          bigint not null default 0,
    total         bigint,                       -- null until it is known
    result        jsonb,
    error_code    text,
    error_detail  text,
    attempts      int not null default 0,
    created_by    text not null,
    created_by_id uuid not null,
    created_from  text,
    created_at    timestamptz not null,
    started_at    timestamptz,
    finished_at   timestamptz,
    lease_owner   uuid,
    lease_until   timestamptz
);
create index job_open on control.job (created_at) where state in ('queued', 'running');
create index job_newest on control.job (tenant_id, created_at desc, id desc);
create index job_over on control.job (finished_at) where finished_at is not null;
