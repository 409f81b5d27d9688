using Vms.Ai.Crashes;
using Vms.Ai.Detectors;
using Vms.Ai.Motion;
using Vms.Codecs;
using Vms.Contracts.Ai;
using Vms.Native.Ffmpeg;
using Vms.StreamLog;

namespace Vms.Ai.Analysis;

/// <summary>
/// Decodes one stream's samples, as many of them as are wanted, and hands the pictures on. Samples that others need are decoded, too, but no picture is made
/// of them. The stream's thread only, but for the figures.
/// </summary>
internal sealed class StreamDecoding : IDisposable
{
    /// <summary>A picture counts for the next time slot when it is so little too early: cameras are not exact.</summary>
    private const long SlackUs = 12_000;

    /// <summary>So many samples of which pictures were wanted and none came, and it is said.</summary>
    private const int VainSamples = 50;

    private static readonly TimeSpan s_tryAgain = TimeSpan.FromSeconds(10);

    private readonly AnalysisParts _parts;
    private readonly string _name;
    private readonly KeyframeMotion _keyframes;
    private AnalysisSpec _spec;
    private PictureAnalysis? _pictures;
    private VideoDecoder? _decoder;
    private (uint Version, CodecKind Codec) _decodes;
    private IReadOnlyList<TrackInfo> _tracks = [];
    private bool _waitsForKeyframe = true;
    private long _keyframeUs = -1;          // of the last one that was given to the decoder
    private long _slot = -1;
    private int _inVain;
    private long _failedAt;
    private volatile string _reason = "";
    private long _earlierPictures, _earlierDetections;

    internal StreamDecoding(AnalysisSpec spec, AnalysisParts parts)
    {
        (_spec, _parts, _name) = (spec, parts, new StreamKey(spec.CameraId, spec.Stream).ToString());
        _keyframes = new KeyframeMotion(grid => parts.Grids.Tell(spec.CameraId, grid));
        if (spec.Settings is not null)
            _pictures = new PictureAnalysis(spec, parts);
    }

    /// <summary>Why it is not looked at as it should be; empty when it is. Any thread, as what follows.</summary>
    internal string Reason => _reason.Length > 0 ? _reason
        : _pictures is null ? ""
        : _parts.Load.IsOverloaded ? "overloaded"
        : _pictures.WhyNoDetector;

    internal double WantedPerSecond => _spec.Settings is { } settings ? Math.Round(settings.Fps * _parts.Load.Part, 2) : 0;

    internal long Pictures => _earlierPictures + (_pictures?.Pictures ?? 0);

    internal long Detections => _earlierDetections + (_pictures?.Detections ?? 0);

    internal int Objects => _pictures?.Objects ?? 0;

    internal bool IsMoving => _pictures?.IsMoving ?? false;

    internal bool IsLooking => _pictures?.IsLooking ?? false;

    /// <summary>Settings are not to be changed, nor is it to be ended, until <see cref="TryFinish"/> is true.</summary>
    internal bool IsLookingCloser => _pictures?.IsLookingCloser ?? false;

    /// <summary>Where analysis goes on after a restart; null: where the stream is now.</summary>
    internal long? ResumeFromUs
    {
        get
        {
            if (_pictures is not { AnalysedUntilUs: > 0 and var until })
                return null;
            long now = Events.UnixTime.ToMicroseconds(_parts.Time.GetUtcNow());
            return now - until is >= 0 and < TrackBook.FreshUs ? until : null;
        }
    }

    /// <summary>It waits for a model that is being loaded.</summary>
    internal bool IsLoading => IsLooking && _parts.Detection.IsLoading(_spec.Settings.Model);

    internal bool TryFinish(Action wake) => _pictures?.TryFinish(wake) ?? true;

    /// <summary>What comes does not continue what was decoded.</summary>
    internal void Interrupt()
    {
        _waitsForKeyframe = true;
        _keyframes.Forget();
        _decoder?.Reset();
    }

    internal void Apply(AnalysisSpec next)
    {
        bool isOther = !Equals(next.Settings, _spec.Settings) || next.SiteId != _spec.SiteId;
        _spec = next;
        if (!isOther)
            return;
        if (next.Settings is null)
            _pictures?.End();
        else
            _pictures?.HandOver(next.Settings);
        Replace(next.Settings is null ? null : new PictureAnalysis(next, _parts));
    }

    internal void End() => _pictures?.End();

    /// <summary>Takes a sample and looks at it as far as it is wanted.</summary>
    /// <returns>False when it was overwritten meanwhile: the next read says what was lost.</returns>
    internal bool Take(StreamLogReader reader, SampleLease lease, in SampleHeader header, Action wake)
    {
        if (_pictures is null || TrackOf(reader, header) is not { IsVideo: true } track || !MayDecode(header, track) || _parts.Crashes.LeftOutUntil(_name) is not null)
            return lease.Commit();

        int length = lease.Payload.Length;
        int ahead = header.IsKeyframe ? ParameterSets.LengthOf(track) : 0;
        if (length == 0 || length > VideoDecoder.MaxSample - ahead)
            return lease.Commit();
        Span<byte> room = _decoder!.Room(ahead + length);
        if (ahead > 0)
            ParameterSets.Write(track, room);
        lease.Payload.CopyTo(room[ahead..]);
        if (!lease.Commit())
        {
            Interrupt();
            return false;
        }

        if (header.IsKeyframe)
            _keyframeUs = header.CaptureTimeUs;
        Decode(ahead + length, header, wake);
        return true;
    }

    public void Dispose()
    {
        _pictures?.Dispose();
        _decoder?.Dispose();
    }

    private void Decode(int length, in SampleHeader header, Action wake)
    {
        long capturedUs = header.CaptureTimeUs;
        bool isWanted = IsWanted(capturedUs);
        // In the middle of a group pictures would be made from others that are not as the camera made them: what does not move seems to.
        if (header.IsKeyframe)
            _decoder!.SmoothsBlocks = !_pictures!.IsQuiet;
        long began = _parts.Times.Now;
        CrashBook.Dealing decoding = _parts.Crashes.Begin(_name);
        bool hasPicture = _decoder!.Decode(length, capturedUs, isWanted ? DecodeSkip.None : DecodeSkip.Unreferenced)
            && _decoder is { Width: <= Picture.MaxSide, Height: <= Picture.MaxSide };      // decoders go by the number of pixels alone
        decoding.End();
        _parts.Times.Decoded(began);
        if (hasPicture)
            (_inVain, _reason) = (0, "");
        else if (isWanted && ++_inVain == VainSamples)
            _reason = "undecodable";
        if (hasPicture && _decoder.Tag == _keyframeUs)
            LookAtKeyframe();
        if (!hasPicture || IsKnown(_decoder.Tag) || SlotOf(_decoder.Tag) is not { } slot || slot == _slot)
            return;
        _slot = slot;
        CrashBook.Dealing scaling = _parts.Crashes.Begin(_name);       // which reads what the stream says of its size
        _pictures!.Look(_decoder, _decoder.Tag, wake);
        scaling.End();
    }

    private void LookAtKeyframe()
    {
        long began = _parts.Times.Now;
        CrashBook.Dealing scaling = _parts.Crashes.Begin(_name);
        _keyframes.Look(_decoder!, _keyframeUs);
        scaling.End();
        _parts.Times.Moved(began);
        _keyframeUs = -1;
    }

    /// <summary>It was looked at before a restart. One from long before that is not the same: the clock was set back.</summary>
    private bool IsKnown(long capturedUs) => _pictures!.AnalysedUntilUs - capturedUs is >= 0 and < TrackBook.FreshUs;

    /// <summary>Whether a picture of that time begins a new time slot. Slots are the same in every run, so that what is looked at again after a restart is the same.</summary>
    private bool IsWanted(long capturedUs) => SlotOf(capturedUs) != _slot;

    private long? SlotOf(long capturedUs)
    {
        double fps = _spec.Settings.Fps * _parts.Load.Part;
        return fps <= 0 ? null : (long)((capturedUs + SlackUs) * fps / 1e6);
    }

    /// <summary>A decoder is there, and the sample can be decoded with it.</summary>
    private bool MayDecode(in SampleHeader header, TrackInfo track)
    {
        bool keyframesOnly = _spec.Settings.KeyframesOnly || _parts.Load.KeyframesOnly;
        if (header.IsDiscontinuity)
            Interrupt();
        if (!header.IsKeyframe && (_waitsForKeyframe || keyframesOnly) && track.Codec != CodecKind.Mjpeg)
        {
            _waitsForKeyframe = true;       // behind one that is left out nothing can be decoded
            return false;
        }

        if (track.Codec == CodecKind.Mjpeg && !IsWanted(header.CaptureTimeUs))
            return false;
        if (_decoder is null || _decodes != (header.TracksVersion, track.Codec))
        {
            if (!Open(header.TracksVersion, track))
                return false;
        }

        _waitsForKeyframe = false;
        return true;
    }

    private bool Open(uint version, TrackInfo track)
    {
        if (_failedAt != 0 && _parts.Time.GetElapsedTime(_failedAt) < s_tryAgain)
            return false;
        _decoder?.Dispose();
        _decoder = null;
        _failedAt = _parts.Time.GetTimestamp();
        try
        {
            _decoder = new VideoDecoder(track.Codec switch
            {
                CodecKind.H264 => PictureCodec.H264,
                CodecKind.H265 => PictureCodec.H265,
                CodecKind.Mjpeg => PictureCodec.Mjpeg,
                _ => throw new InvalidDataException($"{track.Codec} is not decoded"),
            });
        }
        catch (Exception e) when (e is InvalidDataException or DllNotFoundException)
        {
            _reason = e is DllNotFoundException ? "noDecoder" : "unsupportedCodec";
            return false;
        }

        (_decodes, _reason, _failedAt) = ((version, track.Codec), "", 0);
        return true;
    }

    private TrackInfo? TrackOf(StreamLogReader reader, in SampleHeader header)
    {
        if (reader.TryGetTracks(header.TracksVersion, out var tracks))
            _tracks = tracks;
        byte id = header.TrackId;
        foreach (TrackInfo track in _tracks)
        {
            if (track.Id == id)
                return track;
        }

        return null;
    }

    private void Replace(PictureAnalysis? pictures)
    {
        _earlierPictures += _pictures?.Pictures ?? 0;
        _earlierDetections += _pictures?.Detections ?? 0;
        _pictures?.Dispose();
        _pictures = pictures;
    }
}
