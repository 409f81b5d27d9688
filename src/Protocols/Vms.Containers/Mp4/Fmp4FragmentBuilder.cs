using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Vms.Codecs;
using Vms.Containers.AtRest;
using Vms.Containers.Integrity;

namespace Vms.Containers.Mp4;

/// <summary>
/// Collects samples in decode order and turns them into one stored fragment: `uuid` (<see cref="FragmentHeader"/>) + `moof` + `mdat`
/// + <see cref="FreeBox"/>, one contiguous run of whole blocks that is written once and never patched. Decode times come from the
/// complete fragment.
/// </summary>
/// <remarks>
/// Use: <see cref="BeginSegment"/> (or <see cref="ResumeSegment"/>), then per fragment <see cref="AddSample"/> … <see cref="Finish(out FragmentHeader, bool)"/>.
/// A segment holds one run: a discontinuity or a new track table needs a new segment. No allocation after warm-up, but for signatures.
/// One caller at a time.
/// </remarks>
/// <param name="signer">Signs heads of the chain; null leaves all of them unsigned.</param>
public sealed class Fmp4FragmentBuilder(HeadSigner? signer = null)
{
    /// <summary>More samples in one fragment are refused; the caller's limit of a second is far below it.</summary>
    public const int MaxSamples = 16_384;

    // Tracks meet by capture time. What comes this much earlier than the segment's first picture still gets its place; longer is a clock's fault.
    private const long MaxEarlyUs = 1_000_000;
    private const long PauseUs = 1_000_000;

    private readonly BoxWriter _box = new(4096);
    private readonly int[] _trackOfId = new int[byte.MaxValue + 1];
    private readonly byte[] _chain = new byte[ChainLink.HashBytes];         // of the last fragment
    private readonly byte[] _initDigest = new byte[ChainLink.HashBytes];
    private readonly FragmentDigest _digest = new();
    private FragmentTrack[] _tracks = [];
    private PayloadBuffer[] _payloads = [];
    private uint _tracksVersion;
    private ulong _epoch;
    private uint _fragmentNumber;
    private long _segmentCaptureUs;     // capture time at media time 0
    private long _leadTicks;            // by how much the segment's first picture comes after media time 0; first track's timescale
    private long _firstSequence;
    private long _lastSequence;
    private long _firstCaptureUs;
    private long _lastCaptureUs;
    private long _firstTrackCaptureUs;  // of the first track's newest sample
    private bool _lent;                 // the payload buffer still holds the fragment that Finish gave out

    /// <summary>Padding that every fragment gets at least: room for another form at rest of the same length (<see cref="EncryptedFragment"/>). Between fragments.</summary>
    public int Reserve { get; set; }

    /// <summary>As <see cref="Reserve"/>, for each sample of it besides.</summary>
    public int ReservePerSample { get; set; }

    /// <summary>Samples in the fragment being built.</summary>
    public int SampleCount { get; private set; }

    /// <summary>Payload bytes in the fragment being built.</summary>
    public int PayloadBytes { get; private set; }

    /// <summary>Stream time the fragment being built covers so far, up to the start of its last sample; that of its longest track.</summary>
    public TimeSpan Duration
    {
        get
        {
            double seconds = 0;
            foreach (var track in _tracks)
            {
                if (track.Count > 0) seconds = Math.Max(seconds, (double)(track.MaxPts - track.MinPts) / track.Info.Timescale);
            }

            return TimeSpan.FromSeconds(seconds);
        }
    }

    /// <summary>Samples whose time had to be moved to keep decode times rising: a camera that repeats or turns back timestamps.</summary>
    public long TimesMoved
    {
        get
        {
            long moved = 0;
            foreach (var track in _tracks) moved += track.TimesMoved;
            return moved;
        }
    }

    /// <summary>Starts a new segment; its first sample gets media time 0 (plus the decode delay, when there are B-frames).</summary>
    /// <param name="tracks">1..8 tracks; the first one is the video and sets the segment's timeline.</param>
    /// <param name="init">The init segment in front of the fragments: their hashes cover it.</param>
    public void BeginSegment(IReadOnlyList<TrackInfo> tracks, uint tracksVersion, ulong epoch, ReadOnlySpan<byte> init = default)
    {
        if (tracks.Count is 0 or > FragmentHeader.MaxTracks) throw new ArgumentException("A segment has 1 to 8 tracks", nameof(tracks));
        SHA256.HashData(init, _initDigest);

        _tracksVersion = tracksVersion;
        _epoch = epoch;
        _fragmentNumber = 0;
        _leadTicks = 0;
        if (!SameTracks(tracks)) CreateTracks(tracks);
        foreach (var track in _tracks) track.Reset();
        ClearFragment();
    }

    /// <summary>Goes on with a segment that another process wrote, behind its last good fragment.</summary>
    /// <param name="lastHeader">The `uuid` box of that fragment, as <see cref="FragmentScan.LastHeader"/> has it.</param>
    /// <param name="init">As for <see cref="BeginSegment"/>.</param>
    /// <returns>False when the header does not belong to such tracks.</returns>
    public bool ResumeSegment(IReadOnlyList<TrackInfo> tracks, ReadOnlySpan<byte> lastHeader, ReadOnlySpan<byte> init = default)
    {
        if (!FragmentHeader.TryRead(lastHeader, out var header) || FragmentHeader.TracksAt(lastHeader) != tracks.Count) return false;

        BeginSegment(tracks, header.TracksVersion, header.Epoch, init);
        FragmentHeader.ChainAt(lastHeader).CopyTo(_chain);
        _fragmentNumber = header.FragmentNumber;
        _segmentCaptureUs = header.FirstCaptureTimeUs - new MediaTime(header.StartTicks, FragmentEntry.TicksPerSecond).ToMicroseconds();
        for (int i = 0; i < _tracks.Length; i++)
        {
            var clock = FragmentHeader.TrackClockAt(lastHeader, i);
            if (clock.LastDts >= 0) _tracks[i].Resume(clock);
        }

        return true;
    }

    /// <summary>What follows is chained to the fragment whose <see cref="ChainLink.Chain"/> this is: the last one of the stream that is on disk.</summary>
    public void ResumeChain(ReadOnlySpan<byte> chain) => chain.CopyTo(_chain);

    /// <summary>The stream log grew: the samples that follow stand in another epoch, and their sequence numbers go on. Between fragments.</summary>
    public void EnterEpoch(ulong epoch)
    {
        if (SampleCount > 0) throw new InvalidOperationException("A fragment holds samples of one epoch: finish it first");
        _epoch = epoch;
    }

    /// <summary>
    /// Whether the fragment may end before this sample. False inside a group of reordered pictures: their decode times are only
    /// known together. A keyframe always may begin a fragment; a sample of another track than the first may only while the first
    /// pauses, since nobody can tell whether such a group is complete before its next sample is here.
    /// </summary>
    public bool CanEndBefore(in SampleHeader next)
    {
        if (SampleCount == 0) return false;
        if (IndexOf(next.TrackId) != 0) return _tracks[0].Count == 0 || next.CaptureTimeUs - _firstTrackCaptureUs > PauseUs;
        return next.IsKeyframe || !_tracks[0].IsInsideReordering(next.Pts);
    }

    /// <summary>Copies one sample into the fragment.</summary>
    /// <param name="sequence">Its sequence number in the stream log.</param>
    /// <param name="payload">Borrowed for the call.</param>
    /// <returns>False when the fragment is at a ceiling: finish it first.</returns>
    public bool AddSample(in SampleHeader header, long sequence, ReadOnlySpan<byte> payload)
    {
        if (!TryReserve(header.TrackId, payload.Length, out var room)) return false;

        payload.CopyTo(room);
        AddReserved(header, sequence, payload.Length, Crc32C.Of(room));
        return true;
    }

    /// <summary>
    /// Room in the fragment for one sample whose source may turn out bad while it is copied: fill it, then <see cref="AddReserved"/>, or
    /// leave it, and nothing has happened.
    /// </summary>
    /// <param name="room">Valid until the next call.</param>
    /// <returns>False when the fragment is at a ceiling: finish it first.</returns>
    public bool TryReserve(byte trackId, int length, out Span<byte> room)
    {
        int index = IndexOf(trackId);
        if (index < 0) ThrowUnknownTrack(trackId);
        if (_lent) ClearPayload();
        if (SampleCount == MaxSamples || (long)PayloadBytes + length > GopTable.MaxFragmentBytes - HeaderBytes(SampleCount + 1))
        {
            room = default;
            return false;
        }

        room = _payloads[index].Room(length);
        return true;
    }

    /// <summary>Adds the sample that stands in the room last reserved.</summary>
    /// <param name="sequence">Its sequence number in the stream log.</param>
    /// <param name="length">As reserved.</param>
    /// <param name="checksum">CRC32C of the payload, which becomes part of the fragment's. The source's own: what is damaged from then on is found by
    /// everyone who reads the fragment.</param>
    public void AddReserved(in SampleHeader header, long sequence, int length, uint checksum)
    {
        int index = IndexOf(header.TrackId);
        var track = _tracks[index];
        if (!track.IsStarted) StartTrack(track, header);
        else if (index > 0 && header.IsDiscontinuity) track.Rebase(OriginOf(track, header));
        if (SampleCount == 0) _firstSequence = sequence;
        if (index == 0 || _tracks[0].Count == 0)
        {
            // The fragment's wall clock is that of the first track, where it has samples of it.
            if (SampleCount == 0 || (index == 0 && track.Count == 0)) _firstCaptureUs = header.CaptureTimeUs;
            _lastCaptureUs = header.CaptureTimeUs;
        }

        if (index == 0) _firstTrackCaptureUs = header.CaptureTimeUs;
        track.Add(header.Pts, length, header.IsKeyframe, checksum);
        _payloads[index].Extend(length);
        _lastSequence = sequence;
        SampleCount++;
        PayloadBytes += length;
    }

    /// <summary>Throws away what was added since the last finished fragment, and not the segment's clock.</summary>
    public void Discard() => ClearFragment();

    /// <summary>Ends the fragment when what follows is not known; the last sample lasts as long as usual.</summary>
    /// <param name="sign">The head of the chain that this fragment becomes is signed.</param>
    /// <returns>The bytes to append to the file, in pinned memory. Borrowed until the next call.</returns>
    public ReadOnlyMemory<byte> Finish(out FragmentHeader header, bool sign = false) => Finish(default, hasNext: false, out header, sign);

    /// <summary>Ends the fragment before <paramref name="next"/>, which gives the last sample its exact duration.</summary>
    public ReadOnlyMemory<byte> Finish(in SampleHeader next, out FragmentHeader header, bool sign = false) => Finish(next, hasNext: true, out header, sign);

    private ReadOnlyMemory<byte> Finish(in SampleHeader next, bool hasNext, out FragmentHeader header, bool sign)
    {
        if (SampleCount == 0) throw new InvalidOperationException("There is no sample to finish a fragment with");

        DeriveTimes();
        int nextTrack = hasNext && !next.IsDiscontinuity ? IndexOf(next.TrackId) : -1;

        // moof
        _box.Clear();
        _fragmentNumber++;
        int moof = _box.Begin("moof"u8);
        int mfhd = _box.BeginFull("mfhd"u8, 0, 0);
        _box.U32(_fragmentNumber);
        _box.End(mfhd);
        Span<int> dataOffsets = stackalloc int[FragmentHeader.MaxTracks];
        for (int i = 0; i < _tracks.Length; i++)
        {
            if (_tracks[i].Count > 0) dataOffsets[i] = WriteTrackFragment(i, NextDts(i, nextTrack, next));
        }

        _box.End(moof);
        int dataOffset = _box.Length + 8;
        for (int i = 0; i < _tracks.Length; i++)
        {
            if (_tracks[i].Count == 0) continue;
            _box.PatchU32(dataOffsets[i], (uint)dataOffset);
            dataOffset += _tracks[i].Bytes;
        }

        // mdat: the first track's payload is in place, the others follow it
        _box.U32((uint)(8 + PayloadBytes));
        _box.Bytes("mdat"u8);
        for (int i = 1; i < _payloads.Length; i++) _payloads[0].Append(_payloads[i].Payload);

        int uuidBytes = FragmentHeader.SizeOf(_tracks.Length);
        int free = FreeBox.SizeBehind(uuidBytes + _box.Length + _payloads[0].Length, Reserve + (ReservePerSample * SampleCount));
        FreeBox.Write(_payloads[0].Extend(free));
        var fragment = _payloads[0].WithHeader(uuidBytes + _box.Length);
        var bytes = fragment.Span;
        _box.Written.CopyTo(bytes[uuidBytes..]);
        header = Describe(bytes.Length, nextTrack == 0 ? next.Pts : long.MinValue);
        for (int i = 0; i < _tracks.Length; i++) FragmentHeader.WriteTrackClock(bytes, i, _tracks[i].Clock);
        sign &= signer is not null;
        Chain(header, bytes[uuidBytes..], FragmentHeader.LinkOf(bytes, _tracks.Length), sign);
        header.Write(bytes, _tracks.Length, sign, ContentChecksum(bytes[^free..]));
        ClearSamples();
        _lent = true;
        return fragment;
    }

    /// <summary>CRC32C of `moof`, `mdat` and `free`, put together from those of the samples: their payloads are not read again.</summary>
    private uint ContentChecksum(ReadOnlySpan<byte> free)
    {
        uint checksum = Crc32C.Of(_box.Written);
        foreach (var track in _tracks) checksum = Crc32C.Shift(checksum, track.Bytes) ^ track.Checksum;
        return Crc32C.Append(checksum, free);
    }

    private void Chain(in FragmentHeader header, ReadOnlySpan<byte> content, Span<byte> link, bool sign)
    {
        Span<byte> digest = stackalloc byte[ChainLink.HashBytes];
        if (!_digest.TryCompute(header, _initDigest, content, digest)) throw new InvalidOperationException("The fragment cannot be read back");
        ChainLink.Write(link, _chain, digest, sign ? signer : null);
        ChainLink.ChainIn(link).CopyTo(_chain);
    }

    private void DeriveTimes()
    {
        // Decode times must not be negative: when a segment starts with B-frames, or with sound from before its first picture, its
        // whole timeline starts that much later.
        bool firstFragment = _fragmentNumber == 0;
        if (firstFragment) _leadTicks = Math.Max(_tracks[0].RequiredDelay(), EarliestSound());
        foreach (var track in _tracks)
        {
            if (track.Count == 0) continue;

            int delay = Math.Max(track.Clock.DecodeDelay, track.RequiredDelay());
            track.DeriveTimes(delay, track.Clock.PtsOrigin - (firstFragment ? LeadOf(track) : 0));
        }
    }

    private long NextDts(int track, int nextTrack, in SampleHeader next)
    {
        // With B-frames the next sample's decode time depends on those after it: the usual duration is the better guess.
        var clock = _tracks[track].Clock;
        return track == nextTrack && clock.DecodeDelay == 0 ? next.Pts - clock.PtsOrigin : -1;
    }

    private int WriteTrackFragment(int index, long nextDts)
    {
        var track = _tracks[index];
        int traf = _box.Begin("traf"u8);

        int tfhd = _box.BeginFull("tfhd"u8, 0, 0x02_0002);      // default-base-is-moof, sample-description-index-present
        _box.U32(Fmp4Writer.TrackIdAt(index));
        _box.U32(1);                                            // sample_description_index
        _box.End(tfhd);

        int tfdt = _box.BeginFull("tfdt"u8, 1, 0);
        _box.U64((ulong)track.FirstDts);
        _box.End(tfdt);

        bool offsets = track.HasCompositionOffsets;
        // data-offset, sample-duration, -size, -flags, composition-time-offsets
        int trun = _box.BeginFull("trun"u8, 0, offsets ? 0x0F01u : 0x0701u);
        _box.U32((uint)track.Count);
        int dataOffset = _box.Length;
        _box.U32(0);
        var sizes = track.Sizes;
        var keyframes = track.Keyframes;
        bool allSync = !track.Info.IsVideo;
        for (int i = 0; i < sizes.Length; i++)
        {
            _box.U32(track.DurationAt(i, nextDts));
            _box.U32((uint)sizes[i]);
            _box.U32(allSync || keyframes[i] ? SampleDependency.Sync : SampleDependency.NonSync);
            if (offsets) _box.U32(track.CompositionOffsetAt(i));
        }

        _box.End(trun);
        _box.End(traf);
        return dataOffset;
    }

    private FragmentHeader Describe(int length, long nextPts)
    {
        // The track that sets the timeline may be missing in a fragment of sound alone.
        var track = Array.Find(_tracks, t => t.Count > 0)!;
        long start = track.MinPts - track.Clock.PtsOrigin;
        long end = nextPts > track.MaxPts && track.Clock.DecodeDelay == 0
            ? nextPts - track.Clock.PtsOrigin
            : track.MaxPts - track.Clock.PtsOrigin + track.Clock.NominalDuration;
        long startTicks = MediaTime.Rescale(start, track.Info.Timescale, FragmentEntry.TicksPerSecond);
        long endTicks = MediaTime.Rescale(end, track.Info.Timescale, FragmentEntry.TicksPerSecond);
        long duration = Math.Clamp(endTicks - startTicks, 1, int.MaxValue);
        return new FragmentHeader(
            _tracksVersion, _epoch, _firstSequence, _lastSequence, _firstCaptureUs, _lastCaptureUs, startTicks, (int)duration,
            SampleCount, _tracks[0].Count > 0 && _tracks[0].Keyframes[0], _fragmentNumber, length);
    }

    private void StartTrack(FragmentTrack track, in SampleHeader first)
    {
        if (SampleCount == 0 && _fragmentNumber == 0) _segmentCaptureUs = first.CaptureTimeUs;
        track.Start(OriginOf(track, first));
    }

    // Tracks meet by capture time: their PTS need not share an origin.
    private long OriginOf(FragmentTrack track, in SampleHeader sample)
    {
        long sinceStartUs = Math.Max(-MaxEarlyUs, sample.CaptureTimeUs - _segmentCaptureUs);
        return sample.Pts - MediaTime.FromMicroseconds(sinceStartUs, track.Info.Timescale).Ticks - LeadOf(track);
    }

    /// <summary>By how much a track begins before media time 0, in the first track's timescale.</summary>
    private long EarliestSound()
    {
        long earliest = 0;
        for (int i = 1; i < _tracks.Length; i++)
        {
            if (_tracks[i].Count == 0) continue;
            long start = _tracks[i].MinPts - _tracks[i].Clock.PtsOrigin;
            earliest = Math.Max(earliest, -MediaTime.Rescale(start, _tracks[i].Info.Timescale, _tracks[0].Info.Timescale));
        }

        return earliest;
    }

    private long LeadOf(FragmentTrack track) => MediaTime.Rescale(_leadTicks, _tracks[0].Info.Timescale, track.Info.Timescale);

    private int IndexOf(byte trackId) => _trackOfId[trackId] - 1;

    private int HeaderBytes(int samples) =>
        FragmentHeader.SizeOf(_tracks.Length) + 8 + 16 + _tracks.Length * (8 + 16 + 4 + 20 + 20) + samples * 16 + 8 + FreeBox.MaxBytes + Reserve + (ReservePerSample * samples);

    private bool SameTracks(IReadOnlyList<TrackInfo> tracks)
    {
        if (tracks.Count != _tracks.Length) return false;
        for (int i = 0; i < _tracks.Length; i++)
        {
            if (!_tracks[i].Info.Equals(tracks[i])) return false;
        }

        return true;
    }

    private void CreateTracks(IReadOnlyList<TrackInfo> tracks)
    {
        _tracks = new FragmentTrack[tracks.Count];
        _payloads = new PayloadBuffer[tracks.Count];
        Array.Clear(_trackOfId);
        for (int i = 0; i < tracks.Count; i++)
        {
            _tracks[i] = new FragmentTrack(tracks[i]);
            _payloads[i] = new PayloadBuffer(headroom: i == 0 ? 2048 : 0);
            _trackOfId[tracks[i].Id] = i + 1;
        }
    }

    private void ClearFragment()
    {
        ClearSamples();
        ClearPayload();
    }

    private void ClearSamples()
    {
        foreach (var track in _tracks) track.Clear();
        SampleCount = 0;
        PayloadBytes = 0;
    }

    private void ClearPayload()
    {
        foreach (var payload in _payloads) payload.Clear();
        _lent = false;
    }

    [DoesNotReturn]
    private static void ThrowUnknownTrack(byte trackId) =>
        throw new ArgumentException($"Track {trackId} is not in the segment's track table", nameof(trackId));
}
