using System.Security.Cryptography;
using Vms.Contracts.Ai;
using Vms.Contracts.Media;
using Vms.Contracts.Recorder;
using Vms.Control.Features.Cameras;
using Vms.Hosting;

namespace Vms.Control.Reconciliation;

/// <summary>What the planes are asked for on behalf of one camera. A pure function of its row.</summary>
/// <param name="Sub">Null when the camera has no sub stream or is disabled.</param>
/// <param name="Recordings">One for each stream that is recorded, at least one: with mode "off" the recorder still applies the retention.</param>
internal sealed record Desired(CameraRow Row, PipelineSpec? Main, PipelineSpec? Sub, IReadOnlyList<RecordingSpec> Recordings, AnalysisSpec? Analysis)
{
    public static Desired Of(CameraRow row, NodeKey nodeKey)
    {
        var settings = row.Settings;
        var recorded = settings.Enabled && settings.Recording.WantsAnything ? settings.Recording.RecordedStreams() : [];
        var analysed = AnalysisSpecs.StreamOf(settings);

        PipelineSpec? Pipeline(string stream, string? url, long generation) => !settings.Enabled || url is null ? null : new PipelineSpec
        {
            CameraId = row.Id,
            Stream = stream,
            Url = url,
            Username = settings.Username ?? "",
            Password = PasswordOf(row, nodeKey),
            Transport = settings.Transport switch
            {
                "tcp" => Transport.Tcp,
                "udp" => Transport.Udp,
                "multicast" => Transport.Multicast,
                "http" => Transport.Http,
                _ => Transport.Auto,
            },
            // Somebody always wants a stream that is recorded or analysed.
            OnDemand = settings.OnDemand && !recorded.Contains(stream) && stream != analysed,
            PreRollSeconds = settings.Recording.PreRoll,
            SiteId = settings.SiteId,
            IgnoreCameraEvents = settings.Analytics is { LeavesCamera: true },
            AllowBasicInClear = settings.AllowBasicInClear,
            TlsCertificateSha256 = settings.TlsCertificateSha256 ?? "",
            Generation = generation,
        };

        return new Desired(
            row,
            Pipeline("main", settings.MainUrl, row.Generations.Main),
            Pipeline("sub", settings.SubUrl, row.Generations.Sub),
            [.. settings.Recording.RecordedStreams().Select(stream => RecordingOf(row, stream))],
            AnalysisSpecs.Of(row));
    }

    private static RecordingSpec RecordingOf(CameraRow row, string stream)
    {
        var settings = row.Settings;
        return new RecordingSpec
        {
            CameraId = row.Id,
            Stream = stream,
            Mode = settings.Enabled ? settings.Recording.Mode : "off",
            Format = settings.Recording.Format,
            SegmentSeconds = settings.Recording.SegmentSeconds,
            SegmentBytes = settings.Recording.SegmentBytes ?? 0,
            PreRollSeconds = settings.Recording.PreRoll,
            PostRollSeconds = settings.Recording.PostRoll,
            MaxAgeDays = settings.Recording.Retention.MaxAgeDays ?? 0,
            MaxBytes = settings.Recording.Retention.MaxBytes ?? 0,
            MinAgeDays = settings.Recording.Retention.MinAgeDays ?? 0,
            SiteId = settings.SiteId,
            CameraName = settings.Name,
            Schedule = { settings.Enabled ? (settings.Recording.Schedule ?? []).Select(ScheduleRules.ToSpec) : [] },
            TimeZone = settings.Recording.TimeZone ?? "",
            Generation = row.Generations.Recording,
        };
    }

    /// <summary>The changed row with its generations: each plane's moves on only when what it is asked for differs.</summary>
    public static CameraRow Next(CameraRow changed, CameraRow before, NodeKey nodeKey)
    {
        var next = before.Generations.Camera + 1;
        var (then, now) = (Of(before, nodeKey), Of(changed with { Generations = before.Generations }, nodeKey));
        return changed with
        {
            Generations = new CameraGenerations(
                next,
                Equals(then.Main, now.Main) ? before.Generations.Main : next,
                Equals(then.Sub, now.Sub) ? before.Generations.Sub : next,
                then.Recordings.SequenceEqual(now.Recordings) ? before.Generations.Recording : next,
                Equals(then.Analysis, now.Analysis) ? before.Generations.Analysis : next),
        };
    }

    private static string PasswordOf(CameraRow row, NodeKey nodeKey)
    {
        if (row.PasswordProtected is null)
            return "";
        try
        {
            return nodeKey.Unprotect(row.PasswordProtected);
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            return "";   // a database without its node key: the camera shows "unauthorized" until its password is entered again
        }
    }
}
