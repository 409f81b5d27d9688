using Vms.Codecs;
using Vms.Containers.Mp4;

namespace Vms.Media.Egress.Cmaf;

/// <summary>
/// The sound of a packaged stream: frames wait here until the next picture, then they are one fragment in front of it. On the timeline
/// of the video every frame begins where the one before ended; where nothing comes there is silence, because a browser holds the
/// picture for an announced track that does not go on.
/// </summary>
/// <remarks>Egress thread only. No allocation per frame.</remarks>
internal sealed class CmafSound(SoundPackaging packaging, CmafCounters counters)
{
    /// <summary>Position in the track table of an init segment with both.</summary>
    public const int TrackIndex = 1;

    private const int MaxSamples = 128;
    private const int MaxPendingBytes = 128 << 10;
    private const int MaxSilenceBytes = 32;

    /// <summary>So much waits at most: a video of one picture a second must not make the sound wait as long.</summary>
    private const long MaxPendingUs = 200_000;

    /// <summary>Sound that flowed is this late before silence takes its place.</summary>
    private const long PatienceUs = 1_000_000;

    /// <summary>Capture time and timeline may part by so much, or by one frame, before silence is put in or a frame left out.</summary>
    private const long MaxSkewUs = 60_000;

    /// <summary>A hole in the video that is longer has one in the sound.</summary>
    private const long MaxFillUs = 10_000_000;

    private readonly SoundSample[] _samples = new SoundSample[MaxSamples];
    private byte[] _pending = new byte[4096];
    private byte[] _staged = new byte[2048];
    private int _stagedLength;
    private int _count;
    private int _bytes;
    private long _firstTick;            // of what waits
    private long _next;                 // where the next frame begins
    private bool _started;
    private bool _isSilent;             // nothing has come lately: silence keeps step with the picture
    private long _anchorUs;             // timeline − capture time, as the last picture has it

    public SoundPackaging Packaging => packaging;

    private int Timescale => packaging.Track.Timescale;

    /// <summary>Something waits.</summary>
    public bool HasPending => _count > 0;

    /// <summary>What waits should go now, picture or not.</summary>
    public bool IsFull => MediaTime.Rescale(_next - _firstTick, Timescale, 1_000_000) >= MaxPendingUs || _count > MaxSamples / 2;

    public int PendingBytes => CmafSoundFragment.HeaderBytes(_count) + _bytes;

    /// <summary>The video does not continue; the sound begins anew with its next picture.</summary>
    public void Restart()
    {
        _started = false;
        (_count, _bytes) = (0, 0);
    }

    public void Stage(ReadOnlySpan<byte> frame)
    {
        if (_staged.Length < frame.Length)
            _staged = new byte[frame.Length * 3 / 2];
        frame.CopyTo(_staged);
        _stagedLength = frame.Length;
    }

    /// <summary>The staged frame was the sample.</summary>
    public void Publish(in SampleHeader header)
    {
        if (!_started)
            return;
        long ahead = Ticks(header.CaptureTimeUs + _anchorUs) - _next;
        long tolerance = Math.Max(Ticks(MaxSkewUs), packaging.SilenceTicks);
        if (ahead < (_isSilent ? 0 : -tolerance))
        {
            counters.CountSoundLeftOut();       // its place is taken
            return;
        }

        _isSilent = false;
        if (ahead > tolerance)
            AddSilence(ahead);
        ReadOnlySpan<byte> frame = _staged.AsSpan(0, _stagedLength);
        while (!frame.IsEmpty)
        {
            var room = Room(packaging.MaxBytes(frame.Length));
            int ticks = 0;
            int bytes = room.IsEmpty ? 0 : packaging.Write(ref frame, _next, room, out ticks);
            if (ticks == 0)
            {
                counters.CountSoundLeftOut();
                return;
            }

            Take(bytes, ticks);
        }
    }

    /// <summary>A picture has been published: the sound must not fall behind it.</summary>
    public void Follow(in CmafChunk picture)
    {
        _anchorUs = MediaTime.Rescale(picture.PresentationTicks, MediaTime.VideoTimescale, 1_000_000) - picture.CaptureTimeUs;
        long now = MediaTime.Rescale(picture.PresentationTicks, MediaTime.VideoTimescale, Timescale);
        long behind = now - _next;
        if (!_started || behind > Ticks(MaxFillUs))
        {
            Restart();
            (_started, _isSilent, _next) = (true, true, now);
        }
        else if (behind > (_isSilent ? 0 : Ticks(PatienceUs)))
        {
            AddSilence(behind);
            _isSilent = true;
        }
    }

    /// <summary>Writes what waits as one fragment of <see cref="PendingBytes"/>.</summary>
    public void Write(uint sequence, Span<byte> destination)
    {
        CmafSoundFragment.WriteHeader(sequence, TrackIndex, _firstTick, _samples.AsSpan(0, _count), destination);
        _pending.AsSpan(0, _bytes).CopyTo(destination[CmafSoundFragment.HeaderBytes(_count)..]);
        (_count, _bytes) = (0, 0);
    }

    private long Ticks(long us) => MediaTime.Rescale(us, 1_000_000, Timescale);

    private void AddSilence(long ticks)
    {
        for (; ticks >= packaging.SilenceTicks; ticks -= packaging.SilenceTicks)
        {
            var room = Room(MaxSilenceBytes);
            if (room.IsEmpty)
                return;     // the rest with the next picture
            Take(packaging.WriteSilence(_next, room), packaging.SilenceTicks);
        }
    }

    private void Take(int bytes, int ticks)
    {
        if (_count == 0)
            _firstTick = _next;
        _samples[_count++] = new SoundSample(bytes, ticks);
        _bytes += bytes;
        _next += ticks;
    }

    /// <summary>Empty when too much waits.</summary>
    private Span<byte> Room(int bytes)
    {
        if (_count == MaxSamples || _bytes + bytes > MaxPendingBytes)
            return default;
        if (_pending.Length < _bytes + bytes)
            Array.Resize(ref _pending, Math.Max(_pending.Length * 2, _bytes + bytes));
        return _pending.AsSpan(_bytes, bytes);
    }
}
