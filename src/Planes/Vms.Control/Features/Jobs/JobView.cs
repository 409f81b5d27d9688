using System.Text.Json;
using Vms.Control.Features.Exports;
using Vms.Control.Jobs;

namespace Vms.Control.Features.Jobs;

/// <summary>Long work, as the API shows it.</summary>
/// <param name="Kind">indexCheck, cameraImport, onboard, fetch, scan, move or export (the latter is one of <c>/api/exports</c>).</param>
/// <param name="State">queued, running, done, failed or cancelled.</param>
/// <param name="Done">Cameras (indexCheck), lines (cameraImport), devices (onboard), seconds of the time that is looked through (fetch), questions to the network (scan) or bytes (move, export).</param>
/// <param name="Total">Null until it is known.</param>
/// <param name="RatePerSecond">Of what <paramref name="Done"/> counts, since it began; null before.</param>
/// <param name="SecondsLeft">At that rate; null where nobody can tell.</param>
/// <param name="Error">Why it failed, or what it waits for.</param>
/// <param name="Result">When it is done; its shape depends on the kind. In the list, and on the feed, without what is a list or an object itself.</param>
internal sealed record JobView(
    string Id, string Kind, string State, long Done, long? Total, double? Progress, double? RatePerSecond, double? SecondsLeft, JobError? Error, JsonElement? Result,
    string CreatedBy, DateTimeOffset CreatedAt, DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt)
{
    public const string Export = "export";

    public static JobView Of(JobRow row, DateTimeOffset now)
    {
        var seconds = row.StartedAt is { } since ? ((row.FinishedAt ?? now) - since).TotalSeconds : 0;
        double? rate = seconds > 0 && row.Done > 0 ? Math.Round(row.Done / seconds, 3) : null;
        return new JobView(
            row.Id, row.Kind, row.State, row.Done, row.Total, row.Total is > 0 ? Math.Round((double)row.Done / row.Total.Value, 4) : null, rate,
            row.State == JobStates.Running && rate > 0 && row.Total is { } total ? Math.Round((total - row.Done) / rate.Value, 1) : null,
            row.ErrorCode is { } code ? new JobError(code, row.ErrorDetail ?? "") : null,
            row.Result is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Result), row.CreatedBy, row.CreatedAt, row.StartedAt, row.FinishedAt);
    }

    public static JobView Of(ExportRow row)
    {
        var view = ExportView.Of(row);
        // What became of a finished one afterwards is the export's matter.
        var state = row.State is ExportStates.Deleted or ExportStates.Expired ? ExportStates.Done : row.State;
        return new JobView(
            row.Id, Export, state, row.BytesDone, view.BytesTotal, view.Progress, null, null, view.Error is { } error ? new JobError(error.Code, error.Message) : null, null,
            row.RequestedBy, row.RequestedAt, null, row.FinishedAt);
    }
}

/// <param name="Code">Stable.</param>
internal sealed record JobError(string Code, string Message);
