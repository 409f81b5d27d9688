using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Vms.Control.Auth;
using Vms.Control.Data;
using Vms.Control.Devices.Nvr;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Sites;
using Vms.Hosting;

namespace Vms.Control.Features.Nvrs;

/// <summary>
/// Stores a recorder and makes cameras of its channels. What there is already stays: a channel's camera is known by recorder and channel, and one that somebody added
/// by its address becomes the channel's. What somebody changed at a camera by hand is not changed back. Any thread.
/// </summary>
internal sealed class NvrImport(NpgsqlDataSource database, NodeKey nodeKey, CameraEdits edits, NvrConnector connector, NvrWatch watch, TimeProvider time)
{
    /// <summary>Of one tenant: each is a connection that stays open.</summary>
    private const int MaxRecorders = 500;

    private static readonly string[] s_linked = ["nvrId"];

    /// <param name="Channels">Null: all that are not offline.</param>
    public sealed record Wish(string Host, int Port, string? Username, string? Password, string? Name, string SiteId, IReadOnlyList<string>? Channels);

    /// <summary>What the recorder said.</summary>
    public sealed record Told(NvrMaker Vendor, NvrFacts Facts, IReadOnlyList<ToldChannel> Channels);

    /// <param name="NvrId">Null: nothing was stored, because of the problem.</param>
    public sealed record Stored(string? NvrId, IReadOnlyList<ConnectNvr.ChannelCamera> Cameras, ProblemHttpResult? Problem);

    public async Task<Stored> StoreAsync(Wish wish, Told told, Caller caller, Actor actor, CancellationToken cancellationToken)
    {
        NvrRow row;
        NvrRow? before;
        var added = new List<CameraEdits.Result>();
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        await using (var transaction = await connection.BeginTransactionAsync(cancellationToken))
        {
            // Whoever connects the same recorder at the same time waits, and finds it.
            await CameraImportJob.AloneAsync(connection, caller.TenantId, cancellationToken);
            before = await NvrRow.AtAsync(connection, caller.TenantId, wish.Host, wish.Port, cancellationToken)
                ?? await NvrRow.WithSerialAsync(connection, caller.TenantId, told.Vendor, told.Facts.SerialNumber, cancellationToken);
            if (await RefusalAsync(connection, before, wish, told, caller, cancellationToken) is { } refusal)
                return new Stored(null, [], refusal);
            row = RowOf(before, wish, told, caller.TenantId);
            await row.SaveAsync(connection, cancellationToken);
            if (await AddMissingAsync(connection, row, wish, caller, actor, added, cancellationToken) is { } wrong)
                return new Stored(null, [], wrong);
            await AuditLog.AddAsync(
                connection, row.UpdatedAt, actor, "nvr.connected", row.Id,
                new { name = row.Name, vendor = NvrRow.WordOf(row.Vendor), address = row.Address, added = added.Count }, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        await edits.DoneAsync(caller.TenantId, added, CancellationToken.None);
        if (before is not null)
            await ChangeKnownAsync(before, row, wish.Password, caller, actor, cancellationToken);
        watch.Changed();
        return new Stored(row.Id, await CamerasAsync(row, caller, cancellationToken), null);
    }

    /// <summary>Gives the cameras of a recorder its new addresses and credentials, where they had its old ones and the caller may change them. Each by itself: what is cut off is done when it is connected again.</summary>
    public async Task ChangeKnownAsync(NvrRow before, NvrRow after, string? password, Caller caller, Actor actor, CancellationToken cancellationToken)
    {
        var newCredentials = before.Username != after.Username || connector.PasswordOf(before) != password;
        var (was, now) = (before.Channels.ToDictionary(c => c.Id, StringComparer.Ordinal), after.Channels.ToDictionary(c => c.Id, StringComparer.Ordinal));
        await using var command = database.Command($"select {CameraRow.SelectColumns} from control.camera where nvr_id = $1 and deleted_at is null", after.Id);
        var results = new List<CameraEdits.Result>();
        try
        {
            foreach (var camera in await command.RowsAsync(CameraRow.Read, cancellationToken))
            {
                if (!caller.Rights.Allows(Permissions.CamerasWrite, camera.Id))
                    continue;
                var patch = new Dictionary<string, string?>();
                if (was.TryGetValue(camera.NvrChannel!, out var old) && now.TryGetValue(camera.NvrChannel!, out var told) && told.MainUrl is not null)
                {
                    if (old.MainUrl == camera.Settings.MainUrl && told.MainUrl != old.MainUrl)
                        patch["mainUrl"] = told.MainUrl;
                    if (old.SubUrl == camera.Settings.SubUrl && told.SubUrl != old.SubUrl)
                        patch["subUrl"] = told.SubUrl;
                }

                if (newCredentials && camera.Settings.Username == before.Username)
                    (patch["username"], patch["password"]) = (after.Username, password);
                if (patch.Count > 0)
                    results.Add(await edits.PatchAsync(camera.Id, JsonSerializer.SerializeToElement(patch), caller.Rights, actor, cancellationToken));
            }
        }
        finally
        {
            await edits.DoneAsync(caller.TenantId, results, CancellationToken.None);
        }
    }

    private static async Task<ProblemHttpResult?> RefusalAsync(
        NpgsqlConnection connection, NvrRow? before, Wish wish, Told told, Caller caller, CancellationToken cancellationToken)
    {
        if (before is not null && (before.Vendor != told.Vendor || !caller.Rights.AllowsSite(Permissions.CamerasWrite, before.SiteId)))
            return Problems.Of(StatusCodes.Status409Conflict, "nvrExists", "The recorder is connected already", $"It is known as {before.Name}.");
        if (before is not null)
            return null;
        if (!await SiteRow.IsThereAsync(connection, wish.SiteId, cancellationToken))
            return CameraProblems.UnknownSite();
        await using var count = connection.Command("select count(*) from control.nvr where tenant_id = $1", caller.TenantId);
        return await count.ExecuteScalarAsync(cancellationToken) is >= (long)MaxRecorders
            ? Problems.Of(StatusCodes.Status409Conflict, "tooManyRecorders", $"There are {MaxRecorders} recorders already", "Remove one that is not needed any more.")
            : null;
    }

    private NvrRow RowOf(NvrRow? before, Wish wish, Told told, string tenantId)
    {
        var now = time.GetUtcNow();
        var called = new[] { wish.Name, before?.Name, told.Facts.Name, told.Facts.Model }.FirstOrDefault(n => !string.IsNullOrWhiteSpace(n)) ?? wish.Host;
        var name = PrintableOf(called, NvrProblems.MaxNameLength) is { Length: > 0 } text ? text : wish.Host;
        return new NvrRow(
            before?.Id ?? CameraId.New(), tenantId, before?.SiteId ?? wish.SiteId, name, told.Vendor, wish.Host, wish.Port, string.IsNullOrEmpty(wish.Username) ? null : wish.Username,
            string.IsNullOrEmpty(wish.Password) ? null : nodeKey.Protect(wish.Password), told.Facts.Model, told.Facts.Firmware, told.Facts.SerialNumber, told.Channels, NvrRow.Online, null,
            now, before?.CreatedAt ?? now, now);
    }

    /// <returns>Null when all channels that are wanted are cameras; else why one could not be one: then nothing is.</returns>
    private async Task<ProblemHttpResult?> AddMissingAsync(
        NpgsqlConnection connection, NvrRow row, Wish wish, Caller caller, Actor actor, List<CameraEdits.Result> added, CancellationToken cancellationToken)
    {
        await using var command = connection.Command("select nvr_channel from control.camera where nvr_id = $1 and deleted_at is null", row.Id);
        var there = (await command.RowsAsync(r => r.GetString(0), cancellationToken)).ToHashSet(StringComparer.Ordinal);
        var known = await KnownCameras.ByUrlAsync(connection, caller.TenantId, cancellationToken);
        foreach (var channel in row.Channels.Where(c => wish.Channels is null ? c.Online is not false : wish.Channels.Contains(c.Id)))
        {
            if (channel.MainUrl is not { } mainUrl || there.Contains(channel.Id))
                continue;
            if (CameraLine.UrlKey(mainUrl) is { } key && known.TryGetValue(key, out var camera))
            {
                if (caller.Rights.Allows(Permissions.CamerasWrite, camera.Id))
                    await TakeAsync(connection, row, channel, camera, actor, cancellationToken);
                continue;
            }

            var result = await edits.AddAsync(
                new CameraRequest(
                    Name: NameOf(channel, row), MainUrl: mainUrl, SubUrl: channel.SubUrl, Username: wish.Username, Password: wish.Password, SiteId: row.SiteId),
                caller.Rights, actor, connection, cancellationToken);
            if (result.Row is not { } created)
                return result.Problem;
            await connection.ExecuteAsync("update control.camera set nvr_id = $2, nvr_channel = $3 where id = $1", [created.Id, row.Id, channel.Id], cancellationToken);
            added.Add(result);
        }

        return null;
    }

    /// <summary>A camera that somebody added by its address: from now on it is known as the channel, unless it is one of another recorder.</summary>
    private static async Task TakeAsync(NpgsqlConnection connection, NvrRow row, ToldChannel channel, KnownCamera camera, Actor actor, CancellationToken cancellationToken)
    {
        var taken = await connection.ExecuteAsync(
            "update control.camera set nvr_id = $2, nvr_channel = $3 where id = $1 and nvr_id is null and deleted_at is null", [camera.Id, row.Id, channel.Id], cancellationToken);
        if (taken > 0)
            await AuditLog.AddAsync(connection, row.UpdatedAt, actor, "camera.changed", camera.Id, new { name = camera.Name, fields = s_linked }, cancellationToken);
    }

    private async Task<IReadOnlyList<ConnectNvr.ChannelCamera>> CamerasAsync(NvrRow row, Caller caller, CancellationToken cancellationToken)
    {
        await using var command = database.Command("select id, nvr_channel, name, site_id from control.camera where nvr_id = $1 and deleted_at is null", row.Id);
        var cameras = await command.RowsAsync(r => (Camera: new ConnectNvr.ChannelCamera(r.GetString(0), r.GetString(1), r.GetString(2)), Site: r.GetString(3)), cancellationToken);
        var order = row.Channels.Index().ToDictionary(c => c.Item.Id, c => c.Index, StringComparer.Ordinal);
        return
        [
            .. cameras.Where(c => c.Site == row.SiteId || caller.Rights.Knows(c.Camera.Id)).Select(c => c.Camera)
                .OrderBy(c => order.GetValueOrDefault(c.Channel, int.MaxValue)).ThenBy(c => c.Channel, StringComparer.Ordinal),
        ];
    }

    private static string NameOf(ToldChannel channel, NvrRow row) =>
        PrintableOf(channel.Name, CameraRules.MaxNameLength) is { Length: > 0 } name ? name : PrintableOf($"{row.Name} {channel.Number}", CameraRules.MaxNameLength);

    private static string PrintableOf(string text, int length)
    {
        var printable = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c)).Trim();
        return printable.Length > length ? printable[..length].Trim() : printable;
    }
}
