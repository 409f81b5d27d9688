using System.Buffers.Binary;
using Vms.Codecs.H264;

namespace Vms.Rtp.Payloads;

/// <summary>Where a depacketizer builds access units, reused for the life of a track. Layout: finished units, then the unit in
/// progress, then the NAL unit in progress, so that closing one moves no bytes. One caller at a time.</summary>
/// <remarks>Ceiling: <see cref="MaxUnitSize"/>; what would pass it is refused and the depacketizer drops the unit.
/// Memory grows to the largest unit seen and stays.</remarks>
public sealed class AccessUnitBuffer
{
    /// <summary>Largest access unit, bytes. The stream log refuses larger ones too.</summary>
    public const int MaxUnitSize = 16 << 20;

    private byte[] _data;
    private int _unit;          // start of the unit in progress
    private int _nal = -1;      // start of the open NAL unit's length field; -1: none
    private int _end;           // end of everything
    private Finished[] _finished = new Finished[4];
    private int _finishedCount;
    private int _taken;

    private readonly record struct Finished(int Start, int Length, AccessUnitInfo Info);

    /// <param name="initialCapacity">Bytes; grows as needed.</param>
    public AccessUnitBuffer(int initialCapacity = 64 << 10) => _data = new byte[Math.Max(initialCapacity, 1024)];

    /// <summary>Next finished unit in decoding order; false when there is none (yet).</summary>
    public bool TryTake(out AccessUnit unit)
    {
        if (_taken == _finishedCount)
        {
            unit = default;
            return false;
        }

        ref readonly var next = ref _finished[_taken++];
        unit = new AccessUnit(_data.AsSpan(next.Start, next.Length), next.Info);
        return true;
    }

    internal bool HasUnits => _taken < _finishedCount;

    /// <summary>Forgets finished units and moves what is in progress to the front.</summary>
    internal void Recycle()
    {
        if (_finishedCount == 0)
            return;

        _data.AsSpan(_unit, _end - _unit).CopyTo(_data);
        if (_nal >= 0)
            _nal -= _unit;
        _end -= _unit;
        _unit = 0;
        _finishedCount = 0;
        _taken = 0;
    }

    internal bool OpenNal(byte header)
    {
        int start = _end;
        if (!Reserve(NalUnits.LengthSize + 1))
            return false;

        _nal = start;
        _end = start + NalUnits.LengthSize;
        _data[_end++] = header;
        return true;
    }

    internal bool OpenNal(ReadOnlySpan<byte> nal) => OpenNal(nal[0]) && Append(nal[1..]);

    internal bool Append(ReadOnlySpan<byte> bytes)
    {
        if (!Reserve(bytes.Length))
            return false;

        bytes.CopyTo(_data.AsSpan(_end));
        _end += bytes.Length;
        return true;
    }

    /// <summary>The open NAL unit without its length.</summary>
    internal Span<byte> OpenedNal => _data.AsSpan((_nal + NalUnits.LengthSize).._end);

    /// <summary>The open NAL unit becomes part of the unit in progress, shortened to <paramref name="length"/> bytes.</summary>
    internal void KeepNal(int length)
    {
        BinaryPrimitives.WriteInt32BigEndian(_data.AsSpan(_nal), length);
        _end = _nal + NalUnits.LengthSize + length;
        _nal = -1;
    }

    internal void DropNal()
    {
        if (_nal < 0)
            return;
        _end = _nal;
        _nal = -1;
    }

    /// <summary>Finishes the unit in progress; an open NAL unit begins the next one.</summary>
    internal void FinishUnit(in AccessUnitInfo info)
    {
        int end = _nal >= 0 ? _nal : _end;
        if (_finishedCount == _finished.Length)
            Array.Resize(ref _finished, _finished.Length * 2);
        _finished[_finishedCount++] = new Finished(_unit, end - _unit, info);
        _unit = end;
    }

    /// <summary>Drops the unit in progress; an open NAL unit begins the next one.</summary>
    internal void DropUnit()
    {
        if (_nal < 0)
        {
            _end = _unit;
            return;
        }

        _data.AsSpan(_nal.._end).CopyTo(_data.AsSpan(_unit));
        _end -= _nal - _unit;
        _nal = _unit;
    }

    internal void Clear()
    {
        _unit = _end = _finishedCount = _taken = 0;
        _nal = -1;
    }

    private bool Reserve(int bytes)
    {
        if (_end - _unit + bytes > MaxUnitSize)
            return false;
        if (_end + bytes > _data.Length)
            Array.Resize(ref _data, (int)Math.Max(_end + (uint)bytes, Math.Min(_data.Length * 2u, MaxUnitSize * 2u)));
        return true;
    }
}
