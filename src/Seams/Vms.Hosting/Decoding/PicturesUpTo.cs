using System.Buffers;
using Vms.Native.Ffmpeg;

namespace Vms.Hosting.Decoding;

/// <summary>
/// What a decoder needs for the picture that was shown at a moment: the keyframe before it and what follows, in the order of decoding, up to that picture. Where pictures are
/// reordered (B-frames) one that is shown later may stand before it and is among them.
/// </summary>
/// <param name="momentUs">In the clock of the samples' times.</param>
public sealed class PicturesUpTo(PictureCodec codec, long momentUs)
{
    /// <summary>Twelve seconds at 25 pictures a second. Of what comes later in such a long group only the beginning is decoded.</summary>
    private const int MaxUnits = 300;

    /// <summary>Below what goes to the decoder in one message.</summary>
    private const int MaxBytes = 16 << 20;

    private readonly ArrayBufferWriter<byte> _units = new();
    private int _count;
    private long _furthestUs = long.MinValue;
    private int _wantedBytes;

    public PictureCodec Codec => codec;

    /// <summary>When the picture that is wanted was captured; null before the first.</summary>
    public long? CapturedUs { get; private set; }

    /// <summary>For <see cref="PictureDecoding.ToJpegOfLastAsync"/>: the last is the picture that is wanted.</summary>
    public ReadOnlyMemory<byte> Units => _units.WrittenMemory[.._wantedBytes];

    /// <summary>Takes the next access unit of the group; the first is its keyframe and counts also where its time is a rounding behind the moment.</summary>
    /// <param name="unit">As <see cref="PictureCodec"/> wants it.</param>
    /// <param name="shownUs">When its picture is shown.</param>
    /// <returns>False: what follows is of no use, it is behind the moment or too much.</returns>
    public bool TryTake(ReadOnlySpan<byte> unit, long shownUs)
    {
        bool isBehind = CapturedUs is not null && shownUs > momentUs;
        // Pictures that are shown earlier than the one before them follow it, and none of them follows the next one that goes further.
        if (isBehind && (codec == PictureCodec.Mjpeg || (shownUs > _furthestUs && _furthestUs > momentUs)))
            return false;
        if (_count == MaxUnits || _units.WrittenCount + PictureDecoder.UnitHeaderBytes + unit.Length > MaxBytes)
            return false;
        if (codec == PictureCodec.Mjpeg)
            _units.ResetWrittenCount();     // each stands alone
        PictureDecoder.WriteUnitHeader(_units.GetSpan(PictureDecoder.UnitHeaderBytes), unit.Length, shownUs);
        _units.Advance(PictureDecoder.UnitHeaderBytes);
        _units.Write(unit);
        _count++;
        _furthestUs = Math.Max(_furthestUs, shownUs);
        if (!isBehind && !(shownUs < CapturedUs))
        {
            CapturedUs = shownUs;
            _wantedBytes = _units.WrittenCount;
        }

        return true;
    }
}
