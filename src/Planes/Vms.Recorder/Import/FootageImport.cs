using Vms.Codecs;
using Vms.Contracts.Media;
using Vms.Contracts.Recorder;
using Vms.Recorder.Archive;

namespace Vms.Recorder.Import;

/// <summary>
/// Fills holes of a camera's recordings with what comes of its device. Of each hole it writes from the keyframe at or before its beginning, without which
/// its first pictures could not be decoded, to its end. One call of one caller.
/// </summary>
/// <param name="fetch">What the device has between two times, microseconds by our clock.</param>
/// <param name="told">Called with how far it is.</param>
internal sealed class FootageImport(
    FootageWriter writer, Func<long, long, CancellationToken, IAsyncEnumerable<Footage>> fetch, Action<ImportFootageProgress> told)
{
    private const byte VideoTrackId = 0;
    private const byte SoundTrackId = 1;

    /// <summary>Asked for in front of a hole: longer groups of pictures begin in it, and their part of the hole stays one.</summary>
    private const long LeadUs = 10_000_000;

    /// <summary>Of pictures in front of a hole that are kept until it is known whether they are needed.</summary>
    private const long MaxLeadBytes = 64 << 20;

    /// <summary>Pictures that are shown before others come after them by less than this.</summary>
    private const long ReorderUs = 1_000_000;

    /// <summary>Sound that is further from the newest picture is of another stretch: the two tracks come to a hole at different moments.</summary>
    private const long ApartUs = 3_000_000;

    private readonly List<FootageRange> _filled = [];
    private readonly List<FootageSample> _lead = [];
    private readonly SortedDictionary<byte, TrackInfo> _tracks = [];
    private long _leadBytes;
    private long _missingMs;
    private long _lookedAtMs;
    private long _highestUs;
    private long _highestSoundUs;

    /// <exception cref="ImportFailedException">It cannot go on.</exception>
    public async Task RunAsync(IReadOnlyList<FootageHole> holes, CancellationToken cancellationToken)
    {
        _missingMs = (long)holes.Sum(h => h.Length.TotalMilliseconds);
        Tell();
        foreach (var hole in holes)
        {
            long fromUs = UnixTime.ToMicroseconds(hole.From);
            long askedUs = hole.AskedFrom is { } earliest ? Math.Max(fromUs - LeadUs, UnixTime.ToMicroseconds(earliest)) : fromUs - LeadUs;
            await FillAsync(askedUs, fromUs, UnixTime.ToMicroseconds(hole.To), cancellationToken);
            _lookedAtMs += (long)hole.Length.TotalMilliseconds;
            Tell();
        }
    }

    private async Task FillAsync(long askedUs, long fromUs, long toUs, CancellationToken cancellationToken)
    {
        ForgetLead();
        _tracks.Clear();
        _highestUs = _highestSoundUs = 0;
        bool begun = false;
        try
        {
            await foreach (var footage in fetch(askedUs, toUs, cancellationToken))
            {
                if (footage.Track is { } track)
                {
                    await UseAsync(track, cancellationToken);
                    continue;
                }

                if (footage.Sample is not { } sample || IsTold(sample))
                {
                    continue;       // a device that begins again is not recorded twice
                }

                if (sample.CaptureUnixUs >= toUs)
                {
                    if (IsSound(sample))
                    {
                        continue;
                    }

                    if (writer.CanEndBefore(HeaderOf(sample)))
                    {
                        break;
                    }
                }

                if (begun)
                {
                    await AddAsync(sample, fromUs, toUs, cancellationToken);
                }
                else if (begun = Leads(sample, fromUs))
                {
                    foreach (var first in _lead)
                    {
                        await AddAsync(first, fromUs, toUs, cancellationToken);
                    }

                    ForgetLead();
                }
            }
        }
        finally
        {
            // Whatever ended it: what came is good, and is on disk before the next look at what is missing.
            if (!cancellationToken.IsCancellationRequested)
            {
                await writer.CloseAsync(cancellationToken);
                await writer.WrittenAsync(cancellationToken);
            }
        }

        writer.ThrowIfFailed();
    }

    /// <summary>The sound's comes behind the video's, and what led up to it stays.</summary>
    private async Task UseAsync(FootageTrack track, CancellationToken cancellationToken)
    {
        if (track.Id == VideoTrackId)
        {
            ForgetLead();
        }
        else if (track.Id != SoundTrackId || _tracks.Count == 0)
        {
            return;
        }

        _tracks[(byte)track.Id] = TrackOf(track);
        await writer.UseAsync([.. _tracks.Values], cancellationToken);
    }

    /// <summary>It lies before what has come of its track, or is sound that belongs to none of the pictures.</summary>
    private bool IsTold(FootageSample sample)
    {
        if (!_tracks.ContainsKey((byte)sample.TrackId))
        {
            return true;
        }

        ref long highest = ref IsSound(sample) ? ref _highestSoundUs : ref _highestUs;
        if (sample.CaptureUnixUs < highest - ReorderUs || (IsSound(sample) && Math.Abs(sample.CaptureUnixUs - _highestUs) > ApartUs))
        {
            return true;
        }

        highest = Math.Max(highest, sample.CaptureUnixUs);
        return false;
    }

    private static bool IsSound(FootageSample sample) => sample.TrackId != VideoTrackId;

    /// <returns>True when this picture is in the hole: then it is needed, and what leads to it.</returns>
    private bool Leads(FootageSample sample, long fromUs)
    {
        if (IsSound(sample))
        {
            if (_lead.Count > 0)
            {
                _lead.Add(sample);
                _leadBytes += sample.Payload.Length;
            }

            return false;
        }

        if (sample.Keyframe || sample.Discontinuity || _leadBytes > MaxLeadBytes)
        {
            ForgetLead();
        }

        if (sample.Keyframe || _lead.Count > 0)
        {
            _lead.Add(sample);
            _leadBytes += sample.Payload.Length;
        }

        return _lead.Count > 0 && sample.CaptureUnixUs >= fromUs;
    }

    private void ForgetLead()
    {
        _lead.Clear();
        _leadBytes = 0;
    }

    private async Task AddAsync(FootageSample sample, long fromUs, long toUs, CancellationToken cancellationToken)
    {
        if (!await writer.AddAsync(HeaderOf(sample), sample.Payload.Memory, cancellationToken) || IsSound(sample))
        {
            return;
        }

        long atMs = Math.Clamp(sample.CaptureUnixUs, fromUs, toUs) / 1000;
        if (_filled.Count == 0 || sample.Discontinuity || atMs > _filled[^1].ToUnixMs + (ReorderUs / 1000))
        {
            _filled.Add(new FootageRange { FromUnixMs = atMs, ToUnixMs = atMs });
        }

        if (atMs > _filled[^1].ToUnixMs)
        {
            bool second = atMs / 1000 != _filled[^1].ToUnixMs / 1000;
            _filled[^1].ToUnixMs = atMs;
            if (second)
            {
                Tell();
            }
        }
    }

    private void Tell()
    {
        var progress = new ImportFootageProgress { MissingMs = _missingMs, LookedAtMs = _lookedAtMs, Bytes = writer.Bytes };
        progress.Filled.AddRange(_filled.Select(f => f.Clone()));
        told(progress);
    }

    private static SampleHeader HeaderOf(FootageSample sample) => new(
        (byte)sample.TrackId,
        (sample.Keyframe ? SampleFlags.Keyframe : 0) | (sample.Discontinuity ? SampleFlags.Discontinuity : 0),
        sample.Discontinuity ? GapCause.PacketLoss : GapCause.None,
        0,
        sample.Pts,
        sample.CaptureUnixUs);

    private static TrackInfo TrackOf(FootageTrack track) =>
        new((byte)track.Id, (CodecKind)track.Codec, track.Timescale, track.CodecParameters.ToByteArray(), track.Width, track.Height);
}
