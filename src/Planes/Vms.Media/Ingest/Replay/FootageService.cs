using System.Runtime.CompilerServices;
using Vms.Contracts.Media;
using Vms.Rpc;

namespace Vms.Media.Ingest.Replay;

/// <summary>Gives the recorder what devices recorded: contracts/media.proto, FetchFootage. Two at a time; the recorder asks for no more.</summary>
internal sealed partial class FootageService(IngestOptions options, TimeProvider clock, ILogger<FootageService> logger) : IDisposable
{
    private const int AtATime = 2;

    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim _places = new(AtATime, AtATime);

    public void Dispose() => _places.Dispose();

    public async IAsyncEnumerable<Footage> FetchAsync(FetchFootageRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        long longestUs = (long)s_longest.TotalMicroseconds;
        if (request.CameraId.Length is 0 or > 64 || request.ToUnixUs <= request.FromUnixUs || request.ToUnixUs - request.FromUnixUs > longestUs || request.FromUnixUs < longestUs
            || Math.Abs(request.ClockOffsetUs) > 366 * longestUs || Math.Abs(request.UrlZoneOffsetUs) > longestUs || request.ToUnixUs > UnixUsOf(clock.GetUtcNow()) + longestUs || request.MaxBytesPerSecond < 0)
        {
            throw new RpcException(RpcStatus.InvalidArgument, "a camera, a stretch of at most a day, a clock within a year and a rate are expected");
        }

        if (!await _places.WaitAsync(0, CancellationToken.None))
            throw new RpcException(RpcStatus.FailedPrecondition, "busy: two devices are being asked already");

        try
        {
            await foreach (var footage in TranslatedAsync(new FootageFetch(request, options, clock), request.CameraId, cancellationToken))
                yield return footage;
        }
        finally
        {
            _places.Release();
        }
    }

    private async IAsyncEnumerable<Footage> TranslatedAsync(FootageFetch fetch, string cameraId, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var all = fetch.RunAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (true)
        {
            try
            {
                if (!await all.MoveNextAsync())
                    yield break;
            }
            catch (FootageFetchException e)
            {
                Log.Failed(logger, cameraId, e.Code, e.Message);
                throw new RpcException(RpcStatus.Aborted, $"{e.Code}: {e.Message}", e);
            }

            yield return all.Current;
        }
    }

    private static long UnixUsOf(DateTimeOffset time) => (time - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    private static partial class Log
    {
        [LoggerMessage(2740, LogLevel.Warning, "Camera {CameraId}: what the device recorded does not come ({Code}): {Detail}")]
        public static partial void Failed(ILogger logger, string cameraId, string code, string detail);
    }
}

internal static class FootageParts
{
    public static void AddFootage(this IServiceCollection services) => services.AddSingleton<FootageService>();

    public static void MapFootage(this IEndpointRouteBuilder app)
    {
        var service = app.ServiceProvider.GetRequiredService<FootageService>();
        app.MapServerStreaming(
            "vms.media.v1.MediaPlane/FetchFootage", FetchFootageRequest.Parser, (request, context) => service.FetchAsync(request, context.CancellationToken));
    }
}
