using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http.Features;
using Vms.Hosting;
using Vms.Recorder.Archive;
using Vms.Recorder.Pictures;
using Vms.Recorder.Playback;

namespace Vms.Recorder.Motion;

/// <summary>Runs a bounded number of searches and sends each to its client as it goes. A client that hangs up ends its search. Any thread.</summary>
internal sealed class MotionSearches(
    PlaybackSegments recorded, KeyframeDecoding decoding, HandedGrids handed, SegmentDamage damage, MotionOptions options, MotionMetrics metrics, IHostApplicationLifetime lifetime,
    TimeProvider time, ILogger<SegmentMotion> logger)
{
    private const string ContentType = "application/x-ndjson";

    /// <summary>Lines a slow client has not taken yet; then its search waits.</summary>
    private const int MaxUnsent = 64;

    private int _active;

    /// <summary>Recording waits for the disk: this reads nothing from it meanwhile. Set once, before the first request.</summary>
    public Func<bool> IsDiskBehind { get; set; } = static () => false;

    /// <summary>Searches that run now.</summary>
    public int Active => Volatile.Read(ref _active);

    public IResult Answer(MotionQuery query) => new SearchResult(this, query);

    private async Task SendAsync(HttpContext context, MotionQuery query)
    {
        if (Interlocked.Increment(ref _active) > options.MaxSearches)
        {
            Interlocked.Decrement(ref _active);
            metrics.Refused();
            context.Response.Headers.RetryAfter = "5";
            await Problems.Of(
                StatusCodes.Status503ServiceUnavailable, "busy", "Too many motion searches are running", "Try again when one of them has ended.").ExecuteAsync(context);
            return;
        }

        var outcome = SearchOutcome.Left;
        metrics.Started();
        try
        {
            context.Response.ContentType = ContentType;
            context.Response.Headers.CacheControl = "no-store";
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            outcome = await SearchAsync(context, query);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException && context.RequestAborted.IsCancellationRequested)
        {
            // The client has hung up.
        }
        finally
        {
            Interlocked.Decrement(ref _active);
            metrics.Ended(outcome);
        }
    }

    private async Task<SearchOutcome> SearchAsync(HttpContext context, MotionQuery query)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        var lines = Channel.CreateBounded<MotionMessage>(MaxUnsent);
        var motion = new SegmentMotion(decoding, handed, damage, metrics, () => IsDiskBehind(), time, logger);
        var search = new MotionSearch(recorded, motion, options, query, lines.Writer);
        var running = RunAsync(search, lines.Writer, ending.Token);
        try
        {
            await SendLinesAsync(context, search, lines.Reader);
        }
        finally
        {
            await ending.CancelAsync();
            await ((Task)running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return await running;
    }

    /// <summary>Ends the lines, however the search ends.</summary>
    private async Task<SearchOutcome> RunAsync(MotionSearch search, ChannelWriter<MotionMessage> lines, CancellationToken cancellationToken)
    {
        MotionFailed failed;
        try
        {
            await search.RunAsync(cancellationToken);
            lines.Complete();
            return SearchOutcome.Done;
        }
        catch (IndexUnavailableException)
        {
            failed = new MotionFailed(IndexUnavailableException.Code, "The archive index is not available");
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            failed = new MotionFailed("stopping", "The recorder is being stopped");
        }
        catch (Exception e)
        {
            lines.Complete(e);
            throw;
        }

        lines.TryWrite(failed);
        lines.Complete();
        return SearchOutcome.Failed;
    }

    /// <summary>What is found when it is found, and at least once a second how far it has come.</summary>
    private async Task SendLinesAsync(HttpContext context, MotionSearch search, ChannelReader<MotionMessage> lines)
    {
        var more = lines.WaitToReadAsync(context.RequestAborted).AsTask();
        await SendAsync(context, search.Progress);
        long told = time.GetTimestamp();
        while (true)
        {
            var rest = options.ProgressEvery - time.GetElapsedTime(told);
            if (rest > TimeSpan.Zero) await Task.WhenAny(more, Task.Delay(rest, time, context.RequestAborted));
            context.RequestAborted.ThrowIfCancellationRequested();
            if (more.IsCompleted)
            {
                if (!await more) return;
                while (lines.TryRead(out var line))
                    await SendAsync(context, line);
                more = lines.WaitToReadAsync(context.RequestAborted).AsTask();
            }

            if (time.GetElapsedTime(told) < options.ProgressEvery) continue;
            await SendAsync(context, search.Progress);
            told = time.GetTimestamp();
        }
    }

    private static async Task SendAsync(HttpContext context, MotionMessage line)
    {
        byte[] text = [.. JsonSerializer.SerializeToUtf8Bytes(line, JsonSerializerOptions.Web), (byte)'\n'];
        await context.Response.Body.WriteAsync(text, context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    private sealed class SearchResult(MotionSearches searches, MotionQuery query) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext) => searches.SendAsync(httpContext, query);
    }
}
