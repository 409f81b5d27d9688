using Npgsql;
using Vms.Contracts.Recorder;
using Vms.Control.Data;
using Vms.Control.Devices.Http;
using Vms.Control.Devices.Nvr;
using Vms.Control.Features.Cameras;
using Vms.Control.Features.Nvrs;
using Vms.Control.Jobs;

namespace Vms.Control.Features.Footage;

/// <summary>Where a recorder plays what it has of a channel, and what that is.</summary>
/// <param name="Zone">That the times in its addresses are in.</param>
/// <param name="ClockOffset">Its clock minus ours.</param>
/// <param name="Has">By our clock, in order; what adjoins is one.</param>
internal sealed record RecorderReplay(
    NvrPlayback Playback, DeviceZone Zone, TimeSpan ClockOffset, IReadOnlyList<FootageRange> Has, string Host, string? Username, string? Password);

/// <summary>Asks the recorders of Hikvision and Dahua for what they have of a camera that is one of their channels. Any thread.</summary>
internal sealed class RecorderFootage(NpgsqlDataSource database, NvrConnector connector, TimeProvider time)
{
    /// <summary>Lists tell whole seconds: pieces that are no further apart follow each other.</summary>
    private static readonly TimeSpan s_adjoins = TimeSpan.FromSeconds(1);

    /// <summary>All questions together.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    /// <summary>The recorder that the camera is a channel of; null for a camera of its own, and for a recorder that is asked by ONVIF.</summary>
    public async Task<NvrRow?> OfAsync(CameraRow camera, CancellationToken cancellationToken)
    {
        if (camera.NvrId is null)
            return null;
        await using var command = database.Command($"select {NvrRow.Columns} from control.nvr n where n.id = $1", camera.NvrId);
        return await command.FirstAsync(NvrRow.Read, cancellationToken) is { Vendor: not NvrMaker.Onvif } row ? row : null;
    }

    /// <exception cref="JobFailedException">It has nothing of the time, or refuses.</exception>
    /// <exception cref="DeviceAwayException">It does not answer.</exception>
    public async Task<RecorderReplay> FindAsync(NvrRow row, string channel, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        if (row.State == NvrRow.Unauthorized)
            throw new JobFailedException("badCredentials", "The recorder refused the user name or password before; they are not sent again.");
        int number = row.Channels.FirstOrDefault(c => c.Id == channel)?.Number ?? throw new JobFailedException("noFootage", "The recorder has this channel no more.");
        using var deadline = new CancellationTokenSource(s_patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var connection = await NvrAsking.OpenAsync(row, connector, database, time, both.Token);
            var clock = await connection.Nvr.ClockAsync(both.Token);
            var offset = clock.OffsetAt(time.GetUtcNow());
            var found = await connection.Nvr.RecordingsAsync(number, from + offset, to + offset, both.Token);
            var pieces = found.Items.Select(r => (Recording: r, Playback: NvrPlayback.Of(row.Vendor, r.Url))).Where(p => p.Playback is not null).ToList();
            if (pieces.Count == 0)
                throw new JobFailedException("noFootage", "The recorder has no recording of this time.");

            // Of one place: another is that of another stream.
            var playback = pieces[0].Playback!;
            var has = Joined(pieces.Where(p => p.Playback == playback).Select(p => (p.Recording.Start - offset, p.Recording.End - offset)));
            return new RecorderReplay(playback, clock.Zone, offset, has, row.Host, row.Username, connector.PasswordOf(row));
        }
        catch (DeviceException e)
        {
            throw Refusal(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeviceAwayException(DeviceAwayException.TimedOut, "The recorder took too long to say what it has recorded.");
        }
    }

    internal static IReadOnlyList<FootageRange> Joined(IEnumerable<(DateTimeOffset From, DateTimeOffset To)> pieces)
    {
        var joined = new List<FootageRange>();
        foreach (var (from, to) in pieces.Order())
        {
            var (fromMs, toMs) = (from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds());
            if (joined.Count > 0 && fromMs - joined[^1].ToUnixMs <= (long)s_adjoins.TotalMilliseconds)
                joined[^1].ToUnixMs = Math.Max(joined[^1].ToUnixMs, toMs);
            else
                joined.Add(new FootageRange { FromUnixMs = fromMs, ToUnixMs = toMs });
        }

        return joined;
    }

    private static Exception Refusal(DeviceException e) => e.Failure switch
    {
        DeviceFailure.Unreachable => new DeviceAwayException(DeviceAwayException.Unreachable, e.Message + "."),
        DeviceFailure.BadCredentials or DeviceFailure.BasicInClear => new JobFailedException("badCredentials", e.Message + "."),
        _ => new JobFailedException("noReplay", e.Message + "."),
    };
}
