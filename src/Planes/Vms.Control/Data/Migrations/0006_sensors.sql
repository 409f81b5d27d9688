-- A role for programs that report events and see nothing.
alter table control.account drop constraint account_role_check;
alter table control.account add constraint account_role_check check (role in ('admin', 'operator', 'viewer', 'publisher', 'sensor'));
