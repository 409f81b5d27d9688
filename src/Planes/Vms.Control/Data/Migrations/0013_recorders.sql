-- Recorders of other makers, whose channels are cameras.
create table control.nvr (
    id                 text primary key,
    tenant_id          text not null references control.tenant (id),
    site_id            text not null references control.site (id),
    name               text not null,
    vendor             text not null check (vendor in ('onvif', 'hikvision', 'dahua')),
    host               text not null,                  -- as somebody typed it
    port               int not null,
    username           text,
    password_protected text,
    model              text not null,
    firmware           text not null,
    serial_number      text not null,
    channels           jsonb not null,                 -- as it told them last
    state              text not null check (state in ('online', 'offline', 'unauthorized')),
    state_detail       text,
    checked_at         timestamptz not null,
    created_at         timestamptz not null,
    updated_at         timestamptz not null            -- of what somebody changed
);
create unique index nvr_address on control.nvr (tenant_id, lower(host), port);
create index nvr_name on control.nvr (tenant_id, lower(name), id);

alter table control.camera add column nvr_id text references control.nvr (id) on delete set null;
alter table control.camera add column nvr_channel text;
create unique index camera_channel on control.camera (nvr_id, nvr_channel) where nvr_id is not null and deleted_at is null;
