using Vms.Contracts.Media;
using Vms.Contracts.Recorder;
using Vms.Control.Features.Cameras;

namespace Vms.Control.Reconciliation;

/// <summary>Joins what is wanted of a camera with what is observed into the state the operator sees.</summary>
internal sealed class CameraStates(ObservedState observed)
{
    public CameraState Of(CameraRow row)
    {
        var settings = row.Settings;
        var main = StatusOf(row, "main");
        var (state, reason) = StateOf(settings, main);
        return new CameraState(
            state, reason, settings.Enabled ? NullIfEmpty(main?.Detail) : null,
            main is { StateSinceUnixMs: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(main.StateSinceUnixMs) : null,
            main is { RetryAtUnixMs: > 0 } ? DateTimeOffset.FromUnixTimeMilliseconds(main.RetryAtUnixMs) : null,
            RecordingOf(row), AnalysisOf(row), StreamsOf(row, main));
    }

    private PipelineStatus? StatusOf(CameraRow row, string stream)
    {
        // A media plane that does not answer pulls nothing, whatever it said last.
        var status = observed.IsConnected("media") && row.Settings.Enabled ? observed.Pipeline(new StreamKey(row.Id, stream)) : null;
        // What an older address did says nothing about the new one.
        var wanted = stream == "main" ? row.Generations.Main : row.Generations.Sub;
        return status?.Generation >= wanted ? status : null;
    }

    private (string State, string? Reason) StateOf(CameraSettings settings, PipelineStatus? status)
    {
        if (!settings.Enabled)
            return ("disabled", null);
        if (status is not null)
            return (status.State, NullIfEmpty(status.Reason));
        return observed.IsConnected("media") ? ("connecting", null) : ("offline", "mediaUnavailable");
    }

    private List<StreamView> StreamsOf(CameraRow row, PipelineStatus? main)
    {
        var streams = new List<StreamView>(2) { StreamOf(row, "main", main) };
        if (row.Settings.SubUrl is not null)
            streams.Add(StreamOf(row, "sub", StatusOf(row, "sub")));
        return streams;
    }

    private StreamView StreamOf(CameraRow row, string name, PipelineStatus? status)
    {
        var (state, reason) = StateOf(row.Settings, status);
        return new StreamView(
            name, state, reason, NullIfEmpty(status?.Codec), NullIfZero(status?.Width), NullIfZero(status?.Height),
            status is { Fps: > 0 } ? Math.Round(status.Fps, 2) : null, status is { BitrateBps: > 0 } ? status.BitrateBps : null,
            NullIfEmpty(status?.AudioCodec), status?.Metadata ?? false);
    }

    private RecordingState RecordingOf(CameraRow row)
    {
        var settings = row.Settings;
        var status = observed.IsConnected("recorder") ? JoinedStatusOf(row) : null;
        var (bytesToday, lostToday) = (status?.BytesToday ?? 0, status?.LostSecondsToday ?? 0);
        double? forecast = status is { ForecastDays: > 0 } ? Math.Round(status.ForecastDays, 2) : null;
        var manual = status is { ManualUntilUnixMs: > 0 }
            ? new ManualRecording(DateTimeOffset.FromUnixTimeMilliseconds(status.ManualUntilUnixMs), status.ManualReason, status.ManualBy)
            : null;
        if (!settings.Enabled || (!settings.Recording.WantsAnything && manual is null))
            return new RecordingState("off", null, null, null, bytesToday, lostToday, null);
        if (status is null || status.Generation < row.Generations.Recording)
        {
            return new RecordingState(
                "waiting", observed.IsConnected("recorder") ? null : "recorderUnavailable", null, manual, bytesToday, lostToday, forecast);
        }

        return new RecordingState(
            status.State, NullIfEmpty(status.Reason), NullIfEmpty(status.RecordingClass), manual, bytesToday, lostToday, forecast, ReadBackOf(status));
    }

    /// <summary>Of both streams as of one recording: the worse of the two states, and together what they wrote; what is lost of one is lost.</summary>
    private RecordingStatus? JoinedStatusOf(CameraRow row)
    {
        var each = row.Settings.Recording.RecordedStreams().Select(stream => observed.Recording(new StreamKey(row.Id, stream))).ToList();
        if (each is [var only])
            return only;
        if (each is not [{ } main, { } sub])
            return null;     // one of them is not known yet
        var joined = (BadnessOf(sub) > BadnessOf(main) ? sub : main).Clone();
        joined.Generation = Math.Min(main.Generation, sub.Generation);
        joined.BytesToday = main.BytesToday + sub.BytesToday;
        joined.LostSecondsToday = Math.Max(main.LostSecondsToday, sub.LostSecondsToday);
        joined.ForecastDays = main.ForecastDays > 0 && sub.ForecastDays > 0 ? Math.Min(main.ForecastDays, sub.ForecastDays) : 0;
        var read = sub.ReadBackResult is not ("" or "good" or "notDecoded") || main.ReadBackUnixMs == 0 ? sub : main;
        (joined.ReadBackUnixMs, joined.ReadBackFromUnixMs) = (read.ReadBackUnixMs, read.ReadBackFromUnixMs);
        (joined.ReadBackResult, joined.ReadBackDetail) = (read.ReadBackResult, read.ReadBackDetail);
        return joined;
    }

    private static int BadnessOf(RecordingStatus status) => status.State switch { "failed" => 2, "waiting" => 1, _ => 0 };

    private static ReadBackView? ReadBackOf(RecordingStatus status) => status.ReadBackUnixMs == 0 ? null : new ReadBackView(
        DateTimeOffset.FromUnixTimeMilliseconds(status.ReadBackUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(status.ReadBackFromUnixMs),
        status.ReadBackResult, NullIfEmpty(status.ReadBackDetail));

    private string AnalysisOf(CameraRow row)
    {
        if (AnalysisSpecs.StreamOf(row.Settings) is not { } stream)
            return "off";
        return observed.Analysis(new StreamKey(row.Id, stream))?.State ?? "waiting";
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static int? NullIfZero(int? value) => value is > 0 ? value : null;
}
