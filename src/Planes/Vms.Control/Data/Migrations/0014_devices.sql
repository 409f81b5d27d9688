-- What cameras that speak ONVIF are and can, as they said last, and what of it changed.
create table control.device (
    camera_id        text primary key references control.camera (id) on delete cascade,
    service_url      text not null,             -- of its device service, without credentials
    camera_host      text not null,             -- of the camera's main address when it was asked: another host is another device
    credentials_key  text not null,             -- a hash of address and credentials that were tried: others may be tried again
    is_onvif         boolean not null,          -- it has answered once
    checked_at       timestamptz not null,
    next_check_at    timestamptz,               -- null: when somebody asks
    problem_code     text,
    problem_detail   text,
    maker            text not null default '',
    model            text not null default '',
    firmware         text not null default '',
    serial_number    text not null default '',
    hardware_id      text not null default '',
    clock_offset_ms  bigint,                    -- its clock minus this server's
    clock_checked_at timestamptz,
    clock_ntp        boolean,
    video_source     text,                      -- tokens of the picture that the camera is
    profile          text,
    ptz_profile      text,
    ptz_node         text,
    has_imaging      boolean not null default false,
    relays           int not null default 0,
    has_inputs       boolean not null default false,
    has_events       boolean not null default false
);

create table control.device_change (
    id        bigint generated always as identity primary key,
    camera_id text not null references control.device (camera_id) on delete cascade,
    at        timestamptz not null,
    what      text not null,
    was       text not null,
    now       text not null
);
create index device_change_of_camera on control.device_change (camera_id, id desc);
