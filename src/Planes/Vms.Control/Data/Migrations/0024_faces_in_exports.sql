-- Faces were to be hidden in an export, and of so much of it nobody had looked for people.
alter table control.export add column unlooked_seconds double precision not null default 0;
