using System.Buffers;
using Microsoft.Win32.SafeHandles;
using Vms.Codecs;
using Vms.Containers;
using Vms.Containers.Mp4;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Playback.Samples;

/// <summary>How a read ended.</summary>
internal enum ReadOutcome
{
    /// <summary>As many GOPs as were asked for.</summary>
    Done,

    /// <summary>Nothing further is recorded in that direction.</summary>
    NoMore,

    /// <summary>Another read came.</summary>
    Replaced,

    /// <summary>The client was told what.</summary>
    Problem,

    /// <summary>The connection broke.</summary>
    Left,
}

/// <summary>
/// Answers one connection's reads, one after the other: GOPs are looked up, their fragments read whole, checked, and their pictures sent. Holds one
/// fragment and one open file while a read goes on, and nothing between reads.
/// </summary>
/// <param name="allowed">The camera, the stream, and the time within which it may be seen.</param>
/// <param name="sent">Called for each GOP that went out.</param>
internal sealed class SampleReading(GopSearch search, FragmentReader reader, SampleMessages messages, PlaybackRequest allowed, Action<RecordedGop> sent)
{
    private TrackInfo? _format;     // the client's decoder has it

    /// <summary>Of all reads, to the network.</summary>
    public long BytesSent { get; private set; }

    /// <summary>Of all reads.</summary>
    public long GopsSent { get; private set; }

    /// <param name="replaced">Another read has come.</param>
    /// <exception cref="OperationCanceledException">It was replaced, or the connection is over.</exception>
    /// <exception cref="RecordingUnreadableException">The archive cannot be read here. A GOP may have been sent in part.</exception>
    /// <exception cref="IndexUnavailableException">The index is away.</exception>
    /// <exception cref="UnnamedFormatException">It is in a format that browsers have no name for.</exception>
    public async Task<ReadOutcome> RunAsync(SampleRead read, CancellationToken replaced)
    {
        replaced.ThrowIfCancellationRequested();
        int left = read.Gops;
        long? beforeUs = null;
        SafeFileHandle? file = null;
        string? path = null;
        try
        {
            await foreach (var gop in search.FromAsync(allowed, read.AtUs, read.Forwards, replaced))
            {
                if (beforeUs is { } before && Math.Abs(gop.FromUs - before) < read.EveryUs) continue;
                if (path != gop.Segment.Path)
                {
                    file?.Dispose();
                    file = null;
                    file = reader.Open(gop.Segment.Path);
                    path = gop.Segment.Path;
                }

                await SendAsync(read, gop, file!, replaced);
                GopsSent++;
                sent(gop);
                beforeUs = gop.FromUs;
                if (--left == 0) return ReadOutcome.Done;
            }

            return ReadOutcome.NoMore;
        }
        finally
        {
            file?.Dispose();
        }
    }

    private async ValueTask SendAsync(SampleRead read, RecordedGop gop, SafeFileHandle file, CancellationToken replaced)
    {
        var track = gop.Segment.Tracks[0];
        if (!track.Equals(_format))
        {
            string codec = track.IsVideo && CodecString.Of(track) is { } name ? name : throw new UnnamedFormatException(track.Codec);
            await messages.FormatAsync(read.Request, codec, track);
            _format = track;
        }

        await messages.GopAsync(read.Request, gop);
        // One anchor for the whole GOP, as for a piece of the playlist: with B-frames, the first sample of a later fragment is not the first one shown.
        long zeroUs = gop.FromUs - new MediaTime(gop.Fragments.Span[0].StartTicks, FragmentEntry.TicksPerSecond).ToMicroseconds();
        int fragments = read.Keyframes ? 1 : gop.Fragments.Length;
        for (int i = 0; i < fragments; i++)
        {
            var fragment = gop.Fragments.Span[i];
            byte[] buffer = ArrayPool<byte>.Shared.Rent(fragment.Length);
            try
            {
                var stored = buffer.AsMemory(0, fragment.Length);
                await reader.ReadStoredAsync(file, gop.Segment.Path, fragment, stored, replaced);
                BytesSent += await messages.SamplesAsync(read.Request, stored, track, zeroUs, read.Keyframes ? 1 : int.MaxValue);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}

/// <summary>Browsers have no name for how this was recorded, or its parameters cannot be read.</summary>
internal sealed class UnnamedFormatException(CodecKind codec) : Exception($"No browser decodes {codec}")
{
    public const string Code = "unsupportedCodec";
}
