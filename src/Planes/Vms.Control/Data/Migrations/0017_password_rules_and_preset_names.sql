-- What a new password must be like, and names of positions that a device cannot change without moving them.
alter table control.tenant add column password_min_length int not null default 10 check (password_min_length between 8 and 64);
alter table control.tenant add column password_refuse_common boolean not null default true;

create table control.preset_name (
    camera_id   text not null references control.camera (id) on delete cascade,
    token       text not null,                  -- as the device calls the position
    name        text not null,                  -- what it is called here
    device_name text not null,                  -- what the device called it then: another name there is newer
    primary key (camera_id, token)
);
