using System.Buffers;
using Vms.Containers.Flv;
using Vms.Containers.Matroska;
using Vms.Hosting.Transcoding;
using Vms.Media.Streams;

namespace Vms.Media.Conversion;

/// <summary>Why a child's work is over.</summary>
internal enum ConversionEnd
{
    /// <summary>Nobody watches any more, or the plane stops.</summary>
    Stopped,

    /// <summary>The source goes on in another way: another child does the rest.</summary>
    SourceBroke,

    ChildEnded,
    Stalled,
    Malformed,
}

/// <summary>One child at work: feeds it the source's pictures, puts what it gives back into the converted log, the source's sound beside it, and ends it
/// when it stands still. What a damaged picture does to a decoder stays in the child.</summary>
internal sealed class ConversionRun(
    ConversionFeed feed, TranscoderProcess child, PicturesInWork work, ConvertedLog log, LiveStream source, LiveStream live, ConversionCounters counters,
    ConversionOptions options, TimeProvider time)
{
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(250);

    /// <summary>For a child whose pipe has ended to be gone itself.</summary>
    private static readonly TimeSpan s_exit = TimeSpan.FromSeconds(2);

    private long _writingSince;     // timestamp; 0 while nothing is being written
    private bool _brought;

    /// <summary>Pictures came out of it.</summary>
    public bool Brought => Volatile.Read(ref _brought);

    public int ChildId => child.Id;

    /// <summary>Of a child that ended by itself; null when it did not.</summary>
    public int? ExitCode { get; private set; }

    public async Task<ConversionEnd> RunAsync(CancellationToken stop)
    {
        using var arrival = new SourceArrival(source);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var feeding = FeedAsync(arrival, over.Token);
        var taking = TakeAsync();
        var watching = WatchAsync(over.Token);
        try
        {
            var end = await await Task.WhenAny(feeding, taking, watching);
            if (end == ConversionEnd.ChildEnded && !stop.IsCancellationRequested)
                ExitCode = await ExitCodeAsync(stop);
            return stop.IsCancellationRequested ? ConversionEnd.Stopped : end;
        }
        finally
        {
            await over.CancelAsync();
            child.Kill();
            await Task.WhenAll(feeding, taking, watching);
            counters.Lose(work.Clear());
        }
    }

    private async Task<int?> ExitCodeAsync(CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(s_exit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            return await child.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }

    private async Task<ConversionEnd> FeedAsync(SourceArrival arrival, CancellationToken over)
    {
        try
        {
            var head = new ArrayBufferWriter<byte>();
            LiveMatroskaWriter.WriteHead(head, feed.Video);
            await WriteAsync(head.WrittenMemory);
            while (!over.IsCancellationRequested)
            {
                switch (feed.Read())
                {
                    case FeedStep.Picture:
                        await WriteAsync(feed.Bytes);
                        break;
                    case FeedStep.Sound:
                        if (log.AppendSound(feed.SoundHeader, feed.Sound, feed.Bytes.Span))
                            live.SignalSubscribers();
                        break;
                    case FeedStep.Empty:
                        await arrival.WaitAsync(s_look, time, over);
                        break;
                    case FeedStep.Broken:
                        return ConversionEnd.SourceBroke;
                    case FeedStep.Swallowed:
                        return ConversionEnd.Stalled;
                }
            }

            return ConversionEnd.Stopped;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return ConversionEnd.ChildEnded;
        }
    }

    private async Task WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        Volatile.Write(ref _writingSince, time.GetTimestamp());
        await child.Input.WriteAsync(bytes);
        await child.Input.FlushAsync();
        Volatile.Write(ref _writingSince, 0);
    }

    private async Task<ConversionEnd> TakeAsync()
    {
        var flv = new FlvVideoReader();
        try
        {
            while (await child.Output.ReadAsync(flv.Room) is > 0 and int count)
            {
                flv.Filled(count);
                if (!Take(flv))
                    return ConversionEnd.Malformed;
                live.SignalSubscribers();
            }

            return ConversionEnd.ChildEnded;
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            return ConversionEnd.ChildEnded;
        }
    }

    private bool Take(FlvVideoReader flv)
    {
        while (true)
        {
            switch (flv.TryRead(out var payload))
            {
                case FlvRead.Incomplete:
                    return true;
                case FlvRead.Configuration when log.TryConfigure(payload, feed.Video, feed.Sound):
                    break;
                case FlvRead.Picture when work.TryTake(flv.PresentationMs, out var picture, out int lost):
                    counters.Lose(lost);
                    counters.Picture();
                    log.Append(picture, flv.IsKeyframe, payload);
                    Volatile.Write(ref _brought, true);
                    break;
                default:
                    return false;
            }
        }
    }

    private async Task<ConversionEnd> WatchAsync(CancellationToken over)
    {
        while (true)
        {
            await Task.Delay(s_look, time, over).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (over.IsCancellationRequested)
                return ConversionEnd.Stopped;
            var patience = Brought ? options.Patience : options.FirstPatience;
            long writing = Volatile.Read(ref _writingSince);
            if (work.Oldest > patience || (writing != 0 && time.GetElapsedTime(writing) > patience))
                return ConversionEnd.Stalled;
        }
    }
}
