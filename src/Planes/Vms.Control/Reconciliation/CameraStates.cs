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
        var status = observed.IsConnected("recorder") ? observed.Recording(new StreamKey(row.Id, settings.Recording.Stream)) : null;
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

    private static ReadBackView? ReadBackOf(RecordingStatus status) => status.ReadBackUnixMs == 0 ? null : new ReadBackView(
        DateTimeOffset.FromUnixTimeMilliseconds(status.ReadBackUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(status.ReadBackFromUnixMs),
        status.ReadBackResult, NullIfEmpty(status.ReadBackDetail));

    private string AnalysisOf(CameraRow row)
    {
        if (!row.Settings.Enabled || !row.Settings.Analytics.Enabled)
            return "off";
        var stream = row.Settings.SubUrl is null ? "main" : "sub";
        return observed.Analysis(new StreamKey(row.Id, stream))?.State ?? "waiting";
    }

    private static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static int? NullIfZero(int? value) => value is > 0 ? value : null;
}
