using System.Buffers.Binary;
using Vms.Codecs;

namespace Vms.Rtp.Payloads.Mjpeg;

/// <summary>
/// Rebuilds JPEG pictures from in-order RTP payloads (RFC 2435): types 0 and 1 and their twins with restart markers, quantisation
/// tables by Q or in band. Each unit is a whole JFIF picture, and each is a keyframe: a loss costs one picture.
/// </summary>
/// <remarks>
/// Deviations accepted: scan data that ends in an EOI marker of its own; tables of Q ≥ 128 only in the first picture (§4.2 allows it
/// for Q &lt; 255). Refused: pictures wider or higher than 2040 pixels, whose size the header cannot say (0).
/// </remarks>
public sealed class MjpegDepacketizer(AccessUnitBuffer units) : VideoDepacketizer(units)
{
    private const int MainHeader = 8;
    private const int RestartHeader = 4;
    private const int TableSize = 64;
    private const int MaxTables = 2 * TableSize * 2;            // two tables of 16 bits

    private readonly byte[] _tables = new byte[MaxTables];
    private readonly byte[] _header = new byte[1024];
    private int _tablesLength;
    private int _tablesPrecision;
    private int _tablesQ = -1;
    private uint _timestamp;
    private bool _inPicture;
    private bool _damaged;
    private bool _restOfDropped;        // fragments of a picture that was given up are no faults
    private int _expectedOffset;
    private int _dropped;
    private bool _endsWithMarker;
    private int _width;
    private int _height;
    private uint _version;

    /// <inheritdoc/>
    public override DepacketizeResult Push(in RtpPacketView packet, int lostBefore)
    {
        Units.Recycle();
        var fault = PayloadFault.None;
        bool broke = false;
        if (lostBefore > 0)
        {
            broke = _restOfDropped = true;
            if (_inPicture)
                Drop();
            else
                _dropped++;     // whole pictures may be gone; nobody can know how many
        }

        if (_inPicture && packet.Timestamp != _timestamp)
        {
            Drop();             // its last packet never came
            fault = PayloadFault.FragmentWithoutEnd;
        }

        _timestamp = packet.Timestamp;
        var payloadFault = PushPayload(packet.Payload);
        if (payloadFault != PayloadFault.None)
        {
            fault = payloadFault;
            broke |= _inPicture;
            _damaged |= _inPicture;
        }

        if (packet.Marker && _inPicture)
        {
            if (_damaged)
                Drop();
            else
                Finish();
        }

        return new DepacketizeResult(fault, Units.HasUnits, broke);
    }

    /// <inheritdoc/>
    public override int TakeLost(bool andUnfinished)
    {
        int lost = _dropped + (andUnfinished && _inPicture ? 1 : 0);
        _dropped = 0;
        return lost;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        Units.Clear();
        _inPicture = _damaged = _restOfDropped = false;
        _dropped = 0;
        _tablesQ = -1;
        IsAwaitingKeyframe = true;
    }

    /// <summary>There are none: pictures describe themselves.</summary>
    public override void UpdateParameterSets(ReadOnlySpan<byte> nal)
    {
    }

    /// <inheritdoc/>
    public override void ClearParameterSets()
    {
        if (_width > 0)
            _version++;
        _width = _height = 0;
    }

    /// <inheritdoc/>
    public override TrackInfo? Describe(byte trackId) =>
        _width == 0 ? null : new TrackInfo(trackId, CodecKind.Mjpeg, MediaTime.VideoTimescale, default, _width, _height);

    // §3.1: type-specific (1), fragment offset (3), type (1), Q (1), width / 8 (1), height / 8 (1)
    private PayloadFault PushPayload(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < MainHeader)
            return payload.IsEmpty ? PayloadFault.Empty : PayloadFault.MalformedFragment;

        int offset = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & 0xFF_FFFF);
        int type = payload[4];
        int q = payload[5];
        int width = payload[6] * 8;
        int height = payload[7] * 8;
        var data = payload[MainHeader..];
        if ((type & 0x3F) > 1 || type > 127 || q is 0 || width == 0 || height == 0)
            return PayloadFault.UnsupportedType;

        int restartInterval = 0;
        if (type >= 64)                                         // §3.1.7
        {
            if (data.Length < RestartHeader)
                return PayloadFault.MalformedFragment;
            restartInterval = BinaryPrimitives.ReadUInt16BigEndian(data);
            data = data[RestartHeader..];
        }

        if (offset == 0)
        {
            if (_inPicture)
                Drop();
            var fault = Begin(type & 1, q, width, height, restartInterval, ref data);
            if (fault != PayloadFault.None)
                return fault;
        }
        else if (!_inPicture)
        {
            return _restOfDropped ? PayloadFault.None : PayloadFault.FragmentWithoutStart;
        }

        if (offset != _expectedOffset)
            return PayloadFault.FragmentWithoutStart;
        if (!Units.Append(data))
            return PayloadFault.UnitTooLarge;

        _expectedOffset = offset + data.Length;
        _endsWithMarker = data.EndsWith((ReadOnlySpan<byte>)[0xFF, 0xD9]);
        return PayloadFault.None;
    }

    private PayloadFault Begin(int type, int q, int width, int height, int restartInterval, ref ReadOnlySpan<byte> data)
    {
        if (q >= 128)
        {
            if (!TryReadTables(q, ref data))
                return PayloadFault.MalformedFragment;
        }
        else if (_tablesQ != q)
        {
            JpegTables.Scale(q, _tables.AsSpan(0, TableSize), _tables.AsSpan(TableSize, TableSize));
            _tablesLength = 2 * TableSize;
            _tablesPrecision = 0;
            _tablesQ = q;
        }

        if (width != _width || height != _height)
        {
            _width = width;
            _height = height;
            _version++;
        }

        int length = WriteHeader(type, restartInterval);
        _inPicture = true;
        _damaged = _restOfDropped = false;
        _expectedOffset = 0;
        _endsWithMarker = false;
        return Units.Append(_header.AsSpan(0, length)) ? PayloadFault.None : PayloadFault.UnitTooLarge;
    }

    // §3.1.8: MBZ (1), precision (1), length (2), tables. Length 0: those of an earlier picture with the same Q.
    private bool TryReadTables(int q, ref ReadOnlySpan<byte> data)
    {
        if (data.Length < 4)
            return false;

        int precision = data[1];
        int length = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        data = data[4..];
        if (length == 0)
            return q < 255 && _tablesQ == q;
        int expected = TableSize * ((precision & 1) + 1);
        bool one = length == expected;
        expected += one ? 0 : TableSize * (((precision >> 1) & 1) + 1);
        if (length != expected || data.Length < length)
            return false;

        data[..length].CopyTo(_tables);
        data = data[length..];
        _tablesLength = length;
        _tablesPrecision = one ? precision & 1 : precision & 3;
        _tablesQ = q;
        return true;
    }

    /// <summary>SOI, APP0, DQT, DRI, SOF0, DHT, SOS as RFC 2435 appendix B makes them.</summary>
    private int WriteHeader(int type, int restartInterval)
    {
        var w = new SegmentWriter(_header);
        w.Bytes([0xFF, 0xD8]);
        w.Bytes([0xFF, 0xE0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]);
        int at = 0;
        int tables = 0;
        while (at < _tablesLength)
        {
            int precision = (_tablesPrecision >> tables) & 1;
            int size = TableSize << precision;
            w.Bytes([0xFF, 0xDB]);
            w.U16((ushort)(3 + size));
            w.Bytes([(byte)((precision << 4) | tables)]);
            w.Bytes(_tables.AsSpan(at, size));
            at += size;
            tables++;
        }

        byte chromaTable = (byte)Math.Min(1, tables - 1);
        if (restartInterval > 0)
        {
            w.Bytes([0xFF, 0xDD, 0, 4]);
            w.U16((ushort)restartInterval);
        }

        w.Bytes([0xFF, 0xC0, 0, 17, 8]);
        w.U16((ushort)_height);
        w.U16((ushort)_width);
        // Component, sampling (type 0: 4:2:2, type 1: 4:2:0), quantisation table
        w.Bytes([3, 1, type == 0 ? (byte)0x21 : (byte)0x22, 0, 2, 0x11, chromaTable, 3, 0x11, chromaTable]);
        w.Bytes(JpegTables.HuffmanSegment);
        w.Bytes([0xFF, 0xDA, 0, 12, 3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]);
        return w.Length;
    }

    private void Finish()
    {
        if (!_endsWithMarker && !Units.Append([0xFF, 0xD9]))
        {
            Drop();
            return;
        }

        Units.FinishUnit(new AccessUnitInfo(_timestamp, IsKeyframe: true, HasBSlices: false, _dropped, _version));
        _inPicture = false;
        _dropped = 0;
        IsAwaitingKeyframe = false;
    }

    private void Drop()
    {
        Units.DropUnit();
        DamagedUnits++;
        _dropped++;
        _inPicture = _damaged = false;
        _restOfDropped = true;
    }

    private ref struct SegmentWriter(Span<byte> destination)
    {
        private readonly Span<byte> _destination = destination;

        public int Length { get; private set; }

        public void Bytes(scoped ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_destination[Length..]);
            Length += bytes.Length;
        }

        public void U16(ushort value)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_destination[Length..], value);
            Length += 2;
        }
    }
}
