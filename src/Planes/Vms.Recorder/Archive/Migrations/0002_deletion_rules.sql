-- What was deleted: which rule wanted it, with its numbers, and who (a user, or retention for its own rules).
alter table recorder.deletion add column rule text not null default '';
alter table recorder.deletion add column deleted_by text not null default '';

-- "How much of this range was deleted before somebody wanted it kept?"
create index deletion_by_time on recorder.deletion (camera_id, stream, start_time);
