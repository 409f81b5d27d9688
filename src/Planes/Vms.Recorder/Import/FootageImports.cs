using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Vms.Contracts.Media;
using Vms.Contracts.Recorder;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Gaps;
using Vms.Recorder.Playback;
using Vms.Recorder.Recordings;
using Vms.Recorder.Writing;
using Vms.Rpc;

namespace Vms.Recorder.Import;

/// <summary>Imports for control: contracts/recorder.proto, ImportFootage. One per camera and two in all, because each fills a disk and a network that
/// recordings need.</summary>
internal sealed partial class FootageImports(
    RecorderContext context,
    DrainLoop drain,
    GapLedger ledgers,
    TailRecovery recovery,
    ArchiveIndex index,
    PlaneOptions options,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<FootageImports> logger) : IDisposable
{
    private const int AtATime = 2;
    private const int MaxText = 300;

    /// <summary>How media begins to say that the device has nothing of a time.</summary>
    private const string NoFootage = "noFootage:";

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>What is younger may still be on its way from the camera to the archive.</summary>
    private static readonly TimeSpan s_settled = TimeSpan.FromSeconds(10);

    private static readonly long s_endOfTimeMs = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private static readonly TimeSpan s_closing = TimeSpan.FromSeconds(10);

    private readonly RpcChannel _media = new(new Uri("unix://" + options.SocketOf("media", "rpc")), time);
    private readonly HashSet<string> _importing = [];

    public static void Map(WebApplication app)
    {
        var imports = app.Services.GetRequiredService<FootageImports>();
        app.MapServerStreaming(
            $"{RecorderPlaneService.Service}/ImportFootage", ImportFootageRequest.Parser, (request, rpc) => imports.ImportAsync(request, rpc.CancellationToken));
    }

    public void Dispose() => _media.Dispose();

    private async IAsyncEnumerable<ImportFootageProgress> ImportAsync(ImportFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Check(request);
        lock (_importing)
        {
            if (_importing.Count >= AtATime || !_importing.Add(request.CameraId))
            {
                throw new RpcException(RpcStatus.FailedPrecondition, "importing: an import of this camera goes on already, or of two others");
            }
        }

        // The caller reads how far it is when it likes: only the newest word counts.
        var progress = Channel.CreateBounded<ImportFootageProgress>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        var import = Task.Run(() => RunAsync(request, progress.Writer, stop.Token), CancellationToken.None);
        try
        {
            await foreach (var told in progress.Reader.ReadAllAsync(CancellationToken.None))
            {
                yield return told;
            }

            await import;
        }
        finally
        {
            await stop.CancelAsync();
            await import.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_importing)
            {
                _importing.Remove(request.CameraId);
            }
        }
    }

    private async Task RunAsync(ImportFootageRequest request, ChannelWriter<ImportFootageProgress> progress, CancellationToken cancellationToken)
    {
        var ledger = ledgers.Of(request.CameraId, PlaybackSegments.Device);
        var writer = new FootageWriter(context, drain, ledger, request);
        try
        {
            var (from, to) = RangeOf(request);
            var holes = from < to ? await FootageHoles.FindAsync(index, request.CameraId, from, to, request.LostOnly, cancellationToken) : [];
            if (request.UrlTimes.Length > 0)
                holes = FootageHoles.Had(holes, [.. request.Has.Select(h => (DateTimeOffset.FromUnixTimeMilliseconds(h.FromUnixMs), DateTimeOffset.FromUnixTimeMilliseconds(h.ToUnixMs)))]);
            await writer.BeginAsync(await Task.Run(() => recovery.Recover(request.CameraId, PlaybackSegments.Device), cancellationToken), cancellationToken);
            await new FootageImport(writer, (fromUs, toUs, token) => FetchAsync(request, fromUs, toUs, token), told => progress.TryWrite(told))
                .RunAsync(holes, cancellationToken);
            Log.Imported(logger, request.CameraId, holes.Count, writer.Bytes);
        }
        catch (Exception e)
        {
            await LetGoAsync(writer);
            throw Translated(e, request.CameraId);
        }
        finally
        {
            progress.Complete();
        }
    }

    /// <summary>A segment that was begun is ended, so that playback and index know it whole.</summary>
    private async Task LetGoAsync(FootageWriter writer)
    {
        using var limit = new CancellationTokenSource(s_closing, time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, lifetime.ApplicationStopping);
        try
        {
            await writer.AbandonAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            // The recorder stops, or its disk hangs: the next start ends the segment where its last fragment does.
        }
    }

    private async IAsyncEnumerable<Footage> FetchAsync(
        ImportFootageRequest request, long fromUs, long toUs, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var wish = new FetchFootageRequest
        {
            CameraId = request.CameraId,
            Url = request.Url,
            Username = request.Username,
            Password = request.Password,
            AllowBasicInClear = request.AllowBasicInClear,
            FromUnixUs = fromUs,
            ToUnixUs = toUs,
            ClockOffsetUs = request.ClockOffsetUs,
            MaxBytesPerSecond = request.MaxBytesPerSecond,
            TlsCertificateSha256 = request.TlsCertificateSha256,
            UrlTimes = request.UrlTimes,
            UrlZoneOffsetUs = request.UrlZoneOffsetUs,
        };
        await using var all = _media
            .ServerStreamingAsync("vms.media.v1.MediaPlane/FetchFootage", wish, Footage.Parser, Timeout.InfiniteTimeSpan, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await NextAsync(all))
        {
            yield return all.Current;
        }
    }

    /// <returns>False at the end, and where the device has nothing of this stretch: it may have others.</returns>
    private static async ValueTask<bool> NextAsync(IAsyncEnumerator<Footage> footage)
    {
        try
        {
            return await footage.MoveNextAsync();
        }
        catch (RpcException e) when (e.Status == RpcStatus.Aborted && e.Detail.StartsWith(NoFootage, StringComparison.Ordinal))
        {
            return false;
        }
        catch (RpcException e) when (e.Status == RpcStatus.Unavailable)
        {
            throw new ImportFailedException(ImportFailedException.MediaAway, "The media plane, which talks to the cameras, is away.");
        }
    }

    private RpcException Translated(Exception e, string cameraId)
    {
        switch (e)
        {
            case ImportFailedException failed:
                Log.Failed(logger, cameraId, failed.Code, failed.Message);
                return new RpcException(RpcStatus.Aborted, $"{failed.Code}: {failed.Message}", e);
            case RpcException told:
                return told.Status is RpcStatus.Aborted or RpcStatus.FailedPrecondition or RpcStatus.InvalidArgument
                    ? new RpcException(RpcStatus.Aborted, told.Detail, e)
                    : new RpcException(RpcStatus.Unavailable, $"{ImportFailedException.MediaAway}: {told.Detail}", e);
            case IndexUnavailableException:
                return new RpcException(RpcStatus.Unavailable, $"{ImportFailedException.IndexAway}: {e.Message}", e);
            case OperationCanceledException:
                return new RpcException(RpcStatus.Cancelled, "the import was ended", e);
            default:
                Log.Broken(logger, e, cameraId);
                return new RpcException(RpcStatus.Internal, "the import met an internal error", e);
        }
    }

    private (DateTimeOffset From, DateTimeOffset To) RangeOf(ImportFootageRequest request)
    {
        var (to, latest) = (DateTimeOffset.FromUnixTimeMilliseconds(request.ToUnixMs), time.GetUtcNow() - s_settled);
        return (DateTimeOffset.FromUnixTimeMilliseconds(request.FromUnixMs), to < latest ? to : latest);
    }

    private static void Check(ImportFootageRequest request)
    {
        if (!ArchiveLayout.IsSafeName(request.CameraId))
        {
            throw new RpcException(RpcStatus.InvalidArgument, "camera_id must be 1 to 64 letters, digits, '-' or '_'");
        }

        long longest = (long)s_longest.TotalMilliseconds;
        if (request.FromUnixMs < longest || request.ToUnixMs <= request.FromUnixMs || request.ToUnixMs - request.FromUnixMs > longest
            || request.ToUnixMs >= s_endOfTimeMs || request.Source.Length > MaxText || request.CameraName.Length > MaxText
            || request.Has.Count > FootageHoles.MaxStretches || request.Has.Any(h => h.FromUnixMs < longest || h.ToUnixMs <= h.FromUnixMs || h.ToUnixMs >= s_endOfTimeMs))
        {
            throw new RpcException(RpcStatus.InvalidArgument, "a stretch of at most a day is expected, and texts of at most 300 characters");
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3600, LogLevel.Information, "Camera {CameraId}: {Holes} stretches that were missing were asked of its device, {Bytes} bytes came")]
        public static partial void Imported(ILogger logger, string cameraId, int holes, long bytes);

        [LoggerMessage(3601, LogLevel.Warning, "Camera {CameraId}: filling what is missing from its device ended ({Code}): {Detail} What came is kept")]
        public static partial void Failed(ILogger logger, string cameraId, string code, string detail);

        [LoggerMessage(3602, LogLevel.Error, "Camera {CameraId}: filling what is missing from its device met an internal error; what came is kept")]
        public static partial void Broken(ILogger logger, Exception exception, string cameraId);
    }
}
