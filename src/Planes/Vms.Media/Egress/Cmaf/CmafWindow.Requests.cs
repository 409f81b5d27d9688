using System.IO.Compression;
using System.Text;
using Vms.Containers.Dash;
using Vms.Containers.Hls;

namespace Vms.Media.Egress.Cmaf;

/// <summary>A playlist as it goes out, for every viewer that asks before the next part.</summary>
/// <param name="Gzip">Null when not worth it.</param>
internal sealed record RenderedPlaylist(byte[] Text, byte[]? Gzip);

internal sealed partial class CmafWindow
{
    /// <summary>The last segments of a manifest are announced with the length of the one before, the newest while it is still to
    /// come; not when nothing has come for so long.</summary>
    private const long AnnouncePatienceUs = 2_000_000;

    /// <summary>The playlist as of the last finished part; null before the first.</summary>
    public RenderedPlaylist? Playlist(bool skip)
    {
        lock (_gate)
        {
            if (!_begun || _segments.Count == 0 || _segments is [{ Parts.Count: 0 }])
                return null;
            ref var cached = ref skip ? ref _delta : ref _whole;
            return cached ??= Render(new HlsLivePlaylist(
                _targetSeconds, _longestPart, _discontinuitiesGone, [.. _segments.Where(s => s.Parts.Count > 0).Select(Describe)]).Write(skip));
        }
    }

    /// <summary>Whether the playlist has this part, or a later one (§6.2.5.2).</summary>
    /// <param name="part">Null: the whole segment.</param>
    public bool Has(long number, int? part)
    {
        lock (_gate)
        {
            if (!_begun || _segments.Count == 0 || _segments is [{ Parts.Count: 0 }])
                return false;       // there is no playlist yet
            if (number < _segments[0].Number)
                return true;
            long index = number - _segments[0].Number;
            if (index >= _segments.Count)
                return false;
            var segment = _segments[(int)index];
            if (part is not { } wanted)
                return !segment.IsGrowing;
            if (wanted < segment.Parts.Count)
                return true;
            // Beyond its last part: the first one of the next segment is meant.
            return !segment.IsGrowing && index + 1 < _segments.Count && _segments[(int)index + 1].Parts.Count > 0;
        }
    }

    /// <summary>The number of the segment that grows or comes next.</summary>
    public long CurrentNumber
    {
        get
        {
            lock (_gate)
                return Growing?.Number ?? _number;
        }
    }

    /// <param name="part">The caller's share.</param>
    public PartOutcome TryTake(long number, int index, out CmafPart? part)
    {
        lock (_gate)
        {
            part = null;
            if (_disposed || _segments.Count > 0 && number < _segments[0].Number || number > (Growing?.Number ?? _number) + 1)
                return PartOutcome.Absent;
            int at = _segments.Count > 0 ? (int)(number - _segments[0].Number) : 0;
            if (at >= _segments.Count)
                return index == 0 ? PartOutcome.Coming : PartOutcome.Absent;
            var segment = _segments[at];
            if (index < segment.Parts.Count)
            {
                part = segment.Parts[index].Share();
                return PartOutcome.Found;
            }

            if (!segment.IsGrowing)
                return PartOutcome.SegmentEnded;
            return index == segment.Parts.Count ? PartOutcome.Coming : PartOutcome.Absent;
        }
    }

    /// <summary>The segment has this many parts and grows no more.</summary>
    public bool HasEnded(long number, int parts)
    {
        lock (_gate)
            return _segments.Find(s => s.Number == number) is { IsGrowing: false } segment && segment.Parts.Count == parts;
    }

    /// <summary>The bytes of a segment that grows no more.</summary>
    public long? LengthOf(long number, SegmentTracks tracks)
    {
        lock (_gate)
        {
            return _segments.Find(s => s.Number == number && !s.IsGrowing) is not { } segment ? null
                : tracks == SegmentTracks.All ? segment.Bytes : segment.Parts.Sum(p => (long)p.BytesOf(tracks));
        }
    }

    /// <returns>The init segment of that name; a copy, it is asked for once.</returns>
    public byte[]? Init(long number, SegmentTracks tracks)
    {
        lock (_gate)
        {
            var init = _segments.Find(s => s.Run.InitNumber == number)?.Run.Init;
            var message = tracks switch
            {
                SegmentTracks.Video => init?.Video,
                SegmentTracks.Sound => init?.Sound?.Alone,
                _ => init?.All,
            };
            return message?.Payload.ToArray();
        }
    }

    /// <param name="baseUrl">As in <see cref="DashLiveManifest"/>.</param>
    /// <param name="location">As in <see cref="DashLiveManifest"/>.</param>
    /// <returns>Null before the first part.</returns>
    public string? Manifest(string baseUrl, string? location)
    {
        lock (_gate)
        {
            var listed = _segments.Where(s => s.Parts.Count > 0).ToList();
            if (!_begun || listed.Count == 0)
                return null;
            long usual = listed.FindLast(s => s.StartsWithKeyframe && !s.IsGrowing)?.DurationTicks ?? (long)_targetSeconds * TicksPerSecond;
            var start = _availabilityStartUs ??= StartUs(listed[0].Run);
            var periods = listed.GroupBy(s => s.Run).Select(g => Period(g.Key, [.. g], usual, start)).ToList();
            var segment = TimeSpan.FromSeconds((double)usual / TicksPerSecond);
            return new DashLiveManifest(
                baseUrl, location, At(start), time.GetUtcNow(), (Segments - 1) * segment, segment,
                TimeSpan.FromSeconds((double)_longestPart / TicksPerSecond), Math.Max(1, Fastest(listed)), periods).Write();
        }
    }

    private static long Fastest(List<CmafSegment> segments) =>
        segments.Max(s => s.PartsTicks == 0 ? 0 : s.Bytes * 8 * TicksPerSecond / s.PartsTicks);

    private static DateTimeOffset At(long us) => DateTimeOffset.UnixEpoch.AddTicks(us * TimeSpan.TicksPerMicrosecond);

    // Capture times may be behind or ahead of our clock, players go by ours.
    private long StartUs(CmafRun run) => run.StartCaptureUs + (run.LagUs ??= _lastAddedUs - _last.CaptureTimeUs);

    private DashPeriod Period(CmafRun run, List<CmafSegment> segments, long usual, long startUs)
    {
        var listed = segments.ConvertAll(s => new DashSegment(s.Number, s.StartPresentationTicks, s.DurationTicks ?? Math.Max(usual, s.PartsTicks)));
        if (run == _run && !_isBroken && NowUs() - _lastAddedUs < AnnouncePatienceUs)
        {
            var last = listed[^1];
            listed.Add(new DashSegment(last.Number + 1, last.StartTicks + last.DurationTicks, usual));
        }

        var since = TimeSpan.FromMicroseconds(StartUs(run) - startUs);
        var init = run.Init;
        return new DashPeriod(
            run.Number, since, run.StartTicks, run.InitUri, init.Codecs, init.Track.Width, init.Track.Height, listed,
            init.Sound is null ? null : new DashSound(init.Sound.Codecs, SegmentRequest.VideoPrefix, SegmentRequest.SoundPrefix));
    }

    private static HlsLiveSegment Describe(CmafSegment segment) => new(
        segment.Number, segment.Run.InitUri, segment.IsDiscontinuous, At(segment.CaptureTimeUs), segment.DurationTicks, segment.StartsWithKeyframe,
        segment.Parts.ConvertAll(p => new HlsLivePart(p.DurationTicks, p.IsIndependent)));

    private static RenderedPlaylist Render(string playlist)
    {
        var text = Encoding.UTF8.GetBytes(playlist);
        if (text.Length < MinGzipBytes)
            return new RenderedPlaylist(text, null);
        var compressed = new MemoryStream(text.Length / 4);
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(text);
        return new RenderedPlaylist(text, compressed.ToArray());
    }
}
