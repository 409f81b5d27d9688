-- The AI plane is told the camera's time zone, too: those that have one are to be asked for anew, once.
update control.camera set generation = generation + 1, analysis_generation = generation + 1
where deleted_at is null and enabled and recording ->> 'timeZone' <> '' and analytics -> 'enabled' = 'true' and analytics ->> 'source' is distinct from 'camera';
