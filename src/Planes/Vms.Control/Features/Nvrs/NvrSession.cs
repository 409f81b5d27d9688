using System.Text.Json;
using Npgsql;
using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;

namespace Vms.Control.Features.Nvrs;

/// <summary>
/// Looks after one recorder for as long as its row is as it was: asks how it is and for its channels, listens to what happens, and begins anew when it was away. A
/// password that it refuses is not sent again: somebody has to change it first.
/// </summary>
/// <param name="looks">How many recorders may be asked at a time.</param>
internal sealed partial class NvrSession(
    NvrRow row, NpgsqlDataSource database, NvrConnector connector, NvrEvents events, NvrWatchOptions options, SemaphoreSlim looks, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_tick = TimeSpan.FromSeconds(5);

    /// <summary>What held for so long is tried again at once when it ends.</summary>
    private static readonly TimeSpan s_steady = TimeSpan.FromMinutes(1);

    private readonly NvrReports _reports = new(row.Id);
    private readonly Lock _gate = new();        // guards the reports
    private readonly long _begun = time.GetTimestamp();
    private Dictionary<int, ChannelCamera> _cameras = [];       // by the channel's number; replaced, not edited
    private Dictionary<int, string> _inputs = [];
    private string _state = row.State;
    private string? _detail;
    private bool _isNoted = true;       // the row says the state

    /// <summary>A camera as the target of an event.</summary>
    private sealed record ChannelCamera(string Id, string SiteId);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var pause = options.FirstPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            var (state, detail) = (NvrRow.Offline, (string?)null);
            long? followed = null;
            try
            {
                // What it refused before this process began is not tried by it either.
                if (_state == NvrRow.Unauthorized)
                {
                    if (_isNoted)
                        return;
                    (state, detail) = (_state, _detail);
                }
                else
                {
                    using var connection = await LookAsync(cancellationToken);
                    followed = time.GetTimestamp();
                    await FollowAsync(connection.Nvr, cancellationToken);
                }
            }
            catch (DeviceException e)
            {
                state = e.Failure is DeviceFailure.BadCredentials or DeviceFailure.BasicInClear ? NvrRow.Unauthorized : NvrRow.Offline;
                detail = e.Message;
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException)
            {
                (state, detail) = (_state, null);       // says nothing of the recorder
            }
            catch (Exception e)
            {
                detail = "Talking to it met an error of the software; control's log has it.";
                Log.Unexpected(logger, e, row.Name);
            }

            EndAll();
            if (followed is { } since && time.GetElapsedTime(since) >= s_steady)
                pause = options.FirstPause;
            await NoteAsync(state, detail, facts: null, channels: null, cancellationToken);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = Longer(pause);
        }

        EndAll();
    }

    private async Task<NvrConnection> LookAsync(CancellationToken cancellationToken)
    {
        await looks.WaitAsync(cancellationToken);
        try
        {
            return await WithinPatienceAsync(
                async limited =>
                {
                    var connection = await connector.OpenAsync(row, limited);
                    try
                    {
                        await ReadAsync(connection.Nvr, connection.Facts, limited);
                        _inputs = (await connection.Nvr.InputsAsync(limited)).ToDictionary(i => i.Number, i => i.Name);
                        return connection;
                    }
                    catch
                    {
                        connection.Dispose();
                        throw;
                    }
                },
                cancellationToken);
        }
        finally
        {
            looks.Release();
        }
    }

    /// <summary>Until the recorder ends it, or is found to be away.</summary>
    private async Task FollowAsync(INvr nvr, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] works = [ListenAsync(nvr, ending.Token), RefreshAsync(nvr, ending.Token), TickAsync(ending.Token)];
        try
        {
            await await Task.WhenAny(works);
        }
        finally
        {
            await ending.CancelAsync();
            await Task.WhenAll(works).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A recorder that ends its events, or tells none, is not away: they are asked for again, less and less often.</summary>
    private async Task ListenAsync(INvr nvr, CancellationToken cancellationToken)
    {
        var pause = options.FirstPause;
        bool isSaid = false;
        while (true)
        {
            long begun = time.GetTimestamp();
            try
            {
                await foreach (var happened in nvr.EventsAsync(cancellationToken))
                    Change((reports, now) => _reports.Take(happened, now, time.GetElapsedTime(_begun), reports));
            }
            catch (DeviceException e) when (e.Failure is DeviceFailure.NotSupported or DeviceFailure.BadCredentials)
            {
                // A user who may see the channels need not be one who may listen.
                Log.NoEvents(logger, row.Name, e.Message);
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }
            catch (DeviceException e) when (e.Failure == DeviceFailure.BadAnswer)
            {
                if (!isSaid)
                    Log.NoEvents(logger, row.Name, e.Message);
                isSaid = true;
            }

            EndAll();
            if (time.GetElapsedTime(begun) >= s_steady)
                (pause, isSaid) = (options.FirstPause, false);
            await Task.Delay(pause, time, cancellationToken);
            pause = Longer(pause);
        }
    }

    private TimeSpan Longer(TimeSpan pause) => pause * 2 < options.LongestPause ? pause * 2 : options.LongestPause;

    private async Task RefreshAsync(INvr nvr, CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(options.RefreshEvery, time, cancellationToken);
            await looks.WaitAsync(cancellationToken);
            try
            {
                await WithinPatienceAsync(
                    async limited =>
                    {
                        await ReadAsync(nvr, await nvr.FactsAsync(limited), limited);
                        return true;
                    },
                    cancellationToken);
            }
            finally
            {
                looks.Release();
            }
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(s_tick, time, cancellationToken);
            Change((reports, now) => _reports.Tick(now, time.GetElapsedTime(_begun), reports));
        }
    }

    private async Task ReadAsync(INvr nvr, NvrFacts facts, CancellationToken cancellationToken)
    {
        var channels = ToldChannel.Of(await nvr.ChannelsAsync(cancellationToken));
        await NoteAsync(NvrRow.Online, null, facts, channels, cancellationToken);
        var numbers = channels.ToDictionary(c => c.Id, c => c.Number, StringComparer.Ordinal);
        await using var command = database.Command("select nvr_channel, id, site_id from control.camera where nvr_id = $1 and deleted_at is null", row.Id);
        var cameras = new Dictionary<int, ChannelCamera>();
        foreach (var (channel, camera) in await command.RowsAsync(r => (r.GetString(0), new ChannelCamera(r.GetString(1), r.GetString(2))), cancellationToken))
        {
            if (numbers.TryGetValue(channel, out int number))
                cameras[number] = camera;
        }

        _cameras = cameras;
    }

    /// <summary>Unless somebody changed the recorder meanwhile: then another session says how it is.</summary>
    /// <param name="facts">Null: nothing new is known, nor of <paramref name="channels"/>.</param>
    private async Task NoteAsync(string state, string? detail, NvrFacts? facts, IReadOnlyList<ToldChannel>? channels, CancellationToken cancellationToken)
    {
        // Before it is written: without a database, too, a password that was refused is not sent again.
        if (state != _state)
            Log.Changed(logger, row.Name, row.Address, state, detail ?? "");
        (_state, _detail, _isNoted) = (state, detail, false);
        try
        {
            await database.ExecuteAsync("""
                update control.nvr set state = $3, state_detail = $4, checked_at = $5, model = coalesce($6, model), firmware = coalesce($7, firmware),
                    serial_number = coalesce($8, serial_number), channels = coalesce($9::jsonb, channels)
                where id = $1 and updated_at = $2
                """,
                [
                    row.Id, row.UpdatedAt, state, detail, time.GetUtcNow(), facts?.Model, facts?.Firmware, facts?.SerialNumber,
                    channels is null ? null : JsonSerializer.Serialize(channels, JsonSerializerOptions.Web),
                ], cancellationToken);
            _isNoted = true;
        }
        catch (Exception e) when (DatabaseOutage.Is(e) || e is ObjectDisposedException or OperationCanceledException)
        {
            // The next look says it.
        }
    }

    private void EndAll() => Change((reports, now) => _reports.EndAll(now, reports));

    private void Change(Action<List<NvrReport>, DateTimeOffset> change)
    {
        var reports = new List<NvrReport>();
        var now = time.GetUtcNow();
        bool tooMany;
        lock (_gate)
        {
            long before = _reports.Refused;
            change(reports, now);
            tooMany = before == 0 && _reports.Refused > 0;
        }

        if (tooMany)
            Log.TooManyEvents(logger, row.Name, NvrReports.MaxPerMinute);
        foreach (var report in reports)
            Tell(report, now);
    }

    /// <summary>Motion belongs to the channel's camera and is nobody's where that is none here; a contact is the recorder's own.</summary>
    private void Tell(NvrReport report, DateTimeOffset now)
    {
        if (report.Kind == NvrEventKind.Input)
        {
            events.Tell(
                report.Id, "input.active", row.SiteId, null, report.At, report.EndAt, report.Ongoing, now,
                new { nvrId = row.Id, nvr = row.Name, input = report.Number, name = _inputs.GetValueOrDefault(report.Number) });
        }
        else if (_cameras.TryGetValue(report.Number, out var camera))
        {
            events.Tell(report.Id, "motion", camera.SiteId, camera.Id, report.At, report.EndAt, report.Ongoing, now, new { nvrId = row.Id, channel = report.Number });
        }
    }

    private async Task<T> WithinPatienceAsync<T>(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeviceException(DeviceFailure.Unreachable, $"{row.Address} took too long to answer");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1133, LogLevel.Information, "Recorder {Name} at {Address} is {State} {Detail}")]
        public static partial void Changed(ILogger logger, string name, string address, string state, string detail);

        [LoggerMessage(1134, LogLevel.Warning, "Recorder {Name} tells of no events: {Reason}")]
        public static partial void NoEvents(ILogger logger, string name, string reason);

        [LoggerMessage(1137, LogLevel.Warning, "Recorder {Name} tells of more than {Max} events within a minute: what is beyond is left out")]
        public static partial void TooManyEvents(ILogger logger, string name, int max);

        [LoggerMessage(1135, LogLevel.Error, "Recorder {Name}: talking to it met an internal error; it is tried again")]
        public static partial void Unexpected(ILogger logger, Exception exception, string name);
    }
}
