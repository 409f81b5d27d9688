using Vms.Contracts.Media;
using Vms.Control.Features.Events;
using Vms.Control.Outbox;
using Vms.Hosting;
using Vms.Rpc;

namespace Vms.Control.Features.Rules.Actions;

/// <summary>A picture of a camera near a moment, or the one that says that there is none.</summary>
internal sealed record FoundStill(CapturedSnapshot Picture, string Stream)
{
    public bool IsMissing => Picture.Missing.Length > 0;

    public TimeSpan DistanceTo(DateTimeOffset at) => (DateTimeOffset.FromUnixTimeMilliseconds(Picture.CapturedAtUnixMs) - at).Duration();
}

/// <summary>
/// Looks for the still of an event where there may be one (docs/design/snapshots.md): in the stream logs, in the archive, and, where the main stream was not pulled, in what
/// it sends once it is. A picture of the moment counts before all others, of these the large one; else the nearest. Any thread.
/// </summary>
internal sealed class StillSearch(PlaneOptions options, EventPictures pictures, TimeProvider time) : IDisposable
{
    private const string Main = "main";
    private const string Sub = "sub";
    private const string Undecodable = "undecodable";

    /// <summary>Pictures up to so long before or after it are of the moment: who walked through the picture is in it still.</summary>
    private static readonly TimeSpan s_ofTheMoment = TimeSpan.FromSeconds(2);

    /// <summary>Better than none is a picture that is so late.</summary>
    private static readonly TimeSpan s_latest = TimeSpan.FromSeconds(10);

    /// <summary>From the camera's lens to here, while a child is started that decodes it.</summary>
    private static readonly TimeSpan s_decoding = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(20);

    private readonly RpcChannel _media = new(new Uri("unix://" + options.SocketOf("media", "rpc")), time);

    /// <exception cref="DeliveryException">A plane does not answer, and there is nothing without it.</exception>
    public async Task<FoundStill> FindAsync(string camera, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var found = new List<FoundStill>();
        // The stream logs first, both: they answer at once, and the archive may be busy for longer than a log remembers.
        if (await FromLogAsync(camera, Main, at, until: null, cancellationToken) is { } main)
        {
            found.Add(main);
            if (IsOfTheMoment(main))
                return main;
        }

        // Beside all else: each moment that passes makes it later.
        using var late = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pulled = found is [{ IsMissing: true, Picture.Missing: not Undecodable }] && time.GetUtcNow() < at + s_latest
            ? PulledAsync(camera, at, late.Token)
            : Task.FromResult<FoundStill?>(null);
        RpcException? away = null;
        try
        {
            if (await FromLogAsync(camera, Sub, at, until: null, cancellationToken) is { } sub)
                found.Add(sub);
            foreach (var stream in found.Exists(IsOfTheMoment) ? (string[])[Main] : [Main, Sub])
            {
                if (await pictures.FromArchiveAsync(camera, stream, at, cancellationToken) is { } still)
                    found.Add(new FoundStill(new CapturedSnapshot { Jpeg = still.Jpeg, CapturedAtUnixMs = still.CapturedAtUnixMs }, stream));
                if (found.Exists(IsOfTheMoment))
                    break;
            }
        }
        catch (RpcException e)
        {
            away = e;
        }

        // Beside what was found a later one would not be taken.
        if (found.Exists(IsOfTheMoment))
            late.CancelAfter(found.Exists(f => f.Stream == Main && IsOfTheMoment(f)) ? TimeSpan.Zero : Left(at + s_ofTheMoment + s_decoding));
        if (await pulled is { IsMissing: false } picture)
            found.Add(picture);

        var best = found.MinBy(f => (Rank(f), f.DistanceTo(at)));
        // The picture that says that there is none is not taken for it: it may be found when this is tried again.
        if (away is not null && best is null or { IsMissing: true })
            throw new DeliveryException($"The recorder does not answer ({away.Message})", isFinal: false, away);
        return best ?? throw new DeliveryException("The camera has no stream", isFinal: false);

        bool IsOfTheMoment(FoundStill still) => !still.IsMissing && still.DistanceTo(at) <= s_ofTheMoment;

        TimeSpan Left(DateTimeOffset end) => end > time.GetUtcNow() ? end - time.GetUtcNow() : TimeSpan.Zero;

        int Rank(FoundStill still) => still.IsMissing ? 3 : !IsOfTheMoment(still) ? 2 : still.Stream == Main ? 0 : 1;
    }

    public void Dispose() => _media.Dispose();

    /// <returns>Null: it was not pulled in time, or something else was found meanwhile.</returns>
    private async Task<FoundStill?> PulledAsync(string camera, DateTimeOffset at, CancellationToken cancellationToken)
    {
        try
        {
            return await FromLogAsync(camera, Main, at, until: at + s_latest, cancellationToken);
        }
        catch (Exception e) when (e is DeliveryException or OperationCanceledException)
        {
            return null;
        }
    }

    /// <returns>Null: the camera has no such stream, or it is not pulled (any more); the archive may know it.</returns>
    private async Task<FoundStill?> FromLogAsync(string camera, string stream, DateTimeOffset at, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        try
        {
            var request = new CaptureSnapshotRequest { CameraId = camera, Stream = stream, AtUnixMs = at.ToUnixTimeMilliseconds(), UntilUnixMs = until?.ToUnixTimeMilliseconds() ?? 0 };
            return new FoundStill(await _media.UnaryAsync("vms.media.v1.MediaPlane/CaptureSnapshot", request, CapturedSnapshot.Parser, s_deadline, cancellationToken), stream);
        }
        catch (RpcException e) when (e.Status == RpcStatus.NotFound)
        {
            return null;
        }
        catch (RpcException e)
        {
            throw new DeliveryException($"The media plane does not answer ({e.Message})", isFinal: false, e);
        }
    }
}
