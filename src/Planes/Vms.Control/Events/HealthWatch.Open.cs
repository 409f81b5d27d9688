using System.Text.Json;
using Vms.Control.Data;
using Vms.Control.Features.Events;

namespace Vms.Control.Events;

/// <content>What went on when control ended.</content>
internal sealed partial class HealthWatch
{
    private const int MaxOpen = 20_000;

    /// <summary>After a start planes and cameras take a while to say how they are; what went on before goes on meanwhile.</summary>
    private static readonly TimeSpan s_settling = TimeSpan.FromSeconds(30);

    private static readonly string[] s_lasting = ["camera.unreachable", "camera.clock", "storage.forecast", "camera.analysisFailed", "system.planeAway", "system.modelMissing"];

    private bool _isRead;

    /// <summary>Told anew it would be a second event, and the first had no end.</summary>
    private async Task ReadOpenAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        // Tenant by tenant: there is an index for that, and few events are of these types.
        await using var command = database.Command("""
            select e.id, e.type, e.camera_id, e.site_id, e.at, e.data from control.tenant t join control.event e on e.tenant_id = t.id and e.type = any($1)
            where e.source = $2 and e.end_at is null order by e.at desc limit $3
            """, s_lasting, Source, MaxOpen);
        var rows = await command.RowsAsync(
            r => (Id: r.GetString(0), Type: r.GetString(1), CameraId: r.StringOrNull(2), SiteId: r.StringOrNull(3), At: r.Time(4), Data: r.GetString(5)), cancellationToken);
        foreach (var (id, type, cameraId, siteId, at, text) in rows)
        {
            using var document = JsonDocument.Parse(text);
            var data = document.RootElement.Clone();
            var plane = type == "system.planeAway" ? EventRow.Text(data, "plane") : null;
            // Its id says that it is one of these, and what about: the newest goes on.
            if (AboutOf(type, cameraId, siteId, plane, EventRow.Text(data, "model")) is not { } about || id != IdOf(type, about, at))
                continue;
            var finding = new Finding(type, cameraId, siteId, TimeSpan.Zero, data);
            _troubles.TryAdd(about, new Trouble(finding, at) { IsTold = true, StaysUntil = plane is null ? now + s_settling : default });
            if (plane is not null)
                _seenParts.Add(plane);
        }

        _isRead = true;
    }

    private static string AboutModel(string siteId, string model) => $"model/{siteId}/{model}";

    private static string? AboutOf(string type, string? cameraId, string? siteId, string? plane, string? model) => type switch
    {
        "system.planeAway" => plane is null ? null : "plane/" + plane,
        "system.modelMissing" => model is null || siteId is null ? null : AboutModel(siteId, model),
        _ when cameraId is null => null,
        "camera.unreachable" => "camera/" + cameraId,
        "camera.clock" => "clock/" + cameraId,
        "storage.forecast" => "forecast/" + cameraId,
        "camera.analysisFailed" => "analysis/" + cameraId,
        _ => null,
    };
}
