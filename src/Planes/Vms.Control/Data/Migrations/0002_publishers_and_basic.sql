-- A role for encoders that push their stream, and Basic in the clear as a choice per camera.
alter table control.account drop constraint account_role_check;
alter table control.account add constraint account_role_check check (role in ('admin', 'operator', 'viewer', 'publisher'));

alter table control.camera add column allow_basic_in_clear boolean not null default false;
alter table control.camera alter column allow_basic_in_clear drop default;
