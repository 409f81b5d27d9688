using Vms.Containers.Integrity;
using Vms.Containers.Mp4;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;
using Vms.Recorder.Heads;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Exports;

/// <summary>The export cannot be made; the message is for who asked for it.</summary>
internal sealed class ExportFailedException(string code, string message) : Exception(message)
{
    public string Code => code;
}

/// <summary>Makes one export: plans it stream by stream, copies file by file, and closes it with the signed manifest. May be broken off at any moment and begun
/// anew: files that are finished stay.</summary>
internal sealed class ExportRun(
    ArchiveIndex index, FragmentReader reader, ExportFolder folder, ExportWriter writer, ExportConversion conversion, ExportTails tails, ExportGaps gaps,
    ExportClosing closing, ExportRoom room, HeadStore heads)
{
    /// <summary>Every gap begins a file: a camera that was away a thousand times is to be asked for in parts.</summary>
    private const int MaxFiles = 1000;

    /// <exception cref="ExportFailedException">It cannot be made.</exception>
    /// <exception cref="RecordingUnreadableException">A part has turned out damaged or gone; planned anew, it is left out.</exception>
    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public async Task RunAsync(ExportJob job, CancellationToken cancellationToken)
    {
        await MeasureAsync(job, cancellationToken);
        var cameras = new List<ExportedCamera>();
        var names = new ExportNames();
        long done = 0;
        foreach (var (camera, stream) in await StreamsAsync(job.Spec, cancellationToken))
        {
            var exported = new List<ExportedFile>();
            foreach (var planned in await PlanAsync(job.Spec, camera, stream, cancellationToken))
            {
                string name = names.Next(camera, stream, planned.From, job.Spec.Format);
                if (Finished(job.State, camera, name, planned) is not { } file)
                {
                    long before = done;
                    file = await WriteAsync(job, camera, planned, name, written => job.BytesDone = before + written, cancellationToken);
                    Save(job, job.State with { Files = [.. job.State.Files.Where(f => f.File.Name != name), file] });
                }

                done += planned.MediaBytes;
                job.BytesDone = done;
                exported.Add(file.File);
            }

            cameras.Add(new ExportedCamera(
                camera.Id, camera.Name, camera.SiteId, stream, await gaps.OfAsync(job.Spec, camera, stream, exported, cancellationToken), exported)
            {
                Source = stream == PlaybackSegments.Device ? SegmentLabel.FromDevice : null,
            });
        }

        Save(job, closing.Close(job, cameras));
    }

    public static (DateTimeOffset From, DateTimeOffset To) RangeOf(ExportSpec spec) =>
        (DateTimeOffset.FromUnixTimeMilliseconds(spec.FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(spec.ToUnixMs));

    /// <summary>How much it is, and whether there is room, before a byte is written.</summary>
    private async Task MeasureAsync(ExportJob job, CancellationToken cancellationToken)
    {
        long total = 0;
        int files = 0;
        foreach (var (camera, stream) in await StreamsAsync(job.Spec, cancellationToken))
        {
            var planned = await PlanAsync(job.Spec, camera, stream, cancellationToken);
            total += planned.Sum(f => f.MediaBytes);
            files += planned.Count;
        }

        if (total == 0) throw new ExportFailedException("noRecording", "Nothing was recorded by these cameras in this time.");
        if (files > MaxFiles)
            throw new ExportFailedException("tooManyFiles", $"This time is in {files} pieces, because recording was interrupted or changed so often; at most {MaxFiles} go into one export. Choose a shorter time.");
        room.Ensure(total - job.State.Files.Sum(f => f.Sources.Sum(s => s.Bytes)));
        Save(job, job.State with { State = ExportStates.Running, Code = "", Detail = "", BytesTotal = total });
    }

    /// <summary>Of each camera what was recorded in the time: which stream it records is a setting that may have changed.</summary>
    private async Task<IReadOnlyList<(ExportCamera Camera, string Stream)>> StreamsAsync(ExportSpec spec, CancellationToken cancellationToken)
    {
        var (from, to) = RangeOf(spec);
        var all = new List<(ExportCamera Camera, string Stream)>();
        foreach (var camera in spec.Cameras)
        {
            int before = all.Count;
            string known = PlaybackRequest.DefaultStream;
            foreach (string stream in PlaybackSegments.Streams.Reverse())
            {
                if ((await index.FindSpansAsync(camera.Id, stream, from, to, apart: false, cancellationToken)).Count > 0) all.Insert(before, (camera, stream));
                else if ((await index.GapsAsync(camera.Id, stream, from, to, cancellationToken)).Count > 0) known = stream;
            }

            // Why there is nothing of it is said all the same.
            if (all.Count == before) all.Add((camera, known));
        }

        return all;
    }

    private async Task<IReadOnlyList<PlannedFile>> PlanAsync(ExportSpec spec, ExportCamera camera, string stream, CancellationToken cancellationToken)
    {
        var (from, to) = RangeOf(spec);
        var segments = await index.FindAsync(camera.Id, stream, from, to, cancellationToken);
        return PlaybackPlan.Create(segments, from, to) is { } plan ? await ExportPlan.CreateAsync(plan, to, CutOf(spec, camera), reader, cancellationToken) : [];
    }

    private static ExportCut CutOf(ExportSpec spec, ExportCamera camera) => BurnIn.Of(spec, camera.Id) is not null ? ExportCut.Encoded
        : spec.Format == ExportFormats.Matroska ? ExportCut.WholeFragments : ExportCut.Recorded;

    /// <summary>The same parts of the same segments, made before a restart.</summary>
    private static FinishedFile? Finished(ExportState state, ExportCamera camera, string name, PlannedFile planned) => state.Files.FirstOrDefault(
        f => f.File.Name == name && f.CameraId == camera.Id && f.File.From == planned.From && f.File.To == planned.To
            && f.Sources.SequenceEqual(SourcesOf(planned)));

    private static SourcePart[] SourcesOf(PlannedFile planned) => [.. planned.Runs.Select(r => new SourcePart(r.Segment.Id, PlannedFile.BytesOf(r)))];

    private async Task<FinishedFile> WriteAsync(
        ExportJob job, ExportCamera camera, PlannedFile planned, string name, Action<long> progressed, CancellationToken cancellationToken)
    {
        string part = folder.PartOf(job.Spec.Id, name);
        var label = new SegmentLabel(
            camera.Name, camera.Id, planned.Runs[0].Segment.Stream, camera.SiteId, planned.Runs[0].Segment.Id, planned.From, RecorderApp.Software);
        try
        {
            var file = CutOf(job.Spec, camera) == ExportCut.Recorded
                ? await CopyAsync(planned, part, name, label, progressed, cancellationToken)
                : await ConvertAsync(job.Spec, camera, planned, part, name, label, progressed, cancellationToken);
            File.Move(part, folder.PathOf(job.Spec.Id, name), overwrite: true);
            return file;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private async Task<FinishedFile> CopyAsync(
        PlannedFile planned, string part, string name, SegmentLabel label, Action<long> progressed, CancellationToken cancellationToken)
    {
        long total = 0;
        var written = await writer.WriteAsync(
            planned,
            part,
            label,
            bytes =>
            {
                room.Took(bytes);
                progressed(total += bytes);
            },
            cancellationToken);
        var tail = written.IsSigned || written.Chain.Length == 0 ? null : await tails.FindAsync(planned, written.Chain, cancellationToken);
        return new FinishedFile(
            label.CameraId,
            new ExportedFile(
                name, written.Bytes, written.Sha256, planned.From, planned.To, ExportedMovie.HeadBytes, planned.MediaBytes, written.FrameSha256,
                written.Parts, written.Previous, written.Chain, tail),
            written.Crc32,
            SourcesOf(planned));
    }

    private async Task<FinishedFile> ConvertAsync(
        ExportSpec spec, ExportCamera camera, PlannedFile planned, string part, string name, SegmentLabel label, Action<long> progressed, CancellationToken cancellationToken)
    {
        var burnIn = BurnIn.Of(spec, camera.Id);
        var faces = burnIn is { HidesFaces: true } ? FaceCover.Of(heads, camera.Id, planned.From, planned.To) : null;
        var made = await conversion.WriteAsync(spec.Id, planned, part, spec.Format, burnIn, faces, label, progressed, cancellationToken);
        return new FinishedFile(
            camera.Id,
            new ExportedFile(
                name, made.Bytes, made.Sha256, planned.From, planned.To, 0, 0, "", [], "", "", null, new ExportedConversion(spec.Format, [.. faces?.Words() ?? [], .. burnIn?.Words() ?? []])),
            made.Crc32,
            SourcesOf(planned),
            faces?.Unlooked.TotalSeconds ?? 0);
    }

    private void Save(ExportJob job, ExportState state)
    {
        folder.Save(job.Spec.Id, state);
        job.State = state;
    }
}
