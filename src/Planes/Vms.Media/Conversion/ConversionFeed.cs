using Vms.Codecs;
using Vms.Containers.Matroska;
using Vms.Media.Streams;
using Vms.StreamLog;

namespace Vms.Media.Conversion;

internal enum FeedStep
{
    /// <summary><see cref="ConversionFeed.Bytes"/> go to the child.</summary>
    Picture,

    /// <summary><see cref="ConversionFeed.Bytes"/> is a sample of sound, as it came, with <see cref="ConversionFeed.SoundHeader"/>.</summary>
    Sound,

    /// <summary>Look again at once.</summary>
    Again,

    /// <summary>Nothing new.</summary>
    Empty,

    /// <summary>The source does not continue: other parameters, another line of time, or its log was closed.</summary>
    Broken,

    /// <summary>The child takes pictures and gives none back.</summary>
    Swallowed,
}

/// <summary>
/// The source's pictures as a child is given them: from the last keyframe on, each with a millisecond of the child's own time. The
/// stream log is the queue: what the child cannot take stays there, and what gets too old is skipped. One caller at a time.
/// </summary>
internal sealed class ConversionFeed : IDisposable
{
    /// <summary>The child's time begins here, so that pictures shown before their keyframe have room.</summary>
    private const long FirstKeyframeMs = 2_000;

    private readonly StreamLogReader _reader;
    private readonly TrackInfo _video;
    private readonly PicturesInWork _work;
    private readonly ConversionCounters _counters;
    private readonly TimeProvider _time;
    private readonly TimeSpan _maxLag;
    private readonly long _basePts;
    private readonly long _firstPts;
    private uint _tracksVersion;
    private bool _first = true;
    private bool _needsKeyframe = true;
    private long _caughtUpAt;
    private long _samples;      // read so far, and how many of them were pictures
    private long _pictures;
    private uint _soundTracks;  // ids, as bits
    private byte[] _buffer = new byte[64 << 10];

    private ConversionFeed(
        StreamLogReader reader, TrackInfo video, uint tracksVersion, long basePts, long firstPts, PicturesInWork work, ConversionCounters counters,
        TimeProvider time, TimeSpan maxLag)
    {
        (_reader, _video, _tracksVersion, _basePts, _firstPts) = (reader, video, tracksVersion, basePts, firstPts);
        (_work, _counters, _time, _maxLag) = (work, counters, time, maxLag);
        _caughtUpAt = time.GetTimestamp();
        if (reader.TryGetTracks(tracksVersion, out var tracks))
            UseSound(tracks);
    }

    public TrackInfo Video => _video;

    /// <summary>The tracks of sound beside it, which are not converted.</summary>
    public IReadOnlyList<TrackInfo> Sound { get; private set; } = [];

    /// <summary>Pictures before it only serve the ones behind them.</summary>
    public long FirstMs => Math.Max(0, MsOf(_firstPts));

    public ReadOnlyMemory<byte> Bytes { get; private set; }

    public SampleHeader SoundHeader { get; private set; }

    /// <summary>Why, after <see cref="FeedStep.Broken"/>.</summary>
    public GapCause Cause { get; private set; }

    /// <summary>Null while the source has no keyframe of a video that can be converted.</summary>
    /// <param name="lastPts">Where an earlier child stopped on the same line of time.</param>
    public static ConversionFeed? TryOpen(
        LiveStream source, long? lastPts, PicturesInWork work, ConversionCounters counters, TimeProvider time, TimeSpan maxLag)
    {
        if (source.TryOpenReader() is not { } reader)
            return null;
        if (TryLocate(reader, out var start, out var video, out long newest) && reader.SeekTo(reader.Epoch, start.Sequence))
            return new(reader, video!, start.TracksVersion, start.Pts, Math.Max(newest, lastPts + 1 ?? newest), work, counters, time, maxLag);
        reader.Dispose();
        return null;
    }

    public void Dispose() => _reader.Dispose();

    public FeedStep Read()
    {
        if (_time.GetElapsedTime(_caughtUpAt) > _maxLag)
            SkipIfOld();
        switch (_reader.TryRead(out var lease))
        {
            case ReadOutcome.Sample:
                return Take(lease);
            case ReadOutcome.Overrun:
                _counters.Skip(PicturesAmong(_reader.LastOverrun.Count));
                _needsKeyframe = true;
                return FeedStep.Again;
            case ReadOutcome.Moved:
                return _reader.MovedToNewLineage ? Break(GapCause.MediaRestart) : FeedStep.Again;
            case ReadOutcome.Closed:
                return Break(GapCause.MediaRestart);
            default:
                _caughtUpAt = _time.GetTimestamp();
                return FeedStep.Empty;
        }
    }

    private FeedStep Take(in SampleLease lease)
    {
        var header = lease.Header;
        _samples++;
        if (header.TracksVersion != _tracksVersion)
        {
            if (!_reader.TryGetTracks(header.TracksVersion, out var tracks) || tracks.FirstOrDefault(t => t.IsVideo)?.Equals(_video) != true)
                return Break(GapCause.ParametersChanged);
            _tracksVersion = header.TracksVersion;
            UseSound(tracks);
        }

        if (header.TrackId != _video.Id)
            return TakeSound(lease, header);

        _pictures++;
        // A packet lost on the way leaves the line of time as it is: the child goes on over the hole.
        if (!_first && header.IsDiscontinuity && header.Cause != GapCause.PacketLoss)
            return Break(header.Cause);
        bool wanted = !_needsKeyframe || header.IsKeyframe;
        int length = LiveMatroskaWriter.PictureHeaderBytes + lease.Payload.Length;
        if (wanted)
            lease.Payload.CopyTo(Room(length)[LiveMatroskaWriter.PictureHeaderBytes..]);

        if (!lease.Commit())
        {
            _needsKeyframe = true;
            return FeedStep.Again;
        }

        if (!wanted)
        {
            _counters.Skip(1);
            return FeedStep.Again;
        }

        (_needsKeyframe, _first) = (false, false);
        long ms = MsOf(header.Pts);
        if (ms < 0)
            return FeedStep.Again;      // shown long before the keyframe it came behind: nothing that plays shows it
        if (header.Pts >= _firstPts && !_work.TryAdd(ref ms, new SourcePicture(header.Pts, header.CaptureTimeUs)))
            return FeedStep.Swallowed;
        LiveMatroskaWriter.WritePictureHeader(_buffer, ms, header.IsKeyframe, length - LiveMatroskaWriter.PictureHeaderBytes);
        Bytes = _buffer.AsMemory(0, length);
        return FeedStep.Picture;
    }

    private FeedStep TakeSound(in SampleLease lease, in SampleHeader header)
    {
        bool wanted = (_soundTracks & (1u << (header.TrackId & 31))) != 0;
        int length = lease.Payload.Length;
        if (wanted)
            lease.Payload.CopyTo(Room(length));
        if (!lease.Commit() || !wanted)
            return FeedStep.Again;
        SoundHeader = header;
        Bytes = _buffer.AsMemory(0, length);
        return FeedStep.Sound;
    }

    private void UseSound(IReadOnlyList<TrackInfo> tracks)
    {
        Sound = [.. tracks.Where(t => t.IsAudio)];
        _soundTracks = Sound.Aggregate(0u, (bits, track) => bits | (1u << (track.Id & 31)));
    }

    private Span<byte> Room(int length)
    {
        if (_buffer.Length < length)
            _buffer = new byte[length + (length / 4)];
        return _buffer.AsSpan(0, length);
    }

    private FeedStep Break(GapCause cause)
    {
        Cause = cause;
        return FeedStep.Broken;
    }

    /// <summary>To the newest keyframe, when it lies ahead.</summary>
    private void SkipIfOld()
    {
        long next = _reader.NextSequence;
        ulong epoch = _reader.Epoch;
        _caughtUpAt = _time.GetTimestamp();
        if (_reader.SeekToLastKeyframe() && _reader.Epoch == epoch && _reader.NextSequence > next)
        {
            _counters.Skip(PicturesAmong(_reader.NextSequence - next));
            return;
        }

        if (!_reader.SeekTo(epoch, next))
            _needsKeyframe = true;
    }

    /// <summary>Of samples nobody has read, by the share of pictures among those read: sound comes several times as often.</summary>
    private long PicturesAmong(long samples) => _pictures == 0 ? samples : Math.Max(1, ((samples * _pictures) + (_samples / 2)) / _samples);

    private long MsOf(long pts) => FirstKeyframeMs + ((pts - _basePts) * 1000 / _video.Timescale);

    /// <summary>The last keyframe, and the latest time of a picture up to now.</summary>
    private static bool TryLocate(StreamLogReader reader, out (long Sequence, uint TracksVersion, long Pts) start, out TrackInfo? video, out long newest)
    {
        (start, video, newest) = (default, null, long.MinValue);
        if (!reader.SeekToLastKeyframe())
            return false;
        while (reader.TryRead(out var lease) is ReadOutcome.Sample)
        {
            var header = lease.Header;
            long sequence = lease.Sequence;
            if (!lease.Commit())
                return false;
            if (video is null && header.IsKeyframe && reader.TryGetTracks(header.TracksVersion, out var tracks)
                && tracks.FirstOrDefault(t => t.IsVideo) is { } track && track.Id == header.TrackId && LiveMatroskaWriter.CanCarry(track.Codec))
            {
                video = track;
                start = (sequence, header.TracksVersion, header.Pts);
            }

            if (video is not null && header.TrackId == video.Id)
                newest = Math.Max(newest, header.Pts);
        }

        return video is not null;
    }
}
