using System.Buffers;
using System.ComponentModel;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Hosting.Transcoding;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback;

/// <summary>Which bytes of which segment: unlike their fragments' numbers these never change.</summary>
internal readonly record struct PieceKey(Guid Segment, long Offset, long EndOffset);

/// <summary>
/// Has pieces of the archive converted to H.264 for viewers whose browser plays nothing else: a child a piece, as many at a time as
/// the node may, each piece once for all who ask within a minute. The archive is only read. Any thread.
/// </summary>
internal sealed partial class PieceConversion(
    Transcoders transcoders, TranscodeSlots slots, FragmentReader reader, PlaybackOptions options, PlaybackMetrics metrics, TimeProvider time,
    ILogger<PieceConversion> logger) : IDisposable
{
    /// <summary>The converter's time begins here: pictures of the piece may decode before it begins.</summary>
    private const long StartMs = 10_000;

    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly Dictionary<PieceKey, Entry> _pieces = [];
    private ITimer? _forgetting;
    private bool _forgets;      // the timer runs

    /// <summary>Of the pieces kept for whoever else comes.</summary>
    public long KeptBytes
    {
        get
        {
            lock (_gate)
                return _pieces.Values.Sum(e => e.Bytes);
        }
    }

    /// <summary>Pieces that are kept or in the making.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _pieces.Count;
        }
    }

    public bool IsOff => slots.Count == 0;

    /// <summary>Recorded with a codec that few browsers play.</summary>
    public static bool IsNeededFor(SegmentRow segment) => segment.Tracks.Any(t => t.Codec is CodecKind.H265 or CodecKind.Mjpeg);

    public async ValueTask<bool> IsAvailableAsync() => await transcoders.FindAsync() is not null;

    /// <exception cref="ConversionException">It cannot be had; the code says why.</exception>
    /// <exception cref="RecordingUnreadableException">It is not on the disk (any more).</exception>
    public async Task<ConvertedPiece> GetAsync(SegmentRow segment, FragmentEntry[] table, int first, int last, CancellationToken cancellationToken)
    {
        var key = new PieceKey(segment.Id, table[first].Offset, table[last].EndOffset);
        Entry? entry;
        lock (_gate)
        {
            Forget(all: false);
            if (!_pieces.TryGetValue(key, out entry))
            {
                // Whoever else comes for it shares the work, so nobody's leaving ends it once it has begun.
                var made = entry = new Entry(key, time.GetTimestamp());
                entry.Piece = Task.Run(() => MakeAsync(made, segment, table.AsMemory(first..(last + 1))), CancellationToken.None);
                _pieces.Add(key, entry);
                ForgetLater();
            }

            entry.Waiters++;
        }

        try
        {
            return await entry.Piece.WaitAsync(cancellationToken);
        }
        catch (Exception) when (entry.Piece.IsFaulted)
        {
            lock (_gate)
                Remove(entry);
            throw;
        }
        finally
        {
            lock (_gate)
                entry.Waiters--;
        }
    }

    public void Dispose()
    {
        lock (_gate)
            _forgetting?.Dispose();
    }

    private async Task<ConvertedPiece> MakeAsync(Entry entry, SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments)
    {
        var piece = await ConvertAsync(entry, segment, fragments);
        lock (_gate)
        {
            // Counted whether or not anybody is left to take it.
            entry.Bytes = piece.Bytes;
            if (_pieces.Values.Sum(e => e.Bytes) > options.MaxConvertedBytes)
                Forget(all: true);
            if (piece.Bytes > options.MaxConvertedBytes)
                Remove(entry);
        }

        return piece;
    }

    private async Task<ConvertedPiece> ConvertAsync(Entry entry, SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments)
    {
        if (await transcoders.FindAsync() is not { } encoder)
            throw new ConversionException(ConversionException.Unavailable, "ffmpeg with an H.264 encoder is missing");
        using var slot = await TakeSlotAsync(entry);
        using var patience = new CancellationTokenSource(options.ConversionPatience, time);
        string reason;
        try
        {
            using var child = TranscoderProcess.Start(encoder, encoder.Convert("mp4", StartMs));
            var feeding = FeedAsync(child.Input, segment, fragments, patience.Token);
            long duration = fragments.Span[^1].EndTicks - fragments.Span[0].StartTicks;
            var piece = await ConvertedPiece.ReadAsync(child.Output, StartMs, duration, fragments.Span[0].CaptureTimeUs, patience.Token);
            bool ended = piece is not null || await child.Output.ReadAsync(new byte[1], patience.Token) == 0;
            if (!ended)
                child.Kill();       // nobody reads what it writes any more
            await feeding;
            int code = await child.WaitAsync(patience.Token);
            if (code == 0 && piece is not null)
            {
                metrics.Converted();
                return piece;
            }

            reason = child.Complaint;
            // Not for what the hardware cannot help: no process could be started, patience was over, it wrote something else.
            if (ended && code != 0 && piece is null)
                transcoders.GiveUp(encoder, reason);
        }
        catch (OperationCanceledException)
        {
            reason = $"it did not end within {options.ConversionPatience.TotalSeconds:0} s";
        }
        catch (Exception e) when (e is IOException or Win32Exception)
        {
            reason = e.Message;
        }

        Log.Failed(logger, segment.Path, reason);
        throw new ConversionException(ConversionException.Failed, reason);
    }

    /// <summary>The piece as it would be sent, behind an init segment of its own.</summary>
    private async Task FeedAsync(Stream input, SegmentRow segment, ReadOnlyMemory<FragmentEntry> fragments, CancellationToken cancellationToken)
    {
        var init = new ArrayBufferWriter<byte>();
        Fmp4Writer.WriteInit(init, segment.Tracks);
        long shift = (StartMs * FragmentEntry.TicksPerSecond / 1000) - fragments.Span[0].StartTicks;
        uint[] descriptions = GetPlaybackMedia.Descriptions(segment);
        var body = new RecordedBody(init.WrittenMemory, [new SentRun(segment, fragments, new FragmentPatch(1, shift, segment.Tracks, descriptions, default), default)]);
        await using var source = new RecordedBodyStream(body, reader);
        try
        {
            await source.CopyToAsync(input, cancellationToken);
        }
        catch (IOException)
        {
            // The child has ended early: what it wrote, or what it complained about, says why.
        }
        finally
        {
            input.Close();
        }
    }

    /// <exception cref="ConversionException">None came free.</exception>
    /// <exception cref="OperationCanceledException">Everybody who waited has left.</exception>
    private async Task<IDisposable> TakeSlotAsync(Entry entry)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            lock (_gate)
            {
                if (entry.Waiters == 0)
                {
                    Remove(entry);
                    throw new OperationCanceledException();
                }
            }

            if (TryTakeSlot() is { } slot)
                return slot;
            if (slots.Count == 0 || time.GetElapsedTime(began) > options.ConversionWait)
                throw new ConversionException(ConversionException.Limit, $"This node converts {slots.Count} videos at a time (VMS_TRANSCODES)");
            await Task.Delay(s_look, time);
        }
    }

    private IDisposable? TryTakeSlot()
    {
        try
        {
            return slots.TryTake();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConversionException(ConversionException.Failed, e.Message);
        }
    }

    /// <summary>Under the gate. Old pieces, or all that are ready.</summary>
    private void Forget(bool all)
    {
        foreach (var entry in _pieces.Values.Where(e => e.Piece.IsCompleted && (all || time.GetElapsedTime(e.At) > options.ConvertedAge)).ToList())
            Remove(entry);
    }

    /// <summary>Under the gate. The last pieces go even when nobody asks for another.</summary>
    private void ForgetLater()
    {
        if (_forgets)
            return;
        _forgets = true;
        _forgetting ??= time.CreateTimer(_ => ForgetNow(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _forgetting.Change(options.ConvertedAge, Timeout.InfiniteTimeSpan);
    }

    private void ForgetNow()
    {
        lock (_gate)
        {
            _forgets = false;
            Forget(all: false);
            if (_pieces.Count > 0)
                ForgetLater();
        }
    }

    /// <summary>Under the gate; another one may have its place.</summary>
    private void Remove(Entry entry)
    {
        if (_pieces.TryGetValue(entry.Key, out var present) && present == entry)
            _pieces.Remove(entry.Key);
    }

    /// <summary>All but what it was made with: under the gate.</summary>
    private sealed class Entry(PieceKey key, long at)
    {
        public PieceKey Key => key;

        public long At => at;

        public Task<ConvertedPiece> Piece { get; set; } = null!;

        /// <summary>Once it is there.</summary>
        public long Bytes { get; set; }

        public int Waiters { get; set; }
    }

    private static partial class Log
    {
        [LoggerMessage(3401, LogLevel.Warning, "Playback: a piece of {Path} cannot be converted: {Reason}")]
        public static partial void Failed(ILogger logger, string path, string reason);
    }
}

/// <summary>A piece cannot be had in H.264.</summary>
internal sealed class ConversionException(string code, string message) : Exception(message)
{
    public const string Limit = "transcodeLimit";
    public const string Off = "transcodeOff";
    public const string Unavailable = "transcodeUnavailable";
    public const string NotNeeded = "conversionNotNeeded";
    public const string Failed = "conversionFailed";

    public string Code => code;
}
