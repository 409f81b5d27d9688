-- Why a segment was recorded: 0 continuous, 1 motion, 2 event, 3 manual. The timeline reads nothing but these two indexes.
alter table recorder.segment add column class smallint not null default 0;

drop index recorder.segment_by_time;
create index segment_by_time on recorder.segment (camera_id, stream, start_time) include (end_time, id, closed, class);

drop index recorder.gap_by_time;
create index gap_by_time on recorder.gap (camera_id, stream, to_time) include (from_time, cause, id, version);
